"""Several smaller models of one run in one section: beside each other, not one after the other."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from allennlp_heads.reports.page.blocks import Block, Grid, HeadGrids, Table, Text
from allennlp_heads.reports.page.cells import UNDEFINED, number

_ABOUT = (
    "Each row is a smaller model. Expected is the speed of the encoder by counting multiply-adds, "
    "before the removal 1; measured is that of the machine that removed the heads. The weights of "
    "removed heads are gone for good."
)

Content = Mapping[str, Any]


def compared(
    contents: Mapping[str, Content],
    chosen: Callable[[Content], str],
    grid: Callable[[Content, str], Grid],
) -> list[Block]:
    """
    # Parameters

    contents : `Mapping[str, Mapping[str, Any]]`
        Name of a smaller model -> its `pruning.json`.
    chosen : `Callable`
        How its heads were chosen, in words.
    grid : `Callable`
        Its kept heads, under a name.

    # Returns

    `List[Block]`
        A table of all, and the heads of one beside those of another.
    """
    columns = ["model", "heads", "kept", "encoder, %", "weights, %", "expected", "measured"]
    rows = [[name, *_row(content, chosen)] for name, content in contents.items()]
    blocks: list[Block] = [Text(_ABOUT), Table(columns, rows)]
    by_shape: dict[tuple[int, ...], list[Grid]] = {}
    for name, content in contents.items():
        if "kept" in content:
            one = grid(content, name)
            by_shape.setdefault(one.values.shape, []).append(one)
    return [*blocks, *_grids(list(by_shape.values()))]


def _row(content: Content, chosen: Callable[[Content], str]) -> list[str]:
    heads = content.get("heads")
    kept = UNDEFINED if heads is None else f"{heads['after']} of {heads['before']}"
    parameters = (content.get("parameters") or {}).get("encoder")
    speeds = [
        (content.get(part) or {}).get(key)
        for part, key in (("cost", "expected_speedup"), ("measured", "speedup"))
    ]
    return [
        kept,
        UNDEFINED if heads is None else chosen(content),
        *map(_share, (parameters, content.get("bytes"))),
        *(UNDEFINED if speed is None else number(speed, 2) for speed in speeds),
    ]


def _share(size: Mapping[str, int] | None) -> str:
    """What is left, in percent."""
    return UNDEFINED if size is None else number(100 * size["after"] / size["before"], 1)


def _grids(shapes: Sequence[Sequence[Grid]]) -> Iterator[Block]:
    about = "A head that is kept is 1; one that is removed has no number and is hatched."
    for grids in shapes:
        title = (
            "Kept heads" if len(shapes) == 1 else f"Kept heads, {grids[0].values.shape[0]} layers"
        )
        yield HeadGrids(title, grids, "kept", limits=(0.0, 1.0), description=about)
