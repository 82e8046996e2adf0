"""Hyper-parameters of a configuration, searched for with Optuna."""
