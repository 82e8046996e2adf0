from pathlib import Path
from typing import Any

import pytest
from allennlp.common import Params
from allennlp.common.checks import ConfigurationError
from allennlp.data import DatasetReader
from allennlp.data.dataset_readers import MultiTaskDatasetReader

from allennlp_heads.data.dataset_readers import ConlluReader, MultiTaskHeadsReader
from tests.data.dataset_readers.treebank import sentence

INPUTS: dict[str, Any] = {"words": ["Hi", "!"], "tags": ["INTJ", "PUNCT"]}


def _readers() -> dict[str, DatasetReader]:
    return {"pos": ConlluReader("upos"), "dep": ConlluReader("dependency")}


def test_keyword_arguments_reach_the_reader() -> None:
    shim = MultiTaskHeadsReader(_readers()).readers["pos"]
    by_name: Any = shim.text_to_instance(**INPUTS)
    by_place: Any = shim.text_to_instance(*INPUTS.values())
    for instance in (by_name, by_place):
        assert instance["task"].metadata == "pos"
        assert instance["tags"].labels == INPUTS["tags"]


def test_allennlp_reader_loses_them() -> None:
    """Defect 5 of AllenNLP 2.10.1; when this fails, our own shim is no longer needed."""
    shim: Any = MultiTaskDatasetReader(_readers()).readers["pos"]
    with pytest.raises(TypeError, match="unexpected keyword argument"):
        shim.text_to_instance(**INPUTS)


def test_reading_adds_the_task(tmp_path: Path) -> None:
    (tmp_path / "x.conllu").write_text(sentence("Hi", "!"))
    reader = MultiTaskHeadsReader(_readers())
    for task, view in (("pos", "upos"), ("dep", "dependency")):
        inner: Any = reader.readers[task].inner
        assert inner.view == view
        instances: Any = reader.read(tmp_path / "x.conllu", force_task=task)
        assert [instance["task"].metadata for instance in instances] == [task]


def test_from_params() -> None:
    params = {"type": "multitask_heads", "readers": {"pos": {"type": "conllu"}}}
    reader = DatasetReader.from_params(Params(params), serialization_dir="somewhere")
    assert isinstance(reader, MultiTaskDatasetReader) and list(reader.readers) == ["pos"]


def test_a_loader_that_knows_of_no_tasks() -> None:
    reader = MultiTaskHeadsReader({"pos": ConlluReader()})
    with pytest.raises(ConfigurationError, match="'data_loader' .* 'multitask_bucketed'"):
        reader.read("somewhere")
    with pytest.raises(ConfigurationError, match=r"no task 'dep' .* \['pos'\]"):
        reader.read("somewhere", force_task="dep")


def test_no_reader() -> None:
    with pytest.raises(ConfigurationError, match="'readers' is empty"):
        DatasetReader.from_params(Params({"type": "multitask_heads", "readers": {}}))
