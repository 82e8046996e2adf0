"""What `allennlp evaluate` does with an archive and data."""

from allennlp_heads.evaluation.example_scores import ExampleScoresEvaluator

__all__ = ["ExampleScoresEvaluator"]
