"""From a trained model with gates to an archive without the heads that they close."""

import logging
import os
from pathlib import Path
from typing import Any, Optional

import torch
from allennlp.common.checks import ConfigurationError

from allennlp_heads.attention import can_remove, load_tokenizer, save_plain
from allennlp_heads.collect.undisturbed import generators_kept
from allennlp_heads.models.archival import ARCHIVE, PathLike, Source, archive_file, opened
from allennlp_heads.modules import GatedEncoder, find_encoder
from allennlp_heads.pruning.card import model_card
from allennlp_heads.pruning.configuration import lost_tasks, pruned_config
from allennlp_heads.pruning.cost import expected_cost
from allennlp_heads.pruning.find import find_block
from allennlp_heads.pruning.measure import ROWS, difference, outputs, seconds, tokens_of
from allennlp_heads.pruning.options import THRESHOLD, PruneOptions
from allennlp_heads.pruning.output import whole_folder
from allennlp_heads.pruning.removing import (
    kept_closed,
    mask,
    pruned_state,
    removed_heads,
    without,
)
from allennlp_heads.pruning.report import write_pruning
from allennlp_heads.pruning.write import write_archive

logger = logging.getLogger(__name__)

TOLERANCE = 1e-5
"""How much outputs may differ between masked heads, removed heads and the archive written."""


def prune_archive(
    archive: PathLike, out: PathLike, options: Optional[PruneOptions] = None
) -> dict[str, Any]:
    """
    Remove the heads that an archive's gates close, and write the smaller model.

    The folder `out` appears whole or not at all. It holds an AllenNLP archive (`model.tar.gz`, and
    its files unpacked), `heads/pruning.{json,npz,png,svg}`, and in `transformers/` the encoder
    alone for that library, where it can express it. The archive is opened again and compared with
    the masked model before it is handed over.

    # Parameters

    archive : `PathLike`
        A `model.tar.gz`, or a serialization directory that has one.
    out : `PathLike`
        The folder to write.
    options : `PruneOptions`, optional

    # Returns

    `Dict[str, Any]`
        What `pruning.json` says.

    Raises `ConfigurationError` for whatever keeps the archive from being pruned.
    """
    options = options or PruneOptions()
    file, target = archive_file(archive), Path(os.path.abspath(out))
    sources = [file, *([Path(options.weights_file)] if options.weights_file else [])]
    with whole_folder(target, options.force, never_delete=sources) as folder:
        with opened(file, options.weights_file) as source:
            return _prune(source, folder, options)


def prune_run(run: Path, out: Path, options: PruneOptions) -> dict[str, Any]:
    """The same for a training that has ended but has no archive yet: `best.th` is its weights."""
    source = _source(run)
    with whole_folder(out, options.force, never_delete=[source.weights]) as folder:
        return _prune(source, folder, options)


def check_run(run: Path) -> None:
    """
    Raise `ConfigurationError` when the configuration of a training does not say what encoder it
    has, so that nothing could be written in the end.
    """
    find_block(_source(run).config()["model"])


def _source(run: Path) -> Source:
    return Source(str(run), run, run / "best.th")


def _prune(source: Source, folder: Path, options: PruneOptions) -> dict[str, Any]:
    with generators_kept():
        config = source.config()
        find_block(config["model"])
        model = source.load(options.cuda_device)
        name, masked = find_encoder(model)
        reason = can_remove(masked.transformer)
        if reason is not None:
            raise ConfigurationError(reason)
        chosen = options.chosen(masked.gates)
        closed = kept_closed(masked, chosen, options.task)
        mask(masked, chosen)
        removed = without(masked, chosen)
        new_config = pruned_config(config, removed_heads(removed), options.task)
        state = pruned_state(model, name, removed, lost_tasks(config, options.task))
        written = write_archive(source, folder, new_config, state)
        with opened(folder / ARCHIVE) as archived:
            new_model = archived.load(options.cuda_device)
        reloaded = find_encoder(new_model)[1]
        report = {
            "archive": {"weights_sha256": source.digest},
            **_choice(masked, reloaded, options),
            "kept_closed": closed,
            "parameters": {
                "model": _sizes(model, new_model),
                "encoder": _sizes(masked.transformer, reloaded.transformer),
            },
            "bytes": {"before": source.size, "after": written.size},
            "largest_difference": _compared(masked, removed, reloaded),
            "cost": expected_cost(masked, reloaded),
            **({"measured": _measured(masked, reloaded)} if options.measure else {}),
        }
        report["transformers"] = _write_plain(reloaded, folder, report, options)
        write_pruning(folder / "heads", report, config.get("pytorch_seed"))
    return report


def _choice(before: GatedEncoder, after: GatedEncoder, options: PruneOptions) -> dict[str, Any]:
    threshold = THRESHOLD if options.threshold is None else options.threshold
    gone = removed_heads(after)
    return {
        "encoder": after.transformer_model,
        "task": options.task,
        "threshold": threshold if options.keep is None else None,
        "keep": options.keep,
        "heads": {"before": sum(before.heads), "after": sum(after.heads)},
        "original": [after.original_heads] * after.layers,
        "before": before.heads,
        "after": after.heads,
        "kept": after.kept_heads,
        "removed": [gone.get(layer, []) for layer in range(after.layers)],
    }


def _compared(
    masked: GatedEncoder, removed: GatedEncoder, reloaded: GatedEncoder
) -> dict[str, float]:
    wanted = outputs(masked)
    found = {
        "removed": difference(wanted, outputs(removed)),
        "reloaded": difference(wanted, outputs(reloaded)),
    }
    if not max(found.values()) <= TOLERANCE:  # nor a nan
        raise ConfigurationError(
            "without the closed heads the encoder does not compute what it computes with them "
            f"masked: outputs differ by {max(found.values()):.2g}, more than {TOLERANCE}. If the "
            "layout or recipe of this architecture is your own, it is wrong; nothing was written"
        )
    return found


def _measured(masked: GatedEncoder, reloaded: GatedEncoder) -> dict[str, Any]:
    before, after = seconds(masked, reloaded)
    return {
        "seconds": {"masked": before, "removed": after},
        "speedup": before / after,
        "tokens": tokens_of(masked),
        "batch": ROWS,
        "threads": torch.get_num_threads(),
        "device": str(next(masked.parameters()).device),
    }


def _write_plain(
    encoder: GatedEncoder, folder: Path, report: dict[str, Any], options: PruneOptions
) -> dict[str, Optional[str]]:
    if not options.plain:
        return {"folder": None, "reason": None}
    try:
        save_plain(
            encoder.transformer,
            removed_heads(encoder),
            folder / "transformers",
            load_tokenizer(encoder.transformer_model, folder),
            model_card(report),
        )
    except ValueError as error:
        return {"folder": None, "reason": str(error)}
    return {"folder": "transformers", "reason": None}


def _sizes(before: torch.nn.Module, after: torch.nn.Module) -> dict[str, int]:
    """Numbers of parameters, those of gates left out."""
    return {
        when: sum(parameter.numel() for parameter in module.parameters())
        for when, module in (("before", before), ("after", after))
    }
