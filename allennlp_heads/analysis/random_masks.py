"""Random sets of heads, the baseline of masks that were chosen."""

from __future__ import annotations

from collections.abc import Sequence

import numpy


def random_masks(
    heads: Sequence[int],
    number: int | Sequence[int],
    draws: int,
    seed: int,
    balanced: bool = False,
) -> numpy.ndarray:
    """
    Draw sets of heads.

    A draw is an order of all heads, which depends on the seed and the draw only, and takes its
    first ones. So the sets of a draw are nested over `number`, as sets of the most important heads
    are, and further draws change no earlier one.

    # Parameters

    heads : `Sequence[int]`
        Number of heads of each layer.
    number : `int` or `Sequence[int]`
        How many heads to draw: of the encoder, or of each layer.
    draws : `int`
    seed : `int`
    balanced : `bool`, optional (default = `False`)
        With one `number`: equally many in each layer, as nearly as the layers' sizes allow; which
        layers give one more is drawn. Otherwise each set of `number` heads is equally likely.

    # Returns

    `numpy.ndarray`
        `[draws, layers, max heads]`, `bool`: True where a head is drawn.

    Raises `ValueError` when there are not so many heads, or fewer than one of them or of `draws` is
    asked for.
    """
    if draws < 1:
        raise ValueError(f"'draws' is {draws}: give at least 1")
    _check(heads, number)
    masks = numpy.zeros((draws, len(heads), max(heads)), dtype=bool)
    for draw in range(draws):
        generator = numpy.random.default_rng([seed, draw])
        orders = [generator.permutation(count) for count in heads]
        if isinstance(number, int):
            pick = _in_turns if balanced else _shuffled
            chosen = pick(orders, generator)[:number]
        else:
            chosen = [
                (layer, head)
                for layer, (order, count) in enumerate(zip(orders, number))
                for head in order[:count]
            ]
        for cell in chosen:
            masks[draw][cell] = True
    return masks


def random_masks_among(
    exists: numpy.ndarray,
    number: int | Sequence[int],
    draws: int,
    seed: int,
    balanced: bool = False,
) -> numpy.ndarray:
    """
    `random_masks` of the cells that stand for a head, `[draws, layers, heads]`; the same heads in
    the same order, wherever they stand.

    # Parameters

    exists : `numpy.ndarray`
        `[layers, heads]`, `bool`: which cells may be drawn.
    number, draws, seed, balanced :
        See `random_masks`.
    """
    heads = exists.sum(axis=1).tolist()
    drawn = random_masks(heads, number, draws, seed, balanced)
    masks = numpy.zeros((draws, *exists.shape), dtype=bool)
    for layer, count in enumerate(heads):
        masks[:, layer, exists[layer]] = drawn[:, layer, :count]
    return masks


def _shuffled(orders: list[numpy.ndarray], generator: numpy.random.Generator) -> list[tuple]:
    cells = [(layer, head) for layer, order in enumerate(orders) for head in order]
    return [cells[place] for place in generator.permutation(len(cells))]


def _in_turns(orders: list[numpy.ndarray], generator: numpy.random.Generator) -> list[tuple]:
    """Layers in a new order every turn, each giving its next head while it has one."""
    turns = max(map(len, orders))
    return [
        (int(layer), orders[layer][turn])
        for turn in range(turns)
        for layer in generator.permutation(len(orders))
        if turn < len(orders[layer])
    ]


def _check(heads: Sequence[int], number: int | Sequence[int]) -> None:
    if isinstance(number, int):
        wanted, fits = number, number <= sum(heads)
    else:
        wanted = sum(number)
        fits = len(number) == len(heads) and all(
            0 <= count <= most for count, most in zip(number, heads)
        )
    if wanted < 1 or not fits:
        raise ValueError(
            f"cannot draw {number if isinstance(number, int) else list(number)} heads of layers "
            f"with {list(heads)}: give at least 1, and no more than there are"
        )
