"""A training that starts from a pruned model, as the page on removing heads shows it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
from allennlp.commands.train import train_model
from allennlp.common import Params

from allennlp_heads.pruning import PruneOptions, prune_archive
from allennlp_heads.training.state_files import load_state
from tests.docs.blocks import page
from tests.training_configs.shipped import ROOT, built, small


@pytest.mark.parametrize("gates", [None, "hard_concrete"])
def test_training_goes_on_from_the_pruned_weights(
    gates: str | None, tiny_bert: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    [words] = [c.words for c in page("docs/pruning.md") if "out/further" in c.words]
    overrides = words[words.index("--overrides") + 1]
    monkeypatch.chdir(ROOT)
    config = small("training_configs/stem_cell/gate/pos_dep.jsonnet", tiny_bert)
    train_model(config, str(tmp_path / "gated"))
    fewer = tmp_path / "fewer"
    prune_archive(tmp_path / "gated", fewer, PruneOptions(keep=0.5, measure=False))
    changes = json.loads(overrides.replace("out/fewer", str(fewer)))
    if gates is not None:
        changes["model.backbone.gates"] = gates
    params = Params.from_file(str(fewer / "config.json"), json.dumps(changes))
    further = built(params, tmp_path / "further")
    weights = load_state(str(fewer / "weights.th"))
    found = further.model.state_dict()
    new = {name for name in found if ".gates." in name}
    assert found.keys() - new == weights.keys()
    assert bool(new) == (gates is not None)
    assert all(torch.equal(found[name], weights[name]) for name in weights)
    assert sum(further.model.backbone.encoder.heads) == 6
    assert further.run() is not None
    assert json.loads((fewer / "config.json").read_text())["model"]["backbone"]["removed_heads"]
