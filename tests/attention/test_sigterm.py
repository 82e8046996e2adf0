"""
AllenNLP makes SIGTERM an ordinary exception. It says nothing about files, and is not taken for an
encoder that cannot be opened or written.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

import pytest
from allennlp.common.util import SigTermReceived
from transformers import AutoModel, PreTrainedTokenizerBase

import tests.tiny as tiny
from allennlp_heads.attention import pretrained, save_plain
from allennlp_heads.attention.pretrained import carry_files, load_encoder, load_tokenizer

Use = Callable[[str, Path], Any]


def carry(name: str, folder: Path) -> None:
    carry_files(name, tiny.encoder("bert"), folder)


def plain(name: str, folder: Path) -> None:
    save_plain(tiny.encoder("bert"), {}, folder / "plain", tiny.tokenizer("bert"), "")


@pytest.mark.parametrize(
    ("use", "owner", "moment"),
    [
        (load_tokenizer, pretrained, "_open_tokenizer"),
        (load_encoder, pretrained.AutoConfig, "from_pretrained"),
        (load_encoder, pretrained, "_read_weights"),
        (carry, pretrained, "load_tokenizer"),
        (carry, PreTrainedTokenizerBase, "save_pretrained"),
        (plain, AutoModel, "from_config"),
        (plain, AutoModel, "from_pretrained"),
        (plain, PreTrainedTokenizerBase, "save_pretrained"),
    ],
)
def test_it_passes_and_leaves_nothing(
    use: Use,
    owner: Any,
    moment: str,
    tiny_bert: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def terminated(*args: Any, **options: Any) -> NoReturn:
        raise SigTermReceived

    monkeypatch.setattr(owner, moment, terminated)
    with pytest.raises(SigTermReceived):
        use(tiny_bert, tmp_path)
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]
