"""Options of probes on a command line."""

from __future__ import annotations

import argparse
import shlex
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from allennlp_heads.analysis.probing.arcs import DIRECTIONS
from allennlp_heads.collect.probing.flags import add_flags, flags_of, given_options
from allennlp_heads.collect.probing.options import KINDS, ProbeOptions

PARSER = argparse.ArgumentParser()
add_flags(PARSER)

OPTIONS = st.builds(
    ProbeOptions,
    kind=st.sampled_from([None, *KINDS]),
    direction=st.sampled_from(DIRECTIONS),
    diagonal=st.booleans(),
    span_words=st.sampled_from(["any", "first", "last"]),
    phrases=st.sampled_from(["lowest", "all"]),
    held_out=st.booleans(),
    folds=st.integers(3, 9),
    sentences=st.none() | st.integers(1, 99),
    control=st.booleans(),
    examples=st.integers(0, 9),
    random_weights=st.integers(0, 3),
    statistics=st.sampled_from([None, True, False]),
    trees=st.booleans(),
    rare=st.integers(0, 99),
    draws=st.integers(1, 99),
    seed=st.integers(0, 99),
    batch_size=st.integers(1, 99),
    max_offset=st.integers(1, 99),
)


def parsed(command: str) -> ProbeOptions:
    return ProbeOptions(**given_options(PARSER.parse_args(shlex.split(command))))


@given(OPTIONS)
def test_what_is_written_is_read_again(options: ProbeOptions) -> None:
    assert parsed(" ".join(flags_of(options))) == options


def test_paths_are_quoted_and_defaults_not_written() -> None:
    options = replace(ProbeOptions(), span_words="head", head_words="my trees/*.conllu")
    assert parsed(" ".join(flags_of(options))) == options
    assert flags_of(ProbeOptions()) == []
    assert given_options(PARSER.parse_args([])) == {}
