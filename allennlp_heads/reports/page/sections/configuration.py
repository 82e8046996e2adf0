"""What was run: the settings that matter most, data files, versions, and all settings folded."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from allennlp_heads.reports.comparing.encoders import named_encoder
from allennlp_heads.reports.markup import plural
from allennlp_heads.reports.page.blocks import Block, Section, Table, Text
from allennlp_heads.reports.page.configured import at, names_of, paths_of, task_heads, type_of
from allennlp_heads.reports.page.run_folder import RunFolder
from allennlp_heads.reports.page.sections.names import isolated, listed

_DIGITS = 12  # of a digest: enough to tell files apart by eye
_PACKAGE_ORDER = ("allennlp_heads", "allennlp", "torch", "transformers", "numpy")
_OF_PATTERN = {"log_alpha": "the gates", "\\.transformer\\.": "the encoder"}
"""What the library of configurations means by its regular expressions."""
_PARTS = (("training", "train_data_path"), ("validation", "validation_data_path"))


def sections(run: RunFolder) -> list[Section]:
    """
    What was run, from `config.json`, `metrics.json` and what the reports say of their making.
    """
    reports = [report.content for schema in sorted(run.found) for report in run.reports(schema)]
    blocks: list[Block] = []
    found = []
    if run.config is not None:
        rows = [[name, value] for name, value in _settings(run, run.config, reports) if value]
        blocks += [Table(("setting", "value"), rows)] if rows else []
        files = _files(run.config, reports)
        blocks += _data(files)
    versions = _versions(reports)
    if versions:
        blocks.append(Table(("package", "version"), versions, "Versions that wrote the reports."))
    if blocks:
        found.append(Section("configuration", "Configuration", blocks))
    if run.config is not None:
        rows = [[key, json.dumps(value, ensure_ascii=False)] for key, value in _flat(run.config)]
        about = Text("Every key of config.json; a dot leads one level down.")
        table = Table(("key", "value"), rows)
        found.append(Section("settings", "All settings", [about, table], folded=True))
    return found


def _settings(
    run: RunFolder, config: dict[str, Any], reports: list[dict[str, Any]]
) -> Iterator[tuple[str, str]]:
    heads = task_heads(config)
    yield "tasks", ", ".join(f"{isolated(task)} ({kind})" for task, kind in heads.items())
    yield "model", "" if heads else str(at(config, "model", "type") or "")
    yield "encoder", named_encoder(config.get("model")) or ""
    yield "gates", _shown(at(config, "model", "backbone", "gates"))
    seeds = {at(config, key) for key in ("pytorch_seed", "random_seed", "numpy_seed")} - {None}
    yield "seed", ", ".join(sorted(map(str, seeds)))
    yield "epochs", _epochs(config)
    yield "best epoch is chosen by", str(at(config, "trainer", "validation_metric") or "")
    yield "batch size", str(at(config, "data_loader", "batch_size") or "")
    yield "mixing of tasks", _shown(at(config, "data_loader", "sampler")) if len(heads) > 1 else ""
    yield "optimizer", _optimizer(at(config, "trainer", "optimizer"))
    yield "callbacks", ", ".join(names_of(at(config, "trainer", "callbacks")))
    yield "trained", _spent(run, reports)


def _epochs(config: dict[str, Any]) -> str:
    most, patience = (at(config, "trainer", key) for key in ("num_epochs", "patience"))
    if most is None:
        return ""
    stop = f"; stops after {plural(patience, 'epoch')} without a better one" if patience else ""
    return f"at most {most}{stop}"


def _optimizer(block: Any) -> str:
    if not isinstance(block, dict):
        return str(block or "")
    parts = [type_of(block)]
    if block.get("lr") is not None:
        parts.append(f"learning rate {block['lr']}")
    for group in block.get("parameter_groups") or []:
        patterns, options = group[0], group[1]
        if isinstance(options, dict) and "lr" in options:
            parts.append(f"{options['lr']} for {' and '.join(map(_parameters, patterns))}")
    return ", ".join(filter(None, parts))


def _parameters(pattern: Any) -> str:
    """In words, the parameters whose names match a regular expression."""
    return _OF_PATTERN.get(str(pattern), f"parameters that match '{pattern}'")


def _spent(run: RunFolder, reports: list[dict[str, Any]]) -> str:
    """What was done, as opposed to what was asked for."""
    updates = [
        sum(report["trained"]["updates"])
        for report in reports
        if isinstance(report.get("trained"), dict) and "updates" in report["trained"]
    ]
    metrics = run.metrics or {}
    duration, memory = metrics.get("training_duration"), metrics.get("peak_worker_0_memory_MB")
    parts = [
        plural(len(run.epochs), "epoch") if run.epochs else "",
        plural(max(updates), "update") if updates else "",
        f"{str(duration).split('.')[0]} (h:min:s)" if duration else "",
        f"up to {memory:,.0f} MB of memory" if isinstance(memory, (int, float)) else "",
    ]
    return ", ".join(filter(None, parts))


def _shown(block: Any) -> str:
    """A registered component in a few words: its name, then its options."""
    if isinstance(block, list):
        return " + ".join(map(_shown, block))
    if not isinstance(block, dict):
        return "" if block is None else str(block)
    options = ((key, _shown(value)) for key, value in block.items() if key != "type")
    parts = [type_of(block), *(f"{key} {value}" for key, value in options if value)]
    return ", ".join(filter(None, parts))


def _files(
    config: dict[str, Any], reports: list[dict[str, Any]]
) -> dict[str, tuple[str, str | None]]:
    """Path -> what it is used for, and its digest."""
    digests: dict[str, str | None] = {}
    for report in reports:
        digests.update(report.get("data_files") or {})
    used: dict[str, dict[str, list[str]]] = {}
    for part, key in _PARTS:
        for task, path in paths_of(config.get(key)).items():
            used.setdefault(path, {}).setdefault(part, []).append(task)
    return {path: (_uses(parts), digests.get(path)) for path, parts in used.items()}


def _uses(parts: dict[str, list[str]]) -> str:
    """`training (dep, pos), validation (dep)`."""
    named = ((part, listed(filter(None, tasks))) for part, tasks in parts.items())
    return ", ".join(f"{part} ({tasks})" if tasks else part for part, tasks in named)


def _data(files: dict[str, tuple[str, str | None]]) -> list[Block]:
    if not files:
        return []
    if any(digest for _, digest in files.values()):
        rows = [[path, uses, (digest or "")[:_DIGITS]] for path, (uses, digest) in files.items()]
        caption = f"SHA-256: the first {_DIGITS} digits."
        return [Table(("data file", "used for", "SHA-256"), rows, caption)]
    rows = [[path, uses] for path, (uses, _) in files.items()]
    return [Table(("data file", "used for"), rows)]


def _versions(reports: Iterable[dict[str, Any]]) -> list[list[str]]:
    """Several versions of a package are all named: reports of one run may be of different days."""
    found: dict[str, set[str]] = {}
    for report in reports:
        for package, version in (report.get("packages") or {}).items():
            found.setdefault(package, set()).add(version or "from its source folder")
    known = [package for package in _PACKAGE_ORDER if package in found]
    others = sorted(found.keys() - set(_PACKAGE_ORDER))
    return [[package, ", ".join(sorted(found[package]))] for package in [*known, *others]]


def _flat(value: Any, key: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict) and value:
        for name, inner in value.items():
            yield from _flat(inner, f"{key}.{name}" if key else name)
    else:
        yield key, value
