"""Learnt and prescribed scores of neighbouring tags."""

import torch
from allennlp.modules import ConditionalRandomField
from allennlp.modules.conditional_random_field import allowed_transitions

from allennlp_heads.modules.linear_chain import LinearChain

LABELS = {0: "O", 1: "B-X", 2: "I-X"}
MASK = torch.tensor([[True] * 4, [True, True, True, False], [True, False, False, False]])


def test_it_equals_the_field_of_allennlp():
    torch.manual_seed(0)
    allowed = allowed_transitions("BIO", LABELS)
    chain = LinearChain(3, allowed)
    theirs = ConditionalRandomField(3, allowed)
    chain.transitions.data.copy_(theirs.transitions)
    chain.start.data.copy_(theirs.start_transitions)
    chain.end.data.copy_(theirs.end_transitions)
    emissions, tags = torch.randn(3, 4, 3), torch.randint(0, 3, (3, 4))
    losses = chain.negative_log_likelihood(emissions, tags, MASK)
    torch.testing.assert_close(losses.sum(), -theirs(emissions, tags, MASK))
    decoded = chain.decode(emissions, MASK).tolist()
    for row, (path, _) in zip(decoded, theirs.viterbi_tags(emissions, MASK)):
        assert row[: len(path)] == path


def test_it_starts_as_independent_tags():
    emissions, tags = torch.randn(3, 4, 3), torch.randint(0, 3, (3, 4))
    losses = LinearChain(3).negative_log_likelihood(emissions, tags, MASK)
    words = -emissions.log_softmax(-1).gather(-1, tags.unsqueeze(-1)).squeeze(-1)
    torch.testing.assert_close(losses, (words * MASK).sum(-1))


def test_what_it_learns_and_stores():
    allowed = allowed_transitions("BIO", LABELS)
    assert set(LinearChain(3, allowed).state_dict()) == {"transitions", "start", "end"}
    assert not LinearChain(3, allowed, learn=False).state_dict()
    assert not list(LinearChain(3, allowed, learn=False).parameters())
