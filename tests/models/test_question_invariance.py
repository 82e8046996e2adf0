"""Questions are answered and scored alike in any company, by any kind of encoder."""

from pathlib import Path
from typing import Any

import pytest
import torch
from allennlp.common import Lazy
from allennlp.common.checks import ConfigurationError

import tests.tiny as tiny
from allennlp_heads.data.data_loaders import MultiTaskBucketed
from allennlp_heads.gates import HardConcreteGates
from allennlp_heads.models import MultiTaskHeads
from tests import qa_tasks
from tests.training.metrics.plain_answers import scored

QUESTIONS = 12


@pytest.fixture(scope="module", params=["bert", "gpt2", "roberta"])
def encoder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp(request.param)
    # room for the longest window
    return tiny.encoder_folder(folder, request.param, **_room(request.param))


def _room(kind: str) -> dict[str, int]:
    return {"n_positions": 96} if kind == "gpt2" else {"max_position_embeddings": 96}


def made(encoder: str, fixtures: Path, **backbone: Any) -> tuple[MultiTaskHeads, Any]:
    """A model of questions alone, its gates half open, and its reader."""
    model, readers = qa_tasks.made(encoder, fixtures, null_threshold=0.0)
    torch.manual_seed(1)
    model.backbone = type(model.backbone)(  # type: ignore[operator]
        encoder, Lazy(HardConcreteGates, start="xavier"), **backbone
    )
    readers.readers = {"squad": readers.readers["squad"]}
    del model.heads["sst2"]
    return model.eval(), readers


def answers(
    model: MultiTaskHeads, reader: Any, data: Path, batch_size: int, **options: Any
) -> tuple[dict[int, dict[str, Any]], dict[str, float]]:
    loader = MultiTaskBucketed(
        reader, str(data), batch_size, max_instances=QUESTIONS, **{"shuffle": False, **options}
    )
    loader.index_with(model.vocab)
    found: dict[int, dict[str, Any]] = {}
    with torch.no_grad():
        for batch in loader:
            output = model(**batch)
            said = model.make_output_human_readable(output)
            for row, example in enumerate(output["example"]):
                numbers = {
                    key: output[key][row].item() for key in ("example_loss", "example_units")
                }
                counts = output["example_counts"][row].tolist()
                answer = {key: said[key][row] for key in ("answer", "offsets", "n_best", "id")}
                gold = batch["metadata"][row]["answers"]
                found[example] = {**numbers, **answer, "counts": counts, "gold": gold}
    return found, model.get_metrics(reset=True)


def test_batch_size_and_order(encoder: str, fixtures_root: Path) -> None:
    model, reader = made(encoder, fixtures_root)
    data = fixtures_root / "squad/dev-v2.0.json"
    expected, metrics = answers(model, reader, data, 1)
    assert len(expected) == QUESTIONS
    assert max(entry["example_units"] for entry in expected.values()) > 1
    for options in ({"batch_size": 12}, {"batch_size": 5, "shuffle": True, "seed": 3}):
        found, again = answers(model, reader, data, **options)  # type: ignore[arg-type]
        assert again == metrics and found.keys() == expected.keys()
        for key, one in expected.items():
            other = found[key]
            assert other["example_loss"] == pytest.approx(one["example_loss"], rel=1e-4)
            scores = [[best.pop("score") for best in entry["n_best"]] for entry in (one, other)]
            assert scores[0] == pytest.approx(scores[1], rel=1e-4)
            for name in set(one) - {"example_loss"}:
                assert other[name] == one[name], name
            for entry, back in zip((one, other), scores):
                for best, score in zip(entry["n_best"], back):
                    best["score"] = score


def test_an_encoder_that_reads_less_than_a_window(encoder: str, fixtures_root: Path) -> None:
    model, reader = made(encoder, fixtures_root, max_length=24)
    message = r"has 64 pieces, but the encoder reads 24 .*backbone\.max_length .*to at most 24"
    with pytest.raises(ConfigurationError, match=message):
        answers(model, reader, fixtures_root / "squad/dev-v2.0.json", 4)


def test_the_metrics_are_those_of_the_answers(encoder: str, fixtures_root: Path) -> None:
    model, reader = made(encoder, fixtures_root)
    found, metrics = answers(model, reader, fixtures_root / "squad/dev-v2.0.json", 4)
    plain = [scored(one["answer"], one["gold"], version2=True) for one in found.values()]
    for one, (f1, exact) in zip(found.values(), plain):
        assert one["counts"] == [pytest.approx(float(f1)), exact, 1]
    for place, name in enumerate(("token_f1", "exact_match")):
        wanted = sum(score[place] for score in plain) / len(plain)
        assert metrics[f"squad_{name}"] == pytest.approx(float(wanted))
    assert metrics["score"] == metrics["squad_token_f1"]


def test_training_without_gold_is_refused(encoder: str, fixtures_root: Path) -> None:
    model, reader = made(encoder, fixtures_root)
    loader = MultiTaskBucketed(reader, str(fixtures_root / "squad/dev-v1.1.json"), 2)
    loader.index_with(model.vocab)
    batch = next(iter(loader))
    batch.pop("answer_spans")
    for entry in batch["metadata"]:
        entry.pop("answers")
    with torch.no_grad():
        output = model.eval()(**batch)
    assert "loss" not in output and model.get_metrics(reset=True) == {}
    assert len(model.make_output_human_readable(output)["answer"]) == 2
    with pytest.raises(
        ConfigurationError, match="gold for .*heads.squad.*answer_spans.*Give a file"
    ):
        model.train()(**batch)
