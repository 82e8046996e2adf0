"""What tags that code spans stand for."""

from collections.abc import Sequence

import torch
from torch import Tensor

from allennlp_heads.nn.tag_spans import tag_spans

LETTERS = {"BIO": "BIO", "IOB1": "BIO", "BIOUL": "BIOUL", "BIOES": "BIOES", "BMES": "BMES"}
"""The first letters of the tags of each coding. O, where there is one, stands alone."""


class SpanTags(torch.nn.Module):
    """
    Reads spans from tags such as `B-PER`, `I-PER` and `O`, or plain `B`, `I` and `O`.

    # Parameters

    tags : `Sequence[str]`
        All tags, in the order of their indices.
    """

    _labels: Tensor
    _opens: Tensor
    _closes: Tensor

    def __init__(self, tags: Sequence[str]) -> None:
        super().__init__()
        within = [tag[:1] in set("BIMELSU") and tag[1:2] in ("", "-") for tag in tags]
        names = [tag[2:] if inside else None for tag, inside in zip(tags, within)]
        self.labels = sorted({name for name in names if name is not None})
        """The labels of spans, in the order of their indices."""
        places = {label: place for place, label in enumerate(self.labels)}
        values = {
            "_labels": torch.tensor([-1 if name is None else places[name] for name in names]),
            "_opens": torch.tensor([tag[:1] in set("BSU") for tag in tags]),
            "_closes": torch.tensor([tag[:1] in set("ELSU") for tag in tags]),
        }
        for name, value in values.items():
            # They follow from the vocabulary, so no archive needs them.
            self.register_buffer(name, value, persistent=False)

    def forward(self, tags: Tensor, mask: Tensor) -> Tensor:
        """
        The spans of tags `[batch, words]` as a Long tensor `[batch, spans, 3]` of first word, last
        word and label (-1 for tags not seen in training), padded with rows of -1. See `tag_spans`.

        # Parameters

        tags : `torch.LongTensor`
            Shape `[batch, words]`; negative where not seen in training.
        mask : `torch.BoolTensor`
            Shape `[batch, words]`, True on words.
        """
        return tag_spans(tags, mask, self._labels, self._opens, self._closes)


def is_tag_of(coding: str, tag: str) -> bool:
    """Whether a tag can be one of a coding (a key of `LETTERS`)."""
    letters = LETTERS[coding]
    if tag[:1] == "O":
        return tag == "O" and "O" in letters
    return tag[:1] in set(letters) and tag[1:2] in ("", "-")
