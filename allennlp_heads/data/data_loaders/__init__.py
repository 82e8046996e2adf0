from allennlp_heads.data.data_loaders.annealed import Annealed
from allennlp_heads.data.data_loaders.epoch_sampler import AllBatches, EpochSampler
from allennlp_heads.data.data_loaders.multitask_bucketed import MultiTaskBucketed
from allennlp_heads.data.data_loaders.proportional_power import ProportionalPower

__all__ = ["AllBatches", "Annealed", "EpochSampler", "MultiTaskBucketed", "ProportionalPower"]
