"""Data that probes must refuse, or leave out and count."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from allennlp.common.checks import ConfigurationError

import tests.tiny as tiny
from allennlp_heads.collect.probing.gold import NO_ITEMS
from allennlp_heads.collect.probing.options import ProbeOptions
from allennlp_heads.collect.probing.passes import LOST_WORD, NO_ROOT
from allennlp_heads.collect.probing.probe import probe_task
from allennlp_heads.collect.probing.run import NO_CENTROID
from allennlp_heads.data.token_indexers import TransformerWordsIndexer
from allennlp_heads.modules import GatedEncoder
from tests.collect.probing import probes
from tests.collect.probing.by_hand import items
from tests.collect.probing.probes import FAST, weighted_count


def test_labels_unseen_and_sentences_without_items(tiny_bert: str, fixtures_root: Path) -> None:
    files: dict[str, Any] = dict(probes.data("ner", tiny_bert, fixtures_root).instances("ner"))
    instance = next(one for one in files["test"] if len(one["spans"]))
    start, end, _ = instance["spans"].spans[0]
    instance["spans"].spans[0] = (start, end, "NEVER_SEEN")
    result = probe_task(
        probes.encoder(tiny_bert), probes.data_of(files, "ner"), "ner", ProbeOptions(**FAST)
    )
    unseen = next(label for label in result.labels if label.label == "NEVER_SEEN")
    assert (unseen.count, unseen.accuracy, unseen.fit_count) == (1, 0, 0)
    assert unseen.chosen_on == "all labels" and unseen.rare
    assert result.notes[NO_CENTROID] >= 1
    without = sum(not len(one["spans"]) for found in files.values() for one in found)
    assert without and result.notes[NO_ITEMS] == without
    assert "NEVER_SEEN" not in result.centroids.labels


@pytest.mark.parametrize(
    ("empty", "role"),
    [("train", "centroids"), ("validation", "the choice of heads"), ("test", "the score")],
)
def test_a_view_without_items(empty: str, role: str, tiny_bert: str, fixtures_root: Path) -> None:
    files: dict[str, Any] = dict(probes.data("ner", tiny_bert, fixtures_root).instances("ner"))
    for instance in files[empty]:
        instance["spans"].spans.clear()
    with pytest.raises(ConfigurationError, match=f"sentences for {role} have nothing to probe"):
        probe_task(
            probes.encoder(tiny_bert), probes.data_of(files, "ner"), "ner", ProbeOptions(**FAST)
        )


def test_gold_outside_its_sentence(tiny_bert: str, fixtures_root: Path) -> None:
    files: dict[str, Any] = dict(probes.data("dep", tiny_bert, fixtures_root).instances("dep"))
    files["validation"][3]["head_indices"].labels[0] = 99
    with pytest.raises(
        ConfigurationError, match="sentence 4 of validation.data: the gold .*99, 1, 1"
    ):
        probe_task(
            probes.encoder(tiny_bert), probes.data_of(files, "dep"), "dep", ProbeOptions(**FAST)
        )


class Losing(TransformerWordsIndexer):
    """Marks every comma and full stop as a word without pieces, as AllenNLP's indexer does."""

    def tokens_to_indices(self, tokens: Any, vocabulary: Any) -> Any:
        found = super().tokens_to_indices(tokens, vocabulary)
        found["offsets"] = [
            (-1, -1) if token.text in (",", ".") else offsets
            for token, offsets in zip(tokens, found["offsets"])
        ]
        return found


@pytest.mark.parametrize("task", ["pos", "dep", "srl"])
def test_words_without_pieces(task: str, tiny_bert: str, fixtures_root: Path) -> None:
    """Their items are left out and counted; the others are probed as before."""
    files: dict[str, Any] = {}
    lost = left = 0
    for file in probes.FILES:
        indexers = {"tokens": Losing(tiny_bert)}
        files[file] = probes.sentences(
            task, tiny_bert, fixtures_root, file, token_indexers=indexers
        )
        for part in files[file]:
            words = [token.text for token in part["tokens"].tokens]
            gone = {i for i, word in enumerate(words, 1) if word in (",", ".")}
            for _, head, first, last in items(part, probes.KINDS[task]):
                is_lost = bool(gone & {head, *range(first, last + 1)})
                lost += is_lost
                left += file == "test" and not is_lost
    result = probe_task(
        probes.encoder(tiny_bert), probes.data_of(files, task), task, ProbeOptions(**FAST)
    )
    assert lost and result.notes[LOST_WORD] == lost
    assert weighted_count(result) == left == result.samples["score"]["items"]


def test_an_encoder_without_root(tmp_path: Path, fixtures_root: Path) -> None:
    folder = tiny.encoder_folder(tmp_path / "gpt2", "gpt2")
    data = probes.data("dep", folder, fixtures_root)
    result = probe_task(
        GatedEncoder(folder, word_dropout=0), data, "dep", ProbeOptions(**{**FAST, "trees": True})
    )
    sentences = sum(map(len, data.instances("dep").values()))
    assert result.notes[NO_ROOT] == sentences  # one root each
    assert "root" not in {label.label for label in result.labels}
    assert result.tree.count == weighted_count(result)


def test_what_does_not_fit(tiny_bert: str, fixtures_root: Path) -> None:
    data = probes.data("pos", tiny_bert, fixtures_root)
    encoder = probes.encoder(tiny_bert)
    with pytest.raises(ConfigurationError, match="no data of a task 'dep': the tasks are"):
        probe_task(encoder, data, "dep")
    with pytest.raises(ConfigurationError, match="kind 'srl' needs the field 'arguments'"):
        probe_task(encoder, data, "pos", ProbeOptions(kind="srl"))
    broken = GatedEncoder(tiny_bert)
    with torch.no_grad():
        next(broken.transformer.encoder.layer[0].attention.self.value.parameters()).fill_(
            float("nan")
        )
    with pytest.raises(ConfigurationError, match="task 'pos': some vectors .* are not numbers"):
        probe_task(broken, data, "pos", ProbeOptions(**FAST))
