"""
Tells whether the installed versions can work together, before any of them is imported.

On a stack that cannot work, `import allennlp` or `import torch` is what fails, and with it the
package around this folder. So the files here know versions only (`importlib.metadata`), import
nothing but the standard library and, relatively, each other, run on every Python from 3.8 on, and
are loaded by their path where need be (see `allennlp_heads_cli`).
"""

from .report import add_arguments, has_problem, main, render, run
from .rules import check, check_python
from .stack import Finding, Stack, pinned_versions, this_stack

__all__ = [
    "Finding",
    "Stack",
    "add_arguments",
    "check",
    "check_python",
    "has_problem",
    "main",
    "render",
    "run",
    "pinned_versions",
    "this_stack",
]
