"""AllenNLP's error about a name that nothing is registered under, in fewer words."""

from __future__ import annotations

import ast
import difflib
import re
from dataclasses import dataclass

_NO_CHOICE = re.compile(r"(\S+) not in acceptable choices for (\S+): (\[[^\]]*\])")


@dataclass(frozen=True)
class Unregistered:
    """
    # Parameters

    name : `str`
        That nothing is registered under.
    key : `str`
        Where in the configuration, as far as AllenNLP says it.
    choices : `List[str]`
        What is registered.
    """

    name: str
    key: str
    choices: list[str]

    @classmethod
    def in_message(cls, message: str, start: bool = True) -> Unregistered | None:
        """What AllenNLP's message says, at its start or anywhere; `None` for another message."""
        found = (_NO_CHOICE.match if start else _NO_CHOICE.search)(message)
        return cls(found[1], found[2], ast.literal_eval(found[3])) if found else None

    @property
    def message(self) -> str:
        """What is wrong."""
        return f"nothing is registered as '{self.name}'"

    @property
    def close(self) -> str | None:
        """The registered name that is most like it."""
        return next(iter(difflib.get_close_matches(self.name, self.choices, n=1)), None)

    @property
    def cure(self) -> str:
        """What to do: write the name that is meant, choose another, or name a module."""
        if self.close:
            return f"Write '{self.close}', if that is meant."
        return (
            f"Choose from {', '.join(self.choices)}, or name the module of your own with "
            "--include-package."
        )

    def in_short(self) -> str:
        """For a trained model, whose configuration is right: the module is what lacks."""
        meant = f", or write '{self.close}', if that is meant" if self.close else ""
        return (
            f"{self.key}: {self.message}: name the module that registers it with "
            f"--include-package{meant}"
        )
