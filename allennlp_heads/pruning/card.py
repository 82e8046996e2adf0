"""The model card of a plain folder for the `transformers` library."""

import re
from pathlib import Path
from typing import Any

from allennlp_heads.attention import locate

_FRONT_MATTER = re.compile(r"\A---\n(.*?)\n---", re.DOTALL)
_LICENSE = re.compile(r"^license: *([\w.+-]+) *$", re.MULTILINE)


def model_card(report: dict[str, Any]) -> str:
    """
    The text of `README.md`: plain facts, all from the report of a pruning.

    # Parameters

    report : `Dict[str, Any]`
        What `pruning.json` says.
    """
    before, after = report["heads"]["before"], report["heads"]["after"]
    parameters = report["parameters"]["encoder"]
    cost = report["cost"]
    rows = "\n".join(
        f"| {layer + 1} | {len(kept)} | {_numbers(kept)} |"
        for layer, kept in enumerate(report["kept"])
    )
    # a folder of this machine means nothing elsewhere
    encoder = report["encoder"]
    shown = Path(encoder).name if Path(encoder).is_absolute() else encoder
    return f"""{_head(encoder)}# {Path(encoder).name} with {after} attention heads

The encoder `{shown}` after {before - after} of {before} attention heads were removed:
{parameters["after"]:,} parameters instead of {parameters["before"]:,}.

```python
from transformers import AutoModel, AutoTokenizer
encoder, tokenizer = (c.from_pretrained("this folder") for c in (AutoModel, AutoTokenizer))
```

## How it was pruned

{_how(report)}
Where the encoder was trained together with its gates, its other weights differ from those of the
original, too. Written by `allennlp heads prune` (allennlp_heads).

| layer | heads kept | which of the original, counted from 1 |
|---|---|---|
{rows}

## Limits

- It holds the encoder alone, without the heads of its tasks; those are in the AllenNLP archive
  `model.tar.gz`. A pooling layer, if the class has one, is not trained.
- What was learned is what the training's task needs. For other tasks nothing was measured.
- By count of multiply-adds it is {cost["expected_speedup"]:.2f} times as fast as before at
  {cost["tokens"]} pieces. Attention's projections were {cost["attention_projections_share"]:.0%}
  of the work; without any heads it would be {cost["speedup_without_heads"]:.2f} times as fast.
"""


def _how(report: dict[str, Any]) -> str:
    task = f" of the task `{report['task']}`" if report["task"] else ""
    if report["keep"] is not None:
        return f"The {report['heads']['after']} heads with the highest gates{task} were kept."
    return f"Heads whose gate{task} is above {report['threshold']} were kept."


def _numbers(heads: list[int]) -> str:
    return ", ".join(str(head + 1) for head in heads) or "none"


def _head(encoder: str) -> str:
    """The license, where the card of the original encoder states one."""
    try:
        card = (Path(locate(encoder)) / "README.md").read_text(encoding="utf-8")
    except (OSError, ValueError):
        return ""
    front = _FRONT_MATTER.match(card)
    license_name = _LICENSE.search(front[1]) if front else None
    return f"---\nlicense: {license_name[1]}\n---\n\n" if license_name else ""
