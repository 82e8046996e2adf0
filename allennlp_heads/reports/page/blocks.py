"""
What a page is made of. Sections are built from run folders out of these blocks; only the document
turns blocks into HTML, so that everything that comes from data is escaped in one place.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Union

import numpy

Arc = tuple[int, int, str]
"""Dependent, governor (-1 is the root) and label; words count from 0."""


@dataclass(frozen=True)
class Text:
    """
    # Parameters

    text : `str`
        One plain paragraph.
    """

    text: str


@dataclass(frozen=True)
class Table:
    """
    # Parameters

    columns : `Sequence[str]`
    rows : `Sequence[Sequence[str]]`
        Ready cells, one a column. Columns of numbers are set to the right.
    caption : `str`, optional (default = `""`)

    Raises `ValueError` when a row has not as many cells as there are columns.
    """

    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    caption: str = ""

    def __post_init__(self) -> None:
        for row in self.rows:
            if len(row) != len(self.columns):
                raise ValueError(f"{len(self.columns)} columns, but the row {list(row)}")


@dataclass(frozen=True)
class Chart:
    """
    # Parameters

    title : `str`
    spec : `Mapping[str, Any]`
        A Vega-Lite specification with its data, without the look that all charts share; see
        `charts`.
    description : `str`
        What the chart shows, in words, for those who cannot see it.
    """

    title: str
    spec: Mapping[str, Any]
    description: str


@dataclass(frozen=True)
class Grid:
    """
    One number for each head.

    # Parameters

    name : `str`
        As the name of a task.
    values : `numpy.ndarray`
        `[layers, heads]` or `[frames, layers, heads]`. Not a number: no such head, closed or
        removed.
    details : `Mapping[str, numpy.ndarray]`, optional (default = `{}`)
        Name -> more numbers for the reader who stops at a head, in the shape of `values`.

    Raises `ValueError` when a shape does not fit.
    """

    name: str
    values: numpy.ndarray
    details: Mapping[str, numpy.ndarray] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.values.ndim not in (2, 3):
            raise ValueError(f"{self.name}: values of shape {self.values.shape}")
        for name, array in self.details.items():
            if array.shape != self.values.shape:
                raise ValueError(f"{self.name}: '{name}' has shape {array.shape}")


@dataclass(frozen=True)
class HeadGrids:
    """
    Grids of heads with a control to choose one, and a second beside it to compare with.

    # Parameters

    title : `str`
    grids : `Sequence[Grid]`
    measure : `str`
        What the numbers are, as `"gate"`. Grids of one measure can be compared across the page.
    frames : `Sequence[str]`, optional (default = `()`)
        Names of the frames, as `"epoch 1"`, for a slider; the page opens at the last.
    diverging : `bool`, optional (default = `False`)
        Whether zero is the middle of the colours.
    limits : `Tuple[float, float]`, optional (default = `None`)
        Ends of the colours; by default those of the numbers of all grids.
    description : `str`, optional (default = `""`)
        One plain paragraph above the grids.

    Raises `ValueError` when there are no grids, or the frames are not those of every grid.
    """

    title: str
    grids: Sequence[Grid]
    measure: str
    frames: Sequence[str] = ()
    diverging: bool = False
    limits: tuple[float, float] | None = None
    description: str = ""

    def __post_init__(self) -> None:
        if not self.grids:
            raise ValueError(f"{self.title}: no grids")
        for grid in self.grids:
            found = len(grid.values) if grid.values.ndim == 3 else 0
            if found != len(self.frames):
                raise ValueError(f"{self.title}, {grid.name}: {found} frames have no name")


@dataclass(frozen=True)
class Sentence:
    """
    # Parameters

    words : `Sequence[str]`
    gold : `Sequence[Arc]`
        Arcs of the annotation.
    attended : `Mapping[str, Sequence[int | None]]`
        `"layer.head"`, 0-based -> for each word the word that the head looks at most; `None` where
        that is no word.
    """

    words: Sequence[str]
    gold: Sequence[Arc]
    attended: Mapping[str, Sequence[int | None]]


@dataclass(frozen=True)
class Sentences:
    """
    Arcs over words: those of a chosen head above, those of the annotation below.

    # Parameters

    title : `str`
    sentences : `Sequence[Sentence]`
    heads : `Sequence[str]`
        The heads to choose from, as `"layer.head"`, 0-based; the page opens with the first.
    description : `str`, optional (default = `""`)
        One plain paragraph above the words.
    """

    title: str
    sentences: Sequence[Sentence]
    heads: Sequence[str]
    description: str = ""


Block = Union[Text, Table, Chart, HeadGrids, Sentences]


@dataclass(frozen=True)
class Section:
    """
    # Parameters

    key : `str`
        Part of the address of the section in the page: small letters, digits and `-`. Sections of
        different runs may share it.
    title : `str`
    blocks : `Sequence[Block]`
    folded : `bool`, optional (default = `False`)
        Whether the page shows no more than the title until the reader opens it.
    """

    key: str
    title: str
    blocks: Sequence[Block]
    folded: bool = False
