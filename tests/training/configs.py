"""Configurations of tiny runs on the generated corpus; every kind of noise is on."""

from __future__ import annotations

from pathlib import Path
from typing import Any

Config = dict[str, Any]

EPOCHS = 4


def multitask(encoder: str, data: Path) -> Config:
    """Two tasks with hard concrete gates, word dropout and gradient accumulation."""
    indexer = {"tokens": {"type": "transformer_words", "transformer_model": encoder}}
    paths = {part: str(data / "ewt" / f"{part}.conllu") for part in ("train", "dev")}
    return {
        "pytorch_seed": 7,
        "dataset_reader": {
            "type": "multitask_heads",
            "readers": {
                "pos": {"type": "conllu", "view": "upos", "token_indexers": indexer},
                "dep": {"type": "conllu", "view": "dependency", "token_indexers": indexer},
            },
        },
        "train_data_path": {"pos": paths["train"], "dep": paths["train"]},
        "validation_data_path": {"pos": paths["dev"], "dep": paths["dev"]},
        "datasets_for_vocab_creation": ["train"],
        "data_loader": {"type": "multitask_bucketed", "batch_size": 5, "max_instances": 20},
        "validation_data_loader": {
            "type": "multitask_bucketed",
            "batch_size": 6,
            "max_instances": 9,
            "shuffle": False,
        },
        "model": {
            "type": "multitask_heads",
            "backbone": {
                "type": "gated_transformer",
                "transformer_model": encoder,
                "word_dropout": 0.2,
                "gates": {"type": "hard_concrete", "coefficient": 0.05},
            },
            "heads": {
                "pos": {"type": "tagger"},
                "dep": {"type": "dependency", "arc_dim": 8, "relation_dim": 6},
            },
        },
        "trainer": {
            "num_epochs": EPOCHS,
            "validation_metric": "+score",
            "cuda_device": -1,
            "grad_norm": 1.0,
            "num_gradient_accumulation_steps": 2,
            "optimizer": {
                "type": "adam",
                "lr": 0.01,
                "parameter_groups": [[["log_alpha"], {"lr": 0.4}]],
            },
            "learning_rate_scheduler": {"type": "exponential", "gamma": 0.9},
            "checkpointer": {"type": "test_kill", "save_every_num_batches": 3},
            "callbacks": [
                "test_kill",
                {"type": "gate_report", "gif": False},
                "example_scores",
                "exact_resume",
            ],
        },
        "include_in_archive": ["encoder"],
    }


def impatient(encoder: str, data: Path) -> Config:
    """The same, stopped after three of four epochs: the validation penalty is always zero."""
    config = multitask(encoder, data)
    config["trainer"].update({"validation_metric": "-reg_loss", "patience": 2})
    return config


def mixing(encoder: str, data: Path) -> Config:
    """The same with all that weighs and mixes tasks, and fast arithmetic."""
    config = multitask(encoder, data)
    config["data_loader"].update(
        {
            "sampler": {"type": "annealed", "epochs": EPOCHS},
            "batches_per_epoch": 8,
            "max_instances": {"pos": 20, "dep": 35},
        }
    )
    config["model"].update({"loss_balancer": {"type": "moving_average"}, "autocast": "bfloat16"})
    config["trainer"].update(
        {
            "optimizer": {
                "type": "adamw_fused",
                "lr": 0.01,
                "parameter_groups": [
                    [["log_alpha"], {"lr": 0.4, "weight_decay": 0.0, "decay": False}]
                ],
            },
            "learning_rate_scheduler": {"type": "linear_with_fractional_warmup", "warmup": 0.3},
            "callbacks": ["test_kill", "exact_resume"],
        }
    )
    return config


def phased(encoder: str, data: Path) -> Config:
    """
    The same in phases that reset heads and optimizer, twice over. Of 16 updates, four an epoch,
    phases begin after 3, 5, 8, 11 and 13: within epochs and between them.
    """
    config = mixing(encoder, data)
    del config["data_loader"]["batches_per_epoch"], config["model"]["autocast"]
    config["data_loader"]["sampler"] = {
        "type": "phases",
        "epochs": EPOCHS,
        "rounds": 2,
        "phases": [
            {"task": "dep", "steps": 6, "part": [0, 0.5], "head": "reset", "optimizer": "reset"},
            {"task": "pos", "steps": 4, "head": "reset"},
            {"task": "dep", "steps": 6, "part": [0.5, 1], "optimizer": "reset"},
        ],
    }
    config["trainer"]["callbacks"] = ["test_kill", "phases", "exact_resume"]
    return config


def simple_tagger(encoder: str, data: Path) -> Config:
    """AllenNLP's own model, loader and moving average around our embedder and reader."""
    return {
        "dataset_reader": {
            "type": "conllu",
            "view": "upos",
            "max_instances": 20,
            "token_indexers": {
                "tokens": {"type": "transformer_words", "transformer_model": encoder}
            },
        },
        "train_data_path": str(data / "ewt" / "train.conllu"),
        "validation_data_path": str(data / "ewt" / "dev.conllu"),
        "data_loader": {"batch_size": 4, "shuffle": True},
        "validation_data_loader": {"batch_size": 8},
        "model": {
            "type": "simple_tagger",
            "label_namespace": "upos_labels",
            "text_field_embedder": {
                "token_embedders": {
                    "tokens": {
                        "type": "gated_transformer",
                        "transformer_model": encoder,
                        "gates": "hard_concrete",
                    }
                }
            },
            "encoder": {"type": "pass_through", "input_dim": 24},
            "regularizer": {
                "regexes": [["log_alpha", {"type": "hard_concrete_l0", "coefficient": 0.05}]]
            },
        },
        "trainer": {
            "num_epochs": 3,
            "validation_metric": "+accuracy",
            "cuda_device": -1,
            "optimizer": {
                "type": "adam",
                "lr": 0.01,
                "parameter_groups": [[["log_alpha"], {"lr": 0.4}]],
            },
            "moving_average": {"type": "exponential", "decay": 0.8},
            "checkpointer": "test_kill",
            "callbacks": ["test_kill", "gate_report", "exact_resume"],
        },
    }
