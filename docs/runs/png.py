"""Pictures of the page as files."""

from __future__ import annotations

import io
from pathlib import Path

import matplotlib
from matplotlib.figure import Figure

from allennlp_heads.reports.figures import STYLE


def write_png(figure: Figure, path: Path) -> None:
    """Write a picture; equal pictures give equal bytes. Folders above it are made."""
    buffer = io.BytesIO()
    with matplotlib.rc_context(STYLE):
        figure.savefig(buffer, format="png", metadata={"Software": None})
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(buffer.getvalue())
