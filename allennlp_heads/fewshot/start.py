"""An opened start: its encoder in memory, and how to put it back as it was."""

import hashlib
from typing import Any, Optional

import torch
from allennlp.common.checks import ConfigurationError
from allennlp.models.heads import Head
from allennlp.modules import Backbone

from allennlp_heads.collect.encoder_of import encoder_of
from allennlp_heads.collect.trained import trained
from allennlp_heads.fewshot.options import FewShotStart
from allennlp_heads.models import MultiTaskHeads
from allennlp_heads.modules import GatedTransformerBackbone

State = dict[str, torch.Tensor]


class OpenedStart:
    """
    A start in memory, loaded once for all of its runs.

    # Parameters

    name : `str`
        What the configuration calls it.
    start : `FewShotStart`
    device : `torch.device`, optional (default = `torch.device("cpu")`)

    Raises `ConfigurationError` for an archive that cannot be opened, that is of another model than
    `multitask_heads`, or that lacks the task whose head or gates are wanted.
    """

    def __init__(
        self,
        name: str,
        start: FewShotStart,
        device: torch.device = torch.device("cpu"),
    ) -> None:
        self.name = name
        self.labels = start.copy_labels
        self.device = device
        self.old_head: Optional[Head] = None
        """The trained head that new ones are copied from."""
        self.backbone = self._from_archive(start) if start.archive else _pretrained(start)
        self._settle_gates(start.gates_of)
        self.backbone.to(self.device)
        self._state = _copied(self.backbone.state_dict())

    def restored(self) -> Backbone:
        """The backbone with the weights it was opened with, and without gradients."""
        self.backbone.load_state_dict(self._state)
        self.backbone.zero_grad(set_to_none=True)
        return self.backbone

    @property
    def digest(self) -> str:
        """The SHA-256 of the weights that runs start from, those of a copied head included."""
        head = {} if self.old_head is None else self.old_head.state_dict()
        digest = hashlib.sha256()
        for state in (self._state, head):
            for name, values in sorted(state.items()):
                digest.update(f"{name} {values.dtype} {list(values.shape)}".encode())
                digest.update(values.detach().cpu().contiguous().view(-1).view(torch.uint8).numpy())
        return digest.hexdigest()

    def described(self) -> dict[str, Any]:
        """What the report says of it."""
        encoder = encoder_of(self.backbone)
        open_heads = encoder.gates.deterministic() * encoder.gates.mask
        return {
            "encoder": encoder.transformer_model,
            "layers": encoder.layers,
            "heads_per_layer": encoder.heads,
            "mean_gate": float(open_heads.sum() / encoder.gates.mask.sum()),
            "weights_sha256": self.digest,
        }

    def _from_archive(self, start: FewShotStart) -> Backbone:
        with trained(str(start.archive), start.weights_file) as source:
            model = source.model
        if not isinstance(model, MultiTaskHeads):
            raise ConfigurationError(
                f"starts.{self.name}: {start.archive} is a {type(model).__name__}; a start is an "
                "archive of the model 'multitask_heads', or a 'transformer_model'"
            )
        encoder_of(model)
        if start.copy_head_from is not None:
            if start.copy_head_from not in model.heads:
                raise ConfigurationError(
                    f"starts.{self.name}.copy_head_from: there is no head "
                    f"'{start.copy_head_from}'; {start.archive} has {', '.join(model.heads)}"
                )
            head = model.heads[start.copy_head_from]
            assert isinstance(head, Head)
            self.old_head = head
        return model.backbone

    def _settle_gates(self, task: Optional[str]) -> None:
        """One set of gates for all, which the new task does not learn."""
        encoder = encoder_of(self.backbone)
        if encoder.gates.tasks:
            if task not in encoder.gates.tasks:
                raise ConfigurationError(
                    f"starts.{self.name}.gates_of is {task!r}: each task of this archive has gates "
                    f"of its own, so name one of {', '.join(encoder.gates.tasks)}"
                )
            encoder.gates = encoder.gates.sets()[task]
        elif task is not None:
            raise ConfigurationError(
                f"starts.{self.name}.gates_of: the tasks of this archive share their gates; leave "
                "it out"
            )
        encoder.gates.requires_grad_(False)


def _pretrained(start: FewShotStart) -> Backbone:
    return GatedTransformerBackbone(str(start.transformer_model), word_dropout=start.word_dropout)


def _copied(state: State) -> State:
    return {name: values.detach().clone() for name, values in state.items()}
