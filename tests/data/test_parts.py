import pytest
from allennlp.common.checks import ConfigurationError
from hypothesis import given
from hypothesis import strategies as st

from allennlp_heads.data.parts import check_share, split_part, take_part


@pytest.mark.parametrize(
    "path, expected",
    [
        ("a/train.csv", ("a/train.csv", None)),
        ("a/train.csv#dev", ("a/train.csv", "dev")),
        ("imdb/train#train", ("imdb/train", "train")),
        ("a#b/train.csv", ("a#b/train.csv", None)),
        ("test/train.csv#dev", ("test/train.csv", "dev")),
    ],
)
def test_split_part(path: str, expected: tuple[str, str | None]) -> None:
    assert split_part(path) == expected


@pytest.mark.parametrize("path", ["a/test.csv#dev", "imdb/test#train", "test.csv.gz#dev"])
def test_the_test_set_is_never_divided(path: str) -> None:
    with pytest.raises(ConfigurationError, match="never the test set"):
        split_part(path)


@given(size=st.integers(2, 60), share=st.floats(0.01, 0.5), seed=st.integers(0, 5), data=st.data())
def test_parts_divide_in_order(size: int, share: float, seed: int, data: st.DataObject) -> None:
    items = list(range(size))
    dev, train = (take_part(items, part, share, seed) for part in ("dev", "train"))
    assert list(dev) == sorted(dev) and list(train) == sorted(train)
    assert sorted([*dev, *train]) == items == list(take_part(items, None, share, seed))
    assert len(dev) == max(1, round(share * size))
    assert dev == take_part(items, "dev", share, seed)


def test_the_seed_draws() -> None:
    drawn = {tuple(take_part(range(100), "dev", 0.1, seed)) for seed in range(5)}
    assert len(drawn) == 5


def test_nothing_left() -> None:
    with pytest.raises(ConfigurationError, match="leaves none to train on"):
        take_part([1], "dev", 0.1, 0)


@pytest.mark.parametrize("share", [0.0, 1.0, -0.1, float("nan")])
def test_wrong_share(share: float) -> None:
    with pytest.raises(ConfigurationError, match="dev_share"):
        check_share(share)
