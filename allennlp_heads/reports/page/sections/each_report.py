"""Sections that show one report each, in whichever of the folders it lies."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from allennlp.common.checks import ConfigurationError

from allennlp_heads.reports.page.blocks import Block, Section
from allennlp_heads.reports.page.run_folder import Report, RunFolder
from allennlp_heads.reports.page.sections.names import isolated


def section_of_each(
    runs: Sequence[RunFolder],
    schema: str,
    title: str,
    blocks: Callable[[Report], Sequence[Block]],
) -> list[Section]:
    """
    # Parameters

    runs : `Sequence[RunFolder]`
    schema : `str`
        Of the reports.
    title : `str`
        Of the section. Where there are several, each says which report it is of.
    blocks : `Callable[[Report], Sequence[Block]]`
        What a section shows of its report; with nothing to show there is none.

    # Returns

    `List[Section]`

    Raises `ConfigurationError` that names the report when `blocks` misses something in it.
    """
    found = [(run, report) for run in runs for report in run.reports(schema)]
    key = schema.replace("_", "-")
    sections = []
    for place, (run, report) in enumerate(found):
        shown = _shown(report, blocks)
        if shown:
            one = place == 0 and len(found) == 1
            # in the part of a single run its name would say nothing
            where = whereabouts(run, report) if len(runs) > 1 else inside(run, report)
            whole_title = f"{title}: {where}" if where and not one else title
            sections.append(
                Section(key if place == 0 else f"{key}-{place + 1}", whole_title, shown)
            )
    return sections


def whereabouts(run: RunFolder, report: Report) -> str:
    """The name of a run, and the folder inside it where a report lies elsewhere than at its top."""
    below = inside(run, report)
    return f"{isolated(run.name)}, {below}" if below else isolated(run.name)


def inside(run: RunFolder, report: Report) -> str:
    """The folder inside a run without the `heads` at its end; `""` for the run itself."""
    below = report.path.parent.relative_to(run.path)
    shown = (below.parent if below.name == "heads" else below).as_posix()
    return "" if shown == "." else isolated(shown)


def _shown(report: Report, blocks: Callable[[Report], Sequence[Block]]) -> Sequence[Block]:
    with damage_named(str(report.path)):
        return blocks(report)


@contextmanager
def damage_named(place: str) -> Iterator[None]:
    """Errors of a report that misses something end in a `ConfigurationError` that names it."""
    try:
        yield
    except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
        raise ConfigurationError(
            f"{place}: damaged, or of another release ({type(error).__name__}: {error}). "
            "Write it again, or leave its folder out"
        ) from error
