import logging
from pathlib import Path
from typing import Any

import pytest
import torch
from allennlp.common import Params
from allennlp.common.checks import ConfigurationError
from allennlp.data import Batch, DatasetReader, Vocabulary

from allennlp_heads.data.dataset_readers import GlueReader
from allennlp_heads.data.dataset_readers.glue_layouts import GLUE_LAYOUTS
from tests.data.dataset_readers.text_files import WORDS, plain, write

MNLI = "index\tpromptID\tpairID\tgenre\tsentence1_binary_parse\tsentence2_binary_parse\t"
MNLI += "sentence1_parse\tsentence2_parse\tsentence1\tsentence2"
STSB = "index\tgenre\tfilename\tyear\told_index\tsource1\tsource2\tsentence1\tsentence2"
PARSES = "p\tp\tp\tp"

# task, file, examples
FILES: list[tuple[str, str, list[dict[str, Any]]]] = [
    (
        "cola",
        "gj04\t0\t*\tA b .\nx\t1\t\tC d.\n",
        [{"text": "A b .", "label": "0"}, {"text": "C d."}],
    ),
    ("cola", "source\tlabel\tmark\tsentence\nx\t1\t\tC\n", [{"text": "C", "label": "1"}]),
    ("cola", "index\tsentence\n7\tC d.\n", [{"index": "7", "text": "C d."}]),
    ("sst2", "sentence\tlabel\n a `` b  \t1\n", [{"text": " a `` b  ", "label": "1"}]),
    ("sst2", "index\tsentence\n0\ta \n", [{"text": "a "}]),
    (
        "mrpc",
        '\ufeffQuality\t#1 ID\t#2 ID\t#1 String\t#2 String\r\n1\t5\t6\t" A\tB "" c\r\n',
        [{"index": "0", "text": '" A', "text_pair": 'B "" c', "label": "1"}],
    ),
    (
        "mrpc",
        "\ufeffindex\t#1 ID\t#2 ID\t#1 String\t#2 String\n3\t5\t6\tA\tB\n",
        [{"index": "3", "text": "A", "text_pair": "B"}],
    ),
    (
        "qqp",
        "id\tqid1\tqid2\tquestion1\tquestion2\tis_duplicate\n9\t1\t2\tA?\t\t0\n",
        [{"index": "9", "text": "A?", "text_pair": "", "label": "0"}],
    ),
    ("qqp", "id\tquestion1\tquestion2\n9\tA?\tB?\n", [{"index": "9", "text_pair": "B?"}]),
    (
        "stsb",
        f"{STSB}\tscore\n0\tg\tf\t2012\t1\tn\tn\tA\tB\t3.800\n",
        [{"text": "A", "text_pair": "B", "score": pytest.approx(3.8)}],
    ),
    ("stsb", f"{STSB}\n4\tg\tf\t2012\t1\tn\tn\tA\tB\n", [{"index": "4", "text": "A"}]),
    (
        "mnli",
        f"{MNLI}\tlabel1\tgold_label\n8\t1\t1n\tg\t{PARSES}\tA\tB\tentailment\tneutral\n",
        [{"index": "8", "text": "A", "text_pair": "B", "label": "neutral"}],
    ),
    (
        "mnli",
        f"{MNLI}\tlabel1\tlabel2\tlabel3\tlabel4\tlabel5\tgold_label\n"
        f"8\t1\t1n\tg\t{PARSES}\tA\tB\ta\tb\tc\td\te\tcontradiction\n",
        [{"label": "contradiction"}],
    ),
    ("mnli", f"{MNLI}\n8\t1\t1n\tg\t{PARSES}\tA\tB\n", [{"index": "8", "text_pair": "B"}]),
    (
        "qnli",
        "index\tquestion\tsentence\tlabel\n0\tA?\tB\tnot_entailment\n",
        [{"text": "A?", "text_pair": "B", "label": "not_entailment"}],
    ),
    ("qnli", "index\tquestion\tsentence\n5\tA?\tB\n", [{"index": "5"}]),
    (
        "rte",
        "label\tsentence2\tsentence1\tindex\nentailment\tB\tA\t2\n",  # order of columns is free
        [{"index": "2", "text": "A", "text_pair": "B", "label": "entailment"}],
    ),
    ("rte", "index\tsentence1\tsentence2\n5\tA\tB\n", [{"index": "5"}]),
    ("wnli", "index\tsentence1\tsentence2\tlabel\n0\tA\tB\t1\n", [{"label": "1"}]),
    ("wnli", "index\tsentence1\tsentence2\n0\tA\tB\n", [{"text": "A"}]),
    ("ax", "index\tsentence1\tsentence2\n0\tA\tB\n", [{"text": "A", "text_pair": "B"}]),
]


def _read(path: str, task: str, **options: Any) -> list[dict[str, Any]]:
    return [plain(instance) for instance in GlueReader(task, WORDS, **options).read(path)]


@pytest.mark.parametrize("task, text, expected", FILES)
def test_layouts(tmp_path: Path, task: str, text: str, expected: list[dict[str, Any]]) -> None:
    examples = _read(write(tmp_path / "x.tsv", text), task)
    assert len(examples) == len(expected)
    for example, known in zip(examples, expected):
        assert {key: example[key] for key in known} == known
    layout = GLUE_LAYOUTS[task]
    gold = {"label", "score"} & set(examples[0])
    has_gold = layout.label in text or "\t*\t" in text
    assert gold == ({"label" if layout.labels else "score"} if has_gold else set())
    assert ("text_pair" in examples[0]) == (len(layout.texts) == 2)


@pytest.mark.parametrize("task, text, expected", FILES)
def test_windows_and_blank_lines(tmp_path: Path, task: str, text: str, expected: Any) -> None:
    unix = _read(write(tmp_path / "a.tsv", text.replace("\r", "")), task)
    windows = text.replace("\r", "").replace("\n", "\r\n").rstrip("\r\n") + "\r\n\r\n"
    assert _read(write(tmp_path / "b.tsv", windows), task) == unix
    assert _read(write(tmp_path / "c.tsv", "\ufeff" + text.lstrip("\ufeff")), task) == unix


QNLI = "index\tquestion\tsentence\tlabel\n"


@pytest.mark.parametrize(
    "task, text, line, problem",
    [
        ("qnli", "", 1, "no example"),
        ("qnli", QNLI, 1, "no example"),
        ("qnli", "sentence\tlabel\na\t1\n", 1, "no column 'question', which the task 'qnli'"),
        ("sst2", QNLI + "0\ta\tb\tentailment\n", 2, "label is 'entailment'.* one of 0, 1"),
        ("sst2", "sentence\ny\n", 1, "no column 'label'"),
        ("rte", "index\tsentence1\tsentence2\tlabels\n0\ta\tb\t1\n", 1, "no column 'label'"),
        ("qnli", QNLI + "0\ta\tb\n", 2, "3 fields, expected 4: index, question, sentence, label"),
        ("qnli", QNLI + "\n0\ta\tb\tc\tentailment\n", 3, "5 fields, expected 4"),
        ("qnli", QNLI + "0\ta\tb\tentailment \n", 2, "label is 'entailment '"),
        ("qnli", QNLI + "0\ta\tb\t-\n", 2, "label is '-'"),
        ("qnli", QNLI + "0\t \t\tentailment\n", 2, "no text in question, sentence"),
        ("cola", "x\t1\tA b.\n", 1, "3 fields, expected 4: source, label, mark, sentence"),
        ("cola", "x\t2\t\tA b.\n", 1, "label is '2'"),
        ("stsb", f"{STSB}\tscore\n0\tg\tf\t2\t1\tn\tn\tA\tB\t5.1\n", 2, "score is 5.1.*0 to 5"),
        ("stsb", f"{STSB}\tscore\n0\tg\tf\t2\t1\tn\tn\tA\tB\t\n", 2, "score is '', .*no number"),
        ("qqp", "id\tquestion1\tquestion2\n9\tA?\n", 2, "2 fields, expected 3"),
    ],
)
def test_errors_name_file_and_line(
    tmp_path: Path, task: str, text: str, line: int, problem: str
) -> None:
    path = write(tmp_path / "x.tsv", text)
    with pytest.raises(ConfigurationError, match=f"x.tsv:{line}: .*{problem}"):
        _read(path, task)


def test_other_errors(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="'task' is 'snli', but must be one of cola"):
        GlueReader("snli", WORDS)
    with pytest.raises(ConfigurationError, match="none.tsv: cannot be read"):
        _read(str(tmp_path / "none.tsv"), "rte")
    with pytest.raises(ConfigurationError, match="the text is empty"):
        GlueReader("cola", WORDS).text_to_instance(" ")


QQP = "id\tqid1\tqid2\tquestion1\tquestion2\tis_duplicate\n"
CUT = QQP + "0\t1\t2\tA\tB\t1\n1\t3\t4\tC\n\tD\t0\n2\t5\t6\t\t\t0\n3\t5\t6\tE\tF\t0\n"


def test_rows_cut_in_two(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = write(tmp_path / "x.tsv", CUT)
    with caplog.at_level(logging.WARNING):
        assert [example["index"] for example in _read(path, "qqp")] == ["0", "3"]
    assert "x.tsv: 3 broken rows left out, the first on line 3" in caplog.text
    with pytest.raises(ConfigurationError, match="x.tsv:3: 4 fields, expected 6"):
        _read(path, "qqp", skip_broken=False)
    rte = write(
        tmp_path / "y.tsv", "index\tsentence1\tsentence2\tlabel\n0\ta\n1\ta\tb\tentailment\n"
    )
    assert len(_read(rte, "rte", skip_broken=True)) == 1


def test_undecided_examples(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    rows = [f"{n}\t1\t1n\tg\t{PARSES}\tA\tB\t{gold}\n" for n, gold in enumerate(["-", "neutral"])]
    path = write(tmp_path / "x.tsv", f"{MNLI}\tgold_label\n" + "".join(rows))
    with caplog.at_level(logging.WARNING):
        assert [example["index"] for example in _read(path, "mnli")] == ["1"]
    assert "1 undecided rows left out, the first on line 2" in caplog.text


def test_fields_of_a_pair(tmp_path: Path, tiny_bert: str) -> None:
    path = write(tmp_path / "x.tsv", QNLI + "0\tthe cat\tin the river\tentailment\n")
    pieces = {"type": "transformer_pieces", "transformer_model": tiny_bert}
    config = {"type": "glue", "task": "qnli", "tokenizer": dict(pieces)}
    config["token_indexers"] = {"tokens": dict(pieces)}
    reader = DatasetReader.from_params(Params(config))
    (instance,) = reader.read(path)
    vocab = Vocabulary.from_instances([instance])
    assert vocab.get_token_to_index_vocabulary("qnli_labels") == {"entailment": 0}
    batch = Batch([instance])
    batch.index_instances(vocab)
    tensors: Any = batch.as_tensor_dict()
    tokens = tensors["tokens"]["tokens"]
    size = tokens["token_ids"].shape[1]
    assert tokens["special_mask"].sum() == 3 and tokens["type_ids"][0, -1] == 1
    assert tokens["type_ids"][0].tolist() == sorted(tokens["type_ids"][0].tolist())
    assert size == len(reader.text_to_instance("the cat", "in the river")["tokens"])
    assert tensors["label"].tolist() == [0]


def test_scores_are_numbers(tmp_path: Path) -> None:
    row = "0\tg\tf\t2\t1\tn\tn\tA\tB\t"
    path = write(tmp_path / "x.tsv", f"{STSB}\tscore\n{row}2.5\n{row}0\n")
    batch = Batch(list(GlueReader("stsb", WORDS).read(path)))
    batch.index_instances(Vocabulary())
    score: Any = batch.as_tensor_dict()["score"]
    assert score.tolist() == [2.5, 0.0] and score.dtype == torch.float32


def test_the_diagnostic_set_has_the_labels_of_mnli() -> None:
    assert GlueReader("ax", WORDS).label_namespace == "mnli_labels"
    assert GlueReader("rte", WORDS, label_namespace="x_labels").label_namespace == "x_labels"
