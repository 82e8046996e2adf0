"""The rest of a perceptron."""

import torch

from allennlp_heads.modules.hidden_scorer import HiddenScorer


def test_dropout_after_both_activations():
    """A ReLU of what dropout left is what dropout leaves of a ReLU."""
    scorer = HiddenScorer(6, 2, dropout=0.3).double().train()
    first = torch.randn(5, 6, dtype=torch.float64)
    torch.manual_seed(1)
    scores = scorer(first)
    torch.manual_seed(1)
    kept = [torch.native_dropout(torch.ones(5, 6).double(), 0.3, True)[0] for _ in range(2)]
    hidden = scorer.second(first.relu() * kept[0]).relu() * kept[1]
    torch.testing.assert_close(scores, scorer.output(hidden))
    plain = scorer.output(scorer.second(first.relu()).relu())
    torch.testing.assert_close(scorer.eval()(first), plain)


def test_share_of_dropped_features():
    scorer = HiddenScorer(200, 1, dropout=0.2).train()
    torch.manual_seed(0)
    kept = scorer._activate(torch.ones(500, 200))
    assert set(kept.unique().tolist()) == {0.0, 1.25}
    assert abs((kept == 0).float().mean() - 0.2) < 0.01
