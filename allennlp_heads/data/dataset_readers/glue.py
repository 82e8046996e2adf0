"""The nine tasks of GLUE and its diagnostic set, in GLUE's own files."""

import logging
from collections.abc import Iterable, Iterator
from typing import Optional

from allennlp.data import DatasetReader, Instance, TokenIndexer, Tokenizer

from allennlp_heads.data.dataset_readers.glue_layouts import GLUE_LAYOUTS, GlueLayout
from allennlp_heads.data.dataset_readers.sentence_reader import one_of
from allennlp_heads.data.dataset_readers.text_reader import TextExample, TextReader
from allennlp_heads.data.lines import data_error, numbered_lines
from allennlp_heads.data.paths import resolve
from allennlp_heads.data.tables import Row, named, table_rows

logger = logging.getLogger(__name__)

LOWEST, HIGHEST = 0.0, 5.0


@DatasetReader.register("glue")
class GlueReader(TextReader):
    """
    Reads the files of GLUE (Wang et al., 2019) as they are distributed: `train.tsv`, `dev.tsv`
    (MNLI: `dev_matched.tsv`, `dev_mismatched.tsv`) and `test.tsv`.

    Columns are found by their names in the header, in any order; CoLA's `train.tsv` and `dev.tsv`
    have none and always the same four columns. Quotes are text, blanks are kept, byte order marks
    and Windows' line ends are not part of the text. Test files have no labels, and neither have
    their instances; their `index` is what GLUE's submissions want.

    Two kinds of examples are left out, with their number in the log: pairs whose annotators did not
    agree (`gold_label` is `-`), and, in QQP's labelled files, rows that a line break inside a
    question has cut in two. In every other file a row with other than the header's columns is an
    error. Test files never lose an example.

    The data path is one file; `${HEADS_DATA}` is replaced, see `allennlp_heads.data.paths.resolve`.
    The fields are those of `TextReader`; labels are written as in the file (`0` and `1`, or
    `entailment`, `not_entailment`, `neutral`, `contradiction`).

    Registered as a `DatasetReader` with name "glue".

    # Parameters

    task : `str`
        `"cola"`, `"sst2"`, `"mrpc"`, `"qqp"`, `"stsb"` (a regression: field `score`, 0 to 5),
        `"mnli"`, `"qnli"`, `"rte"`, `"wnli"`, or `"ax"`, the diagnostic set for MNLI's labels.
    tokenizer : `Tokenizer`
        Splits the texts; usually `transformer_pieces`.
    token_indexers : `Dict[str, TokenIndexer]`, optional (default = `{"tokens":
    SingleIdTokenIndexer()}`)
        How tokens become numbers.
    label_namespace : `str`, optional (default = `"<task>_labels"`)
        Vocabulary namespace of the labels; that of `ax` is `mnli_labels`.
    skip_broken : `bool`, optional (default = `None`)
        Leave out rows of labelled files that have too few or too many columns, or nothing to read,
        and say how many. By default only where the official file has such rows, which is QQP.
    max_instances : `int`, optional (default = `None`)
        Read at most this many examples.
    serialization_dir : `str`, optional (default = `None`)
        Given by AllenNLP.

    Raises `ConfigurationError` for an unknown task and, with file and line, for a file that is
    missing, not UTF-8 or without an example, a header that is not the task's, a row with other
    columns than the header, an unknown label, a score that is no number from 0 to 5, and an example
    without text.
    """

    def __init__(
        self,
        task: str,
        tokenizer: Tokenizer,
        token_indexers: Optional[dict[str, TokenIndexer]] = None,
        label_namespace: Optional[str] = None,
        skip_broken: Optional[bool] = None,
        max_instances: Optional[int] = None,
        serialization_dir: Optional[str] = None,
    ) -> None:
        one_of("task", task, tuple(GLUE_LAYOUTS))
        namespace = label_namespace or f"{'mnli' if task == 'ax' else task}_labels"
        super().__init__(tokenizer, namespace, token_indexers, max_instances, serialization_dir)
        self.task = task
        self.layout = GLUE_LAYOUTS[task]
        self.skip_broken = self.layout.broken_rows if skip_broken is None else skip_broken

    def _read(self, file_path: str) -> Iterable[Instance]:
        return self._instances(self._examples(resolve(file_path)))

    def _examples(self, path: str) -> Iterator[TextExample]:
        left_out: dict[str, list[int]] = {"broken": [], "undecided": []}
        read = 0
        for number, row in enumerate(self._rows(path)):
            if number == 0:
                labelled = self._is_labelled(row)
            problem = row.problem() or self._blank(row)
            if problem is not None:
                if not (labelled and self.skip_broken):
                    raise row.error(problem)
                left_out["broken"].append(row.line)
            elif labelled and row[self.layout.label] in self.layout.undecided:
                left_out["undecided"].append(row.line)
            else:
                read += 1
                yield self._example(row, number, labelled)
        if not read:
            raise data_error(path, 1, "no example in this file; is it empty or the wrong file?")
        for kind, lines in left_out.items():
            if lines:
                logger.warning(
                    "%s: %d %s rows left out, the first on line %d",
                    path,
                    len(lines),
                    kind,
                    lines[0],
                )

    def _rows(self, path: str) -> Iterator[Row]:
        bare = self.layout.bare
        if bare and not _has_header(path, self.layout):
            return table_rows(path, columns=bare, header=False)
        return table_rows(path)

    def _is_labelled(self, row: Row) -> bool:
        columns = list(map(str, row.columns))
        needed = (*self.layout.texts, self.layout.label)
        missing = [column for column in needed if column not in columns]
        if not missing:
            return True
        if missing == [self.layout.label] and self.layout.is_test_file(columns):
            return False
        raise data_error(
            row.path,
            1,
            f"no column '{missing[0]}', which the task '{self.task}' needs. The header has "
            f"{named(columns)}; expected are {named(needed)} among others, or, in a test file, "
            f"{named((self.layout.index, *self.layout.texts))}. Is it the task's file?",
        )

    def _blank(self, row: Row) -> Optional[str]:
        # one empty question of a pair occurs in QQP's official files and is kept
        if any(row[column].strip() for column in self.layout.texts):
            return None
        return f"there is no text in {named(self.layout.texts)}."

    def _example(self, row: Row, number: int, labelled: bool) -> TextExample:
        texts = [row[column] for column in self.layout.texts]
        index = row[self.layout.index] if self.layout.index in row.columns else str(number)
        label = row[self.layout.label] if labelled else None
        score = None
        if labelled and not self.layout.labels:
            label, score = None, row.number(self.layout.label)
            if not LOWEST <= score <= HIGHEST:
                raise row.error(f"{self.layout.label} is {score}, but must be from 0 to 5.")
        elif labelled and label not in self.layout.labels:
            raise row.error(
                f"{self.layout.label} is '{label}', but must be one of {named(self.layout.labels)}."
            )
        return TextExample(index, texts[0], (*texts, None)[1], label, score)


def _has_header(path: str, layout: GlueLayout) -> bool:
    """CoLA's test file has a header; no text of the other two is the bare name of a column."""
    first = next((line for _, line in numbered_lines(path) if line), "")
    return layout.texts[0] in first.split("\t")
