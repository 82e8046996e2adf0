"""
Writes a file of `docs/results/` from a finished training, so that no number is copied by hand.

    python docs/record_result.py out/demo --name demo --data "generated text" \\
        --budget "400 sentences a task, 8 epochs" --hardware "2 CPU cores" \\
        --experiment training_configs/demo.jsonnet --command "make demo"

The scores are those of the best epoch on the development data, and with `--scores test=FILE` also
those that `allennlp-heads evaluate --output-file FILE` wrote. Several runs make one result with a
number for each seed. `docs/build_results.py` says what the keys mean.
"""

from __future__ import annotations

import argparse
import json
import sys
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parent
_BEST = "best_validation_"


def scores_of(metrics: dict[str, Any]) -> dict[str, float]:
    """The metrics that are scores of a task."""
    return {
        name: round(value, 6)
        for name, value in metrics.items()
        if name not in ("loss", "reg_loss", "score") and isinstance(value, float)
    }


def minutes(duration: str) -> float:
    """AllenNLP writes the duration as `str(timedelta)`: `1 day, 2:03:04.5`."""
    *days, clock = duration.split(", ")
    pattern = "%H:%M:%S.%f" if "." in clock else "%H:%M:%S"
    time = datetime.strptime(clock, pattern) - datetime.strptime("0", "%H")
    whole = timedelta(days=int(days[0].split()[0])) if days else timedelta()
    return round((time + whole) / timedelta(minutes=1), 2)


def result_of(run: Path) -> dict[str, Any]:
    """What the files of a run say."""
    metrics = json.loads((run / "metrics.json").read_text("utf-8"))
    config = json.loads((run / "config.json").read_text("utf-8"))
    best = {k.removeprefix(_BEST): v for k, v in metrics.items() if k.startswith(_BEST)}
    result: dict[str, Any] = {
        "seed": config["pytorch_seed"],
        "encoder": config["model"]["backbone"]["transformer_model"],
        "minutes": minutes(metrics["training_duration"]),
        "scores": {"dev": scores_of(best)},
    }
    gates = run / "heads" / "gates.json"
    if gates.is_file():
        sets = json.loads(gates.read_text("utf-8"))
        opened = {name: found["open"] for name, found in sets["final"]["sets"].items()}
        every = {name: found["heads"] for name, found in sets["sets"].items()}
        result["heads"] = {"open": sum(opened.values()), "all": sum(every.values())}
    return result


def merged(results: list[dict[str, Any]]) -> dict[str, Any]:
    """One result of the runs of several seeds: numbers become lists, minutes are added up."""
    if len(results) == 1:
        return results[0]
    first = results[0]
    if any(result["encoder"] != first["encoder"] for result in results):
        raise SystemExit("runs of several encoders are not one result")
    joined = {
        "seed": [result["seed"] for result in results],
        "encoder": first["encoder"],
        "minutes": round(sum(result["minutes"] for result in results), 2),
    }
    for group in ("scores", "heads"):
        if all(group in result for result in results):
            joined[group] = _lists([result[group] for result in results])
    return joined


def _lists(parts: list[Any]) -> Any:
    if isinstance(parts[0], dict):
        return {key: _lists([part[key] for part in parts]) for key in parts[0]}
    return parts


def main(arguments: list[str] | None = None) -> int:
    """Returns the exit status."""
    parser = argparse.ArgumentParser(description="Writes docs/results/NAME.json.")
    parser.add_argument(
        "runs",
        type=Path,
        nargs="+",
        metavar="RUN",
        help="folder of a finished training, one a seed",
    )
    parser.add_argument("--name", required=True)
    for option in ("experiment", "command", "data", "budget", "hardware"):
        parser.add_argument(f"--{option}", required=True)
    parser.add_argument("--note")
    parser.add_argument("--scores", action="append", default=[], metavar="SET=FILE")
    parser.add_argument("--results", type=Path, default=FOLDER / "results")
    given = parser.parse_args(arguments)
    words = ("experiment", "command", "data", "budget", "hardware", "note")
    result = {key: getattr(given, key) for key in words if getattr(given, key) is not None}
    result |= merged([result_of(run) for run in given.runs])
    for entry in given.scores:
        part, _, file = entry.partition("=")
        result["scores"][part] = scores_of(json.loads(Path(file).read_text("utf-8")))
    given.results.mkdir(parents=True, exist_ok=True)
    text = json.dumps(result, indent=2, sort_keys=True) + "\n"
    file = given.results / f"{given.name}.json"
    file.write_text(text, "utf-8")
    sys.stdout.write(f"{file}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
