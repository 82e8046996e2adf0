import pytest

from allennlp_heads.data.ptb_escapes import plain_word


@pytest.mark.parametrize(
    "word, plain",
    [
        ("-LRB-", "("),
        ("-RCB-", "}"),
        (":--RRB-", ":-)"),
        ("-RRB--RRB-", "))"),
        ("1\\/2", "1/2"),
        ("\\*\\*", "**"),
        ("/.", "."),
        ("/?", "?"),
        ("``", '"'),
        ("”", '"'),
        ("’", "'"),
        ("—", "--"),
    ],
)
def test_escapes(word: str, plain: str) -> None:
    assert plain_word(word) == plain


@pytest.mark.parametrize("word", ["well-known", "--", "a/.", "'s", "’s", "-lrb-", "(", "\\", "LRB"])
def test_other_words_stay(word: str) -> None:
    assert plain_word(word) == word
