"""What single heads look at in a few sentences, beside the gold arcs."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy

from allennlp_heads.analysis.probing.examples import ExampleSentence, Item
from allennlp_heads.analysis.probing.result import ProbeResult
from allennlp_heads.reports.page.blocks import Arc, Block, Section, Sentence, Sentences
from allennlp_heads.reports.page.run_folder import Report, RunFolder
from allennlp_heads.reports.page.sections.each_report import section_of_each
from allennlp_heads.reports.page.sections.names import isolated, listed
from allennlp_heads.reports.probing.examples import restored_examples
from allennlp_heads.reports.probing.files import probe_file, read_probe
from allennlp_heads.reports.probing.tables import head_name

_ROOT = "ROOT"
_NAMED = 6
_READ = {
    "to_head": "A head finds an arc where the dependent looks at its head.",
    "to_dependent": "A head finds an arc where the head looks at its dependent.",
    "either": "A head finds an arc where one of its ends looks at the other.",
}


def sections(run: RunFolder) -> list[Section]:
    """A section for each report."""
    return section_of_each([run], "probe_examples", "What heads look at", _blocks)


def _blocks(report: Report) -> list[Block]:
    probed = _probed(report.path)
    return [
        _sentences(task, examples, probed.get(task), report.content["tasks"][task]["direction"])
        for task, examples in restored_examples(report.path, report.content).items()
    ]


def _probed(path: Path) -> dict[str, ProbeResult]:
    """The probes of the same folder, whose chosen heads come first."""
    file = probe_file(path.parent)
    return read_probe(file) if file.exists() else {}


def _sentences(
    task: str, examples: Sequence[ExampleSentence], result: ProbeResult | None, direction: str
) -> Sentences:
    there = examples[0].attended.max(axis=-1) >= 0
    heads = [_name(*place) for place in numpy.argwhere(there).tolist()]
    chosen = {} if result is None else _chosen(result)
    first = [name for name in chosen if name in heads]
    description = (
        "Above the words an arc goes from each word to the one that the head looks at most; a word "
        "without an arc looks at itself. Below them are the gold arcs. ROOT is the special token "
        f"in front. {_READ.get(direction, '')}"
    )
    if first:
        known = "; ".join(f"{_shown(name)} for {listed(chosen[name])}" for name in first[:_NAMED])
        description += f" The first heads of the list are those that the probe chose: {known}."
    return Sentences(
        f"{isolated(task)}: arcs of a head",
        [_sentence(example, there) for example in examples],
        [*first, *(name for name in heads if name not in first)],
        description,
    )


def _chosen(result: ProbeResult) -> dict[str, list[str]]:
    """The chosen heads with their labels, those of frequent labels first."""
    found: dict[str, list[str]] = {}
    for score in result.labels:
        found.setdefault(_name(score.layer, score.head), []).append(score.label)
    return found


def _name(layer: int, head: int) -> str:
    return f"{layer}.{head}"


def _shown(name: str) -> str:
    layer, head = map(int, name.split("."))
    return head_name(layer, head)


def _sentence(example: ExampleSentence, there: numpy.ndarray) -> Sentence:
    """ROOT is a word like the others, where the encoder has one."""
    first = 0 if (example.attended[there][:, 0] >= 0).all() else 1
    attended: dict[str, list[int | None]] = {}
    for layer, head in numpy.argwhere(there).tolist():
        nodes = example.attended[layer, head, first:].tolist()
        attended[_name(layer, head)] = [None if node < first else node - first for node in nodes]
    words = [_ROOT, *example.words][first:]
    return Sentence(words, [_arc(item, first) for item in example.gold], attended)


def _arc(item: Item, first: int) -> Arc:
    """An argument of several words is drawn at its first one."""
    words = item.last - item.first + 1
    label = item.label if words == 1 else f"{item.label} ({words} words)"
    return item.first - first, item.head - first, label
