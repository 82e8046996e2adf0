"""What a run's folder says about the run."""

import json
from pathlib import Path


def run_seed(serialization_dir: str) -> int | None:
    """The `pytorch_seed` of the run's configuration, or `None` where it has none."""
    try:
        configuration = json.loads((Path(serialization_dir) / "config.json").read_text())
    except (OSError, ValueError):
        return None
    seed = configuration.get("pytorch_seed") if isinstance(configuration, dict) else None
    return seed if isinstance(seed, int) else None
