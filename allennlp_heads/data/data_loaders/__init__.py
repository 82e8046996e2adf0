from allennlp_heads.data.data_loaders.annealed import Annealed
from allennlp_heads.data.data_loaders.epoch_sampler import AllBatches, EpochSampler
from allennlp_heads.data.data_loaders.multitask_bucketed import MultiTaskBucketed
from allennlp_heads.data.data_loaders.phases import Phases, PlannedPhase
from allennlp_heads.data.data_loaders.proportional_power import ProportionalPower
from allennlp_heads.data.data_loaders.training_phase import TrainingPhase

__all__ = [
    "AllBatches",
    "Annealed",
    "EpochSampler",
    "MultiTaskBucketed",
    "Phases",
    "PlannedPhase",
    "ProportionalPower",
    "TrainingPhase",
]
