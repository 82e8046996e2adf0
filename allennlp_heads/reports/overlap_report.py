"""What `overlap.json` and `overlap.npz` hold."""

from __future__ import annotations

from typing import Any

import numpy

from allennlp_heads.analysis.claims import at_least
from allennlp_heads.reports.overlap import Overlap

SCHEMA, VERSION = "overlap", 1


def content(overlap: Overlap) -> dict[str, Any]:
    """The report's keys, heads and layers counted from 0."""
    runs = [run for group in overlap.groups for run in group.runs]
    return {
        "encoder": next((run.encoder for run in runs if run.encoder), None),
        "layers": len(overlap.exists),
        "heads_per_layer": overlap.exists.sum(axis=1),
        "heads": overlap.exists.sum(),
        "threshold": overlap.threshold,
        "draws": overlap.draws,
        "groups": [_group(overlap, place) for place in range(len(overlap.groups))],
        "counted": [overlap.names[place] for place in overlap.counted],
        "mean_gate": overlap.mean[overlap.exists].mean(),
        "correlation": {
            "names": overlap.names,
            "pearson": overlap.correlation,
            "run_to_run_adjusted_r": [found.adjusted_r for found in overlap.run_to_run],
            "run_to_run_pearson": [found.pearson for found in overlap.run_to_run],
        },
        "jaccard": {
            "names": overlap.names,
            "mean": overlap.jaccard.observed,
            "by_chance": overlap.jaccard.by_chance,
            "p_value": overlap.jaccard.p_values,
            "p_value_holm": overlap.adjusted,
        },
        "claims": _claims(overlap),
    }


def _group(overlap: Overlap, place: int) -> dict[str, Any]:
    group, masks = overlap.groups[place], overlap.open_heads[place]
    heads = overlap.exists.sum()
    return {
        "name": group.name,
        "tasks": group.runs[0].tasks,
        "set": group.runs[0].name,
        "mean_gate": overlap.means[place][overlap.exists].mean(),
        "open": masks.sum() / len(masks),
        "open_share": masks.sum() / len(masks) / heads,
        "open_per_layer": masks.sum(axis=(0, 2)) / len(masks),
        "claimed": overlap.claimed[place].sum(),
        "runs": [
            {
                "folder": run.folder,
                "seed": run.seed,
                "gates": run.source,
                "mean_gate": run.gates[overlap.exists].mean(),
                "open": mask.sum(),
                "open_share": mask.sum() / heads,
                "open_per_layer": mask.sum(axis=1),
            }
            for run, mask in zip(group.runs, masks)
        ],
    }


def _claims(overlap: Overlap) -> dict[str, Any] | None:
    if overlap.claims is None:
        return None
    found, tasks = overlap.claims, len(overlap.counted)
    common = numpy.argwhere(overlap.claimed_by == tasks)
    return {
        "by": [overlap.names[place] for place in overlap.counted],
        "k": list(range(tasks + 1)),
        "exactly": {
            "observed": found.observed,
            "by_chance": found.expected,
            "chance_2.5_percent": found.lower,
            "chance_97.5_percent": found.upper,
        },
        "at_least": {
            "observed": at_least(found.observed),
            "by_chance": at_least(found.expected),
            "p_value": found.p_at_least,
        },
        "by_all": {
            "heads": [{"layer": layer, "head": head} for layer, head in common.tolist()],
            "observed": found.observed[-1],
            "by_chance": found.expected[-1],
            "p_value": found.p_at_least[-1],
            "p_value_exact": found.exact_p_all,
        },
    }


def arrays(overlap: Overlap) -> dict[str, Any]:
    """What `overlap.npz` holds; groups and runs in the order of the report."""
    runs = [run for group in overlap.groups for run in group.runs]
    counts = [len(group.runs) for group in overlap.groups]
    return {
        "exists": overlap.exists,
        "mean": overlap.mean,
        "group_means": overlap.means,
        "runs": numpy.stack([run.gates for run in runs]),
        "group_of_run": numpy.repeat(numpy.arange(len(counts)), counts),
        "claimed": overlap.claimed,
        "claimed_by": overlap.claimed_by,
    }
