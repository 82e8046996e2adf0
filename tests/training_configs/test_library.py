"""The library of configurations says what it promises."""

from __future__ import annotations

import json

import pytest

from tests.training_configs.shipped import CONFIGS, evaluated, settings_of

ON_TEXTS = ("training_configs/functional_specialization/", "training_configs/qa_nli_sa/")
STEM_CELL = [
    config for config in CONFIGS if "foreign" not in config and not config.startswith(ON_TEXTS)
]
PAIRS = "pos_ner pos_srl pos_dep pos_con ner_srl ner_dep ner_con dep_srl dep_con srl_con".split()
TASKS = ["pos", "ner", "srl", "dep", "con"]
SHORT = ["demo", "half_the_heads"]
"""Outside `stem_cell`: POS and DEP with learned gates."""


def test_the_expected_configurations_are_there() -> None:
    names = {
        config.removeprefix("training_configs/").removesuffix(".jsonnet")
        for config in CONFIGS
        if not config.startswith(ON_TEXTS)
    }
    assert names == {
        "demo",
        "half_the_heads",
        "foreign/basic_classifier",
        "foreign/simple_tagger",
        *(f"stem_cell/gate/{name}" for name in (*TASKS, "pos_dep", "all_shared", "all_per_task")),
        *(f"stem_cell/single/{name}" for name in TASKS),
        *(f"stem_cell/pair/{name}" for name in PAIRS),
        "stem_cell/joint/all",
    }


@pytest.mark.parametrize("config", STEM_CELL)
def test_library_rules(config: str) -> None:
    params = settings_of(config)
    assert params["dataset_reader"]["type"] == "multitask_heads"
    assert params["data_loader"]["type"] == "multitask_bucketed"
    assert params["data_loader"]["shuffle"] is True
    assert params["validation_data_loader"]["shuffle"] is False
    assert params["datasets_for_vocab_creation"] == ["train"]
    assert params["include_in_archive"] == ["encoder"]
    assert params["trainer"]["validation_metric"] == "+score"
    assert params["trainer"]["checkpointer"]["type"] == "atomic"
    assert params["trainer"]["callbacks"][-1] == "exact_resume"
    assert params["model"]["backbone"]["word_dropout"] == 0.2
    readers, heads = params["dataset_reader"]["readers"], params["model"]["heads"]
    assert set(readers) == set(heads) == set(params["train_data_path"])
    assert set(readers) == set(params["validation_data_path"])
    for task, reader in readers.items():
        assert reader["label_namespace"] == heads[task]["label_namespace"]
    named = config.split("/")[-1].removesuffix(".jsonnet")
    tasks = ["pos", "dep"] if named in SHORT else TASKS if "all" in named else named.split("_")
    assert set(readers) == set(tasks)
    for seed in ("random_seed", "numpy_seed", "pytorch_seed"):
        assert params[seed] == 13
    gates = params["model"]["backbone"]["gates"]["type"]
    gated = "/gate/" in config or named in SHORT
    assert gates == ("per_task" if "per_task" in config else "hard_concrete" if gated else "open")
    assert gated == ("gate_report" in params["trainer"]["callbacks"])
    groups = dict(
        (regexes[0], options)
        for regexes, options in params["trainer"]["optimizer"]["parameter_groups"]
    )
    assert ("log_alpha" in groups) == gated
    if gated:
        assert groups["log_alpha"]["weight_decay"] == 0


def test_the_defaults_are_those_of_the_original_study() -> None:
    config = evaluated("experiment { tasks: ['pos'] }")
    trainer = config["trainer"]
    assert (trainer["num_epochs"], trainer["patience"], trainer["grad_norm"]) == (30, 15, 1.0)
    schedule = trainer["learning_rate_scheduler"]
    assert schedule == {"type": "linear_with_fractional_warmup", "warmup": 0.1}
    optimizer = trainer["optimizer"]
    assert (optimizer["lr"], optimizer["eps"], optimizer["weight_decay"]) == (1e-3, 1e-8, 0)
    assert optimizer["parameter_groups"] == [[["\\.transformer\\."], {"lr": 5e-5}]]
    assert (config["data_loader"]["batch_size"], config["data_loader"]["tokens_per_batch"]) == (
        64,
        6400,
    )


@pytest.mark.parametrize(
    ("config", "parts"),
    [
        *((f"single/{task}", 4 if task == "srl" else 1) for task in TASKS),
        *(
            (f"pair/{pair}", 4 if "srl" in pair else 2 if pair == "ner_con" else 1)
            for pair in PAIRS
        ),
        ("joint/all", 4),
    ],
)
def test_mixing_is_that_of_the_original_study(config: str, parts: int) -> None:
    params = settings_of(f"training_configs/stem_cell/{config}.jsonnet")
    assert params["trainer"]["num_gradient_accumulation_steps"] == parts
    assert params["data_loader"]["batch_size"] == 64 // parts
    if "single" in config:
        assert params["data_loader"]["sampler"] is None
        assert params["model"]["loss_balancer"] is None
    else:
        assert params["data_loader"]["sampler"] == {"type": "proportional_power", "exponent": 0.8}
        assert params["model"]["loss_balancer"] == {"type": "moving_average"}


def test_the_encoder_is_chosen_in_one_place() -> None:
    config = json.dumps(
        evaluated("experiment { tasks: ['pos', 'dep'], encoder: encoders.roberta_base }")
    )
    assert config.count("roberta-base") == 3
    assert "minilm" not in config


def test_encoders_of_the_original_study() -> None:
    encoders = evaluated("encoders")
    assert {encoder["name"] for encoder in encoders.values()} >= {
        "bert-base-cased",
        "bert-large-cased",
        "roberta-base",
        "google/electra-base-discriminator",
        "microsoft/deberta-base",
        "albert-base-v2",
        "bert-base-chinese",
        "voidful/albert_chinese_base",
        "hfl/chinese-electra-180g-base-discriminator",
    }
    assert encoders["default"] == encoders["minilm"]
    assert encoders["bert_large"]["dim"] == 1024


@pytest.mark.parametrize("corpus", ["ewt", "ontonotes_english", "ontonotes_chinese"])
def test_every_corpus_has_every_layer_of_the_tasks(corpus: str) -> None:
    raw = {"pieces", "windows"}
    tasks = [key for key, task in evaluated("tasks").items() if not raw & set(task)]
    assert len(tasks) == 11
    config = evaluated(
        f"experiment {{ tasks: {tasks}, corpus: corpora.{corpus}, test_at_end: true }}"
    )
    paths = [config[f"{part}_data_path"] for part in ("train", "validation", "test")]
    for task in tasks:
        assert len({path[task] for path in paths}) == 3
        assert all(path[task].startswith("${HEADS_DATA}/") for path in paths)
    assert config["evaluate_on_test"] is True


def test_accumulation_keeps_the_size_of_an_update() -> None:
    config = evaluated("experiment { tasks: ['pos'], training+: { accumulation: 4 } }")
    loader = config["data_loader"]
    assert (loader["batch_size"], loader["tokens_per_batch"]) == (16, 1600)
    assert config["trainer"]["num_gradient_accumulation_steps"] == 4


def test_settings_of_speed() -> None:
    config = evaluated(
        "experiment { tasks: ['pos', 'dep'], training+: "
        "{ autocast: 'bfloat16', optimizer_type: 'adamw_fused', sampler: { type: 'annealed', "
        "epochs: 30 }, loss_balancer: { type: 'moving_average', intrinsic: true } } }"
    )
    assert config["model"]["autocast"] == "bfloat16"
    assert config["model"]["loss_balancer"]["intrinsic"] is True
    assert config["data_loader"]["sampler"]["type"] == "annealed"
    assert config["trainer"]["optimizer"]["type"] == "adamw_fused"
    assert "autocast" not in config["trainer"]


def test_the_encoder_may_stay_as_it_is() -> None:
    config = evaluated("experiment { tasks: ['pos'], training+: { train_encoder: false } }")
    assert config["model"]["backbone"]["train_parameters"] is False
    assert config["trainer"]["optimizer"]["parameter_groups"] == []


def test_an_experiment_without_tasks_says_what_to_write() -> None:
    with pytest.raises(RuntimeError, match="write tasks:"):
        evaluated("experiment")


@pytest.mark.parametrize(
    "settings, message",
    [
        ("tasks: ['pos', 'konst']", "tasks has konst, but there are only ag, ag_pair, chunk"),
        ("tasks: ['pos'], training+: { epoch: 3 }", "training has epoch, which is no setting"),
        ("tasks: ['pos'], training+: { head_options: { ps: {} } }", "head_options has ps"),
    ],
)
def test_misspelt_settings_are_errors(settings: str, message: str) -> None:
    with pytest.raises(RuntimeError, match=message):
        evaluated("experiment {" + settings + "}")


def test_settings_of_the_trainer_itself() -> None:
    config = evaluated("experiment { tasks: ['pos'], training+: { use_amp: true } }")
    assert config["trainer"]["use_amp"] is True
    other = evaluated("experiment { tasks: ['pos'], training+: { type: 'other', key: 1 } }")
    assert other["trainer"]["key"] == 1
