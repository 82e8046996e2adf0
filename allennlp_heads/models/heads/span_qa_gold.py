"""Whether the gold of questions is for the windows that the encoder has seen."""

from allennlp.common.checks import ConfigurationError
from torch import Tensor


def check_windows(encoded_pieces: Tensor, answer_mask: Tensor) -> None:
    """
    Raises a `ConfigurationError` if the mask `[batch, windows, pieces]` is not for the encoder's
    vectors `[batch, windows, pieces, dim]`.
    """
    if encoded_pieces.dim() != 4 or encoded_pieces.shape[:3] != answer_mask.shape:
        raise ConfigurationError(
            f"The field 'answer_mask' has the shape {list(answer_mask.shape)} (questions, windows, "
            f"pieces), but the encoder's vectors have {list(encoded_pieces.shape)}. Use the reader "
            "squad_json with the token indexer transformer_pieces."
        )


def check_answer_spans(answer_spans: Tensor, candidates: Tensor, exists: Tensor) -> None:
    """
    Check that answers stand in contexts.

    # Parameters

    answer_spans : `torch.LongTensor`
        Shape `[batch, windows, 2]`: the first and the last piece; -1 where nothing is learned.
    candidates : `torch.BoolTensor`
        Shape `[batch, windows, pieces]`: the pieces of the contexts.
    exists : `torch.BoolTensor`
        Shape `[batch, windows]`: False on padding.

    Raises `ConfigurationError` for positions other than twice 0 that are not of the context, for
    an end in front of its start, and for windows that do not exist.
    """
    advice = "Use the reader squad_json, with the same encoder as the model's."
    if answer_spans.shape != (*candidates.shape[:2], 2):
        raise ConfigurationError(
            f"The field 'answer_spans' has the shape {list(answer_spans.shape)}, but there are "
            f"{list(candidates.shape[:2])} questions and windows, with 2 positions each. {advice}"
        )
    learned = (answer_spans >= 0).any(-1)
    places = answer_spans.clamp(0, candidates.size(-1) - 1)
    lawful = candidates.gather(-1, places).all(-1) | (places == 0).all(-1)
    outside = (places != answer_spans).any(-1)
    wrong = outside | ~lawful | ~exists | (places[..., 0] > places[..., 1])
    if (wrong & learned).any():
        example, window = (wrong & learned).nonzero()[0].tolist()
        raise ConfigurationError(
            f"The field 'answer_spans' has {answer_spans[example, window].tolist()} for window "
            f"{window} of question {example} of a batch, which is no part of its context. {advice}"
        )
