"""AG-Pair: pairs of news, on the same topic or not, built from AG's news."""

from collections.abc import Iterable, Iterator
from typing import Optional

from allennlp.data import DatasetReader, Instance, TokenIndexer, Tokenizer

from allennlp_heads.data.dataset_readers.delimited_layout import DelimitedLayout
from allennlp_heads.data.dataset_readers.text_reader import TextExample, TextReader
from allennlp_heads.data.lines import data_error
from allennlp_heads.data.parts import check_share, split_part, take_part
from allennlp_heads.data.paths import resolve
from allennlp_heads.data.topic_pairs import topic_pairs

AG_NEWS = DelimitedLayout(text=[1, 2], label=0, format="csv", header=False, join=" - ")


@DatasetReader.register("ag_pair")
class AgPairReader(TextReader):
    """
    Builds the task AG-Pair (Li et al., 2023) from a file of AG's news (class, title, description,
    quoted, comma-separated, without header): are two news items on the same topic? As many pairs as
    items, each item in exactly two of them, exactly half of them within a topic, none twice, see
    `allennlp_heads.data.topic_pairs`. An item's text is its title and description with ` - `
    between them.

    The data path is one file, with `#train` or `#dev` behind it for a part of its items, as
    `DelimitedTextReader` has it; pairs are formed within a part, so that no item of `#dev` is
    trained on. `${HEADS_DATA}` is replaced.

    Fields are those of `TextReader`; `label` is `same` or `different`, and the `index` says which
    of the items read, from 0, the pair joins: `17-4031`.

    Registered as a `DatasetReader` with name "ag_pair".

    # Parameters

    tokenizer : `Tokenizer`
        Splits the texts; usually `transformer_pieces`.
    token_indexers : `Dict[str, TokenIndexer]`, optional (default = `{"tokens":
    SingleIdTokenIndexer()}`)
        How tokens become numbers.
    label_namespace : `str`, optional (default = `"ag_pair_labels"`)
        Vocabulary namespace of the labels.
    seed : `int`, optional (default = `13`)
        The same seed gives the same pairs.
    dev_share : `float`, optional (default = `0.1`)
        How many items `#dev` takes.
    dev_seed : `int`, optional (default = `13`)
        Draws the items of `#dev`.
    max_instances : `int`, optional (default = `None`)
        Read at most this many pairs.
    serialization_dir : `str`, optional (default = `None`)
        Given by AllenNLP.

    Raises `ConfigurationError` with file and line as `DelimitedTextReader` does, and with the file
    when its items cannot be paired so: an odd number of items, fewer than four, or a topic that has
    over three quarters of them.
    """

    def __init__(
        self,
        tokenizer: Tokenizer,
        token_indexers: Optional[dict[str, TokenIndexer]] = None,
        label_namespace: str = "ag_pair_labels",
        seed: int = 13,
        dev_share: float = 0.1,
        dev_seed: int = 13,
        max_instances: Optional[int] = None,
        serialization_dir: Optional[str] = None,
    ) -> None:
        super().__init__(
            tokenizer, label_namespace, token_indexers, max_instances, serialization_dir
        )
        check_share(dev_share)
        self.seed = seed
        self.dev_share = dev_share
        self.dev_seed = dev_seed

    def _read(self, file_path: str) -> Iterable[Instance]:
        return self._instances(self._pairs(resolve(file_path)))

    def _pairs(self, file_path: str) -> Iterator[TextExample]:
        path, part = split_part(file_path)
        items = take_part(list(AG_NEWS.examples(path)), part, self.dev_share, self.dev_seed)
        try:
            pairs = topic_pairs([item.label for item in items], self.seed)
        except ValueError as error:
            raise data_error(path, 1, f"no pairs can be formed: {error}.") from error
        for first, second in pairs:
            one, other = items[first], items[second]
            label = "same" if one.label == other.label else "different"
            yield TextExample(f"{first}-{second}", one.text, other.text, label)
