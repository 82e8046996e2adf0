"""What is wrong with the data of a training."""

from __future__ import annotations

from collections import Counter
from itertools import combinations
from typing import Any

from allennlp.common.checks import ConfigurationError
from allennlp.models import Model

from allennlp_heads.data.parts import share_examples
from allennlp_heads.data.paths import resolve
from allennlp_heads.models.multitask_heads import MultiTaskHeads
from allennlp_heads.validation.findings import Findings
from allennlp_heads.validation.split_data import ONLY, SplitData
from allennlp_heads.validation.written import Config

SHARED = 0.1
"""Share of the development texts that may stand in the training data without a warning: short
sentences come again in every corpus."""
CUT = 0.05
"""Share of the texts that may be cut without a warning."""
_LISTED = 5


def check_same_paths(config: Config, findings: Findings) -> None:
    """Find development or test data that training reads too."""
    train = config.get("train_data_path")
    for split in ("validation", "test"):
        later = config.get(f"{split}_data_path")
        keys = sorted(later) if isinstance(later, dict) else [ONLY]
        for task in keys:
            first, second = _path(train, task), _path(later, task)
            if first is None or second is None or not _same(first, second):
                continue
            key = f"{split}_data_path" + (f".{task}" if task else "")
            findings.error(
                key,
                f"{second} has examples of the training data, so that scores on it say nothing",
                "Give other data, or hold some of it out with '#train' and '#dev' behind the path.",
            )


def check_shared_texts(data: dict[str, SplitData], findings: Findings) -> None:
    """Find texts of the development and test data that the training data has as well."""
    for split in ("validation", "test"):
        for task, examples in data.get(split, {}).items():
            shared = shared_texts(data, split, task)
            if shared > SHARED * examples.count:
                findings.warning(
                    _key(split, task),
                    f"{shared} of {examples.count} texts stand in the training data too",
                    "Take them out of one of the two, unless they are meant to be there.",
                )


def shared_texts(data: dict[str, SplitData], split: str, task: str) -> int:
    """How many examples of a split have a text that the task's training data has."""
    train = data["train"].get(task)
    texts = data[split][task].texts
    return 0 if train is None else sum(n for text, n in texts.items() if text in train.texts)


def check_cut(data: dict[str, SplitData], config: Config, findings: Findings) -> None:
    """Find tokenizers that cut many texts."""
    for split, tasks in data.items():
        for task, examples in tasks.items():
            cut, limit = cut_texts(data, config, split, task), length_limit(config, task)
            if cut > CUT * examples.count:
                findings.warning(
                    _key(split, task),
                    f"{cut} of {examples.count} texts have {limit} pieces or more, of which "
                    "'max_length' of the tokenizer leaves no more",
                    "Raise it, if the encoder takes more and the memory has room.",
                )


def cut_texts(data: dict[str, SplitData], config: Config, split: str, task: str) -> int:
    """How many examples of a split are as long as the reader's tokenizer lets them be."""
    limit = length_limit(config, task)
    return 0 if limit is None else data[split][task].lengths[limit]


def length_limit(config: Config, task: str) -> int | None:
    """The `max_length` of the tokenizer that reads a task, where it has one."""
    reader = config.get("dataset_reader") or {}
    tokenizer = ((reader.get("readers") or {}).get(task) or reader).get("tokenizer")
    found = tokenizer.get("max_length") if isinstance(tokenizer, dict) else None
    return found if isinstance(found, int) else None


def check_empty(data: dict[str, SplitData], findings: Findings) -> None:
    """Find data paths in which nothing was read."""
    for split, tasks in data.items():
        if not any(examples.count for examples in tasks.values()):
            findings.error(
                f"{split}_data_path", "no example was read from it", "Check path and reader."
            )


def check_labels(
    data: dict[str, SplitData], vocabulary_of: list[str], config: Config, findings: Findings
) -> None:
    """Find labels that only the development or test data has."""
    # only the model of ours leaves such labels out instead of failing on them
    lenient = (config.get("model") or {}).get("type") == "multitask_heads"
    for split in ("validation", "test"):
        for task, examples in data.get(split, {}).items():
            train = data["train"].get(task)
            for namespace, labels in examples.labels.items():
                known = train.labels.get(namespace, {}).keys() if train is not None else set()
                unseen = Counter({name: n for name, n in labels.items() if name not in known})
                if not unseen:
                    continue
                fatal = not lenient and split not in vocabulary_of
                add = findings.error if fatal else findings.warning
                add(
                    _key(split, task),
                    f"labels that the training data never has ({namespace}): {_listed(unseen)}",
                    "Correct them, or leave out 'datasets_for_vocab_creation'; this model fails on "
                    "them."
                    if fatal
                    else "Correct them, if they are mistakes; they cannot be learned and count as "
                    "errors.",
                )


def check_namespaces(data: dict[str, SplitData], model: Model, findings: Findings) -> None:
    """Find heads that take the labels of another task for their own."""
    parts: dict[str, Any] = {ONLY: model}
    if isinstance(model, MultiTaskHeads):
        parts = dict(model.heads.items())
    for task, part in parts.items():
        examples = data["train"].get(task)
        own = getattr(part, "label_namespace", getattr(part, "_label_namespace", None))
        if examples is None or not isinstance(own, str) or not examples.labels:
            continue
        if own not in examples.labels:
            key = f"model.heads.{task}" if task else "model"
            findings.error(
                f"{key}.label_namespace",
                f"it is '{own}', but the reader puts the labels into "
                f"{', '.join(map(repr, sorted(examples.labels)))}",
                "Give both the same.",
            )


def check_shared_namespaces(train: SplitData, findings: Findings) -> None:
    """Find tasks with different labels in one namespace: each can answer with those of another."""
    for first, second in combinations(sorted(train), 2):
        ours, theirs = train[first].labels, train[second].labels
        for namespace in sorted(set(ours) & set(theirs)):
            if ours[namespace].keys() != theirs[namespace].keys():
                findings.warning(
                    f"dataset_reader.readers.{second}.label_namespace",
                    f"'{first}' and '{second}' put different labels into one namespace, "
                    f"'{namespace}', so that the head of each can answer with those of the other",
                    "Give each task a namespace of its own, in its reader and its head.",
                )


def _path(paths: Any, task: str) -> str | None:
    found = paths.get(task) if isinstance(paths, dict) else paths
    return found if isinstance(found, str) else None


def _same(first: str, second: str) -> bool:
    try:
        return share_examples(resolve(first), resolve(second))
    except ConfigurationError:  # of a part of a test set, which reading reports
        return False


def _key(split: str, task: str) -> str:
    return f"{split}_data_path" + (f".{task}" if task else "")


def _listed(labels: Counter[str]) -> str:
    first = [f"{name} ({count})" for name, count in labels.most_common(_LISTED)]
    more = len(labels) - len(first)
    return ", ".join(first) + (f" and {more} more" if more else "")
