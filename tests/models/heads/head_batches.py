"""What an encoder would give to a head: random vectors of sentences of different lengths."""

from typing import Any

import torch
from allennlp.data import Vocabulary

from allennlp_heads.models.heads import TaskHead

DIM = 10
RELATIONS = ["nsubj", "root", "obj", "punct"]
WORDS = [["Dogs", "see", "cats", "!"], ["They", "run"], ["."], ["no", "word", "is", "sure", "here"]]
HEADS = [[2, 0, 2, 2], [2, 0], [0], [2, 5, 4, 2, 0]]
LABELS = [[0, 1, 2, 3], [0, -1], [1], [-1, -1, -1, -1, -1]]
TREES = [
    "(TOP (S (NP (NNS Dogs)) (VP (VBP see) (NP (NNS cats))) (. !)))",
    "(TOP (S (NP (PRP They)) (VP (VBP run))))",
    "(TOP (. .))",
    "(TOP (FRAG (DT no) (NN word) (VP (VBZ is) (ADJP (JJ sure) (ADVP (RB here))))))",
]
LENGTHS = [len(words) for words in WORDS]
"""The second sentence has one label not seen in training, the last one none that was."""


def vocabulary(**namespaces: list[str]) -> Vocabulary:
    """A vocabulary with these labels, in this order."""
    vocab = Vocabulary.empty()
    for namespace, labels in namespaces.items():
        vocab.add_tokens_to_namespace(labels, namespace)
    return vocab


def batch(rows: list[int] | None = None, padding: int = 0, **gold: list[list[Any]]) -> Any:
    """
    The arguments of a head's `forward` for some of the sentences, padded with nonsense to the
    longest one and `padding` further words. Gold is a label a word, or any number of tuples.
    """
    rows = list(range(len(WORDS))) if rows is None else rows
    width = max(LENGTHS[row] for row in rows) + padding
    mask = torch.arange(width)[None, :] < torch.tensor([LENGTHS[row] for row in rows])[:, None]
    text = torch.full((len(rows), width, DIM), 50.0)
    boundary = torch.zeros(len(rows), 2, DIM)
    for place, row in enumerate(rows):
        generator = torch.Generator().manual_seed(row)
        text[place, : LENGTHS[row]] = torch.randn(LENGTHS[row], DIM, generator=generator)
        boundary[place] = torch.randn(2, DIM, generator=generator)
    tensors = {name: _padded(labels, rows, width) for name, labels in gold.items()}
    metadata = [{"words": WORDS[row], "tree": TREES[row]} for row in rows]
    inputs = {"encoded_text": text, "encoded_text_mask": mask, "boundary": boundary}
    return {**inputs, **tensors, "metadata": metadata}


def _padded(gold: list[list[Any]], rows: list[int], width: int) -> torch.Tensor:
    """Labels of words, padded with 0 to the width, or tuples, padded with rows of -1."""
    first = next((item for labels in gold for item in labels), (0, 0, 0))
    if not isinstance(first, tuple):
        return torch.tensor([gold[row] + [0] * (width - LENGTHS[row]) for row in rows])
    most = max(len(gold[row]) for row in rows)
    padding = (-1,) * len(first)
    padded = [gold[row] + [padding] * (most - len(gold[row])) for row in rows]
    return torch.tensor(padded, dtype=torch.long).view(len(rows), most, len(first))


def run(head: TaskHead, inputs: dict[str, Any]) -> dict[str, Any]:
    """Calls the head with those of the inputs that it names, as the model does."""
    names = head.forward.__code__.co_varnames
    return head(**{key: value for key, value in inputs.items() if key in names})


def check_examples_are_independent(head: TaskHead, **gold: list[list[Any]]) -> None:
    """
    Every per-example value of a batch equals that of the example alone and of a wider batch, the
    loss is the mean of the examples' mean losses, and readable output equals single predictions.
    """
    head.eval()
    together = run(head, batch(**gold))
    wider = run(head, batch(padding=3, **gold))
    readable = head.make_output_human_readable(together)
    assert readable == head.make_output_human_readable(wider)
    means = []
    for row in range(len(WORDS)):
        alone = run(head, batch([row], **gold))
        for key in ("example_loss", "example_units", "example_counts"):
            torch.testing.assert_close(together[key][row], alone[key][0])
            torch.testing.assert_close(together[key][row], wider[key][row])
        means.append(alone["loss"])
        for key, values in head.make_output_human_readable(alone).items():
            assert values == [readable[key][row]]
    torch.testing.assert_close(together["loss"], torch.stack(means).mean())
    assert torch.isfinite(together["loss"])
