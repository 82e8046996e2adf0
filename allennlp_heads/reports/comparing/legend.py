"""The table that says what the settings of a comparison are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from allennlp_heads.reports.comparing.runs import ScoredRun
from allennlp_heads.reports.comparing.settings import Setting
from allennlp_heads.reports.markup import Marks


def settings_table(settings: Sequence[Setting], marks: Marks) -> tuple[list[str], list[list[str]]]:
    """Of each setting its tasks, how they take turns, its seeds and the folders of its runs."""
    rows = []
    for setting in settings:
        mixings = dict.fromkeys(mixing_of(run) for run in setting.runs)
        cells = [
            setting.name,
            ", ".join(setting.tasks),
            " or ".join(filter(None, mixings)),
            ", ".join(str(run.seed) for run in setting.runs),
            ", ".join(run.folder for run in setting.runs),
        ]
        rows.append([marks.text(cell) if cell else marks.undefined for cell in cells])
    return ["setting", "trains", "sampler", "seeds", "runs"], rows


def mixing_of(run: ScoredRun) -> str:
    """The sampler that mixes a run's tasks, with the order of phases; empty where none is named."""
    loader = run.config.get("data_loader")
    sampler: Any = loader.get("sampler") if isinstance(loader, Mapping) else None
    if not isinstance(sampler, Mapping):
        return str(sampler or "")
    phases = sampler.get("phases")
    order = phases if isinstance(phases, list) else []
    tasks = ", ".join(str(p.get("task")) for p in order if isinstance(p, Mapping))
    return f"{sampler.get('type')} ({tasks})" if tasks else str(sampler.get("type"))
