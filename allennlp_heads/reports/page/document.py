"""Sections of blocks as one HTML document that needs nothing else: no network, no other file."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import resources
from typing import Any

import numpy
from allennlp.common.checks import ConfigurationError

from allennlp_heads.reports.page import style
from allennlp_heads.reports.page.blocks import (
    Block,
    Chart,
    HeadGrids,
    Section,
    Sentences,
    Table,
    Text,
)
from allennlp_heads.reports.page.library import MISSING, vega_bundle
from allennlp_heads.reports.page.page_json import page_json

_SCRIPTS = (
    "page.js",
    "download.js",
    "charts.js",
    "grid_picture.js",
    "grids.js",
    "sentences.js",
    "start.js",
)
_STYLES = ("page.css", "figures.css")
_NUMBER = re.compile(r"([<>] ?)?[+\u2212-]?[\d.,]+(e[+-]?\d+)?(?=$|[\s%×±\[(])")
_MANY_ROWS = 30


@dataclass(frozen=True)
class Part:
    """
    A run in the page, or what is said of all runs.

    # Parameters

    key : `str`
        Part of addresses in the page; no two parts share one.
    title : `str`
    sections : `Sequence[Section]`
    """

    key: str
    title: str
    sections: Sequence[Section]


def render(title: str, parts: Sequence[Part]) -> str:
    """
    # Parameters

    title : `str`
    parts : `Sequence[Part]`
        In the order of the page; those without sections are left out.

    # Returns

    `str`
        The document. Equal parts give equal documents.

    Raises `ConfigurationError` that says what to install when a package is missing.
    """
    try:
        import jinja2
    except ImportError as error:
        raise ConfigurationError(MISSING) from error
    folder = resources.files("allennlp_heads.reports.page")
    environment = jinja2.Environment(
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
        loader=jinja2.FunctionLoader(
            lambda name: folder.joinpath("templates", name).read_text(encoding="utf-8")
        ),
    )
    asset = {
        name: folder.joinpath("assets", name).read_text(encoding="utf-8")
        for name in (*_SCRIPTS, *_STYLES)
    }
    scripts = [vega_bundle(), "\n".join(asset[name] for name in _SCRIPTS)]
    shown = [part for part in parts if part.sections]
    return environment.get_template("page.html").render(
        title=title,
        parts=[_part(part) for part in shown],
        styles="\n".join(asset[name] for name in _STYLES),
        scripts=scripts,
        policy=_policy(scripts),
        look=page_json(_look()),
    )


def _policy(scripts: Sequence[str]) -> str:
    """What the browser may do: run exactly these scripts, and connect to nothing."""
    digests = (hashlib.sha256(script.encode()).digest() for script in scripts)
    allowed = " ".join(f"'sha256-{base64.b64encode(digest).decode()}'" for digest in digests)
    return (
        f"default-src 'none'; script-src {allowed}; style-src 'unsafe-inline'; "
        "img-src data: blob:; base-uri 'none'; form-action 'none'"
    )


def _look() -> dict[str, Any]:
    return {
        "config": style.config(),
        "sequential": style.SEQUENTIAL,
        "diverging": style.DIVERGING,
        "series": style.SERIES,
        "ink": style.INK,
        "soft": style.SOFT,
        "line": style.LINE,
        "font": style.FONT,
    }


def _part(part: Part) -> dict[str, Any]:
    sections, seen = [], set()
    for section in part.sections:
        key = anchor = f"{part.key}-{section.key}"
        number = 1
        while anchor in seen:
            number += 1
            anchor = f"{key}-{number}"
        seen.add(anchor)
        sections.append(
            {
                "key": anchor,
                "title": section.title,
                "folded": section.folded,
                "blocks": [
                    {"id": f"{anchor}_{place}", **_block(block, part.title)}
                    for place, block in enumerate(section.blocks)
                ],
            }
        )
    return {"key": part.key, "title": part.title, "sections": sections}


def _block(block: Block, run: str) -> dict[str, Any]:
    if isinstance(block, Text):
        return {"kind": "text", "text": block.text}
    if isinstance(block, Table):
        return {"kind": "table", "table": block, "right": _right(block), "long": _long(block)}
    if isinstance(block, Chart):
        return {"kind": "chart", "block": block, "data": page_json(block.spec)}
    if isinstance(block, HeadGrids):
        return {"kind": "grids", "block": block, "data": page_json(_grids(block, run))}
    if isinstance(block, Sentences):
        return {"kind": "sentences", "block": block, "data": page_json(_sentences(block))}
    raise TypeError(f"no block of a page: {type(block).__name__}")


def _long(table: Table) -> bool:
    return len(table.rows) > _MANY_ROWS


def _right(table: Table) -> list[bool]:
    """Whether a column is one of numbers, perhaps with an interval or a unit behind."""
    return [_numeric([row[place] for row in table.rows]) for place in range(len(table.columns))]


def _numeric(cells: Sequence[str]) -> bool:
    said = [cell for cell in cells if any(map(str.isalnum, cell))]
    return bool(said) and all(_NUMBER.match(cell) for cell in said)


def _grids(block: HeadGrids, run: str) -> dict[str, Any]:
    return {
        "title": block.title,
        "run": run,
        "measure": block.measure,
        "frames": block.frames,
        "diverging": block.diverging,
        "limits": block.limits or _limits(block),
        "grids": [
            {"name": grid.name, "values": grid.values, "details": dict(grid.details)}
            for grid in block.grids
        ],
    }


def _limits(block: HeadGrids) -> tuple[float, float]:
    known = numpy.concatenate([grid.values[numpy.isfinite(grid.values)] for grid in block.grids])
    if known.size == 0:
        return 0.0, 1.0
    if block.diverging:
        far = float(numpy.abs(known).max()) or 1.0
        return -far, far
    low, high = float(known.min()), float(known.max())
    return (low, high) if high > low else (low, low + 1)


def _sentences(block: Sentences) -> dict[str, Any]:
    return {
        "title": block.title,
        "heads": block.heads,
        "sentences": [
            {"words": one.words, "gold": one.gold, "attended": dict(one.attended)}
            for one in block.sentences
        ],
    }
