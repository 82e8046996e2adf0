"""What is installed, what is required, what was tested; and how versions compare."""

from __future__ import annotations

import ast
import operator
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from importlib import metadata
from pathlib import Path
from typing import Any, NamedTuple

PINS = Path(__file__).parent.parent / "constraints.txt"
"""The tested versions; `# next:` lines hold those of the second, newer stack."""
SETUP = Path(__file__).parent.parent.parent / "setup.py"
"""Of a checkout."""


class Finding(NamedTuple):
    """
    One thing to know about an installation.

    # Parameters

    level : `str`
        `"problem"` (cannot work), `"warning"` (works in part) or `"note"`.
    package : `str`
        What it is about.
    message : `str`
        What is so, with versions.
    remedy : `str`, optional (default = `""`)
        The command, or the step, that puts it right.
    """

    level: str
    package: str
    message: str
    remedy: str = ""


class Stack(NamedTuple):
    """
    All that a rule may look at.

    # Parameters

    versions : `Mapping[str, str]`
        Version of each installed distribution, under its normalised name (see `normalise`).
    python : `Sequence[int]`
        Version of Python, e.g. `(3, 11, 7)`.
    requirements : `Sequence[str]`
        What `allennlp_heads` requires, as `importlib.metadata.requires` gives it.
    tested : `Mapping[str, Sequence[str]]`
        Tested versions of each distribution, the main stack's first.
    """

    versions: Mapping[str, str]
    python: Sequence[int]
    requirements: Sequence[str]
    tested: Mapping[str, Sequence[str]]

    def version(self, name: str) -> str | None:
        """The installed version of a distribution, however its name is spelt; `None` if missing."""
        return self.versions.get(normalise(name))

    def pins(self, *names: str) -> str:
        """The tested versions of some distributions, as arguments of pip."""
        return " ".join(f"{name}=={self.tested[normalise(name)][0]}" for name in names)


def this_stack() -> Stack:
    """The installation that runs this."""
    python = tuple(sys.version_info[:3])
    return Stack(installed_versions(), python, own_requirements(), pinned_versions())


def installed_versions() -> dict[str, str]:
    """Version of every installed distribution; of two copies the one that Python would import."""
    versions: dict[str, str] = {}
    for distribution in metadata.distributions():
        name = distribution.metadata["Name"]
        if name:  # a half-removed distribution has none
            versions.setdefault(normalise(name), distribution.version)
    return versions


def own_requirements(setup: Path = SETUP) -> list[str]:
    """
    What `allennlp_heads` requires without its extras: by the `setup.py` of a checkout, since the
    metadata of an editable installation stays as it was when that was made; else by the metadata.
    Empty where there is neither.
    """
    if setup.is_file():
        for node in ast.parse(setup.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.Assign) and _names(node) == ["REQUIRED"]:
                return list(ast.literal_eval(node.value))
    try:
        requirements = metadata.requires("allennlp_heads") or []
    except metadata.PackageNotFoundError:
        return []
    return [requirement for requirement in requirements if "extra ==" not in requirement]


def _names(node: ast.Assign) -> list[str]:
    return [target.id for target in node.targets if isinstance(target, ast.Name)]


def pinned_versions(pins: Path = PINS) -> dict[str, list[str]]:
    """Tested versions of each distribution, the main stack's first, from the constraints file."""
    tested: dict[str, list[str]] = {}
    for line in pins.read_text(encoding="utf-8").splitlines():
        match = re.match(r"(?:# next: )?([\w.-]+)==(\S+)$", line.strip())
        if match:
            tested.setdefault(normalise(match.group(1)), []).append(match.group(2))
    return tested


def normalise(name: str) -> str:
    """The one spelling of a distribution's name: `More_Itertools` is `more-itertools`."""
    return re.sub(r"[-_.]+", "-", name).lower()


def release(version: str) -> tuple[int, ...]:
    """The numbers of a version without trailing zeros: `2.10.0+cpu` is `(2, 10)`."""
    match = re.match(r"\d+(\.\d+)*", version)
    numbers = [int(part) for part in match.group().split(".")] if match else []
    while numbers and numbers[-1] == 0:
        numbers.pop()
    return tuple(numbers)


def build(version: str) -> str:
    """The local part of a version, which names its build: `2.13.0+cpu` gives `cpu`."""
    return version.partition("+")[2]


_COMPARE: Mapping[str, Callable[[Any, Any], bool]] = {
    ">=": operator.ge,
    "<=": operator.le,
    "==": operator.eq,
    "!=": operator.ne,
    ">": operator.gt,
    "<": operator.lt,
}


def satisfies(version: str, bounds: str) -> bool:
    """Whether a version lies within bounds such as `>=4.43,<4.50`."""
    return all(
        _COMPARE[sign](release(version), release(bound))
        for sign, bound in re.findall(r"([<>=!]=|[<>])\s*(\d[\w.]*)", bounds)
    )


def split_requirement(requirement: str) -> tuple[str, str]:
    """Name and bounds of a requirement: `numpy (>=1.26) ; marker` gives `numpy`, `>=1.26`."""
    match = re.match(r"([\w.-]+)\s*(?:\[[^]]*\])?\s*([^;]*)", requirement)
    name, bounds = match.groups() if match else (requirement, "")
    return name, bounds.strip().strip("()").replace(" ", "")
