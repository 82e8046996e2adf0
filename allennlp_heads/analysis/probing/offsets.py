"""The baseline of arc probes: a head that attends to a fixed offset, whatever the words are."""

from __future__ import annotations

import numpy

from allennlp_heads.analysis.probing.arcs import Bools, Ints, as_spans, span_hits


def offset_choices(max_offset: int = 10, root: bool = False) -> list[int | str]:
    """
    The fixed offsets that there are to choose from, nearer ones first and of two equally near ones
    the left one: -1, 1, -2, 2, ...

    # Parameters

    max_offset : `int`, optional (default = `10`)
        The largest, in words.
    root : `bool`, optional (default = `False`)
        Whether always ROOT, called `"root"`, is one more choice, the last.

    # Returns

    `List[Union[int, str]]`

    Raises `ValueError` when there would be nothing to choose from.
    """
    if max_offset < 1:
        raise ValueError(f"'max_offset' is {max_offset}: give 1 or more")
    near: list[int | str] = [sign * n for n in range(1, max_offset + 1) for sign in (-1, 1)]
    return [*near, "root"] if root else near


def offset_hits(
    items: Ints, choices: list[int | str] | None = None, direction: str = "either"
) -> Bools:
    """
    Whether a head that attends from each node `i` to node `i` + offset, or always to ROOT, would
    get each item right, by the same rule as a head of the encoder (`arc_hits`, `span_hits`). Of the
    first word, the offset -1 is ROOT.

    # Parameters

    items : `numpy.ndarray`
        `[items, 3]` for arcs or `[items, 4]` for spans, as `arc_hits` and `span_hits` take them; of
        any number of sentences.
    choices : `List[Union[int, str]]`, optional (default = `None`)
        From `offset_choices`, which is also the default.
    direction : `str`, optional (default = `"either"`)
        As in `arc_hits`.

    # Returns

    `numpy.ndarray`
        `[items, choices]`, `bool`.
    """
    choices = offset_choices() if choices is None else choices
    items = numpy.asarray(items, dtype=numpy.int64)
    spans = as_spans(items) if items.shape[-1] == 3 else items.copy()
    spans[:, 0] = 0  # the same is attended to in all sentences
    nodes = numpy.arange(spans[:, 1:].max(initial=0) + 1)
    keys = [0 * nodes if choice == "root" else nodes + int(choice) for choice in choices]
    return span_hits(numpy.stack(keys)[None, :, None], spans, direction)[:, 0]
