"""Which model a probe was of, and whether that is the one at hand."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from allennlp.common import JsonDict
from allennlp.common.checks import ConfigurationError
from allennlp.models import Model
from torch.nn import ModuleDict

from allennlp_heads.collect import encoder_of
from allennlp_heads.collect.bare_encoder import bare_encoder
from allennlp_heads.collect.encoder_digest import encoder_digest

logger = logging.getLogger(__name__)

_ADVICE = (
    "probe this model with 'allennlp heads probe', or name heads yourself with 'heads' instead of "
    "'probe'"
)


def probed_model(report: Mapping[str, Any], model: Model, path: object) -> JsonDict:
    """
    What a report says of the model that was probed, for the output. Where it does not say enough to
    be sure that this is the model at hand, a warning is logged.

    # Parameters

    report : `Mapping[str, Any]`
        A `probe.json`.
    model : `Model`
        The one that heads are to be shown of.
    path : `object`
        Of the report, for messages.

    # Returns

    `JsonDict`
        `encoder` and `trained_tasks` of the report, and `same_weights`: `True`, or `"unknown"`
        where the report has no digest of the encoder.

    Raises `ConfigurationError` where it was certainly another model: its encoder has other weights,
    or it was trained for other tasks.
    """
    digest = report.get("encoder_sha256") or _pretrained_digest(report)
    same = None if digest is None else digest == encoder_digest(encoder_of(model))
    if same is False or (same is None and _other_tasks(report, model)):
        raise ConfigurationError(
            f"'probe': {path} is not of this model, but of {_described(report)}; the heads and "
            f"centroids of another model mean nothing here: {_ADVICE}"
        )
    if same is None:
        logger.warning(
            "%s is of %s, and does not say whether these are the weights of this model; if they "
            "are not, labels and centroids mean nothing here: %s",
            path,
            _described(report),
            _ADVICE,
        )
    known = {key: report[key] for key in ("encoder", "trained_tasks") if key in report}
    return {**known, "same_weights": same or "unknown"}


def _pretrained_digest(report: Mapping[str, Any]) -> str | None:
    """Of the encoder as it was before any training, where that was probed and can be had again."""
    if not _is_bare(report):
        return None
    try:
        return encoder_digest(bare_encoder(str(report.get("encoder"))))
    except ConfigurationError:
        return None


def _is_bare(report: Mapping[str, Any]) -> bool:
    return "archive" in report and report["archive"] is None


def _other_tasks(report: Mapping[str, Any], model: Model) -> bool:
    """Whether the probed model was trained for tasks that this one was not trained for."""
    heads = getattr(model, "heads", None)
    own = set(heads) if isinstance(heads, ModuleDict) else set()
    trained = set(report.get("trained_tasks") or ())
    # of an archive these are all its tasks; a callback knows only those with data
    return trained != own if report.get("archive") else not trained <= own


def _described(report: Mapping[str, Any]) -> str:
    tasks = report.get("trained_tasks")
    weights = (report.get("archive") or {}).get("weights_sha256")
    encoder = report.get("encoder") or "an encoder without a name"
    if tasks:
        encoder += f" trained for {tasks}"
    elif _is_bare(report):
        encoder += " as it was before any training"
    return encoder + (f" (weights with SHA-256 {weights[:12]}...)" if weights else "")
