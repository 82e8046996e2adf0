"""The heads of whole texts: losses against torch, metrics against scikit-learn and scipy."""

from typing import Any

import pytest
import torch
from allennlp.common import Params
from allennlp.common.checks import ConfigurationError
from allennlp.models.heads import Head
from scipy import stats
from sklearn import metrics
from torch.nn import functional

from allennlp_heads.models.heads import TaskHead, TextClassifierHead, TextRegressorHead
from tests.models.heads.head_batches import vocabulary

DIM, ROWS = 10, 40
POOLED = torch.randn(ROWS, DIM, generator=torch.Generator().manual_seed(0))
LABELS = torch.randint(0, 2, (ROWS,), generator=torch.Generator().manual_seed(1))
SCORES = torch.randn(ROWS, generator=torch.Generator().manual_seed(2))
VOCABULARY = vocabulary(two_labels=["no", "yes"], three_labels=["a", "b", "c"], one_labels=["a"])


def classifier(labels: str = "two_labels", **options: Any) -> TextClassifierHead:
    torch.manual_seed(0)
    head = TextClassifierHead(VOCABULARY, DIM, labels, **options).eval()
    torch.nn.init.normal_(head.projection.weight)
    torch.nn.init.zeros_(head.projection.bias)
    return head


def regressor(**options: Any) -> TextRegressorHead:
    torch.manual_seed(0)
    return TextRegressorHead(VOCABULARY, DIM, **options).eval()


def run(head: TaskHead, gold: torch.Tensor | None = None, rows: Any = slice(None)) -> Any:
    name = "label" if isinstance(head, TextClassifierHead) else "score"
    return head(POOLED[rows], **({} if gold is None else {name: gold[rows]}))


HEADS = [
    (classifier("three_labels"), LABELS + 1),
    (classifier(main_metric="matthews"), LABELS),
    (classifier(main_metric="f1", positive_label="no", pooler=False), LABELS),
    (regressor(), SCORES),
]


def test_classifier_loses_what_torch_says() -> None:
    head = classifier("three_labels")
    output = run(head, LABELS)
    hidden = torch.tanh(functional.linear(POOLED, head.pooler.weight, head.pooler.bias))
    logits = functional.linear(hidden, head.projection.weight, head.projection.bias)
    losses = functional.cross_entropy(logits, LABELS, reduction="none")
    torch.testing.assert_close(output["example_loss"], losses)
    torch.testing.assert_close(output["loss"], losses.mean())
    assert output["example_units"].tolist() == [1] * ROWS
    assert output["label"].tolist() == logits.argmax(-1).tolist()


def test_regressor_loses_what_torch_says() -> None:
    head = regressor(pooler=False)
    output = run(head, SCORES)
    values = functional.linear(POOLED, head.projection.weight, head.projection.bias).squeeze(-1)
    torch.testing.assert_close(output["score"], values)
    losses = functional.mse_loss(values, SCORES, reduction="none")
    torch.testing.assert_close(output["example_loss"], losses)
    torch.testing.assert_close(output["loss"], losses.mean())
    torch.testing.assert_close(output["example_counts"], torch.stack([values, SCORES], -1))
    column = run(head, SCORES.unsqueeze(-1))
    torch.testing.assert_close(column["example_loss"], losses)


@pytest.mark.parametrize("head,gold", HEADS)
def test_examples_do_not_know_their_neighbours(head: TaskHead, gold: torch.Tensor) -> None:
    together = run(head, gold)
    readable = head.make_output_human_readable(together)
    for row in range(0, ROWS, 7):
        alone = run(head, gold, slice(row, row + 1))
        for key in ("example_loss", "example_units", "example_counts"):
            torch.testing.assert_close(together[key][row], alone[key][0])
        said = head.make_output_human_readable(alone)
        assert said.keys() == readable.keys()
        for key, values in said.items():
            wanted = readable[key][row]
            exact = isinstance(wanted, str)
            assert values[0] == (wanted if exact else pytest.approx(wanted, rel=1e-4))
    assert "loss" not in run(head)


@pytest.mark.parametrize("head,gold", HEADS)
def test_every_parameter_learns(head: TaskHead, gold: torch.Tensor) -> None:
    head.zero_grad()
    run(head, gold)["loss"].backward()
    for name, parameter in head.named_parameters():
        assert parameter.grad is not None and parameter.grad.abs().max() > 0, name


@pytest.mark.parametrize("head,gold", HEADS)
def test_saved_and_loaded(head: TaskHead, gold: torch.Tensor) -> None:
    names = {name.split(".")[0] for name, _ in head.named_parameters()}
    assert names <= {"pooler", "projection"} and "projection" in names
    kind: Any = type(head)
    other = kind(
        VOCABULARY,
        DIM,
        **({"label_namespace": head.label_namespace} if hasattr(head, "num_labels") else {}),
        pooler="pooler" in names,
    ).eval()
    other.load_state_dict(head.state_dict())
    torch.testing.assert_close(run(other, gold)["loss"], run(head, gold)["loss"])


@pytest.mark.parametrize("positive", ["no", "yes"])
def test_metrics_of_two_labels(positive: str) -> None:
    head = classifier(main_metric="f1", positive_label=positive)
    predicted = [run(head, LABELS, rows)["label"] for rows in torch.arange(ROWS).split(7)]
    said, gold = torch.cat(predicted).numpy(), LABELS.numpy()
    place = ["no", "yes"].index(positive)
    wanted = {
        "accuracy": metrics.accuracy_score(gold, said),
        "f1": metrics.f1_score(gold, said, pos_label=place),
        "matthews": metrics.matthews_corrcoef(gold, said),
    }
    assert 0 < wanted["f1"] < 1
    assert head.get_metrics(reset=True) == pytest.approx(wanted)
    assert head.get_metrics() == {"accuracy": 0, "f1": 0, "matthews": 0}
    assert head.main_metric == ("f1", "+")


def test_counts_of_the_main_metric() -> None:
    said = run(classifier())["label"]
    right, each = (said == LABELS).long(), torch.ones(ROWS, dtype=torch.long)
    counts = run(classifier(), LABELS)["example_counts"]
    assert counts.tolist() == torch.stack([right, each, each], -1).tolist()
    both = torch.stack([said * LABELS, said, LABELS, each], -1)
    matthews = run(classifier(main_metric="matthews"), LABELS)["example_counts"]
    assert matthews.tolist() == both.tolist() and matthews.dtype == torch.long
    f1 = run(classifier(main_metric="f1", positive_label="yes"), LABELS)["example_counts"]
    assert f1.tolist() == both[:, :3].tolist()


def test_correlations() -> None:
    head = regressor()
    values = torch.cat([run(head, SCORES, rows)["score"] for rows in torch.arange(ROWS).split(9)])
    pair = values.detach().numpy(), SCORES.numpy()
    wanted = {"pearson": stats.pearsonr(*pair)[0], "spearman": stats.spearmanr(*pair)[0]}
    assert head.get_metrics(reset=True) == pytest.approx(wanted, abs=1e-6)
    torch.nn.init.zeros_(head.projection.weight)
    run(head, SCORES)
    assert head.get_metrics() == {"pearson": 0, "spearman": 0}


@pytest.mark.parametrize("metric", ["accuracy", "f1", "matthews"])
def test_labels_not_seen_in_training_are_errors_without_loss(metric: str) -> None:
    head = classifier(main_metric=metric, positive_label="yes")
    unseen = torch.full_like(LABELS, -1)
    output = run(head, unseen)
    assert output["loss"] == 0 and output["example_units"].sum() == 0
    said = output["label"]
    assert 0 < said.sum() < ROWS  # both labels are predicted
    wanted = {"accuracy": 0, "f1": 0, "matthews": -1}
    assert head.get_metrics(reset=True) == pytest.approx(wanted)
    assert output["example_counts"][:, 0].sum() == 0
    mixed = torch.where(torch.arange(ROWS) % 2 == 0, LABELS, unseen)
    known = run(head, mixed)
    assert known["example_units"].tolist() == [1, 0] * (ROWS // 2)
    rights = (said == mixed).float().mean().item()
    assert head.get_metrics()["accuracy"] == pytest.approx(rights)


def test_what_is_predicted_in_words() -> None:
    head = classifier("three_labels")
    readable = head.make_output_human_readable(run(head))
    for label, probabilities in zip(readable["label"], readable["probabilities"]):
        assert sum(probabilities.values()) == pytest.approx(1)
        assert list(probabilities) == ["a", "b", "c"]
        assert max(probabilities, key=lambda name: probabilities[name]) == label
    assert len(readable["label"]) == ROWS
    assert len(regressor().make_output_human_readable(run(regressor()))["score"]) == ROWS


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"main_metric": "spearman"}, "^main_metric: .*text_regressor"),
        ({"main_metric": "f1"}, "^positive_label is missing: .*no, yes"),
        ({"main_metric": "f1", "positive_label": "maybe"}, "^positive_label: 'maybe' .*no, yes"),
        ({"labels": "three_labels", "main_metric": "matthews"}, "^main_metric: .*has 3: a, b, c"),
        ({"labels": "one_labels", "main_metric": "matthews"}, "^main_metric: .*has 1: a"),
        ({"labels": "three_labels", "positive_label": "a"}, "^positive_label: 'a' .*two labels"),
        ({"labels": "cola_labels"}, "^label_namespace: .*no labels in 'cola_labels'"),
    ],
)
def test_wrong_classifiers(options: dict[str, str], message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        classifier(**options)


def test_wrong_regressors() -> None:
    with pytest.raises(ConfigurationError, match="^main_metric: .*'accuracy'.*text_classifier"):
        regressor(main_metric="accuracy")


@pytest.mark.parametrize("gold", [LABELS + 1, LABELS.float(), LABELS.unsqueeze(-1)])
def test_labels_of_another_task(gold: torch.Tensor) -> None:
    with pytest.raises(ConfigurationError, match="^label_namespace: .*'two_labels' has 2"):
        run(classifier(), gold)


def test_by_name() -> None:
    found = Head.from_params(
        Params({"type": "text_classifier", "label_namespace": "two_labels"}),
        vocab=VOCABULARY,
        input_dim=DIM,
    )
    assert isinstance(found, TextClassifierHead) and found.main_metric == ("accuracy", "+")
    assert isinstance(found.pooler, torch.nn.Linear) and found.dropout.p == 0.1
    made = Head.from_params(Params({"type": "text_regressor"}), vocab=VOCABULARY, input_dim=DIM)
    assert isinstance(made, TextRegressorHead) and made.main_metric == ("spearman", "+")
