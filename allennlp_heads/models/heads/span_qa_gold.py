"""Whether the gold of questions is for the windows that the encoder has seen."""

from allennlp.common.checks import ConfigurationError
from torch import Tensor
from torch.nn.functional import pad


def padded_mask(answer_mask: Tensor, encoded_pieces: Tensor) -> Tensor:
    """
    The mask `[batch, windows, pieces]` with as many pieces as the encoder's vectors
    `[batch, windows, pieces, dim]`, of which an indexer with `token_min_padding_length` makes more.

    Raises `ConfigurationError` for a mask that is not of these vectors.
    """
    shape = encoded_pieces.shape
    if len(shape) == 4 and answer_mask.dim() == 3 and answer_mask.size(-1) < shape[2]:
        answer_mask = pad(answer_mask, (0, shape[2] - answer_mask.size(-1)))
    if len(shape) != 4 or shape[:3] != answer_mask.shape:
        raise ConfigurationError(
            f"The field 'answer_mask' has the shape {list(answer_mask.shape)} (questions, windows, "
            f"pieces), but the encoder's vectors have {list(shape)}. Use the reader squad_json "
            "with the token indexer transformer_pieces."
        )
    return answer_mask


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
