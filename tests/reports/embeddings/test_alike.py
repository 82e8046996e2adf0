"""Which embeddings may stand in one ranking."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy
import pytest
from allennlp.common.checks import ConfigurationError

from allennlp_heads.reports.embeddings import (
    Embedding,
    read_embeddings,
    require_alike,
    write_embedding,
)
from tests.reports.embeddings.made import embedding


def without(found: Embedding, *kinds: str) -> Embedding:
    kept = {name: array for name, array in found.components.items() if not name.startswith(kinds)}
    return Embedding(found.task, kept, found.manifest)


@pytest.mark.parametrize(
    "changed, key",
    [
        (
            {"encoder": {"name": "other", "pretrained_sha256": None}},
            "encoder.name is tiny in the first and other",
        ),
        ({"encoder": {"heads": 4}}, "encoder.heads is 3 in the first and 4"),
        ({"encoder": {"pretrained_sha256": "1"}}, "encoder.pretrained_sha256 is 0"),
        ({"options": {"mode": "batch_sum"}}, "options.mode is per_example"),
        ({"options": {"labels": "sampled"}}, "options.labels is gold"),
    ],
)
def test_differences_name_files_and_key(changed: Any, key: str, tmp_path: Path) -> None:
    for task, manifest in (("dep", {}), ("mnli", {}), ("pos", changed)):
        write_embedding(tmp_path, embedding(task, **manifest))
    with pytest.raises(ConfigurationError) as raised:
        require_alike(read_embeddings(tmp_path))
    said = raised.value.message
    assert said.startswith(f"{tmp_path}/dep.json and {tmp_path}/pos.json cannot be compared")
    assert key in said


def test_sizes_of_components() -> None:
    first, second = embedding("a"), embedding("b")
    second.components["layer_output.1"] = numpy.ones(7, numpy.float32)
    with pytest.raises(ConfigurationError, match=r"'layer_output.1' is \[8\] .* and \[7\]"):
        require_alike([first, second])


def test_what_may_differ() -> None:
    first, second = embedding("a"), embedding("b", seed=4, available=7)
    second.manifest["encoder"]["name"] = "a copy of tiny"
    require_alike([first, second])
    second.manifest["encoder"]["name"] = "tiny"
    second.manifest["encoder"]["sha256"] = "of another training"
    second.manifest["encoder"]["pretrained_sha256"] = None
    second.manifest["options"]["batch_size"] = 8
    del second.components["layer_output.1"]
    require_alike([first, second])
    require_alike([])


def test_options_count_only_for_what_they_decide() -> None:
    first = embedding("a", options={"mode": "batch_sum"})
    second = embedding("b", options={"mode": "batch_sum", "batch_size": 12})
    with pytest.raises(ConfigurationError, match="options.batch_size is 32 .* and 12"):
        require_alike([first, second])
    require_alike([first, without(second, "layer_output")])
    require_alike([first, without(embedding("b"), "layer_output")])
    text = without(embedding("b", options={"labels": "sampled"}), "layer_output", "heads")
    require_alike([first, text])


def test_one_task_twice() -> None:
    with pytest.raises(ConfigurationError, match="are both of the task 'a': leave one"):
        require_alike([embedding("a"), embedding("a", seed=1)])
