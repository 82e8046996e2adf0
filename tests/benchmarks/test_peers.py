"""What peers are given and how their predictions are counted, without any peer."""

from pathlib import Path
from typing import Any

import pytest
from nltk import Tree

from allennlp_heads.data.dataset_readers import ConlluReader, OntonotesReader
from benchmarks.peers.layout import first_sentences, lay_out
from benchmarks.peers.scores import counts, main_score

EWT = "${HEADS_DATA}/ewt"
LIMIT = 12
COLUMNS = "#begin a\nx 1\ny 2\n\nz 3\n\n#end a\n#begin b\nw 4\n\n#end b\n"


@pytest.mark.parametrize("limit, words", [(None, "xyzw"), (3, "xyzw"), (2, "xyz"), (1, "xy")])
def test_first_sentences(limit, words):
    text = first_sentences(COLUMNS, "#", limit)
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    assert "".join(line[0] for line in lines) == words
    assert text.endswith("\n\n")


@pytest.mark.parametrize("task", ["pos", "ner", "dep", "con", "srl"])
def test_lay_out_keeps_the_first_sentences(task, tmp_path: Path):
    lay_out(task, EWT, tmp_path, {"train": 3, "dev": 2, "test": 1})
    found = {}
    for part in ("train", "dev", "test"):
        path = tmp_path / part
        text = (path / "part.gold_conll" if task == "srl" else path).read_text("utf-8")
        if task in ("pos", "con"):
            found[part] = len(text.splitlines())
        else:
            blocks = text.strip().split("\n\n")
            found[part] = sum(not block.startswith(("-DOCSTART-", "#end")) for block in blocks)
    assert found == {"train": 3, "dev": 2, "test": 1}


def test_tags_of_a_line_are_those_of_the_file(tmp_path: Path):
    lay_out("pos", EWT, tmp_path, {"train": 1, "dev": 1, "test": 1})
    words = (tmp_path / "test").read_text("utf-8").rstrip("\n").split("\t")
    (instance,) = read(ConlluReader("upos", max_instances=1), "conllu")
    labels = zip(instance["metadata"]["words"], instance["tags"].labels)
    assert words == [f"{word}###{tag}" for word, tag in labels]


@pytest.mark.parametrize("task", ["pos", "ner", "dep", "con", "srl"])
def test_gold_predictions_are_all_right(task):
    found = counts(task, EWT, iter(gold_predictions(task)), LIMIT)
    assert found.shape == (LIMIT, 3)
    assert (found[:, 0] == found[:, 1]).all() and (found[:, 0] == found[:, 2]).all()
    assert found.sum() and main_score(found) == 1.0


@pytest.mark.parametrize("task", ["pos", "ner", "dep", "con", "srl"])
def test_wrong_predictions_are_not(task):
    spoilt = [spoil(prediction) for prediction in gold_predictions(task)]
    found = counts(task, EWT, iter(spoilt), LIMIT)
    gold = counts(task, EWT, iter(gold_predictions(task)), LIMIT)
    assert (found[:, 2] == gold[:, 2]).all()
    assert main_score(found) < 1.0


def test_sentences_that_do_not_match():
    predictions = gold_predictions("pos")
    with pytest.raises(ValueError, match="has fewer sentences than the peer's test file"):
        counts("pos", EWT, iter(predictions), LIMIT - 1)
    with pytest.raises(ValueError, match="has more sentences than the peer's test file"):
        counts("pos", EWT, iter(predictions[:-1]), LIMIT)
    predictions[0] = {"tags": predictions[0]["tags"][:-1]}
    with pytest.raises(ValueError, match="predictions for the words"):
        counts("pos", EWT, iter(predictions), LIMIT)


def test_a_backslash_is_a_word(heads_data: Path, tmp_path: Path):
    """NLTK would read it together with the bracket behind it."""
    first, rest = (heads_data / "ewt/test.gold_conll").read_text("utf-8").split("\n\n", 1)
    lines = [line.split() for line in first.splitlines()]
    lines[-1][3] = "\\"
    text = "\n".join(" ".join(line) for line in lines)
    (tmp_path / "test.gold_conll").write_text(f"{text}\n\n#end document\n", "utf-8")
    words = [line[3] for line in lines[1:]]
    said = Tree("TOP", [Tree("XX", [word]) for word in words])
    (found,) = counts("con", str(tmp_path), iter([{"trees": said}])).tolist()
    assert found[0] == found[1] < found[2]


def gold_predictions(task):
    """What a perfect peer would say, in the peers' form, made without the code under test."""
    if task == "pos":
        reader = ConlluReader("upos", max_instances=LIMIT)
        return [{"tags": list(i["tags"].labels)} for i in read(reader, "conllu")]
    if task == "dep":
        reader = ConlluReader("dependency", max_instances=LIMIT)
        return [
            {
                "predicted_heads": list(i["head_indices"].labels),
                "predicted_dependencies": list(i["head_tags"].labels),
            }
            for i in read(reader, "conllu")
        ]
    instances = read(OntonotesReader(task, max_instances=LIMIT), "gold_conll")
    if task == "con":
        return [{"trees": Tree.fromstring(i["metadata"]["tree"])} for i in instances]
    if task == "ner":
        return [{"tags": bio(i["spans"].spans, len(i["metadata"]["words"]))} for i in instances]
    return [frame for instance in instances for frame in frames(instance)]


def read(reader, ending) -> list[Any]:
    return list(reader.read(f"{EWT}/test.{ending}"))


def frames(instance):
    length = len(instance["metadata"]["words"])
    places = [place for place, mark in enumerate(instance["predicates"].labels) if mark]
    for predicate in places:
        spans = [s[1:] for s in instance["arguments"].spans if s[0] == predicate]
        tags = bio([*spans, (predicate, predicate, "V")], length)
        yield {"tags": tags, "metadata": {"gold_tags": tags}}
    if not places:
        yield {"tags": ["O"] * length, "metadata": {"gold_tags": ["O"] * length}}


def bio(spans, length):
    tags = ["O"] * length
    for start, end, label in spans:
        tags[start : end + 1] = [f"B-{label}"] + [f"I-{label}"] * (end - start)
    return tags


def spoil(prediction):
    """One item of each kind wrong, lengths as they were."""
    spoilt = dict(prediction)
    if "tags" in spoilt:
        spoilt["tags"] = ["B-NONE", *spoilt["tags"][1:]]
    if "predicted_heads" in spoilt:
        spoilt["predicted_heads"] = [-1] * len(spoilt["predicted_heads"])
    if "trees" in spoilt:
        spoilt["trees"] = Tree("NONE", [Tree("X", [word]) for word in spoilt["trees"].leaves()])
    return spoilt
