"""Texts with a label or score in any table, JSON lines, or one folder a label."""

from collections.abc import Iterable
from typing import Optional, Union

from allennlp.common.checks import ConfigurationError
from allennlp.data import DatasetReader, Instance, TokenIndexer, Tokenizer

from allennlp_heads.data.dataset_readers.delimited_layout import Columns, DelimitedLayout
from allennlp_heads.data.dataset_readers.sentence_reader import one_of
from allennlp_heads.data.dataset_readers.text_reader import TextReader
from allennlp_heads.data.parts import check_share, split_part, take_part
from allennlp_heads.data.paths import resolve

FORMATS = ("tsv", "csv", "jsonl")


@DatasetReader.register("delimited_text")
class DelimitedTextReader(TextReader):
    """
    Reads texts, or pairs of texts, from a table or from JSON lines (one object a line), whose
    columns it is told, or from a folder with one folder a label and one text a file, as IMDB has
    them. Fields are those of `TextReader`; texts are kept exactly.

    A data path is one file or folder; `${HEADS_DATA}` is replaced, see
    `allennlp_heads.data.paths.resolve`. Where there is no development set, `#train` and `#dev`
    behind the path of the training data (`train.csv#dev`) divide it: `#dev` is a share drawn by
    `dev_seed`, `#train` is the rest, and no path means both. A test set is never divided.

    Columns are given by their names or by their numbers from 0 (-1 is the last).

    Registered as a `DatasetReader` with name "delimited_text".

    # Parameters

    tokenizer : `Tokenizer`
        Splits the texts; usually `transformer_pieces`.
    label_namespace : `str`, optional (default = `"labels"`)
        Vocabulary namespace of the labels.
    text : `Union[int, str, List[Union[int, str]]]`, optional (default = `"text"`)
        The column of the text, or several, which are joined.
    text_pair : `Union[int, str, List[Union[int, str]]]`, optional (default = `None`)
        Likewise, the second text of a pair.
    label : `Union[int, str]`, optional (default = `"label"`, `None` where there is a `score`)
        The column of the label. `null` for data without.
    score : `Union[int, str]`, optional (default = `None`)
        The column of the number to predict, for a regression; in place of `label`.
    index : `Union[int, str]`, optional (default = `None`)
        The column that names the example; by default the number of the row, from 0.
    labels : `Union[Dict[str, str], List[str]]`, optional (default = `None`)
        The labels that there can be, or new names for the file's (`{"1": "World"}`); another label
        is an error. For folders, which need it: their names, other folders are not read.
    format : `str`, optional (default = by the file's ending)
        `"csv"` (quoted cells, commas between them), `"jsonl"`, or else `"tsv"` (tabs, quotes are
        text).
    delimiter : `str`, optional (default = by the format)
        The character between two cells.
    quoting : `bool`, optional (default = by the format)
        Whether `"` around a cell is not part of it; such a cell may hold line ends.
    header : `bool`, optional (default = `True`)
        Whether the first row has the names of the columns.
    columns : `List[str]`, optional (default = `None`)
        Names for the columns of a file without header.
    join : `str`, optional (default = `" "`)
        Stands between the texts of several columns.
    replace : `Dict[str, str]`, optional (default = `None`)
        What to write for what in the texts, for example `{"\\\\": " "}` for the backslashes in AG's
        news. By default texts stay as they are.
    dev_share : `float`, optional (default = `0.1`)
        How much `#dev` takes.
    dev_seed : `int`, optional (default = `13`)
        Draws the examples of `#dev`.
    token_indexers : `Dict[str, TokenIndexer]`, optional (default = `{"tokens":
    SingleIdTokenIndexer()}`)
        How tokens become numbers.
    max_instances : `int`, optional (default = `None`)
        Read at most this many examples.
    serialization_dir : `str`, optional (default = `None`)
        Given by AllenNLP.

    Raises `ConfigurationError` for options that contradict each other, and with file and line for
    what is missing, not UTF-8 or without an example, a row with other columns than the first, a
    column that is not there, wrong quotes or JSON, an unknown or empty label, a score that is no
    number, and a row without text.
    """

    def __init__(
        self,
        tokenizer: Tokenizer,
        label_namespace: str = "labels",
        text: Columns = "text",
        text_pair: Optional[Columns] = None,
        label: Optional[Union[int, str]] = "label",
        score: Optional[Union[int, str]] = None,
        index: Optional[Union[int, str]] = None,
        labels: Optional[Union[dict[str, str], list[str]]] = None,
        format: Optional[str] = None,
        delimiter: Optional[str] = None,
        quoting: Optional[bool] = None,
        header: bool = True,
        columns: Optional[list[str]] = None,
        join: str = " ",
        replace: Optional[dict[str, str]] = None,
        dev_share: float = 0.1,
        dev_seed: int = 13,
        token_indexers: Optional[dict[str, TokenIndexer]] = None,
        max_instances: Optional[int] = None,
        serialization_dir: Optional[str] = None,
    ) -> None:
        super().__init__(
            tokenizer, label_namespace, token_indexers, max_instances, serialization_dir
        )
        check_share(dev_share)
        _check(format, delimiter, header, columns)
        self.layout = DelimitedLayout(
            text=text,
            text_pair=text_pair,
            label=None if score is not None else label,
            score=score,
            index=index,
            labels=labels if isinstance(labels, dict) else {name: name for name in labels or ()},
            format=format,
            delimiter=delimiter,
            quoting=quoting,
            header=header,
            columns=columns,
            join=join,
            replace=replace or {},
        )
        self.dev_share = dev_share
        self.dev_seed = dev_seed

    def _read(self, file_path: str) -> Iterable[Instance]:
        path, part = split_part(resolve(file_path))
        examples = self.layout.examples(path)
        if part is not None:
            examples = iter(take_part(list(examples), part, self.dev_share, self.dev_seed))
        return self._instances(examples)


def _check(
    format: Optional[str], delimiter: Optional[str], header: bool, columns: Optional[list[str]]
) -> None:
    if format is not None:
        one_of("format", format, FORMATS)
    if delimiter is not None and len(delimiter) != 1:
        raise ConfigurationError(f"'delimiter' is '{delimiter}', but must be one character.")
    if header and columns is not None:
        raise ConfigurationError(
            "'columns' names the columns of a file without header: set 'header' to false, or leave "
            "'columns' out."
        )
