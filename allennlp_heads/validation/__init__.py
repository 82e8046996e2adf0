"""Looking at a configuration before it is trained: `allennlp heads validate`."""

from allennlp_heads.validation.findings import Finding, Findings
from allennlp_heads.validation.validate import Validation, validate

__all__ = ["Finding", "Findings", "Validation", "validate"]
