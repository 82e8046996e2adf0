import gzip
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from allennlp.common import Params
from allennlp.common.checks import ConfigurationError
from allennlp.data import DatasetReader, Instance, Vocabulary
from allennlp.data.data_loaders import MultiProcessDataLoader
from allennlp.data.dataset_readers.dataset_reader import WorkerInfo
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from allennlp_heads.data.dataset_readers import ConlluReader
from allennlp_heads.data.fields import UnseenLabelField
from tests.data.dataset_readers.treebank import Sentence, sentence, sentences, write


def _text(instance: Instance) -> Any:
    return instance["tokens"]


def _value(instance: Instance, field: str) -> Any:
    found: Any = instance[field]
    return found.metadata if field == "metadata" else found.labels


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    treebank=st.lists(sentences(), min_size=1, max_size=4),
    end=st.sampled_from(["\n", "\r\n"]),
    mark=st.booleans(),
    packed=st.booleans(),
)
def test_round_trip(
    tmp_path: Path, treebank: list[Sentence], end: str, mark: bool, packed: bool
) -> None:
    text = "".join(write(one, number) for number, one in enumerate(treebank)).replace("\n", end)
    raw = (b"\xef\xbb\xbf" if mark else b"") + text.encode()
    path = tmp_path / ("x.conllu.gz" if packed else "x.conllu")
    path.write_bytes(gzip.compress(raw) if packed else raw)
    tags = {view: list(ConlluReader(view).read(path)) for view in ("upos", "xpos")}
    trees = list(ConlluReader("dependency").read(path))
    cut = list(ConlluReader("dependency", keep_subtypes=False).read(path))
    assert len(treebank) == len(trees) == len(cut) == len(tags["upos"]) == len(tags["xpos"])
    for number, one in enumerate(treebank):
        assert [token.text for token in _text(trees[number])] == one.words
        assert _value(tags["upos"][number], "tags") == one.upos
        assert _value(tags["xpos"][number], "tags") == one.xpos
        assert _value(trees[number], "head_indices") == one.heads
        assert _value(trees[number], "head_tags") == one.relations
        assert _value(cut[number], "head_tags") == [r.partition(":")[0] for r in one.relations]
        expected: dict[str, Any] = {"words": one.words}
        if one.extras & 1:
            expected |= {"sent_id": f"s{number}", "text": "a = b"}
        assert _value(trees[number], "metadata") == expected


def test_conllx_needs_no_option(tmp_path: Path) -> None:
    """Stanford dependencies as their converter writes them: no comments, CPOSTAG and POSTAG."""
    path = tmp_path / "x.conllx"
    path.write_text(
        "1\tBills\t_\tNNS\tNNPS\t_\t3\tnsubjpass\t_\t_\n"
        "2\twere\t_\tVB\tVBD\t_\t3\tauxpass\t_\t_\n"
        "3\tsubmitted\t_\tVB\tVBN\t_\t0\troot\t_\t_\n"
    )
    assert _value(next(ConlluReader("upos").read(path)), "tags") == ["NNS", "VB", "VB"]
    assert _value(next(ConlluReader("xpos").read(path)), "tags") == ["NNPS", "VBD", "VBN"]
    tree = next(ConlluReader("dependency").read(path))
    assert _value(tree, "head_indices") == [3, 3, 0]
    assert _value(tree, "head_tags") == ["nsubjpass", "auxpass", "root"]


@pytest.mark.parametrize("view", ["upos", "xpos", "dependency"])
@pytest.mark.parametrize(
    "split, count, tokens", [("train", 2000, 31672), ("dev", 500, 6363), ("test", 500, 6055)]
)
def test_real_data(heads_data: Path, view: str, split: str, count: int, tokens: int) -> None:
    instances = list(ConlluReader(view).read(heads_data / "ewt" / f"{split}.conllu"))
    assert len(instances) == count
    assert sum(len(_text(instance)) for instance in instances) == tokens
    labels = {"upos": "tags", "xpos": "tags", "dependency": "head_tags"}[view]
    assert all(isinstance(instance[labels], UnseenLabelField) for instance in instances)


def test_real_data_through_the_variable(heads_data: Path) -> None:
    first = next(ConlluReader().read("${HEADS_DATA}/ewt/train.conllu"))
    assert _value(first, "metadata")["words"][:4] == ["Al", "-", "Zaman", ":"]
    assert _value(first, "metadata")["sent_id"].startswith("weblog-juancole.com_juancole")


def test_folder_glob_and_order(tmp_path: Path) -> None:
    for name, word in [("b.conllu", "two"), ("a.conllx", "one"), ("c.conllu.gz", "three")]:
        opener = gzip.open if name.endswith("gz") else open
        with opener(tmp_path / name, "wt") as file:
            file.write(sentence(word))  # type: ignore[operator]
    reader = ConlluReader()
    assert _words(reader.read(tmp_path)) == ["one", "two", "three"]
    assert _words(reader.read(str(tmp_path / "*.conllu*"))) == ["two", "three"]


def _words(instances: Iterator[Instance]) -> list[str]:
    return [" ".join(_value(instance, "metadata")["words"]) for instance in instances]


@pytest.fixture()
def numbers(tmp_path: Path) -> Path:
    path = tmp_path / "numbers.conllu"
    path.write_text("# a licence, with no sentence\n\n" + "".join(map(sentence, "0123456")))
    return path


def test_lazy(numbers: Path) -> None:
    numbers.write_text(numbers.read_text() + "bad line")
    instances = ConlluReader().read(numbers)
    assert [_words(iter([next(instances)]))[0] for _ in range(7)] == list("0123456")
    with pytest.raises(ConfigurationError):
        next(instances)


@pytest.mark.parametrize("limit", [None, 0, 1, 4, 20])
@pytest.mark.parametrize("workers", [1, 2, 3])
def test_workers_share_the_sentences(numbers: Path, limit: int | None, workers: int) -> None:
    found = []
    for worker in range(workers):
        reader = ConlluReader(max_instances=limit)
        reader._set_worker_info(WorkerInfo(workers, worker))
        found += _words(reader.read(numbers))
    assert sorted(found) == list("0123456")[:limit]


@pytest.mark.parametrize("limit", [None, 4])
def test_multi_process_loader_gives_each_sentence_once(numbers: Path, limit: int | None) -> None:
    loader = MultiProcessDataLoader(
        ConlluReader(max_instances=limit), numbers, batch_size=2, num_workers=2, quiet=True
    )
    assert sorted(_words(loader.iter_instances())) == list("0123456")[:limit]
    loader.index_with(Vocabulary.from_instances(loader.iter_instances()))
    words = [one["words"] for batch in loader for one in batch["metadata"]]
    assert sorted(words) == [[number] for number in "0123456"][:limit]


def test_namespaces() -> None:
    for view in ("upos", "xpos"):
        field: Any = ConlluReader(view).text_to_instance(["a"], tags=["X"])["tags"]
        assert field._label_namespace == f"{view}_labels"
    tree = ConlluReader("dependency", label_namespace="stanford_labels").text_to_instance(
        ["a"], heads=[0], relations=["root"]
    )
    assert tree["head_tags"]._label_namespace == "stanford_labels"  # type: ignore[attr-defined]


def test_words_only_for_prediction() -> None:
    reader = ConlluReader("dependency")
    instance = reader.text_to_instance(["Hi", "!"], metadata={"id": 7})
    assert set(instance.fields) == {"tokens", "metadata"}
    assert _value(instance, "metadata") == {"words": ["Hi", "!"], "id": 7}
    # indexers come last, or workers would send one with each instance
    assert _text(instance)._token_indexers is None
    reader.apply_token_indexers(instance)
    assert _text(instance).token_indexers
    with pytest.raises(ConfigurationError, match="at least one word"):
        reader.text_to_instance([])


def test_from_params() -> None:
    params = Params({"type": "conllu", "view": "xpos", "max_instances": 3})
    params["token_indexers"] = {"tokens": {"type": "single_id", "namespace": "words"}}
    reader: Any = DatasetReader.from_params(params, serialization_dir="somewhere")
    assert isinstance(reader, ConlluReader) and reader.max_instances == 3
    assert vars(reader._token_indexers["tokens"])["namespace"] == "words"
    with pytest.raises(ConfigurationError, match="'view' is 'pos', but there are only upos, xpos"):
        DatasetReader.from_params(Params({"type": "conllu", "view": "pos"}))
