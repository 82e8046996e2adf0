"""What a task asks of an encoder that was trained for it: Fisher information and its heads."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from functools import partial
from typing import Any

import numpy
import torch
from allennlp.common.checks import ConfigurationError

from allennlp_heads.collect.embedding.examples import batches, rows_of_pieces
from allennlp_heads.collect.embedding.labels import head_of, losses
from allennlp_heads.collect.embedding.moments import Moments
from allennlp_heads.collect.embedding.options import EmbeddingOptions
from allennlp_heads.collect.embedding.places import Place, Places, places_in
from allennlp_heads.collect.embedding.rounding import without_zeros
from allennlp_heads.collect.encoder_of import encoder_of, original_numbering
from allennlp_heads.collect.gate_gradients import gates_of_ones
from allennlp_heads.collect.sharing import in_all_workers, own_share
from allennlp_heads.collect.task_data import TaskData
from allennlp_heads.collect.undisturbed import undisturbed
from allennlp_heads.distributed import gather_objects
from allennlp_heads.gates import OpenGates
from allennlp_heads.modules import GatedEncoder

logger = logging.getLogger(__name__)

Components = dict[str, numpy.ndarray]


def embed_task_and_heads(
    model: torch.nn.Module,
    data: TaskData,
    task: str,
    options: EmbeddingOptions = EmbeddingOptions(),
) -> tuple[Components, dict[str, Any]]:
    """
    The embeddings of the kinds `"task"` and `"heads"` from one pass over a task's examples.

    The loss of each example has a gradient at every place in the encoder. Of the kind `"task"` is
    `mean_i (sum_t dL_i / dh_t)^2`, the diagonal of the empirical Fisher information (Vu et al.
    2020, section 4; Achille et al. 2019, *Task2Vec*), for the outputs of layers and the contexts of
    heads: they equal that of the bias of the layer's last norm, and that of the bias of the values.
    One backward pass of the sum of the examples' losses gives the gradients of all, so that no
    value depends on how examples are batched (but in the mode `"batch_sum"`). Of the kind `"heads"`
    are the mean absolute (importance; Michel et al. 2019) and the mean squared gradient of a gate
    on each head.

    The model is in evaluation mode, its parameters are frozen meanwhile, and it is left as it was
    found. Gradients are in the precision of the model, sums in `float64`. Collective in distributed
    training: the workers share the batches, and all of them get the same embedding.

    # Parameters

    model : `torch.nn.Module`
        `multitask_heads`, or for gold labels another whose outputs have `example_loss` and
        `example_units`.
    data : `TaskData`
    task : `str`
    options : `EmbeddingOptions`, optional

    # Returns

    `Tuple[Dict[str, numpy.ndarray], Dict[str, Any]]`
        The components in `float64`, as far as they are asked for:

        - `layer_output.{l}` `[dim]`, where `l` counts from 0;
        - `head_context.{l}` `[heads * head_dim]`, heads one after the other and numbered as in the
          pretrained encoder, 0 where a head is removed or closed;
        - `pooled` `[dim]`, for heads with a pooler: what this gives;
        - `parameter.{name}`, flattened;
        - `heads.importance`, `heads.gate_fisher` and, where the encoder has gates,
          `heads.learned_gates`, `[layers, heads]`.

        And for the manifest `examples`, `available` (how many there were to draw from), `tokens`
        (pieces, padding not counted), `mean_loss` and `left_out`: components that are nothing but
        zeros or rounding, with the reason. As the softmax over the positions of an answer does not
        change when all scores are raised alike, the last layer's outputs are among them for
        `span_qa`.

    Raises `ConfigurationError` for a task without data, examples without the labels that are asked
    for or with none that the model knows, a loss or a gradient that is not finite or depends on
    nothing in the encoder, and components that cannot be had.
    """
    encoder = encoder_of(model)
    collected = _Collected(model, encoder, task, options)
    with undisturbed(model), torch.enable_grad():
        model.requires_grad_(False)
        # so that what comes before the first heads has a gradient as well
        encoder.transformer.get_input_embeddings().weight.requires_grad_(True)
        wanted = options.components if "task" in options.kinds else ()
        patterns = options.patterns if wanted else []
        with places_in(encoder, head_of(model, task), wanted, patterns) as places:
            in_all_workers(
                partial(collected.add_share, places, batches(data, task, options, "gradients"))
            )
        collected.add_other_workers()
    if data.warn_of_unseen_labels(task) and not collected.loss:
        raise ConfigurationError(
            f"{data.paths.get(task)}: the model knows none of the labels of the task '{task}', so "
            "that no example has a loss: give data with the labels of the training"
        )
    components, left_out = without_zeros(collected.components(), task, options.mode)
    for name, reason in left_out.items():
        logger.info("%s: %s is left out: %s", task, name, reason)
    facts = {
        "examples": collected.examples,
        "available": data.sizes.get(task, 0),
        "tokens": collected.tokens,
        "mean_loss": collected.loss / collected.examples,
        "left_out": left_out,
    }
    return components, facts


class _Collected:
    """What has been seen of the examples so far."""

    def __init__(
        self, model: torch.nn.Module, encoder: GatedEncoder, task: str, options: EmbeddingOptions
    ) -> None:
        self._model, self._encoder, self._task, self._options = model, encoder, task, options
        self._moments = Moments(options.mode)
        self._gates = Moments("per_example")
        self._importance = Moments("mean_gradient")
        self.examples = 0
        self.tokens = 0
        self.loss = 0.0

    def add_share(self, places: Places, found: Iterable[dict[str, Any]]) -> None:
        """Run this worker's share of the batches."""
        for batch in own_share(found):
            self.add(batch, places)

    def add_other_workers(self) -> None:
        """Collective, when all batches are in: add what the others have collected."""
        device = next(self._encoder.parameters()).device
        for moments in (self._moments, self._gates, self._importance):
            moments.add_other_workers(device)
        counts = gather_objects((self.examples, self.tokens, self.loss))
        self.examples, self.tokens, self.loss = (sum(one) for one in zip(*counts, strict=True))

    def add(self, batch: dict[str, Any], places: Places) -> None:
        """Run a batch forward once, and backward once for each labelling of it."""
        examples = batch["example"]
        gates = gates_of_ones(self._encoder, batch)
        pieces = int(rows_of_pieces(batch["tokens"])[0]["mask"].sum())
        with self._encoder.tap.scale(gates, "importance"):
            outputs = self._model(**batch)
        found = places.of_pass(len(examples))
        labelled = list(losses(self._model, outputs, examples, self._task, self._options))
        for left, (loss, weights) in zip(reversed(range(len(labelled))), labelled, strict=True):
            self._check(loss, examples)
            self._add_gradients(loss, weights, gates, found, keep=left > 0)
            self.loss += float(loss.detach().double() @ weights.double())
        for moments in (self._moments, self._gates, self._importance):
            moments.end_batch(len(examples), pieces)
        self.examples += len(examples)
        self.tokens += pieces

    def _add_gradients(
        self,
        loss: torch.Tensor,
        weights: torch.Tensor,
        gates: torch.Tensor,
        places: list[Place],
        keep: bool,
    ) -> None:
        tensors = [gates, *(tensor for place in places for tensor in place.tensors)]
        # examples have nothing in common, so the sum's gradient is that of each
        gradients = iter(
            torch.autograd.grad(loss.sum(), tensors, retain_graph=keep, materialize_grads=True)
        )
        of_gates = next(gradients)
        self._gates.add("gate_fisher", of_gates, weights)
        self._importance.add("importance", of_gates.abs(), weights)
        weights = weights.detach()
        for place in places:
            for name, first, part in place.parts([next(gradients) for _ in place.tensors]):
                self._moments.add(name, part, weights[first : first + len(part)])

    def _check(self, loss: torch.Tensor, examples: list[int]) -> None:
        finite = torch.isfinite(loss)
        if not finite.all():
            place = int((~finite).nonzero()[0])
            raise ConfigurationError(
                f"the loss of example {examples[place]} of the task '{self._task}' is "
                f"{float(loss.detach()[place])}, so that it has no embedding: has training "
                "diverged?"
            )
        if not loss.requires_grad:
            raise ConfigurationError(
                f"the loss of the task '{self._task}' does not depend on the encoder, so that it "
                "has no embedding: does its head read the encoder's vectors?"
            )

    def components(self) -> Components:
        """By name, heads in their original numbering."""
        found: Components = {}
        if "task" in self._options.kinds:
            means = {k: v.cpu().numpy() for k, v in self._moments.means().items()}
            found |= {name: self._in_order(name, values) for name, values in means.items()}
        if "heads" in self._options.kinds:
            for name, values in (self._importance.means() | self._gates.means()).items():
                grid = original_numbering(self._encoder, values.cpu().numpy())
                found[f"heads.{name}"] = grid
            if not isinstance(self._encoder.gates, OpenGates):
                gates = self._encoder.gates.deterministic(self._task).detach().double()
                grid = original_numbering(self._encoder, gates.cpu().numpy())
                found["heads.learned_gates"] = grid
        return found

    def _in_order(self, name: str, values: numpy.ndarray) -> numpy.ndarray:
        kind, _, layer = name.rpartition(".")
        if kind != "head_context":
            return values.reshape(-1)
        return self._of_heads(int(layer), values).reshape(-1)

    def _of_heads(self, layer: int, values: numpy.ndarray) -> numpy.ndarray:
        """
        `[heads, head_dim]` -> `[original heads, head_dim]`, from after the gates to before them,
        where a closed head has no gradient, as a removed one has none.
        """
        encoder = self._encoder
        gates = encoder.gates.deterministic(self._task).detach().double().cpu().numpy()
        power = 1 if self._options.mode == "mean_gradient" else 2
        whole = numpy.zeros((encoder.original_heads, values.shape[-1]))
        kept = encoder.kept_heads[layer]
        whole[kept] = values * gates[layer, : len(kept), None] ** power
        return whole
