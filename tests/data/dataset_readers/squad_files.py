"""What the tests of questions share: files, readers with tiny encoders, and instances as values."""

import gzip
import json
from pathlib import Path
from typing import Any

import numpy as np
from allennlp.data import Batch, DatasetReader, Instance, Vocabulary
from tokenizers import processors

import tests.tiny as tiny
from allennlp_heads.data.dataset_readers import SquadJsonReader
from allennlp_heads.data.token_indexers import TransformerPiecesIndexer
from allennlp_heads.data.tokenizers import TransformerPiecesTokenizer

KINDS = ["bert", "roberta", "gpt2"]
CONTEXT = "The old dog saw Anna in London."


def encoder(folder: Path, kind: str) -> str:
    """A folder with the tokenizer of a kind of encoder; RoBERTa's pairs have four specials."""
    tokenizer = tiny.tokenizer(kind)
    if kind == "roberta":
        names = [(name, tokenizer.convert_tokens_to_ids(name)) for name in ("[SEP]", "[CLS]")]
        tokenizer.backend_tokenizer.post_processor = processors.RobertaProcessing(
            *names, add_prefix_space=False
        )
    tokenizer.save_pretrained(str(folder))
    tiny._config("bert", tokenizer).save_pretrained(str(folder))
    return str(folder)


def reader(folder: str, **options: Any) -> SquadJsonReader:
    """A reader with tokenizer and indexer of that encoder."""
    indexers: Any = {"tokens": TransformerPiecesIndexer(folder)}
    return SquadJsonReader(TransformerPiecesTokenizer(folder), indexers, **options)


def qa(name: Any, *answers: tuple[str, int], **more: Any) -> dict[str, Any]:
    """A question as files have it, of which these are the answers."""
    found = [{"text": text, "answer_start": start} for text, start in answers]
    return {"id": name, "question": "who saw it ?", "answers": found, **more}


def document(*questions: Any, context: str = CONTEXT, **more: Any) -> dict[str, Any]:
    """A file of one context with questions."""
    paragraph = {"context": context, "qas": list(questions)}
    return {"version": "1.1", "data": [{"title": "Dogs", "paragraphs": [paragraph]}], **more}


def write(path: Path, content: Any) -> str:
    """The content as JSON, or as it is if it is text or bytes; compressed by the file's name."""
    raw = content if isinstance(content, str | bytes) else json.dumps(content)
    data = raw.encode() if isinstance(raw, str) else raw
    path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)
    return str(path)


def metadata(instance: Instance) -> dict[str, Any]:
    """What the instance says about its question."""
    return instance["metadata"].metadata  # type: ignore[attr-defined]


def learned(instance: Instance) -> list[str | None]:
    """The text of the answer to be learned in each window, `None` where there is none."""
    known = metadata(instance)
    texts: list[str | None] = []
    for offsets, (first, last) in zip(known["offsets"], instance["answer_spans"].tensor.tolist()):  # type: ignore[attr-defined]
        inside = known["context"][offsets[first][0] : offsets[last][1]]
        texts.append(inside if (first, last) != (0, 0) else None)
    return texts


def tensors(maker: DatasetReader, *instances: Instance) -> dict[str, Any]:
    """The instances as a batch."""
    for instance in instances:
        maker.apply_token_indexers(instance)
    batch = Batch(instances)
    batch.index_instances(Vocabulary())
    return batch.as_tensor_dict()


def pieces(maker: DatasetReader, instance: Instance, key: str = "token_ids") -> list[list[int]]:
    """What the indexer gives for each window, without padding."""
    tokens = tensors(maker, instance)["tokens"]["tokens"]
    return [row[kept].tolist() for row, kept in zip(tokens[key][0], tokens["mask"][0])]


def context_places(instance: Instance) -> list[np.ndarray]:
    """For each window, the positions of the context's pieces."""
    return [np.flatnonzero(offsets[:, 0] >= 0) for offsets in metadata(instance)["offsets"]]
