"""What is wrong with a configuration: one line each, with its key and what to do."""

from __future__ import annotations

from dataclasses import asdict, dataclass

ERROR, WARNING = "error", "warning"


@dataclass(frozen=True)
class Finding:
    """
    # Parameters

    severity : `str`
        `"error"`: the training would fail, or not do what is written. `"warning"`: it may be meant.
    key : `str`
        Where in the configuration, with dots.
    message : `str`
        What is wrong.
    cure : `str`, optional (default = `""`)
        What to do; empty where the message says it.
    """

    severity: str
    key: str
    message: str
    cure: str = ""

    def __str__(self) -> str:
        sentence = " ".join(self.message.split())
        end = "" if sentence.endswith((".", "?", "!")) else "."
        cure = f" {self.cure}" if self.cure else ""
        return f"{self.severity}: {self.key}: {sentence}{end}{cure}"


class Findings(list[Finding]):
    """All that was found, in the order of finding; nothing twice."""

    def error(self, key: str, message: str, cure: str = "") -> None:
        """Add an error."""
        self._add(Finding(ERROR, key, message, cure))

    def warning(self, key: str, message: str, cure: str = "") -> None:
        """Add a warning."""
        self._add(Finding(WARNING, key, message, cure))

    @property
    def failed(self) -> bool:
        """Whether there is an error among them."""
        return any(finding.severity == ERROR for finding in self)

    def as_dicts(self) -> list[dict[str, str]]:
        """For JSON."""
        return [asdict(finding) for finding in self]

    def _add(self, finding: Finding) -> None:
        if finding not in self:
            self.append(finding)
