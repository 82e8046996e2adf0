"""A pretrained encoder whose attention heads have gates: what embedder and backbone are made of."""

import logging
from collections.abc import Iterable, Mapping
from typing import Any, Optional

import torch
from allennlp.common import Lazy
from allennlp.common.checks import ConfigurationError
from allennlp.modules.scalar_mix import ScalarMix

from allennlp_heads.attention import (
    HeadTap,
    carry_files,
    load_encoder,
    load_tokenizer,
    piece_limit,
    remove_heads,
)
from allennlp_heads.gates import HeadGates, OpenGates
from allennlp_heads.modules.windows import Windows, cut

logger = logging.getLogger(__name__)


class GatedEncoder(torch.nn.Module):
    """
    Runs a transformer over pieces, its heads scaled by gates.

    Inputs longer than `max_length` are cut into overlapping windows, so nothing is dropped. While
    training, pieces are replaced by the mask token with probability `word_dropout`, never special
    tokens.

    # Parameters

    transformer_model : `str`
        A hub name, a folder, or `package:<package>/<folder>`.
    gates : `Lazy[HeadGates]`, optional (default = `open`)
    max_length : `int`, optional (default = `None`)
        Pieces in a window, special tokens included; by default as many as the encoder takes.
    word_dropout : `float`, optional (default = `0.2`)
    last_layer_only : `bool`, optional (default = `True`)
        `False`: a learned mix of all layers instead of the last (AllenNLP's `ScalarMix`).
    train_parameters : `bool`, optional (default = `True`)
        `False` freezes the transformer and keeps its own dropout off, not `word_dropout`; gates are
        trained all the same.
    serialization_dir : `str`, optional (default = `None`)
        Given by AllenNLP. The encoder's configuration and tokenizer are written there, to travel
        in the archive.
    transformer_kwargs : `Dict[str, Any]`, optional (default = `None`)
        Changes to the encoder's configuration, such as `attn_implementation` or a dropout rate.
    removed_heads : `Dict[int, List[int]]`, optional (default = `None`)
        Heads to remove for good, by layer, both counted from 0 in the encoder as it was
        pretrained. `allennlp heads prune` writes this into the configuration of its archives. Heads
        that the encoder's own configuration (`pruned_heads`) has removed already may be among them.

    Raises `ConfigurationError` for an unknown encoder or architecture and for values out of range.
    """

    kept_heads: list[list[int]]
    """The heads that each layer still has, by their numbers in the encoder as it was pretrained."""

    def __init__(
        self,
        transformer_model: str,
        gates: Lazy[HeadGates] = Lazy(OpenGates),
        max_length: Optional[int] = None,
        word_dropout: float = 0.2,
        last_layer_only: bool = True,
        train_parameters: bool = True,
        serialization_dir: Optional[str] = None,
        transformer_kwargs: Optional[dict[str, Any]] = None,
        removed_heads: Optional[dict[int, list[int]]] = None,
    ) -> None:
        super().__init__()
        self.transformer_model = transformer_model
        if not 0 <= word_dropout < 1:
            raise ConfigurationError(
                f"'word_dropout' is {word_dropout}: give a probability below 1"
            )
        try:
            self.transformer = load_encoder(
                transformer_model, serialization_dir, **(transformer_kwargs or {})
            )
            tokenizer = load_tokenizer(transformer_model, serialization_dir)
            self.tap = HeadTap(self.transformer)
            if serialization_dir is not None:
                carry_files(transformer_model, self.transformer, serialization_dir)
        except ValueError as error:
            raise ConfigurationError(f"'transformer_model': {error}") from error
        self.config = self.transformer.config
        lost = _lost_before(self.config, self.tap.heads)
        self.kept_heads = [
            [head for head in range(heads + len(lost[layer])) if head not in lost[layer]]
            for layer, heads in enumerate(self.tap.heads)
        ]
        removed = _by_layer(removed_heads or {}).items()
        self._shrink({layer: set(heads) - lost.get(layer, set()) for layer, heads in removed})
        self.gates = gates.construct(heads=self.tap.heads)
        self.max_length = _window(max_length, piece_limit(self.config))
        self._word_dropout = word_dropout
        self._dropped_id = _dropped_id(tokenizer, word_dropout)
        self._takes_type_ids = getattr(self.config, "type_vocab_size", 0) > 1
        self._train_parameters = train_parameters
        self.transformer.requires_grad_(train_parameters)
        self.train(self.training)
        self._mix = None if last_layer_only else ScalarMix(self.tap.layers)
        ends = {
            tokenizer.cls_token_id,
            tokenizer.sep_token_id,
            tokenizer.bos_token_id,
            tokenizer.eos_token_id,
        }
        special = torch.tensor(sorted(ends - {None, tokenizer.unk_token_id}), dtype=torch.long)
        self._special_ids: torch.Tensor
        self.register_buffer("_special_ids", special, persistent=False)

    @property
    def layers(self) -> int:
        """Number of layers."""
        return self.tap.layers

    @property
    def heads(self) -> list[int]:
        """Number of heads of each layer."""
        return self.tap.heads

    @property
    def original_heads(self) -> int:
        """Number of heads of each layer before any was removed."""
        return int(self.config.num_attention_heads)

    def in_original_numbering(self, grid: torch.Tensor) -> torch.Tensor:
        """
        Put values of the heads that are left, `[..., layers, heads]` as `tap` counts them, to where
        these heads were in the pretrained encoder: `[..., layers, original_heads]`, 0 elsewhere.
        """
        whole = grid.new_zeros(*grid.shape[:-1], max(self.original_heads, grid.size(-1)))
        for layer, kept in enumerate(self.kept_heads):
            whole[..., layer, kept] = grid[..., layer, : len(kept)]
        return whole

    def remove_heads(self, removed: Mapping[int, Iterable[int]]) -> None:
        """
        Take heads out of the encoder for good. The gates, whose shape no longer fits, give way to
        open ones.

        # Parameters

        removed : `Mapping[int, Iterable[int]]`
            Heads by layer, numbered as in `kept_heads`.

        Raises `ConfigurationError` where there is no such head or none would be left, and for
        encoders that cannot be shrunk; nothing is removed then.
        """
        self._shrink(removed)
        self.gates = OpenGates(self.tap.heads).to(self.gates.mask.device)

    def get_output_dim(self) -> int:
        """Size of a piece's vector."""
        return int(self.config.hidden_size)

    def train(self, mode: bool = True) -> "GatedEncoder":
        super().train(mode)
        if not self._train_parameters:
            self.transformer.eval()
        return self

    def forward(
        self,
        token_ids: torch.Tensor,
        mask: torch.Tensor,
        type_ids: Optional[torch.Tensor] = None,
        special_mask: Optional[torch.Tensor] = None,
        task: Optional[str] = None,
        examples: Optional[torch.Tensor] = None,
    ) -> torch.Tensor:
        """
        # Parameters

        token_ids : `torch.Tensor`
            `[batch, pieces]`.
        mask : `torch.Tensor`
            `[batch, pieces]` bool: which pieces exist.
        type_ids : `torch.Tensor`, optional (default = `None`)
            `[batch, pieces]`; used where the encoder knows types.
        special_mask : `torch.Tensor`, optional (default = `None`)
            `[batch, pieces]` bool; by default found by the tokenizer's special ids.
        task : `str`, optional (default = `None`)
            Whose gates to use, where tasks have gates of their own.
        examples : `torch.Tensor`, optional (default = `None`)
            `[batch]`: which example each row is of, for gates of each example; by default a row is
            an example. Rows are then windows of examples, and are not cut again.

        # Returns

        `torch.Tensor`
            `[batch, pieces, dim]`.

        Raises `ConfigurationError` for windows of examples that are longer than `max_length`.
        """
        if examples is not None:
            self._check_length(mask)
        if special_mask is None:
            special_mask = torch.isin(token_ids, self._special_ids)
        special_mask = special_mask & mask
        if self.training and self._word_dropout:
            drop = torch.rand(token_ids.shape, device=token_ids.device) < self._word_dropout
            token_ids = token_ids.masked_fill(drop & mask & ~special_mask, self._dropped_id)
        gates = self.gates(task)
        windows = self.windows(mask, special_mask)
        if windows is None:
            with self.tap.rows(examples), self.tap.scale(gates):
                return self._run(token_ids, mask, type_ids)
        rows = windows.examples if examples is None else examples[windows.examples]
        with self.tap.rows(rows), self.tap.scale(gates):
            return windows.join(self._run(*_split(windows, token_ids, type_ids)))

    def windows(self, mask: torch.Tensor, special_mask: torch.Tensor) -> Optional[Windows]:
        """
        How `forward` cuts a batch: `None` where it fits as it is. Both masks `[batch, pieces]`
        bool; see `forward`.
        """
        if mask.size(1) <= self.max_length:
            return None
        return cut(mask, special_mask & mask, self.max_length)

    def _check_length(self, mask: torch.Tensor) -> None:
        """What comes before the text of a window, such as a question, would be in one part only."""
        longest = int(mask.sum(1).max()) if mask.size(1) > self.max_length else 0
        if longest <= self.max_length:
            return
        limit = piece_limit(self.config)
        raised = f"raise model.backbone.max_length (this encoder takes up to {limit}), or "
        raise ConfigurationError(
            f"a window of the data has {longest} pieces, but the encoder reads {self.max_length} "
            "at once, and parts of a window would lose the question: "
            f"{raised if self.max_length < limit else ''}set 'max_length' of the task's dataset "
            f"reader to at most {self.max_length}"
        )

    def _shrink(self, removed: Mapping[int, Iterable[int]]) -> None:
        gone = {layer: set(heads) for layer, heads in removed.items()}
        if not any(gone.values()):
            return
        places: dict[int, list[int]] = {}
        for layer, heads in gone.items():
            kept = self.kept_heads[layer] if 0 <= layer < self.layers else []
            if not heads <= set(kept):
                raise ConfigurationError(
                    f"'removed_heads': layer {layer} has no heads {sorted(heads - set(kept))} to "
                    f"remove, {f'only {kept}' if kept else 'nor any other'}; layers and heads "
                    "are counted from 0"
                )
            places[layer] = [kept.index(head) for head in sorted(heads)]
        try:
            remove_heads(self.transformer, places)
        except ValueError as error:
            raise ConfigurationError(f"'removed_heads': {error}") from error
        self.tap = HeadTap(self.transformer)
        self.kept_heads = [
            [head for head in kept if head not in gone.get(layer, ())]
            for layer, kept in enumerate(self.kept_heads)
        ]

    def _run(
        self, ids: torch.Tensor, mask: torch.Tensor, type_ids: Optional[torch.Tensor]
    ) -> torch.Tensor:
        inputs = {"input_ids": ids, "attention_mask": mask.long()}
        if self._takes_type_ids and type_ids is not None:
            inputs["token_type_ids"] = type_ids
        output = self.transformer(
            **inputs, output_hidden_states=self._mix is not None, return_dict=True
        )
        if self._mix is None:
            return output.last_hidden_state
        return self._mix(list(output.hidden_states[-self.layers :]))


def _split(
    windows: Windows, token_ids: torch.Tensor, type_ids: Optional[torch.Tensor]
) -> tuple[torch.Tensor, torch.Tensor, Optional[torch.Tensor]]:
    types = None if type_ids is None else windows.split(type_ids)
    return windows.split(token_ids), windows.mask, types


def _by_layer(removed: Mapping[Any, Iterable[Any]]) -> dict[int, list[int]]:
    """JSON has only strings as keys."""
    try:
        return {int(layer): [int(head) for head in heads] for layer, heads in removed.items()}
    except (AttributeError, TypeError, ValueError) as error:
        raise ConfigurationError(
            f"'removed_heads' is {removed}: give lists of heads by layer, as in "
            '{"0": [1, 5], "3": [2]}'
        ) from error


def _lost_before(config: Any, heads: list[int]) -> dict[int, set[int]]:
    """
    The heads of each layer that the library itself has removed, as in the plain folder of a pruned
    encoder: with them, heads keep the numbers they had at first.
    """
    lost = {layer: set((config.pruned_heads or {}).get(layer, ())) for layer in range(len(heads))}
    left = [int(config.num_attention_heads) - len(gone) for gone in lost.values()]
    # not every class does what `pruned_heads` says
    return lost if left == heads else {layer: set() for layer in lost}


def _dropped_id(tokenizer: Any, word_dropout: float) -> int:
    """The mask token, or the unknown token of encoders without one (GPT)."""
    for token in (tokenizer.mask_token_id, tokenizer.unk_token_id):
        if token is not None:
            return int(token)
    if word_dropout:
        raise ConfigurationError(
            "'word_dropout': this encoder has neither a mask token nor an unknown token to put in "
            "place of words; set it to 0"
        )
    return -1  # never used


def _window(max_length: Optional[int], limit: int) -> int:
    if max_length is None:
        return limit
    if not 4 <= max_length <= limit:
        raise ConfigurationError(
            f"'max_length' is {max_length}: this encoder takes 4 to {limit} pieces at once"
        )
    return max_length
