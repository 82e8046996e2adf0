"""`allennlp evaluate` that also keeps what it found for each example."""

from os import PathLike
from pathlib import Path
from typing import Any, Optional, Union

import torch
from allennlp.data import DataLoader
from allennlp.evaluation import Evaluator, SimpleEvaluator
from allennlp.models import Model

from allennlp_heads.collect import ExampleCounts, main_metrics
from allennlp_heads.reports.score_history import ScoreHistory
from allennlp_heads.training.run_info import file_digests


@Evaluator.register("example_scores")
class ExampleScoresEvaluator(SimpleEvaluator):
    """
    Does what AllenNLP's `simple` does and, where `allennlp evaluate` is given `--output-file`,
    writes beside that file, for `--output-file out/test.json`,

    - `<task>.test.npz`, the counts and losses of each example in the order of its file, in the form
      of the callback `example_scores`, with one evaluation, called epoch 0;
    - `scores.test.json`: their sums, with the hashes of the data files.

    These are what intervals and paired tests of two archives rest on. A configuration asks for it
    with the key `evaluation: { type: "example_scores" }`, a command with
    `--overrides '{"evaluation": {"type": "example_scores"}}'`.

    Registered as an `Evaluator` with name "example_scores". The parameters are those of `simple`.

    Raises `ConfigurationError` when the model or its loader does not give the numbers of examples.
    """

    def __call__(
        self,
        model: Model,
        data_loader: DataLoader,
        batch_weight_key: Optional[str] = None,
        metrics_output_file: Optional[Union[str, PathLike]] = None,
        predictions_output_file: Optional[Union[str, PathLike]] = None,
    ) -> dict[str, Any]:
        """See `Evaluator`."""
        counts = ExampleCounts("evaluation: 'example_scores'")

        def collect(
            module: torch.nn.Module, args: Any, inputs: dict[str, Any], outputs: dict[str, Any]
        ) -> None:
            counts.add(module, inputs, outputs)

        wanted = metrics_output_file is not None
        hook = model.register_forward_hook(collect, with_kwargs=True) if wanted else None
        try:
            metrics: dict[str, Any] = super().__call__(
                model,
                data_loader,
                batch_weight_key,  # type: ignore[arg-type]
                metrics_output_file,  # type: ignore[arg-type]
                predictions_output_file,  # type: ignore[arg-type]
            )
        finally:
            if hook is not None:
                hook.remove()
        if metrics_output_file is not None:
            _write(counts, model, data_loader, Path(metrics_output_file))
        return metrics


def _write(counts: ExampleCounts, model: Model, loader: DataLoader, beside: Path) -> None:
    paths = getattr(loader, "paths", {})
    history = ScoreHistory(data=beside.stem, data_files=file_digests(paths.values()))
    history.paths = paths
    history.metrics = main_metrics(model)
    for task, scores in counts.take().items():
        history.add(task, 0, scores)
    history.write(beside.parent, report=f"scores.{beside.stem}.json")
