"""The data as the peers' readers want it: one file (of SRL one folder) for each part."""

import re
from pathlib import Path

from allennlp.data import Instance

from allennlp_heads.data.dataset_readers import ConlluReader
from allennlp_heads.data.paths import resolve

PARTS = ("train", "dev", "test")
ENDINGS = {"pos": "conllu", "ner": "ner.conll", "dep": "conllu", "con": "mrg", "srl": "gold_conll"}
_NOT_WORDS = {"ner": "-DOCSTART-", "dep": "#", "srl": "#"}


def lay_out(task: str, data: str, target: Path, limits: dict[str, int | None]) -> None:
    """
    Write what a peer reads.

    # Parameters

    task : `str`
        `pos`, `ner`, `dep`, `con` or `srl`.
    data : `str`
        The folder with `train.conllu` and so on; `${HEADS_DATA}` is replaced.
    target : `Path`
        Gets the files `train`, `dev` and `test`.
    limits : `Dict[str, Optional[int]]`
        For each part how many sentences from the file's start, `None` for all.
    """
    target.mkdir(parents=True, exist_ok=True)
    for part in PARTS:
        path = target / part
        if task == "srl":  # read as a folder of any depth
            path.mkdir(exist_ok=True)
            path = path / "part.gold_conll"
        path.write_text(_text(task, f"{data}/{part}", limits.get(part)), "utf-8")


def sources(task: str, data: str) -> list[str]:
    """The files that `lay_out` reads."""
    return [f"{data}/{part}.{ENDINGS[task]}" for part in PARTS]


def _text(task: str, stem: str, limit: int | None) -> str:
    if task == "pos":
        reader = ConlluReader("upos", max_instances=limit)
        return "".join(tagged_line(i) for i in reader.read(f"{stem}.conllu"))
    text = Path(resolve(f"{stem}.{ENDINGS[task]}")).read_text("utf-8")
    if task == "con":
        return "".join(text.splitlines(keepends=True)[:limit])
    return first_sentences(text, _NOT_WORDS[task], limit)


def tagged_line(instance: Instance) -> str:
    """A sentence as AllenNLP's `sequence_tagging` reads it with a tab as its token delimiter."""
    words = instance["metadata"].metadata["words"]  # type: ignore[attr-defined]
    tags = instance["tags"].labels  # type: ignore[attr-defined]
    return "\t".join(f"{word}###{tag}" for word, tag in zip(words, tags)) + "\n"


def first_sentences(text: str, not_words: str, limit: int | None) -> str:
    """
    The first sentences of a column file.

    # Parameters

    text : `str`
        Its text; blank lines are between sentences.
    not_words : `str`
        Lines that begin so are no words, and blocks of nothing else no sentences.
    limit : `int`
        How many, `None` for all.
    """
    kept: list[str] = []
    found = 0
    for block in re.split(r"\n[ \t]*\n", text.strip("\n")):
        found += any(not line.startswith(not_words) for line in block.splitlines())
        if limit is not None and found > limit:
            break
        kept.append(block)
    return "\n\n".join(kept) + "\n\n"
