"""
Other tools at the same work: allennlp-models on the same data and encoder, scored by this project's
metrics, and pruners of heads.
"""
