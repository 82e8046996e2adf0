"""Questions with their contexts: fields, gold of both versions of SQuAD, and what is counted."""

import json
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from allennlp.common import Params
from allennlp.data import DatasetReader, Vocabulary
from allennlp.data.data_loaders import MultiProcessDataLoader
from allennlp.data.dataset_readers.dataset_reader import WorkerInfo

from allennlp_heads.data.data_loaders import MultiTaskBucketed
from allennlp_heads.data.data_loaders.bucketing import bucket
from allennlp_heads.data.dataset_readers import MultiTaskHeadsReader, SquadJsonReader
from tests.data.dataset_readers.squad_files import (
    CONTEXT,
    document,
    learned,
    metadata,
    pieces,
    qa,
    reader,
    tensors,
    write,
)

SMALL: dict[str, Any] = {"max_length": 24, "stride": 6, "max_question_length": 9}
LONG = " ".join(["the cat saw a dog in the garden ,"] * 5) + " yesterday Anna gave Peter a book ."


def _read(folder: str, path: str, **options: Any) -> list[Any]:
    return list(reader(folder, **options).read(path))


def test_fields(tmp_path: Path, tiny_bert: str) -> None:
    question = qa("q1", ("Anna in London", 16), ("London", 24), question="  who was it ?\n")
    path = write(tmp_path / "x.json", document(question))
    (instance,) = _read(tiny_bert, path)
    assert learned(instance) == ["Anna in London"]
    known = metadata(instance)
    (offsets,) = known.pop("offsets")
    assert known == {
        "id": "q1",
        "question": "  who was it ?\n",
        "context": CONTEXT,
        "title": "Dogs",
        "answers": ["Anna in London", "London"],
        "answer_starts": [16, 24],
    }
    batch = tensors(reader(tiny_bert), instance)
    tokens = batch["tokens"]["tokens"]
    size = len(offsets)
    assert {key: value.shape for key, value in tokens.items()} == dict.fromkeys(
        ("token_ids", "type_ids", "mask", "special_mask"), (1, 1, size)
    )
    assert batch["answer_mask"].dtype == torch.bool
    assert np.array_equal(batch["answer_mask"][0, 0], offsets[:, 0] >= 0)
    assert (
        batch["answer_mask"][0, 0].tolist()
        == (tokens["type_ids"].bool() & ~tokens["special_mask"]).flatten().tolist()
    )
    assert batch["answer_spans"].dtype == torch.int64
    assert batch["metadata"][0]["id"] == "q1"


def test_padding_of_a_batch(tmp_path: Path, tiny_bert: str) -> None:
    """Windows and pieces that are not there are false, and their answers -1."""
    content = document(qa("short", ("dog", 8)))
    content["data"] += document(qa("long", ("Peter", LONG.index("Peter"))), context=LONG)["data"]
    short, long = _read(tiny_bert, write(tmp_path / "x.json", content), **SMALL)
    count = len(metadata(long)["offsets"])
    assert len(metadata(short)["offsets"]) < count
    batch = tensors(reader(tiny_bert, **SMALL), short, long)
    tokens = batch["tokens"]["tokens"]
    assert tokens["mask"].shape == batch["answer_mask"].shape == (2, count, 24)
    missing = ~tokens["mask"].any(-1)
    assert missing.any() and not missing[1].any()
    assert not batch["answer_mask"][missing].any()
    assert (batch["answer_spans"][missing] == -1).all()
    assert (batch["answer_spans"][~missing] >= 0).all()
    assert not (batch["answer_mask"] & ~tokens["mask"]).any()
    alone = tensors(reader(tiny_bert, **SMALL), long)
    for key, value in alone["tokens"]["tokens"].items():
        assert torch.equal(tokens[key][1], value[0])


def test_an_answer_is_learned_where_a_window_holds_all_of_it(tiny_bert: str) -> None:
    maker = reader(tiny_bert, **SMALL)
    start = LONG.index("garden , the cat")
    gold = [{"text": "garden , the cat", "answer_start": start}]
    instance = maker.text_to_instance("who ?", LONG, gold)
    found = learned(instance)
    assert set(found) == {None, "garden , the cat"}
    for offsets, text in zip(metadata(instance)["offsets"], found):
        seen = offsets[offsets[:, 0] >= 0]
        whole = seen[0, 0] <= start and seen[-1, 1] >= start + len("garden , the cat")
        assert (text is not None) == whole
    # some windows hold a part of it only
    partly = [o for o, text in zip(metadata(instance)["offsets"], found) if text is None]
    assert any(((o[:, 0] <= start) & (o[:, 1] > start) & (o[:, 0] >= 0)).any() for o in partly)


def test_the_first_answer_is_learned(tiny_bert: str) -> None:
    gold = [{"text": "dog", "answer_start": 8}, {"text": "old dog", "answer_start": 4}]
    assert learned(reader(tiny_bert).text_to_instance("who ?", CONTEXT, gold)) == ["dog"]


def test_unanswerable_questions(tmp_path: Path, tiny_bert: str) -> None:
    questions = [
        qa("yes", ("dog", 8), is_impossible=False),
        qa("no", is_impossible=True, plausible_answers=[{"text": "dog", "answer_start": 8}]),
        qa("empty"),
    ]
    yes, *others = _read(tiny_bert, write(tmp_path / "x.json", document(*questions)))
    assert learned(yes) == ["dog"]
    for other in others:
        assert learned(other) == [None] and metadata(other)["answers"] == []
        assert metadata(other)["answer_starts"] == []
    # scored by the rules of SQuAD 2.0 where the file is of that kind
    marks = [metadata(one).get("is_impossible") for one in (yes, *others)]
    assert marks == [False, True, None]
    bare = {"id": "bare", "question": "who ?", "is_impossible": True}
    path = write(tmp_path / "y.json", document(qa("yes", ("dog", 8)), bare))
    assert [metadata(one)["answers"] for one in _read(tiny_bert, path)] == [["dog"], []]


def test_files_without_gold(tmp_path: Path, tiny_bert: str) -> None:
    content = {"data": [{"paragraphs": [{"context": CONTEXT, "qas": [
        {"id": 7, "question": "who ?"}, {"id": "8", "question": "where ?"}]}]}]}  # fmt: skip
    first, second = _read(tiny_bert, write(tmp_path / "x.json", content))
    assert set(first.fields) == {"tokens", "answer_mask", "metadata"}
    assert set(metadata(first)) == {"id", "question", "context", "title", "offsets"}
    assert metadata(first)["id"] == "7" and metadata(second)["title"] is None


@pytest.mark.parametrize("name", ["x.json", "x.json.gz"])
@pytest.mark.parametrize("change", [lambda t: t, lambda t: "\ufeff" + t, lambda t: t + "\r\n\r\n"])
def test_compressed_files_and_byte_order_marks(
    tmp_path: Path, tiny_bert: str, name: str, change: Callable[[str], str]
) -> None:
    text = change(json.dumps(document(qa("q", ("dog", 8))), indent=1))
    (instance,) = _read(tiny_bert, write(tmp_path / name, text))
    assert learned(instance) == ["dog"]


def test_half_a_surrogate_pair_is_one_character(tmp_path: Path, tiny_bert: str) -> None:
    context = "a \ud83d cat"
    content = document(qa("q", ("cat", 4)), context=context)
    (instance,) = _read(tiny_bert, write(tmp_path / "x.json", content))
    assert learned(instance) == ["cat"] and metadata(instance)["context"] == context


def test_offsets_near_the_answer_are_repaired(
    tmp_path: Path, tiny_bert: str, caplog: pytest.LogCaptureFixture
) -> None:
    context = "dog " * 30
    questions = [
        qa("a", ("dog", 41), ("dog", 40)),  # nearest is 40
        qa("b", ("dog", -3), ("dog", 130)),
        qa("c", ("dog", 8)),
    ]
    path = write(tmp_path / "x.json", document(*questions, context=context))
    with caplog.at_level(logging.WARNING):
        found = _read(tiny_bert, path)
    assert [metadata(one)["answer_starts"] for one in found] == [[40, 40], [0, 116], [8]]
    assert [learned(one) for one in found] == [["dog"]] * 3
    assert _messages(caplog) == [
        f"{path}: answers that were not at their 'answer_start' and are taken from the nearest "
        "place: 3, the first in 'a'"
    ]


def test_long_questions_are_cut_and_counted(
    tmp_path: Path, tiny_bert: str, caplog: pytest.LogCaptureFixture
) -> None:
    long = "was it the old dog that we heard in the garden ?"
    questions = [
        qa("long", question=long),
        qa("short", question="who ?"),
        qa("blank", question=" "),
    ]
    path = write(tmp_path / "x.json", document(*questions))
    kept, *_ = _read(tiny_bert, path, max_question_length=None)
    caplog.clear()
    with caplog.at_level(logging.WARNING):
        cut, short, blank = _read(tiny_bert, path, max_question_length=5)
    assert pieces(reader(tiny_bert), cut)[0][:6] == pieces(reader(tiny_bert), kept)[0][:6]
    assert [one["answer_mask"].tensor[0].int().argmax().item() for one in (cut, kept)][0] == 7
    assert metadata(cut)["question"] == long
    assert len(short["tokens"][0]) < len(cut["tokens"][0]) < len(kept["tokens"][0])
    assert str(blank["tokens"][0][1]) == "[SEP]"
    assert _messages(caplog) == [
        f"{path}: questions longer than 'max_question_length', which have lost their last pieces: "
        "1, the first in 'long'",
        f"{path}: blank questions: 1, the first in 'blank'",
    ]


def test_answers_longer_than_windows_overlap_are_counted(
    tmp_path: Path, tiny_bert: str, caplog: pytest.LogCaptureFixture
) -> None:
    content = document(qa("all", (LONG, 0)), qa("dog", ("dog", LONG.index("dog"))), context=LONG)
    path = write(tmp_path / "x.json", content)
    with caplog.at_level(logging.WARNING):
        whole, dog = _read(tiny_bert, path, **SMALL)
    assert set(learned(whole)) == {None} and "dog" in learned(dog)
    assert _messages(caplog) == [
        f"{path}: questions with an answer that no window holds whole, trained as unanswerable: "
        "1, the first in 'all'"
    ]


def test_counts_are_told_where_reading_stops_early(
    tmp_path: Path, tiny_bert: str, caplog: pytest.LogCaptureFixture
) -> None:
    questions = [qa(str(number), ("dog", 9)) for number in range(4)]
    path = write(tmp_path / "x.json", document(*questions))
    with caplog.at_level(logging.WARNING):
        assert len(_read(tiny_bert, path, max_instances=2)) == 2
    assert ["place: 2," in message for message in _messages(caplog)] == [True]


def _messages(caplog: pytest.LogCaptureFixture) -> list[str]:
    ours = "allennlp_heads.data.dataset_readers.squad_json"
    return [record.getMessage() for record in caplog.records if record.name == ours]


def test_for_predictors(tiny_bert: str) -> None:
    maker = reader(tiny_bert)
    instance = maker.text_to_instance("who ?", CONTEXT)
    assert set(instance.fields) == {"tokens", "answer_mask", "metadata"}
    assert metadata(instance)["id"] is None and "answers" not in metadata(instance)
    named = maker.text_to_instance("who ?", CONTEXT, [], metadata={"id": "x", "title": "T"})
    assert metadata(named)["id"] == "x" and metadata(named)["title"] == "T"
    assert learned(named) == learned(maker.text_to_instance("who ?", CONTEXT, is_impossible=True))
    assert pieces(maker, instance) == pieces(maker, named)


def test_from_a_configuration(tmp_path: Path, tiny_bert: str) -> None:
    part = {"type": "transformer_pieces", "transformer_model": tiny_bert}
    config = {"type": "squad_json", "tokenizer": dict(part), "stride": 100}
    config["token_indexers"] = {"tokens": dict(part)}
    maker = DatasetReader.from_params(Params(config))
    assert isinstance(maker, SquadJsonReader) and maker.stride == 100
    assert (maker.max_length, maker.max_question_length, maker.repair) == (384, 64, 20)
    path = write(tmp_path / "x.json", document(qa("q", ("dog", 8))))
    assert [learned(one) for one in maker.read(path)] == [["dog"]]


NAMES = [f"{paragraph}.{number}" for paragraph in range(3) for number in range(3)]


@pytest.fixture
def several(tmp_path: Path) -> str:
    """Three contexts with three questions each."""
    content = document()
    content["data"][0]["paragraphs"] = [
        {
            "context": f"{'a dog , ' * 8 * number}{CONTEXT}",
            "qas": [qa(name, ("London", 24 + 64 * number)) for name in NAMES[3 * number :][:3]],
        }
        for number in range(3)
    ]
    return write(tmp_path / "x.json", content)


def test_a_context_is_split_once(several: str, tiny_bert: str) -> None:
    found = _read(tiny_bert, several, **SMALL)
    last = [one["tokens"][-1][-2] for one in found]
    assert len({id(token) for token in last}) == 3
    assert all(last[number] is last[number // 3 * 3] for number in range(len(NAMES)))


@pytest.mark.parametrize("limit", [None, 4, 100])
@pytest.mark.parametrize("workers", [1, 2, 3])
def test_workers_share_the_questions(
    several: str, tiny_bert: str, limit: int | None, workers: int
) -> None:
    found = []
    for worker in range(workers):
        maker = reader(tiny_bert, max_instances=limit)
        maker._set_worker_info(WorkerInfo(workers, worker))
        found += [metadata(one)["id"] for one in maker.read(several)]
    assert sorted(found) == NAMES[:limit]


@pytest.mark.parametrize("workers", [0, 2])
def test_multi_process_loader(several: str, tiny_bert: str, workers: int) -> None:
    maker = reader(tiny_bert, **SMALL)
    loader = MultiProcessDataLoader(maker, several, batch_size=2, num_workers=workers, quiet=True)
    loader.index_with(Vocabulary())
    batches: Any = list(loader)
    assert sorted(one["id"] for batch in batches for one in batch["metadata"]) == NAMES
    assert all(batch["tokens"]["tokens"]["mask"].any() for batch in batches)


def test_loader_of_many_tasks(several: str, tiny_bert: str) -> None:
    """A question is as long as all its windows; indices are dropped once there are tensors."""
    tasks = MultiTaskHeadsReader({"squad": reader(tiny_bert, **SMALL)})
    loader = MultiTaskBucketed(tasks, several, tokens_per_batch=160, shuffle=False)
    loader.index_with(Vocabulary())
    batches: Any = list(loader)
    lengths = {
        name: len(offsets) * max(map(len, offsets))
        for one in loader.iter_instances()
        for name, offsets in [(metadata(one)["id"], metadata(one)["offsets"])]
    }
    names = [[one["id"] for one in batch["metadata"]] for batch in batches]
    expected = bucket([lengths[name] for name in NAMES], 64, 160)
    assert names == [[NAMES[index] for index in indices] for indices in expected]
    assert len({len(batch) for batch in names}) > 1
    assert all(
        batch["tokens"]["tokens"]["mask"].numel() <= max(160, lengths[names[0][0]])
        for batch in batches
    )
    windows = [window for one in loader.iter_instances() for window in one["tokens"]]  # type: ignore[attr-defined]
    assert all(window._indexed_tokens is None for window in windows)
    loader.index_with(Vocabulary())
    again: Any = list(loader)
    for old, new in zip(batches, again):
        assert torch.equal(
            old["tokens"]["tokens"]["token_ids"], new["tokens"]["tokens"]["token_ids"]
        )
