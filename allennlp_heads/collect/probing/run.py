"""Probes of one encoder's heads for one task, in steps that workers can share."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy
from allennlp.common.checks import ConfigurationError

from allennlp_heads.analysis.probing import (
    Baselines,
    Fold,
    HeadCentroids,
    ProbeResult,
    TreeScore,
    build,
)
from allennlp_heads.analysis.probing.centroids import Centroids
from allennlp_heads.analysis.probing.examples import ExampleSentence
from allennlp_heads.collect.encoder_of import open_heads
from allennlp_heads.collect.probing.arcs import arc_folds
from allennlp_heads.collect.probing.centroids import centroid_folds
from allennlp_heads.collect.probing.data import ProbeData, Roles
from allennlp_heads.collect.probing.examples import ExampleSentences
from allennlp_heads.collect.probing.gold import Gold, TaskGold, read_gold
from allennlp_heads.collect.probing.options import ARC_KINDS, ProbeOptions
from allennlp_heads.collect.probing.passes import Passes, Watch
from allennlp_heads.collect.probing.statistics import HeadStatistics
from allennlp_heads.collect.probing.trees import TreeProbe
from allennlp_heads.collect.random_encoder import random_weights
from allennlp_heads.modules import GatedEncoder

NO_CENTROID = "scored items whose label has no centroid"


class _Probed(NamedTuple):
    """What one encoder gets right."""

    folds: list[Fold]
    baselines: Baselines
    centroids: Centroids | None


class Seen(NamedTuple):
    """What the passes of the encoder itself say."""

    probed: _Probed
    statistics: dict[str, numpy.ndarray]
    tree: TreeScore | None
    samples: dict[str, dict[str, int]]
    notes: dict[str, int]
    examples: Sequence[ExampleSentence]


@dataclass(frozen=True)
class Run:
    encoder: GatedEncoder
    data: ProbeData
    task: str
    kind: str
    options: ProbeOptions
    roles: Roles
    gold: Gold

    @classmethod
    def of(
        cls,
        encoder: GatedEncoder,
        data: ProbeData,
        task: str,
        options: ProbeOptions,
        read: TaskGold | None = None,
    ) -> Run:
        kind, roles, gold = read or read_gold(data, task, options)
        return cls(encoder, data, task, kind, options, roles, gold)

    def own(self) -> Seen:
        """The passes of the encoder as it is."""
        with self._named():
            exists = open_heads(self.encoder, [self.task])
            statistics, trees, examples = self._statistics(), self._trees(exists), self._examples()
            passes = self._passes()
            watches = [watch for watch in (statistics, trees, examples) if watch is not None]
            probed = self._probe(passes, self.options.control, watches)
            if not probed.folds:
                raise ConfigurationError(
                    f"task '{self.task}': none of the items to score can be probed "
                    f"({', '.join(+_total(passes))})"
                )
            return Seen(
                probed,
                {} if statistics is None else statistics.means(),
                None if trees is None else _of_trees(trees, passes),
                self._samples(passes),
                self._notes(passes, probed.folds),
                () if examples is None else examples.found(),
            )

    def random(self, number: int) -> list[Fold]:
        """The folds of one of its copies with random weights."""
        with self._named(), random_weights(self.encoder, self.options.seed + number):
            passes = self._passes(self.kind in ARC_KINDS, f"random weights {number + 1}")
            return self._probe(passes, control=False).folds

    def result(self, seen: Seen, random: list[list[Fold]]) -> ProbeResult:
        """What both say together."""
        options, probed = self.options, seen.probed
        with self._named():
            result = build(
                self.kind,
                self.gold.labels,
                open_heads(self.encoder, [self.task]),
                probed.folds,
                replace(probed.baselines, random_weights=random),
                options.rare,
                options.draws,
                options.seed,
                options={
                    **options.as_dict(),
                    "kind": self.kind,
                    "division": self.roles.division,
                },
                statistics=seen.statistics,
                tree=seen.tree,
                samples=seen.samples,
                notes=seen.notes,
                examples=seen.examples,
            )
            if probed.centroids is None:
                return result
            found = _of_chosen(result, probed.centroids, self.gold.labels)
            return replace(result, centroids=found)

    @contextmanager
    def _named(self) -> Iterator[None]:
        """What is wrong with the numbers is said with the task's name."""
        try:
            yield
        except ConfigurationError:
            raise
        except ValueError as error:
            raise ConfigurationError(f"task '{self.task}': {error}") from error

    def _passes(self, attention: bool | None = None, of: str = "") -> Passes:
        arcs = self.kind in ARC_KINDS
        return Passes(
            self.encoder,
            self.data.vocab(self.task),
            self.task,
            self.options.batch_size,
            contexts=not arcs,
            attention=self.options.records_attention(self.kind) if attention is None else attention,
            of=of,
        )

    def _probe(self, passes: Passes, control: bool, watches: Sequence[Watch] = ()) -> _Probed:
        given = (passes, self.gold, self.roles)
        if self.kind in ARC_KINDS:
            root = self.kind == "dependency"
            arcs = arc_folds(*given, self.options, root, control, watches)
            return _Probed(arcs.folds, Baselines(arcs.offsets, control=arcs.control), None)
        found = centroid_folds(*given, control, watches)
        return _Probed(found.folds, Baselines(control=found.control), found.centroids)

    def _statistics(self) -> HeadStatistics | None:
        if not self.options.describes_heads(self.kind):
            return None
        direction = self.options.direction if self.kind in ARC_KINDS else None
        return HeadStatistics(self.encoder, self.roles, direction)

    def _trees(self, exists: numpy.ndarray) -> TreeProbe | None:
        if not self.options.trees or self.kind != "dependency":
            return None
        return TreeProbe(self.encoder, self.gold, self.roles, exists, self.options)

    def _examples(self) -> ExampleSentences | None:
        if not self.options.examples or not self.options.records_attention(self.kind):
            return None
        return ExampleSentences(self.encoder, self.gold, self.roles, self.kind, self.options)

    def _samples(self, passes: Passes) -> dict[str, dict[str, int]]:
        roles, parts = self.roles, self.gold.parts
        choosing = {part for split in roles.splits for part in split.choice}
        return {
            role: {
                "sentences": sum(len(parts[part].sentences) for part in numbers),
                "items": sum(
                    len(parts[part].label) - sum(passes.left_out[part].values()) for part in numbers
                ),
            }
            for role, numbers in (
                ("fit", roles.fitted),
                ("choice", choosing),
                ("score", roles.scored),
            )
        }

    def _notes(self, passes: Passes, folds: Sequence[Fold]) -> dict[str, int]:
        notes = self.gold.notes + _total(passes)
        for fold in folds:
            if fold.fit is not None:
                notes[NO_CENTROID] += int((fold.fit[fold.score.label] == 0).sum())
        return dict(+notes)


def _total(passes: Passes) -> Counter[str]:
    return sum(passes.left_out.values(), Counter())


def _of_trees(trees: TreeProbe, passes: Passes) -> TreeScore:
    trees.finish(passes)
    return trees.result()


def _of_chosen(result: ProbeResult, centroids: Centroids, labels: Sequence[str]) -> HeadCentroids:
    (known,) = centroids.counts.nonzero()
    heads = list(result.chosen())
    layer, head = numpy.array(heads).T
    vectors = centroids.means[known][:, layer, head].swapaxes(0, 1)
    return HeadCentroids(
        [labels[label] for label in known.tolist()], heads, vectors.astype(numpy.float32)
    )
