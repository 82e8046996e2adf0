"""
`gated_transformer` twice: as a token embedder for any AllenNLP model and as the multi-task
backbone.
"""

from typing import Any, Optional

import torch
from allennlp.common import Lazy
from allennlp.common.checks import ConfigurationError
from allennlp.data import TextFieldTensors
from allennlp.modules.backbones import Backbone
from allennlp.modules.token_embedders import TokenEmbedder

from allennlp_heads.gates import HeadGates, OpenGates
from allennlp_heads.modules.gated_encoder import GatedEncoder
from allennlp_heads.modules.words import pool_words

_MODES = ("avg", "first")


class _GatedTransformer(torch.nn.Module):
    """What embedder and backbone share: the encoder and how its pieces become words."""

    def __init__(
        self,
        transformer_model: str,
        gates: Lazy[HeadGates] = Lazy(OpenGates),
        max_length: Optional[int] = None,
        word_dropout: float = 0.2,
        last_layer_only: bool = True,
        train_parameters: bool = True,
        sub_token_mode: str = "avg",
        transformer_kwargs: Optional[dict[str, Any]] = None,
        removed_heads: Optional[dict[int, list[int]]] = None,
        serialization_dir: Optional[str] = None,
    ) -> None:
        super().__init__()
        self.encoder = GatedEncoder(
            transformer_model,
            gates,
            max_length,
            word_dropout,
            last_layer_only,
            train_parameters,
            serialization_dir,
            transformer_kwargs,
            removed_heads,
        )
        self._mode = _checked(sub_token_mode)

    @property
    def gates(self) -> HeadGates:
        """The gates of the encoder."""
        return self.encoder.gates

    def get_output_dim(self) -> int:
        """Size of every vector."""
        return self.encoder.get_output_dim()


@TokenEmbedder.register("gated_transformer")
class GatedTransformerEmbedder(_GatedTransformer, TokenEmbedder):
    """
    A transformer with head gates as a `TokenEmbedder`, usable in any AllenNLP model: a vector for
    each word when the indexer gives `offsets` (`transformer_words`), else for each piece
    (`transformer_pieces`). AllenNLP's own `pretrained_transformer_mismatched` and
    `pretrained_transformer` indexers fit too.

    Registered as a `TokenEmbedder` with name `"gated_transformer"`.

    # Parameters

    transformer_model, gates, max_length, word_dropout, last_layer_only, train_parameters,
    transformer_kwargs, removed_heads :
        See [`GatedEncoder`](./gated_encoder.md).
    sub_token_mode : `str`, optional (default = `"avg"`)
        How a word is made from its pieces: `"avg"` or `"first"`.
    """

    def forward(
        self,
        token_ids: torch.Tensor,
        mask: torch.Tensor,
        type_ids: Optional[torch.Tensor] = None,
        offsets: Optional[torch.Tensor] = None,
        wordpiece_mask: Optional[torch.Tensor] = None,
        special_mask: Optional[torch.Tensor] = None,
    ) -> torch.Tensor:
        """
        Takes what the indexer gives; see
        [`GatedTransformerBackbone.forward`](#gatedtransformerbackbone).

        # Returns

        `torch.Tensor`
            `[batch, words or pieces, dim]`.
        """
        piece_mask = mask if wordpiece_mask is None else wordpiece_mask
        pieces = self.encoder(token_ids, piece_mask, type_ids, special_mask)
        return pieces if offsets is None else pool_words(pieces, offsets, mask, self._mode)


@Backbone.register("gated_transformer")
class GatedTransformerBackbone(_GatedTransformer, Backbone):
    """
    One transformer with head gates shared by all tasks of a model: single sentences, pairs, and
    words.

    Registered as a `Backbone` with name `"gated_transformer"`.

    # Parameters

    transformer_model, gates, max_length, word_dropout, last_layer_only, train_parameters,
    transformer_kwargs, removed_heads :
        See [`GatedEncoder`](./gated_encoder.md).
    sub_token_mode : `str`, optional (default = `"avg"`)
        How a word is made from its pieces: `"avg"` or `"first"`.
    """

    def forward(  # type: ignore[override]
        self, tokens: TextFieldTensors, task: Optional[list[str]] = None
    ) -> dict[str, torch.Tensor]:
        """
        # Parameters

        tokens : `TextFieldTensors`
            One text field with one indexer, `transformer_words` or `transformer_pieces`, or a list
            of such fields an example: the windows of a long input, each encoded by itself.
        task : `List[str]`, optional (default = `None`)
            The task of each example. A batch of several tasks is split by the model before it
            comes here.

        # Returns

        A dictionary of `encoded_text` `[batch, n, dim]` with `encoded_text_mask` `[batch, n]`:
        words where there are offsets, else pieces; `encoded_pieces` `[batch, pieces, dim]` with
        `encoded_pieces_mask`; `boundary` `[batch, 2, dim]`: the first piece ([CLS], for ROOT and
        BOS) and the last ([SEP], for EOS); `pooled` `[batch, dim]`: the first piece, or the last
        in an encoder that reads left to right.

        Of windows, the vectors and masks of words and pieces are `[batch, windows, ...]`, zeros
        where there is no window, which costs nothing; `boundary` and `pooled` are those of each
        example's first window. Gates of each example follow it through its windows.

        Raises `ConfigurationError` for indexers of another encoder, for several, and for windows
        longer than `max_length`, which are not cut again.
        """
        if len(tokens) != 1:
            raise ConfigurationError(
                f"'gated_transformer' takes one token indexer, but the text has {sorted(tokens)}"
            )
        inputs = next(iter(tokens.values()))
        if not {"token_ids", "mask"} <= set(inputs):
            raise ConfigurationError(
                "'gated_transformer' needs the pieces of its encoder: give the reader the token "
                "indexer 'transformer_words' (one label a word) or 'transformer_pieces'"
            )
        name = task[0] if task else None
        if inputs["mask"].dim() == 2:
            return self._encode(inputs, name)
        exists = inputs.get("wordpiece_mask", inputs["mask"]).any(-1)  # [batch, windows]
        # once, since the program waits for the device whenever a mask chooses rows
        places = exists.nonzero(as_tuple=True)
        rows = {key: values[places] for key, values in inputs.items()}
        return _of_examples(self._encode(rows, name, places[0]), exists, places)

    def _encode(
        self,
        inputs: dict[str, torch.Tensor],
        task: Optional[str],
        examples: Optional[torch.Tensor] = None,
    ) -> dict[str, torch.Tensor]:
        """What `forward` returns, of texts `[rows, pieces]`."""
        mask = inputs["mask"]
        piece_mask = inputs.get("wordpiece_mask", mask)
        pieces = self.encoder(
            inputs["token_ids"],
            piece_mask,
            inputs.get("type_ids"),
            inputs.get("special_mask"),
            task=task,
            examples=examples,
        )
        words = pieces
        if "offsets" in inputs:
            words = pool_words(pieces, inputs["offsets"], mask, self._mode)
        last = (piece_mask.sum(dim=1) - 1).clamp(min=0)
        ends = pieces[torch.arange(len(last), device=last.device), last]
        boundary = torch.stack([pieces[:, 0], ends], dim=1)
        causal = self.encoder.config.model_type in ("openai-gpt", "gpt2")
        return {
            "encoded_text": words,
            "encoded_text_mask": mask,
            "encoded_pieces": pieces,
            "encoded_pieces_mask": piece_mask,
            "boundary": boundary,
            "pooled": boundary[:, 1] if causal else boundary[:, 0],
        }


def _of_examples(
    encoded: dict[str, torch.Tensor], exists: torch.Tensor, places: tuple[torch.Tensor, ...]
) -> dict[str, torch.Tensor]:
    """
    The windows `[rows, ...]` beside those of the same example; `exists`: `[batch, windows]`, True
    in `places`.
    """
    placed = {
        key: values.new_zeros(*exists.shape, *values.shape[1:]).index_put_(places, values)
        for key, values in encoded.items()
    }
    example = torch.arange(len(exists), device=exists.device)
    first = exists.byte().argmax(1)
    of_first = {key: placed[key][example, first] for key in ("boundary", "pooled")}
    return {**placed, **of_first}


def _checked(mode: str) -> str:
    if mode not in _MODES:
        raise ConfigurationError(f"'sub_token_mode' is '{mode}': give one of {', '.join(_MODES)}")
    return mode
