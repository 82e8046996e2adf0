"""The command `check`: what is installed, what cannot work, what to do."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence

from .rules import check, check_python
from .stack import Finding, Stack, this_stack

SHOWN = (
    "torch",
    "torchvision",
    "transformers",
    "tokenizers",
    "huggingface_hub",
    "allennlp",
    "allennlp_heads",
    "fairscale",
    "numpy",
    "spacy",
)
"""The versions that decide most; the report lists them first."""


def main(arguments: Sequence[str] | None = None, prog: str = "allennlp-heads check") -> int:
    """
    Checks the installation that runs this and writes the report to standard output.

    # Parameters

    arguments : `Sequence[str]`, optional (default = `None`)
        Command line; `None` takes that of the process.
    prog : `str`, optional (default = `"allennlp-heads check"`)
        The command's name in its help.

    # Returns

    `int`
        Exit status: 0 if the versions can work together, 1 if not.
    """
    parser = argparse.ArgumentParser(prog=prog, description="Checks the installed versions.")
    add_arguments(parser)
    options = parser.parse_args(arguments)
    return run(as_json=options.json, python_only=options.python_only)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `check`, for every parser that offers it."""
    parser.add_argument("--json", action="store_true", help="write JSON, for machines")
    parser.add_argument(
        "--python-only",
        action="store_true",
        help="check only whether the tested versions can be installed on this Python",
    )


def run(as_json: bool = False, python_only: bool = False) -> int:
    """Writes the report; see `main` for what comes back."""
    stack = this_stack()
    findings = list(check_python(stack, pinned=True)) if python_only else check(stack)
    if as_json:
        sys.stdout.write(_as_json(stack, findings))
    elif python_only:
        sys.stdout.write(_render_findings(findings))
    else:
        sys.stdout.write(render(stack, findings))
    return int(has_problem(findings))


def has_problem(findings: Sequence[Finding]) -> bool:
    """Whether something was found with which nothing works."""
    return any(finding.level == "problem" for finding in findings)


def render(stack: Stack, findings: Sequence[Finding]) -> str:
    """The report for a person: versions, findings with what to do, and the verdict last."""
    verdict = "cannot" if has_problem(findings) else "can"
    versions = {"python": ".".join(map(str, stack.python))}
    versions.update((name, stack.version(name) or "missing") for name in SHOWN)
    listed = "".join(f"{name:16} {version}\n" for name, version in versions.items())
    return f"{listed}{_render_findings(findings)}These versions {verdict} work together.\n"


def _render_findings(findings: Sequence[Finding]) -> str:
    text = ""
    for finding in findings:
        text += f"{finding.level}: {finding.message}\n"
        text += f"    do: {finding.remedy}\n" if finding.remedy else ""
    return text


def _as_json(stack: Stack, findings: Sequence[Finding]) -> str:
    report = {
        "schema": "installation",
        "schema_version": 1,
        "ok": not has_problem(findings),
        "python": ".".join(map(str, stack.python)),
        "versions": {name: stack.version(name) for name in SHOWN},
        "findings": [finding._asdict() for finding in findings],
    }
    return json.dumps(report, indent=2) + "\n"
