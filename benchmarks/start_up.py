"""
What this plugin adds to the start of AllenNLP: processes of `allennlp --help` in a folder without
plugins and of `allennlp heads --help` in one with this plugin, in turns. Seconds are those of the
processor, which depend less than others on what else the machine does. Target: at most 0.5 s more.

The plugin is compiled once, as AllenNLP was when it was installed, also where the environment
forbids Python to write what it compiled: otherwise each start would compile it anew.
"""

import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
TURNS = 7


def main() -> dict[str, float]:
    """Medians over the turns."""
    with tempfile.TemporaryDirectory() as name:
        without, with_plugin = Path(name, "without"), Path(name, "with")
        for folder in (without, with_plugin):
            folder.mkdir()
        own = ROOT / "allennlp_heads"
        shutil.copytree(own, with_plugin / own.name, ignore=shutil.ignore_patterns("__pycache__"))
        (with_plugin / ".allennlp_plugins").write_text("allennlp_heads\n")
        commands = ((without, ["--help"]), (with_plugin, ["heads", "--help"]))
        # the first turn compiles and fills the caches of files
        turns = [[_seconds(*command) for command in commands] for _ in range(TURNS + 1)][1:]
    alone, both = zip(*turns)
    added = [more - less for less, more in turns]
    return {
        "start-up: allennlp --help without the plugin, s": statistics.median(alone),
        "start-up: allennlp heads --help, s": statistics.median(both),
        "start-up: what the plugin adds, s (target <= 0.5)": statistics.median(added),
    }


def _seconds(folder: Path, words: list[str]) -> float:
    environment = {
        **os.environ,
        "PYTHONPATH": str(folder),
        "PYTHONDONTWRITEBYTECODE": "",
        "HOME": str(folder),  # where other plugins may be named
        "OMP_NUM_THREADS": "1",
    }
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "allennlp", *words],
        cwd=folder,
        env=environment,
        check=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


if __name__ == "__main__":
    for name, seconds in main().items():
        print(f"{seconds:8.3f}  {name}")
