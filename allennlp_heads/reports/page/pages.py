"""A page of runs: what is said of all of them first, then each run."""

from __future__ import annotations

from collections.abc import Sequence

from allennlp.common.checks import ConfigurationError

from allennlp_heads.reports.page.blocks import Section
from allennlp_heads.reports.page.document import Part, render
from allennlp_heads.reports.page.run_folder import RunFolder
from allennlp_heads.reports.page.sections import sections_of_all, sections_of_run

_DAMAGED = "a report of {} cannot be shown, it is incomplete ({}: {}): write it again"
_WRONG = (KeyError, IndexError, TypeError, AttributeError, ValueError)


def page_of(runs: Sequence[RunFolder], title: str | None = None) -> str:
    """
    # Parameters

    runs : `Sequence[RunFolder]`
    title : `str`, optional (default = `None`)
        By default it names the runs.

    # Returns

    `str`
        The whole HTML document. Equal files give equal pages.

    Raises `ConfigurationError` for a report that cannot be read, and where there is nothing to
    show.
    """
    parts = [_part("all", "All runs" if len(runs) > 1 else "Overview", runs)]
    own = [_part(f"run-{place + 1}", run.name, [run]) for place, run in enumerate(runs)]
    parts += [part for part in own if not _is_aside(part)]
    parts.append(_asides([part for part in own if _is_aside(part)]))
    if not any(part.sections for part in parts):
        several = ", ".join(str(run.path) for run in runs)
        raise ConfigurationError(f"nothing of {several} can be shown in a page")
    return render(title or _title(runs), parts)


def _part(key: str, title: str, runs: Sequence[RunFolder]) -> Part:
    try:
        sections = sections_of_all(runs) if key == "all" else sections_of_run(runs[0])
    except _WRONG as error:
        several = ", ".join(str(run.path) for run in runs)
        kind = type(error).__name__
        raise ConfigurationError(_DAMAGED.format(several, kind, error)) from error
    return Part(key, title, sections)


def _is_aside(part: Part) -> bool:
    """Whether all that is said of a run by itself is what wrote it, as of a folder of a verb."""
    return [section.key for section in part.sections] == ["configuration"]


def _asides(parts: Sequence[Part]) -> Part:
    sections = [
        Section(part.key, part.title, part.sections[0].blocks, folded=True) for part in parts
    ]
    return Part("folders", "Folders of analyses", sections)


def _title(runs: Sequence[RunFolder]) -> str:
    names = [run.name for run in runs]
    listed = ", ".join(names) if len(names) < 4 else f"{', '.join(names[:3])} and others"
    return f"Attention heads: {listed}"
