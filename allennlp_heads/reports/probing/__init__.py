"""What probes of attention heads write: files, tables and pictures, and those of compared ones."""

from allennlp_heads.reports.probing.files import probe_file, read_probe, write_probe

__all__ = ["probe_file", "read_probe", "write_probe"]
