from allennlp_heads.data.data_loaders.epoch_sampler import AllBatches, EpochSampler
from allennlp_heads.data.data_loaders.multitask_bucketed import MultiTaskBucketed

__all__ = ["AllBatches", "EpochSampler", "MultiTaskBucketed"]
