"""A coefficient that follows a plan, wherever it leads."""

from typing import Optional

from allennlp.common.checks import ConfigurationError

from allennlp_heads.training.sparsity_controls.sparsity_control import (
    Measured,
    Progress,
    SparsityControl,
    check_option,
)

_SHAPES = {
    "constant": lambda x: 1.0,
    "linear": lambda x: x,
    "cubic": lambda x: 1 - (1 - x) ** 3,
}


@SparsityControl.register("ramp")
class Ramp(SparsityControl):
    """
    The coefficient is 0 in the warm-up, then rises, and stays at its final value from `until` on.
    With `x` the share of the rise that is behind, it is that value times

    - `constant`: 1 (all at once after the warm-up),
    - `linear`: `x`,
    - `cubic`: `1 - (1 - x)^3`, fast at first and then ever slower (Zhu and Gupta 2017, Eq. 1).

    A plan does not look at the gates: whether it ends at the target is a matter of the final
    coefficient. The control `lagrangian` finds that itself.

    Registered as a `SparsityControl` with name `"ramp"`.

    # Parameters

    coefficient : `float`, optional (default = `None`)
        The final one, of 0 or more; by default what the gates, or their regularizer, are configured
        with.
    shape : `str`, optional (default = `"linear"`)
        `constant`, `linear` or `cubic`.
    warmup : `float`, optional (default = `0.1`)
    until : `float`, optional (default = `0.5`)
        Shares of all updates, with `0 <= warmup <= until <= 1`.
    by : `str`, optional (default = `"step"`)
        `"step"`: the coefficient changes with every update; `"epoch"`: it changes between epochs.

    Raises `ConfigurationError` for a name that does not exist and a number out of range.
    """

    def __init__(
        self,
        coefficient: Optional[float] = None,
        shape: str = "linear",
        warmup: float = 0.1,
        until: float = 0.5,
        by: str = "step",
    ) -> None:
        for key, value, names in (("shape", shape, list(_SHAPES)), ("by", by, ["step", "epoch"])):
            if value not in names:
                raise ConfigurationError(
                    f"trainer.callbacks, 'sparsity_target': '{key}' of the control 'ramp' is "
                    f"'{value}': give one of {names}"
                )
        if coefficient is not None:
            check_option("ramp", "coefficient", coefficient, 0)
        self._shape = _SHAPES[shape]
        self._warmup = check_option("ramp", "warmup", warmup, 0, 1)
        self._until = check_option("ramp", "until", until, warmup, 1)
        self._by = by
        self._final = coefficient

    def start(self, measured: Measured, coefficient: float) -> None:
        if self._final is None:
            self._final = coefficient

    def coefficient(self, measured: Measured, progress: Progress) -> float:
        assert self._final is not None
        share = progress.share(self._by)
        if share < self._warmup:
            return 0.0
        rise = self._until - self._warmup
        x = min(1.0, (share - self._warmup) / rise) if rise else 1.0
        return self._final * self._shape(x)

    def state_dict(self) -> dict[str, float]:
        return {"final": self._final or 0.0}

    def load_state_dict(self, state: dict[str, float]) -> None:
        self._final = state["final"]
