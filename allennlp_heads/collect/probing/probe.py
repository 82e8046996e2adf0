"""Probes of an encoder's heads, from labelled sentences to results."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from allennlp_heads.analysis.probing import ProbeResult
from allennlp_heads.collect.probing.data import ProbeData
from allennlp_heads.collect.probing.gold import TaskGold
from allennlp_heads.collect.probing.options import ProbeOptions
from allennlp_heads.collect.probing.run import Run
from allennlp_heads.collect.sharing import shared_out
from allennlp_heads.collect.undisturbed import undisturbed
from allennlp_heads.modules import GatedEncoder


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
    run = Run.of(encoder, data, task, options, read)
    with undisturbed(encoder):
        copies = range(options.random_weights)
        return run.result(run.own(), [run.random(number) for number in copies])


def probe_tasks(
    encoder: GatedEncoder,
    data: ProbeData,
    tasks: Sequence[str],
    options: ProbeOptions = ProbeOptions(),
) -> dict[str, ProbeResult]:
    """
    `probe_task` of several tasks. Collective in distributed training: the workers share the tasks,
    and of each of them the encoder and its copies with random weights; all get all results, which
    are those of one process.
    """
    runs = [Run.of(encoder, data, task, options) for task in tasks]
    todo = [(run, number) for run in runs for number in range(-1, options.random_weights)]

    def passes(share: Iterator[tuple[Run, int]]) -> list[Any]:
        return [run.own() if number < 0 else run.random(number) for run, number in share]

    def results(share: Iterator[tuple[Run, Any, Any]]) -> list[ProbeResult]:
        return [run.result(own, random) for run, own, random in share]

    with undisturbed(encoder):
        found = iter(shared_out(todo, passes))
        seen = [
            (run, next(found), [next(found) for _ in range(options.random_weights)]) for run in runs
        ]
        return dict(zip(tasks, shared_out(seen, results), strict=True))
