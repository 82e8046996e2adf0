"""From a model and its data to the embedding of a task."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

import torch
from allennlp.common.checks import ConfigurationError

from allennlp_heads.collect.embedding import EmbeddingOptions, embed_task_and_heads, embed_text
from allennlp_heads.collect.encoder_digest import encoder_digest
from allennlp_heads.collect.encoder_of import encoder_of
from allennlp_heads.collect.task_data import TaskData
from allennlp_heads.modules import GatedEncoder
from allennlp_heads.reports.embeddings.embedding import Embedding
from allennlp_heads.reports.embeddings.manifest import about_encoder, about_task

logger = logging.getLogger(__name__)


class TaskEmbedder:
    """
    Embeds tasks with one model; digests of its weights are computed once.

    # Parameters

    options : `EmbeddingOptions`
    model : `torch.nn.Module`, optional
        Trained on the tasks, for the kinds `task` and `heads`.
    pretrained : `GatedEncoder`, optional
        The encoder before the training, for the kind `text`, and for its digest in any case.
    about : `Mapping[str, Any]`, optional
        Further entries of the manifests, such as `seed` and `split`.

    Raises `ConfigurationError` where the options ask for a kind that needs the missing one.
    """

    def __init__(
        self,
        options: EmbeddingOptions,
        model: torch.nn.Module | None = None,
        pretrained: GatedEncoder | None = None,
        about: Mapping[str, Any] | None = None,
    ) -> None:
        self._options = options
        self._model = model
        self._pretrained = pretrained
        if "text" in options.kinds and pretrained is None:
            raise ConfigurationError("the kind 'text' needs the pretrained encoder")
        if set(options.kinds) - {"text"} and model is None:
            raise ConfigurationError("the kinds 'task' and 'heads' need a trained model")
        encoders = [None if model is None else encoder_of(model), pretrained]
        digests = [None if one is None else encoder_digest(one) for one in encoders]
        found = next(one for one in encoders if one is not None)
        self._about = {
            "encoder": about_encoder(found, *digests),
            "options": options.as_dict(),
            **(about or {}),
        }

    def embed(self, data: TaskData, task: str, task_class: str | None = None) -> Embedding:
        """
        # Parameters

        data : `TaskData`
        task : `str`
        task_class : `str`, optional (default = `None`)
            By default that of its head; see `class_of`.

        # Returns

        `Embedding`
            Of the kinds that the options ask for.

        Raises `ConfigurationError` for data or gradients that allow none.
        """
        components: dict[str, Any] = {}
        facts: dict[str, Any] = {}
        if self._pretrained is not None and "text" in self._options.kinds:
            components, facts = embed_text(self._pretrained, data, task, self._options)
        if self._model is not None and set(self._options.kinds) - {"text"}:
            found, said = embed_task_and_heads(self._model, data, task, self._options)
            # the same examples, and so the same counts of them and their pieces
            components, facts = {**components, **found}, {**facts, **said}
        heads: Any = getattr(self._model, "heads", {})
        head = heads[task] if task in heads else None
        if facts.get("examples") == 1:
            logger.warning(
                "the embedding of the task '%s' is of a single example, which says little of it",
                task,
            )
        about = about_task(data, task, head, task_class)
        return Embedding(task, components, {**self._about, **about, **facts})
