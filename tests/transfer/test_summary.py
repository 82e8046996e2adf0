"""The lines that end a command."""

from __future__ import annotations

from allennlp_heads.transfer.summary import summary
from tests.reports.transfer.made import matrix


def test_what_is_missing_is_a_dash() -> None:
    found = matrix(["a", "b", "c"])
    found.direct[1] = found.scores[:, 2] = float("nan")
    best = ["bc"[place] for place in found.performance[1:, 0].argsort()][-1]
    lines = summary([found])
    assert lines[0] == "limited_limited: 12 of 18 cells"
    direct, after = found.baseline[0], found.performance[:, 0][1:].max()
    assert lines[1] == f"  a: accuracy {direct:.1f} directly, {after:.1f} after {best}"
    assert lines[2].startswith("  b: accuracy – directly, ")
    assert lines[3] == f"  c: accuracy {found.baseline[2]:.1f} directly"
