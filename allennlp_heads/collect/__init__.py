"""What a pass over data says of each example, as arrays; for callbacks and evaluators alike."""

from allennlp_heads.collect.example_counts import ExampleCounts, main_metrics

__all__ = ["ExampleCounts", "main_metrics"]
