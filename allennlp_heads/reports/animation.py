"""Pictures one after the other, as a GIF."""

from __future__ import annotations

import io
import os
from collections.abc import Iterable

import numpy
from allennlp.common import Tqdm
from PIL import Image

from allennlp_heads.reports.files import atomic_write


def write_animation(
    path: str | os.PathLike[str],
    images: Iterable[numpy.ndarray],
    seconds: float = 0.2,
    last_seconds: float = 2.0,
) -> None:
    """
    Write a GIF that repeats for ever, atomically; the same images give the same bytes.

    # Parameters

    path : `PathLike`
    images : `Iterable[numpy.ndarray]`
        `uint8`, `[height, width, 3]` each; smaller ones are filled up with white at the right and
        below.
    seconds : `float`, optional (default = `0.2`)
        How long each image stands.
    last_seconds : `float`, optional (default = `2.0`)
        How long the last one stands.
    """
    frames = [Image.fromarray(image) for image in Tqdm.tqdm(images, desc="animation")]
    if not frames:
        raise ValueError("an animation needs at least one image")
    size = (max(frame.width for frame in frames), max(frame.height for frame in frames))
    frames = [_grey(frame, size) for frame in frames]
    durations = [round(1000 * seconds)] * (len(frames) - 1) + [round(1000 * last_seconds)]
    buffer = io.BytesIO()
    frames[0].save(
        buffer,
        format="GIF",
        save_all=True,
        append_images=frames[1:],
        duration=durations,
        loop=0,
        optimize=False,
    )
    with atomic_write(path) as file:
        file.write(buffer.getvalue())


def _grey(frame: Image.Image, size: tuple[int, int]) -> Image.Image:
    canvas = Image.new("L", size, 255)
    canvas.paste(frame.convert("L"), (0, 0))
    return canvas
