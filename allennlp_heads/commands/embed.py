"""`allennlp heads embed`: what a task is like, as vectors."""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from allennlp.common.checks import ConfigurationError

from allennlp_heads.analysis.transfer import KINDS
from allennlp_heads.collect.embedding.options import LABELS, LOSSES, MODES, EmbeddingOptions
from allennlp_heads.collect.embedding.source import embedded_tasks, embedding_source
from allennlp_heads.commands.answer import write_answer
from allennlp_heads.commands.arguments import (
    add_cuda_device,
    add_json,
    add_output,
    add_seed,
    add_split,
    add_task,
    at_least,
)
from allennlp_heads.commands.shipped import SHIPPED
from allennlp_heads.commands.verb import Verb
from allennlp_heads.grid.runs_of import runs_of
from allennlp_heads.reports.embeddings import Embedding, write_embedding
from allennlp_heads.reports.embeddings.computed import TaskEmbedder
from allennlp_heads.reports.embeddings.files import embedding_path


@Verb.register("embed")
class Embed(Verb):
    """
    Embeds the tasks of trained models: their texts, the Fisher information of what the encoder
    computes for them, and a number for each attention head. Writes `<task>.npz` with a manifest
    `<task>.json` for each task, which `allennlp heads rank` reads.
    """

    description = SHIPPED["embed"]
    example = "allennlp heads embed out/qnli_sst2 out/squad -o out/embeddings"

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument(
            "sources",
            nargs="+",
            metavar="SOURCE",
            help="an archived trained model, the folder of its training, or a Jsonnet that names a "
            "pretrained encoder with readers and data (then: --kind text)",
        )
        add_output(parser)
        add_task(parser)
        parser.add_argument(
            "--class",
            dest="task_class",
            metavar="CLASS",
            help="the class of these tasks, for rankings within a class (default: by what the head "
            "predicts: classification, questions or labelling)",
        )
        add_split(parser)
        _add_options(parser)
        add_cuda_device(parser)
        add_json(parser)

    def run(self, args: argparse.Namespace) -> int:
        options, out = _options(args), Path(args.output_dir)
        sources = runs_of(args.sources)
        chosen = embedded_tasks(sources, args.task)
        _check_output(out, [task for tasks in chosen for task in tasks], args.force)
        found: list[Embedding] = []
        for source, tasks in zip(sources, chosen, strict=True):
            if tasks:
                found += _embed(source, tasks, options, args)
        for embedding in found:  # when all are there, so that none is left without the others
            write_embedding(out, embedding)
        manifests = [embedding_path(out, embedding.task).name for embedding in found]
        write_answer(args, summary(found), out, manifests)
        return 0


def summary(embeddings: Iterable[Embedding]) -> list[str]:
    """What a person wants to know first: a line a task, and one for each component left out."""
    lines = []
    for embedding in embeddings:
        said = embedding.manifest
        lines.append(
            f"{embedding.task} ({said['class'] or 'no class'}): {said['examples']:,} of "
            f"{said['available']:,} examples, {len(embedding.components)} components "
            f"({', '.join(embedding.kinds)})"
        )
        left_out = said.get("left_out") or {}
        lines += [f"  without {name}: {reason}" for name, reason in left_out.items()]
    return lines


def _embed(
    source: str, tasks: list[str], options: EmbeddingOptions, args: argparse.Namespace
) -> list[Embedding]:
    with embedding_source(source, tasks, options, args.split, args.cuda_device) as opened:
        archive = None
        if opened.weights_sha256 is not None:
            archive = {"weights_sha256": opened.weights_sha256}
        about: dict[str, Any] = {"seed": opened.seed, "split": args.split, "archive": archive}
        embedder = TaskEmbedder(options, opened.model, opened.pretrained, about)
        return [embedder.embed(opened.data, task, args.task_class) for task in tasks]


def _check_output(out: Path, tasks: list[str], force: bool) -> None:
    """Now, and not after all has been computed."""
    above = next(place for place in (out, *out.absolute().parents) if place.exists())
    if not above.is_dir() or not os.access(above, os.W_OK):
        raise ConfigurationError(f"{out} cannot be written: choose another folder with -o")
    there = [path for task in tasks if (path := embedding_path(out, task)).exists()]
    if there and not force:
        raise ConfigurationError(
            f"{there[0]} is there already: choose another folder with -o, or replace it with "
            "--force"
        )


def _options(args: argparse.Namespace) -> EmbeddingOptions:
    names = ("examples", "seed", "mode", "labels", "draws", "loss", "batch_size")
    given = {name: getattr(args, name) for name in names}
    lists = {"kinds": args.kind, "components": args.component}
    return EmbeddingOptions(**given, **{name: one for name, one in lists.items() if one})


def _number_or_all(text: str) -> int | None:
    try:
        return None if text == "all" else at_least(1)(text)
    except argparse.ArgumentTypeError as error:
        raise argparse.ArgumentTypeError(f"{error}, nor 'all'") from None


def _add_options(parser: argparse.ArgumentParser) -> None:
    defaults = EmbeddingOptions()
    parser.add_argument(
        "--kind",
        action="append",
        choices=KINDS,
        help="what of the task; may be given several times (default: all three)",
    )
    parser.add_argument(
        "--examples",
        type=_number_or_all,
        default=defaults.examples,
        metavar="N",
        help="how many examples of each task, drawn at random, or 'all'",
    )
    add_seed(parser, "of this draw and labels")
    parser.add_argument(
        "--component",
        action="append",
        metavar="NAME",
        help="of the kind 'task': layer_outputs, head_contexts, pooled (default: these), or a "
        "regular expression for names of the encoder's parameters; may be given several times",
    )
    parser.add_argument(
        "--mode",
        choices=MODES,
        default=defaults.mode,
        help="of the kind 'task': squared gradients of each example (Fisher), or for comparison "
        "of the sum over a batch, or their plain mean",
    )
    parser.add_argument(
        "--labels",
        choices=LABELS,
        default=defaults.labels,
        help="gold ones, drawn from what the head predicts, or the expectation over these",
    )
    parser.add_argument(
        "--draws", type=at_least(1), default=defaults.draws, metavar="N", help="of sampled labels"
    )
    parser.add_argument(
        "--loss",
        choices=LOSSES,
        default=defaults.loss,
        help="of an example: the mean over its units, such as words, or their sum",
    )
    parser.add_argument(
        "--batch-size",
        type=at_least(1),
        default=defaults.batch_size,
        metavar="N",
        help="changes no embedding",
    )
