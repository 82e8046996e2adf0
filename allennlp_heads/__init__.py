"""
allennlp_heads: attention heads in multi-task learning, as an AllenNLP plugin.

Importing the package registers every component, since AllenNLP imports plugins without their
submodules.
"""

# first: verbs and callbacks open trained models, and need the package whole
from allennlp_heads import models

# isort: split
from allennlp_heads import commands, data, evaluation, gates, modules, predictors, training

__version__ = "0.1.0"

__all__ = ["commands", "data", "evaluation", "gates", "models", "modules", "predictors", "training"]
