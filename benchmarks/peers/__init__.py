"""allennlp-models on the same data and the same encoder, scored by this project's metrics."""
