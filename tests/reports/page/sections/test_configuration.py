"""What was run: settings, data files and versions."""

import json
from pathlib import Path

from allennlp_heads.reports.page.blocks import Table
from allennlp_heads.reports.page.sections import configuration
from tests.reports.comparing.made_runs import DIGEST, some_counts, write_run
from tests.reports.page.sections.looking import blocks_of, cells, only, sections_of

GATES = {"type": "hard_concrete", "coefficient": 0.02}
GROUPS = [
    [["\\.transformer\\."], {"lr": 1e-5}],
    [["log_alpha"], {"lr": 0.1}],
    [["^heads\\.(pos|dep)"], {"lr": 0.2}],
]
TRAINER = {
    "num_epochs": 8,
    "patience": 1,
    "validation_metric": "+score",
    "optimizer": {"type": "adamw", "lr": 0.001, "parameter_groups": GROUPS},
}


def settings(folder: Path) -> dict[str, str]:
    table = blocks_of(sections_of(configuration.sections, folder)[0], Table)[0]
    return {row[0]: row[1] for row in table.rows}


def test_the_settings_that_matter(tmp_path: Path) -> None:
    model = {
        "type": "multitask_heads",
        "backbone": {"transformer_model": "tiny", "gates": GATES},
        "heads": {"pos": {"type": "tagger"}, "dep": "dependency"},
    }
    counts = some_counts(0)
    write_run(tmp_path / "run", {"pos": counts}, seed=7, model=model, trainer=TRAINER)
    found = settings(tmp_path / "run")
    assert found["tasks"] == "pos (tagger), dep (dependency)"
    assert found["encoder"] == "tiny" and found["seed"] == "7"
    assert found["gates"] == "hard_concrete, coefficient 0.02"
    assert found["epochs"] == "at most 8; stops after 1 epoch without a better one"
    assert found["optimizer"] == (
        "adamw, learning rate 0.001, 1e-05 for the encoder, 0.1 for the gates, 0.2 for parameters "
        "that match '^heads\\.(pos|dep)'"
    )
    assert found["trained"] == "4 updates"
    assert "batch size" not in found


def test_data_files_with_their_digests_and_versions(tmp_path: Path) -> None:
    write_run(tmp_path / "run", {"pos": some_counts(0)})
    first, _ = sections_of(configuration.sections, tmp_path / "run")
    _, files, versions = blocks_of(first, Table)
    assert cells(files, "used for") == ["training (pos)", "validation (pos)"]
    assert cells(files, "SHA-256") == ["", f"{DIGEST}data/pos.dev"[:12]]
    assert cells(versions, "package")[:2] == ["allennlp_heads", "allennlp"]


def test_all_settings_are_there_but_folded(tmp_path: Path) -> None:
    write_run(tmp_path / "run", {"pos": some_counts(0)}, trainer=TRAINER)
    _, section = sections_of(configuration.sections, tmp_path / "run")
    (table,) = blocks_of(section, Table)
    rows = {row[0]: row[1] for row in table.rows}
    assert section.folded and rows["trainer.optimizer.lr"] == "0.001"
    assert rows["model.heads.pos.type"] == '"tagger"'


def test_a_configuration_of_another_model(tmp_path: Path) -> None:
    config = {"model": {"type": "simple_tagger"}, "train_data_path": "a", "trainer": {}}
    (tmp_path / "config.json").write_text(json.dumps(config))
    assert settings(tmp_path) == {"model": "simple_tagger"}
    _, files = blocks_of(sections_of(configuration.sections, tmp_path)[0], Table)
    assert files.rows == [["a", "training"]]


def test_a_folder_without_a_configuration_shows_versions_alone(tmp_path: Path) -> None:
    write_run(tmp_path / "run", {"pos": some_counts(0)})
    (tmp_path / "run" / "config.json").unlink()
    section = only(sections_of(configuration.sections, tmp_path / "run"))
    assert [table.columns[0] for table in blocks_of(section, Table)] == ["package"]
