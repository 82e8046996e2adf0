"""`best.th` as it has to be when training goes on from a checkpoint."""

import logging
import os
from typing import Any

import torch
from allennlp.common.checks import ConfigurationError
from allennlp.training.trainer import TrainerCheckpoint

from allennlp_heads.training.state_files import (
    UnreadableState,
    check_state_file,
    load_state,
    save_state,
)

logger = logging.getLogger(__name__)

IS_BEST = "is_best"
"""Key of the training state: whether the trainer makes `best.th` from this checkpoint."""

State = dict[str, Any]


def repair_best_weights(
    checkpoint: TrainerCheckpoint, paths: list[tuple[str, str]], write: bool = True
) -> None:
    """
    Make `best.th` agree with a checkpoint. The trainer writes it after the checkpoint, so that a
    kill in between leaves none, or that of an earlier epoch, and the state does not name it.

    Sets `best_model_filename` in the training state.

    # Parameters

    checkpoint : `TrainerCheckpoint`
        What training resumes from.
    paths : `List[Tuple[str, str]]`
        Model file and training file of this checkpoint and then of older ones, newest first.
    write : `bool`, optional (default = `True`)
        `False` in all workers but the first.

    Raises `ConfigurationError` when the weights of the best epoch are nowhere to be found.
    """
    state = checkpoint.trainer_state
    if not is_best(state) and state["best_model_filename"] is None:
        return  # no epoch has been validated yet
    best = os.path.join(os.path.dirname(paths[0][0]), "best.th")
    # the recorded name is from before this epoch, and the folder may have been moved since
    state["best_model_filename"] = best
    if not write:
        return
    if is_best(state):
        current = best_weights(checkpoint)
        if not _holds(best, current):
            _rewrite(best, current, paths[0][0])
        return
    later = os.path.isfile(best) and os.path.getmtime(best) > os.path.getmtime(paths[0][1])
    if _is_whole(best) and not later:
        return
    weights, source = _from_older(state, paths[1:])
    if weights is not None:
        _rewrite(best, weights, source)
    elif later:
        logger.warning("%s is of a later epoch, which will be trained again and replace it", best)
    else:
        raise ConfigurationError(
            f"{best} is missing or damaged, and no checkpoint that was kept has the weights of the "
            f"best epoch ({state['metric_tracker']['best_epoch']}): put back a copy of this file, "
            "or start again with another folder or --force"
        )


def is_best(state: State) -> bool:
    """Whether the trainer makes `best.th` from the checkpoint with this training state."""
    at_end_of_epoch = state["batches_in_epoch_completed"] == 0 and state["epochs_completed"] > 0
    # without the key the file is from AllenNLP's own checkpointer
    return at_end_of_epoch and state.get(IS_BEST, state["metric_tracker"]["is_best_so_far"])


def best_weights(checkpoint: TrainerCheckpoint) -> State:
    """The model of a checkpoint as `best.th` has it: averaged when there is a moving average."""
    model: State = checkpoint.model_state
    average = checkpoint.trainer_state.get("moving_average")
    if average is None:
        return model
    # by storage, since a tied parameter has two names in the model and one in the average;
    # distributed training puts "module." before the names in the average
    named = ((name.removeprefix("module."), tensor) for name, tensor in average["shadows"].items())
    shadows = {model[name].data_ptr(): shadow for name, shadow in named}
    return {name: shadows.get(tensor.data_ptr(), tensor) for name, tensor in model.items()}


def _from_older(state: State, paths: list[tuple[str, str]]) -> tuple[State | None, str]:
    for model_path, training_path in paths:
        try:
            older = load_state(training_path)
            if is_best(older):
                if not _same_best(state, older):
                    break
                check_state_file(model_path)
                return best_weights(TrainerCheckpoint(load_state(model_path), older)), model_path
        except UnreadableState as error:
            logger.warning("Checkpoint passed over: %s", error)
            break
    return None, ""


def _same_best(state: State, older: State) -> bool:
    now, then = state["metric_tracker"], older["metric_tracker"]
    if now["best_epoch"] is None:  # nothing is validated: the last epoch is always the best
        return state["epochs_completed"] == older["epochs_completed"]
    return all(now[key] == then[key] for key in ("best_epoch", "best_so_far"))


def _is_whole(path: str) -> bool:
    try:
        check_state_file(path)
    except UnreadableState:
        return False
    return True


def _holds(path: str, weights: State) -> bool:
    try:
        check_state_file(path)
        found = load_state(path)
    except UnreadableState:
        return False
    return found.keys() == weights.keys() and all(
        torch.equal(found[name], tensor) for name, tensor in weights.items()
    )


def _rewrite(path: str, weights: State, source: str) -> None:
    save_state(path, weights)
    logger.warning("%s was missing, damaged or outdated: written again from %s", path, source)
