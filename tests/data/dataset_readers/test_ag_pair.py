from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from allennlp.common.checks import ConfigurationError

from allennlp_heads.data.dataset_readers import AgPairReader
from tests.data.dataset_readers.text_files import WORDS, plain, write


def _file(folder: Path, topics: list[int], name: str = "train.csv") -> str:
    rows = [f'"{topic}","Title {n}","About ""{n}"""\n' for n, topic in enumerate(topics)]
    return write(folder / name, "".join(rows))


def _read(path: str, **options: Any) -> list[dict[str, Any]]:
    return [plain(instance) for instance in AgPairReader(WORDS, **options).read(path)]


def test_pairs(tmp_path: Path) -> None:
    topics = [1, 2, 3, 4] * 10
    path = _file(tmp_path, topics)
    pairs = _read(path)
    assert Counter(pair["label"] for pair in pairs) == {"same": 20, "different": 20}
    joined = [tuple(map(int, pair["index"].split("-"))) for pair in pairs]
    assert Counter(place for pair in joined for place in pair) == dict.fromkeys(range(40), 2)
    for (first, second), pair in zip(joined, pairs):
        assert pair["text"] == f'Title {first} - About "{first}"'
        assert pair["text_pair"] == f'Title {second} - About "{second}"'
        assert pair["label"] == ("same" if topics[first] == topics[second] else "different")
    assert _read(path) == pairs != _read(path, seed=14)


def test_no_item_is_in_two_parts(tmp_path: Path) -> None:
    path = _file(tmp_path, [1, 2, 3, 4] * 10)
    dev, train = (_read(path + part, dev_share=0.3) for part in ("#dev", "#train"))
    assert (len(dev), len(train)) == (12, 28)
    texts = [{pair[key] for pair in part for key in ("text", "text_pair")} for part in (dev, train)]
    assert not texts[0] & texts[1] and len(texts[0] | texts[1]) == 40
    with pytest.raises(ConfigurationError, match="never the test set"):
        _read(_file(tmp_path, [1, 2] * 4, "test.csv") + "#dev")


@pytest.mark.parametrize(
    "topics, reason", [([1, 1, 2], "an even number"), ([1] * 8, "three quarters")]
)
def test_items_that_cannot_be_paired(tmp_path: Path, topics: list[int], reason: str) -> None:
    with pytest.raises(
        ConfigurationError, match=f"train.csv:1: no pairs can be formed: .*{reason}"
    ):
        _read(_file(tmp_path, topics))


def test_max_instances(tmp_path: Path) -> None:
    path = _file(tmp_path, [1, 2] * 8)
    assert _read(path, max_instances=3) == _read(path)[:3]
