"""The columns of GLUE's files, task by task."""

from dataclasses import dataclass

PAIR = ("sentence1", "sentence2")
BINARY = ("0", "1")
ENTAILMENT = ("entailment", "not_entailment")
INFERENCE = ("entailment", "neutral", "contradiction")
_PARSES = ("sentence1_binary_parse", "sentence2_binary_parse", "sentence1_parse", "sentence2_parse")


@dataclass(frozen=True)
class GlueLayout:
    """
    Where a task's files have what.

    # Parameters

    texts : `Tuple[str, ...]`
        The column of the text, or those of both texts.
    labels : `Tuple[str, ...]`
        The classes as the file writes them; none in a regression task.
    label : `str`, optional (default = `"label"`)
        The column of the class or score.
    index : `str`, optional (default = `"index"`)
        The column that names an example; files need not have it.
    others : `Tuple[str, ...]`, optional (default = `()`)
        What else the task's test file has.
    bare : `Tuple[str, ...]`, optional (default = `()`)
        The columns of files without header, for the task that has such.
    undecided : `Tuple[str, ...]`, optional (default = `()`)
        What stands for a class that the annotators did not agree on.
    broken_rows : `bool`, optional (default = `False`)
        Whether the official file is known to have rows cut in two by a line break in the text.
    """

    texts: tuple[str, ...]
    labels: tuple[str, ...]
    label: str = "label"
    index: str = "index"
    others: tuple[str, ...] = ()
    bare: tuple[str, ...] = ()
    undecided: tuple[str, ...] = ()
    broken_rows: bool = False

    def is_test_file(self, columns: list[str]) -> bool:
        """Whether a header is that of the task's test file, which has no labels."""
        test = {self.index, *self.texts, *self.others}
        return self.index in columns and set(columns) <= test


GLUE_LAYOUTS = {
    "cola": GlueLayout(("sentence",), BINARY, bare=("source", "label", "mark", "sentence")),
    "sst2": GlueLayout(("sentence",), BINARY),
    "mrpc": GlueLayout(
        ("#1 String", "#2 String"), BINARY, label="Quality", others=("#1 ID", "#2 ID")
    ),
    "qqp": GlueLayout(
        ("question1", "question2"), BINARY, label="is_duplicate", index="id", broken_rows=True
    ),
    "stsb": GlueLayout(
        PAIR,
        (),
        label="score",
        others=("genre", "filename", "year", "old_index", "source1", "source2"),
    ),
    "mnli": GlueLayout(
        PAIR,
        INFERENCE,
        label="gold_label",
        others=("promptID", "pairID", "genre", *_PARSES),
        undecided=("-",),
    ),
    "qnli": GlueLayout(("question", "sentence"), ENTAILMENT),
    "rte": GlueLayout(PAIR, ENTAILMENT),
    "wnli": GlueLayout(PAIR, BINARY),
    "ax": GlueLayout(PAIR, INFERENCE),
}
"""Every task of GLUE, and its diagnostic set `ax`."""
