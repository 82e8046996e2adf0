from allennlp.common import Lazy

from allennlp_heads.gates import FixedGates
from allennlp_heads.modules import GatedEncoder
from allennlp_heads.training.important_heads import choose_heads

MASK = [[1, 1, 1, 0], [0, 0, 0, 0], [1, 1, 1, 1]]


def test_random_heads_are_as_many_as_importance_would_choose(tiny_bert: str) -> None:
    """That is a share of the heads that the gates leave open, and some of these."""
    tasks = ["pos", "dep", "ner"]
    gated = GatedEncoder(tiny_bert, Lazy(FixedGates, mask=MASK))
    masks = choose_heads("random", 0.5, gated, tasks, {}, seed=3)
    assert [int(masks[task].sum()) for task in tasks] == [3, 3, 3]  # of 7
    closed = ~gated.gates.deterministic().bool()
    assert not any((masks[task] & closed).any() for task in tasks)
    whole = choose_heads("random", 0.5, GatedEncoder(tiny_bert), tasks, {}, seed=3)
    assert [int(whole[task].sum()) for task in tasks] == [6, 6, 6]
    assert len({tuple(mask.flatten().tolist()) for mask in whole.values()}) == 3
