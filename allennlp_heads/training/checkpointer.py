"""Checkpoints that a kill, a full disk or a damaged file cannot take away."""

import glob
import logging
import os
import time
from typing import NamedTuple

import torch.distributed
from allennlp.common.checks import ConfigurationError
from allennlp.common.util import is_distributed
from allennlp.training.checkpointer import Checkpointer
from allennlp.training.trainer import Trainer, TrainerCheckpoint

from allennlp_heads.reports.files import remove_leftovers
from allennlp_heads.training.best_weights import IS_BEST, repair_best_weights
from allennlp_heads.training.plain_state import plain_state
from allennlp_heads.training.state_files import (
    UnreadableState,
    check_state_file,
    load_state,
    save_state,
)

logger = logging.getLogger(__name__)


class Point(NamedTuple):
    """When a checkpoint was made; its files carry these numbers in their names."""

    epochs: int
    batches: int


@Checkpointer.register("atomic")
class AtomicCheckpointer(Checkpointer):
    """
    AllenNLP's checkpointer, with the same options and file names, for runs that may be killed at
    any moment and are resumed with `--recover`:

    - a file is written beside its place and renamed when it is complete and on disk, and older
      checkpoints are deleted only after that;
    - of the checkpoints found at a resume the newest that is complete and undamaged is used, with a
      warning about each newer one that is not;
    - the training state is reduced to what torch's safe loader reads back (numpy scalars break it);
    - `best.th` is restored where the kill came between the checkpoint and the copy.

    Registered as `"atomic"`. For an exact resume also configure the callback `exact_resume`.
    Of a model sharded over workers, `best_w*.th` are not restored.

    Raises `ConfigurationError` when a checkpoint cannot be written, or when checkpoints exist but
    none can be read.
    """

    # What this process has written last. It needs no validation, and the trainer asks for exactly
    # this one when it copies the best weights, even if a damaged later one lies beside it.
    _written: Point | None = None
    _warned_about_state = False

    @property
    def _is_primary(self) -> bool:
        # The first worker of each node, which is whom the trainer gives the state: every node has a
        # folder of its own and resumes from it.
        workers_of_node = os.environ.get("ALLENNLP_PROCS_PER_NODE")
        return self._rank % int(workers_of_node or self._rank + 1) == 0

    def save_checkpoint(self, trainer: Trainer) -> None:
        """Save the trainer's state under its point in time, then delete what is not to be kept."""
        checkpoint = trainer.get_checkpoint_state()
        if checkpoint is None:
            return
        state = checkpoint.trainer_state
        point = Point(state["epochs_completed"], state["batches_in_epoch_completed"])
        if point != self._written:
            self._write_pair(point, checkpoint, self._will_be_best(trainer, point))
        self._written = point
        self._last_save_time = time.time()
        self._last_save_num_epochs_completed = point.epochs
        self._last_save_num_batches_in_epoch_completed = point.batches
        if self._is_primary:
            self._prune(point)

    def find_latest_checkpoint(self) -> tuple[str, str] | None:
        """
        The model file and the training file of the newest checkpoint that can be read, or `None`
        when there are no checkpoints.
        """
        if self._written is not None:
            return self._paths(self._written)
        found = self._newest_readable()
        return None if found is None else self._paths(found[0])

    def load_checkpoint(self) -> TrainerCheckpoint | None:
        """
        The state to resume from: of the newest checkpoint that can be read, or `None` when there
        are no checkpoints. Also clears away what a killed save left and repairs `best.th`.
        """
        if self._is_primary:
            for prefix in ("model_state_", "training_state_", "best"):
                remove_leftovers(self._serialization_dir, prefix)
        found = self._newest_readable()
        if found is None:
            return None
        point, checkpoint = found
        if not self.state_is_sharded:
            points = [p for p in self._complete_points() if p <= point]
            repair_best_weights(checkpoint, list(map(self._paths, points)), self._is_primary)
        return checkpoint

    def _write_pair(self, point: Point, checkpoint: TrainerCheckpoint, is_best: bool) -> None:
        model_path, training_path = self._paths(point)
        unreadable: list[str] = []
        state = plain_state(checkpoint.trainer_state, "training state", unreadable)
        state[IS_BEST] = is_best
        if unreadable and not self._warned_about_state:
            self._warned_about_state = True
            logger.warning(
                "This run could not be resumed with --recover, because torch's safe loader does "
                "not read back what its parts keep as their state: %s",
                "; ".join(unreadable),
            )
        # A damaged pair of the same name must never be half replaced and then pass for complete.
        if os.path.exists(training_path):
            os.remove(training_path)
        save_state(model_path, checkpoint.model_state)
        save_state(training_path, state)

    def _will_be_best(self, trainer: Trainer, point: Point) -> bool:
        # the trainer's own condition, which it evaluates right after an epoch's checkpoint
        tracker = getattr(trainer, "_metric_tracker", None)
        validated = getattr(trainer, "_should_validate_this_epoch", True)
        return bool(
            point.batches == 0 and validated and tracker is not None and tracker.is_best_so_far()
        )

    def _prune(self, newest: Point) -> None:
        count, age = self._keep_most_recent_by_count, self._keep_most_recent_by_age
        if count is None and age is None:
            return
        # Later points are damaged ones that a resume has fallen back from: they may not push out
        # good ones, and are overwritten when training gets there again.
        points = [point for point in self._complete_points() if point <= newest]
        kept = {newest, *points[: count or 0]}
        if age is not None:
            now = time.time()
            kept |= {p for p in points if now - max(map(os.path.getmtime, self._paths(p))) <= age}
        halves = {p for p in self._points("model") | self._points("training") if p <= newest}
        for point in sorted(halves - kept):
            self._remove_checkpoint(*point)

    def _paths(self, point: Point) -> tuple[str, str]:
        return self._model_state_path(*point), self._training_state_path(*point)

    def _points(self, kind: str) -> set[Point]:
        parse = self._parse_model_state_path
        if kind == "training":
            parse = self._parse_training_state_path
        paths = glob.iglob(os.path.join(glob.escape(self._serialization_dir), f"{kind}_state_*.th"))
        return {Point(*found) for found in map(parse, paths) if found is not None}

    def _complete_points(self) -> list[Point]:
        points = self._points("model") & self._points("training")
        return sorted((p for p in points if all(map(os.path.isfile, self._files(p)))), reverse=True)

    def _files(self, point: Point) -> list[str]:
        """All files that must be there: those of every worker when the state is sharded."""
        if not self.state_is_sharded:
            return list(self._paths(point))
        workers = torch.distributed.get_world_size() if is_distributed() else self._rank + 1
        return [
            path.removesuffix(f"_w{self._rank}.th") + f"_w{worker}.th"
            for path in self._paths(point)
            for worker in range(workers)
        ]

    def _newest_readable(self) -> tuple[Point, TrainerCheckpoint] | None:
        problems: list[str] = []
        for half in sorted(self._points("model") ^ self._points("training")):
            problems.append(f"e{half.epochs}_b{half.batches}: one of its two files is missing")
        complete = self._complete_points()
        for point in complete:
            try:
                # every worker looks at all files, so that all of them fall back to the same point
                for path in self._files(point):
                    check_state_file(path)
                checkpoint = TrainerCheckpoint(*map(load_state, self._paths(point)))
            except UnreadableState as error:
                logger.warning("Checkpoint passed over: %s", error)
                problems.append(str(error))
                continue
            return point, checkpoint
        if complete:
            raise ConfigurationError(
                f"{self._serialization_dir} has checkpoints, but none can be read: "
                f"{'; '.join(problems)}. Put back copies of these files, or start again with "
                "another folder or --force"
            )
        if problems:
            logger.warning("No complete checkpoint, starting anew: %s", "; ".join(problems))
        return None
