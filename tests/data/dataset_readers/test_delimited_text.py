import csv
import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from allennlp.common import Params
from allennlp.common.checks import ConfigurationError
from allennlp.data import DatasetReader
from hypothesis import given
from hypothesis import strategies as st

from allennlp_heads.data.dataset_readers import DelimitedTextReader
from tests.data.dataset_readers.text_files import WORDS, plain, write

AG = {"text": [1, 2], "label": 0, "header": False}
TOPICS = {"1": "World", "2": "Sports", "3": "Business", "4": "Sci/Tech"}


def _read(path: str | Path, **options: Any) -> list[dict[str, Any]]:
    return [plain(instance) for instance in DelimitedTextReader(WORDS, **options).read(path)]


TEXT = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\ufeff\0")
    | st.sampled_from('",\n\r\\ '),
    max_size=12,
)


@given(
    rows=st.lists(
        st.tuples(TEXT.filter(str.strip), TEXT, st.sampled_from("abc")), min_size=1, max_size=5
    ),
    quoting=st.sampled_from([csv.QUOTE_ALL, csv.QUOTE_MINIMAL]),
    end=st.sampled_from(["\n", "\r\n"]),
    packed=st.booleans(),
)
def test_what_csv_writes_comes_back(
    tmp_path_factory: pytest.TempPathFactory,
    rows: list[tuple[str, str, str]],
    quoting: Any,
    end: str,
    packed: bool,
) -> None:
    if end == "\n" and any("\r" in cell for row in rows for cell in row):
        quoting = csv.QUOTE_ALL  # csv leaves such a cell bare, which nothing reads back
    path = tmp_path_factory.getbasetemp() / ("x.csv.gz" if packed else "x.csv")
    opener: Any = gzip.open if packed else open
    with opener(path, "wt", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, quoting=quoting, lineterminator=end)
        writer.writerows([("one", "two", "class"), *rows])
    read = _read(path, text="one", text_pair="two", label="class")
    assert [(x["text"], x["text_pair"], x["label"]) for x in read] == rows


@pytest.mark.parametrize("text", ["one,class\ra,b\r", "one,class\na\rb,c\n"])
def test_bare_carriage_returns(tmp_path: Path, text: str) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes(text.encode())
    with pytest.raises(ConfigurationError, match=r"x\.csv:\d.*carriage return"):
        _read(path, text="one", label="class")


def test_ag_news(tmp_path: Path) -> None:
    text = '"3","Wall St. ""Bears""","Reuters - Short-sellers\\band, AP\nare #39;back"\r\n'
    path = write(tmp_path / "train.csv", text + '"2","A","B"\r\n')
    first, second = _read(path, **AG, labels=TOPICS)
    assert first == {
        "index": "0",
        "text": 'Wall St. "Bears" Reuters - Short-sellers\\band, AP\nare #39;back',
        "label": "Business",
    }
    assert second["text"] == "A B" and second["label"] == "Sports"
    cleaned, _ = _read(path, **AG, join=" - ", replace={"\\": " ", "\n": " "})
    assert cleaned["text"] == 'Wall St. "Bears" - Reuters - Short-sellers band, AP are #39;back'
    assert cleaned["label"] == "3"


def test_scitail(tmp_path: Path) -> None:
    path = write(tmp_path / "s.tsv", 'An "acid\tAcids "sour.\tentails\nB\tC\tneutral\n')
    options = {"text": 0, "text_pair": 1, "label": -1, "header": False}
    first, second = _read(path, **options, labels=["entails", "neutral"])
    assert first == {
        "index": "0",
        "text": 'An "acid',
        "text_pair": 'Acids "sour.',
        "label": "entails",
    }
    named = {"text": "p", "text_pair": "h", "label": "l", "header": False}
    assert _read(path, **named, columns=["p", "h", "l"]) == [first, second]


def test_json_lines(tmp_path: Path) -> None:
    rows = [{"id": 7, "text": "a\nb", "label": True}, {"label": 0, "text": "c", "id": "x"}]
    path = write(tmp_path / "x.jsonl", "\n".join(map(json.dumps, rows)))
    assert _read(path, index="id") == [
        {"index": "7", "text": "a\nb", "label": "true"},
        {"index": "x", "text": "c", "label": "0"},
    ]


def test_scores_and_no_label(tmp_path: Path) -> None:
    path = write(tmp_path / "x.txt", "text;score\na;-1.5\n")
    assert _read(path, score="score", delimiter=";")[0]["score"] == -1.5
    assert _read(path, label=None, delimiter=";") == [{"index": "0", "text": "a"}]


def _imdb(folder: Path) -> Path:
    texts = {
        "pos/0_9": "good\r\n",
        "pos/1_7": " fine ",
        "neg/0_2": 'a "bad"\none\n',
        "unsup/0_0": "?",
    }
    for name, text in texts.items():
        write(folder / f"{name}.txt", text)
    write(folder / "urls_pos.txt", "no review")
    return folder


def test_imdb(tmp_path: Path) -> None:
    read = _read(_imdb(tmp_path), labels={"pos": "1", "neg": "0"})
    assert read == [
        {"index": "neg/0_2.txt", "text": 'a "bad"\none', "label": "0"},
        {"index": "pos/0_9.txt", "text": "good", "label": "1"},
        {"index": "pos/1_7.txt", "text": " fine ", "label": "1"},
    ]


def test_parts(tmp_path: Path) -> None:
    text = "".join(f'"{n % 4 + 1}","t{n}","d"\n' for n in range(40))
    path = write(tmp_path / "train.csv", text)
    indices = {
        part: {example["index"] for example in _read(path + part, **AG, dev_share=0.25)}
        for part in ("", "#train", "#dev")
    }
    assert len(indices["#dev"]) == 10 and not indices["#dev"] & indices["#train"]
    assert indices["#dev"] | indices["#train"] == indices[""]
    again = {example["index"] for example in _read(path + "#dev", **AG, dev_share=0.25, dev_seed=1)}
    assert again != indices["#dev"]
    test = write(tmp_path / "test.csv", text)
    assert len(_read(test, **AG, dev_share=0.25)) == 40
    with pytest.raises(ConfigurationError, match="never the test set"):
        _read(test + "#dev", **AG)
    folder = _imdb(tmp_path / "train")
    assert len(_read(f"{folder}#train", labels=["pos", "neg"], dev_share=0.3)) == 2


def test_from_params(tmp_path: Path) -> None:
    config = {"type": "delimited_text", "tokenizer": "just_spaces", "labels": dict(TOPICS)}
    reader = DatasetReader.from_params(Params({**config, **AG, "text": [1, 2]}))
    (instance,) = reader.read(write(tmp_path / "x.csv", '"1","a","b"\n'))
    assert plain(instance)["label"] == "World"
    config = {"type": "delimited_text", "tokenizer": "just_spaces", "labels": ["1"], "text": "t"}
    reader = DatasetReader.from_params(Params({**config, "score": 1}))
    (instance,) = reader.read(write(tmp_path / "y.csv", "t,s\na,2\n"))
    assert plain(instance)["score"] == 2.0


@pytest.mark.parametrize(
    "name, text, options, problem",
    [
        ("x.csv", "", {}, "x.csv:1: no example"),
        ("x.csv", "text,label\n", {}, "x.csv:1: no example"),
        ("x.tsv", "text\tlabel\na\tb\tc\n", {}, "x.tsv:2: 3 fields, expected 2: text, label"),
        ("x.tsv", "a\tb\nc\n", {**AG, "text": 1}, "x.tsv:2: 1 fields, expected 2: 0, 1"),
        ("x.tsv", "sentence\tlabel\na\tb\n", {}, "x.tsv:2: there is no column 'text'"),
        ("x.csv", "text,label\na,\n", {}, "x.csv:2: 'label' has no label"),
        ("x.csv", "text,label\na,c\n", {"labels": ["d", "e"]}, "x.csv:2: 'label' is 'c'.* d, e"),
        ("x.csv", "text,label\n ,c\n", {}, "x.csv:2: there is no text in this row"),
        ("x.csv", 'text,label\n"a\nb",c\n"d,e\n', {}, "x.csv:4: wrong quotes"),
        ("x.csv", "text,s\na,b\n", {"score": "s"}, "x.csv:2: s is 'b', which is no number"),
        ("x.jsonl", '{"text": 3, "label": "a"}', {}, "x.jsonl:1: 'text' is 3, but must be a text"),
        ("x.jsonl", '{"text": "a", "label": null}', {}, "x.jsonl:1: 'label' has no label"),
        ("x.jsonl", '{"text": "a"}', {}, "x.jsonl:1: there is no column 'label'"),
    ],
)
def test_errors_name_file_and_line(
    tmp_path: Path, name: str, text: str, options: dict[str, Any], problem: str
) -> None:
    path = write(tmp_path / name, text)
    with pytest.raises(ConfigurationError, match=problem):
        _read(path, **options)


def test_folder_errors(tmp_path: Path) -> None:
    folder = _imdb(tmp_path)
    with pytest.raises(ConfigurationError, match="is a folder: give 'labels'"):
        _read(folder)
    with pytest.raises(ConfigurationError, match="none: no file here ends in .txt"):
        _read(folder, labels=["pos", "none"])
    write(folder / "neg" / "5_1.txt", "\n")
    with pytest.raises(ConfigurationError, match="5_1.txt:1: there is no text"):
        _read(folder, labels=["neg"])


@pytest.mark.parametrize(
    "options, problem",
    [
        ({"format": "xml"}, "'format' is 'xml'"),
        ({"delimiter": ", "}, "'delimiter' is ', '"),
        ({"columns": ["a"]}, "'columns' names the columns of a file without header"),
        ({"dev_share": 1.5}, "'dev_share' is 1.5"),
    ],
)
def test_wrong_options(options: dict[str, Any], problem: str) -> None:
    with pytest.raises(ConfigurationError, match=problem):
        DelimitedTextReader(WORDS, **options)
