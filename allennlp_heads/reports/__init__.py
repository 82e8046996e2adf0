"""
The files this project writes: atomic writing, report schemas and figures.

What draws imports matplotlib, which takes long. Modules that are imported with the package
therefore import those that draw where they call them.
"""

from allennlp_heads.reports.files import (
    atomic_write,
    read_arrays,
    read_report,
    remove_leftovers,
    write_arrays,
    write_report,
)

__all__ = [
    "atomic_write",
    "read_arrays",
    "read_report",
    "remove_leftovers",
    "write_arrays",
    "write_report",
]
