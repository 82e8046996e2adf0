"""Probes of an encoder's heads for one task, from labelled sentences to a result."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
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
from allennlp_heads.collect.undisturbed import undisturbed
from allennlp_heads.modules import GatedEncoder

NO_CENTROID = "scored items whose label has no centroid"


def probe_task(
    encoder: GatedEncoder,
    data: ProbeData,
    task: str,
    options: ProbeOptions = ProbeOptions(),
    read: TaskGold | None = None,
) -> ProbeResult:
    """
    Probe every head of an encoder for one task: choose the best head of each label on some
    sentences, score it on others, and set baselines beside it.

    Sentences come in batches, and nothing of a batch stays but sums, of what is scored a byte for
    each item and head, as many again for the control task and for each encoder with random weights,
    and what every head looks at in a few sentences. The encoder reads a sentence once; those that
    both give centroids and choose or score (with cross-fitting, and in the transductive variant) a
    second time, and for the trees those that both choose and score. Each encoder with random
    weights reads as much, but for the trees. The encoder is in evaluation mode meanwhile and is
    left as it was found.

    # Parameters

    encoder : `GatedEncoder`
        Of any model; `encoder_of` finds it.
    data : `ProbeData`
        Its readers need the token indexer `transformer_words`.
    task : `str`
        One of the data's; the gates are those of this task, where tasks have their own.
    options : `ProbeOptions`, optional
    read : `TaskGold`, optional (default = `None`)
        What `read_gold` of these data, task and options gave, where it was asked for before.

    # Returns

    `ProbeResult`
        Its `options` also say the `division` of the data: `"held out"`, `"cross-fitting"` or
        `"transductive"`.

    Raises `ConfigurationError` where data and options do not go together, for gold labels outside
    their sentence, roles without anything to probe, encoders whose heads cannot be read, and when
    these compute no numbers.
    """
    kind, roles, gold = read or read_gold(data, task, options)
    run = _Run(encoder, data, task, kind, options, roles, gold)
    with undisturbed(encoder):
        try:
            return run.result()
        except ConfigurationError:
            raise
        except ValueError as error:
            raise ConfigurationError(f"task '{task}': {error}") from error


class _Probed(NamedTuple):
    """What one encoder gets right."""

    folds: list[Fold]
    baselines: Baselines
    centroids: Centroids | None


@dataclass(frozen=True)
class _Run:
    encoder: GatedEncoder
    data: ProbeData
    task: str
    kind: str
    options: ProbeOptions
    roles: Roles
    gold: Gold

    def result(self) -> ProbeResult:
        options, exists = self.options, open_heads(self.encoder, [self.task])
        statistics, trees = self._statistics(), self._trees(exists)
        examples, passes = self._examples(), self._passes()
        watches = [watch for watch in (statistics, trees, examples) if watch is not None]
        probed = self._probe(passes, options.control, watches)
        if not probed.folds:
            raise ConfigurationError(
                f"task '{self.task}': none of the items to score can be probed "
                f"({', '.join(+_total(passes))})"
            )
        result = build(
            self.kind,
            self.gold.labels,
            exists,
            probed.folds,
            replace(probed.baselines, random_weights=self._random()),
            options.rare,
            options.draws,
            options.seed,
            options={
                **options.as_dict(),
                "kind": self.kind,
                "division": self.roles.division,
            },
            statistics={} if statistics is None else statistics.means(),
            tree=None if trees is None else _of_trees(trees, passes),
            samples=self._samples(passes),
            notes=self._notes(passes, probed.folds),
            examples=() if examples is None else examples.found(),
        )
        if probed.centroids is None:
            return result
        return replace(result, centroids=_of_chosen(result, probed.centroids, self.gold.labels))

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

    def _random(self) -> list[list[Fold]]:
        """The folds of each copy of the encoder with random weights."""
        found = []
        for number in range(self.options.random_weights):
            with random_weights(self.encoder, self.options.seed + number):
                passes = self._passes(self.kind in ARC_KINDS, f"random weights {number + 1}")
                found.append(self._probe(passes, control=False).folds)
        return found

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
