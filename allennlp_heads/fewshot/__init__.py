"""How well a model learns a new task from a few examples, by what it starts from."""

from allennlp_heads.fewshot.experiment import few_shot
from allennlp_heads.fewshot.options import (
    FewShotExperiment,
    FewShotStart,
    FewShotTask,
    FewShotTraining,
)
from allennlp_heads.fewshot.sampling import sample

__all__ = [
    "FewShotExperiment",
    "FewShotStart",
    "FewShotTask",
    "FewShotTraining",
    "few_shot",
    "sample",
]
