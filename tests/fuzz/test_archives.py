"""Archives of other people: sizes, links, and what their configuration may name."""

from __future__ import annotations

import gzip
import io
import json
import tarfile
import zipfile
from pathlib import Path
from typing import Any

import pytest
import torch
from allennlp.common.checks import ConfigurationError
from hypothesis import given, settings

from allennlp_heads.models import unpacking
from allennlp_heads.models.archival import Source, opened
from allennlp_heads.models.archived_config import check_archived_config
from allennlp_heads.models.unpacking import unpack
from tests.conftest import ROOT
from tests.fuzz.mutations import changed_bytes
from tests.models.test_archival import pack, special
from tests.training_configs.shipped import CONFIGS, settings_of

WHOLE = {
    "config.json": b'{"model": {"type": "simple_tagger"}}',
    "weights.th": b"w",
    "vocabulary/labels.txt": b"a",
}


def refused(archive: Path, message: str) -> None:
    with pytest.raises(ConfigurationError, match=message) as error, opened(archive):
        raise AssertionError("opened")
    assert str(error.value).isprintable()


def test_a_bomb_is_not_unpacked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unpacking, "ALWAYS", 2**20)
    archive = pack(tmp_path / "model.tar.gz", {**WHOLE, "zeros": bytes(2**23)})
    folder = tmp_path / "folder"
    folder.mkdir()
    with pytest.raises(ConfigurationError, match=r"refused: unpacked it has more than 1 MB, over "):
        unpack(archive, folder)
    assert sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) < 100


def test_what_is_large_and_not_packed_small_is_unpacked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unpacking, "ALWAYS", 2**10)
    noise = torch.rand(2**16, generator=torch.Generator().manual_seed(1)).numpy().tobytes()
    with opened(pack(tmp_path / "model.tar.gz", {**WHOLE, "weights.th": noise})) as source:
        assert source.weights.read_bytes() == noise


def test_a_header_may_lie_about_its_size(tmp_path: Path) -> None:
    """tarfile would read a name of a terabyte at once."""
    header = tarfile.TarInfo("././@LongLink")
    header.type, header.size = tarfile.GNUTYPE_LONGNAME, 2**40
    path = tmp_path / "model.tar.gz"
    path.write_bytes(gzip.compress(header.tobuf(tarfile.GNU_FORMAT) + bytes(2**20)))
    refused(path, r"cannot be unpacked .*: a header of more than")
    header = tarfile.TarInfo("weights.th")
    header.size = 2**40
    path.write_bytes(gzip.compress(header.tobuf(tarfile.GNU_FORMAT) + bytes(2**20)))
    refused(path, "unpacked it has more than 256 MB")


def test_headers_of_headers(tmp_path: Path) -> None:
    header = tarfile.TarInfo("././@LongLink")
    header.type, header.size = tarfile.GNUTYPE_LONGNAME, 5
    chain = (header.tobuf(tarfile.GNU_FORMAT) + b"name\0".ljust(512, b"\0")) * 5000
    path = tmp_path / "model.tar.gz"
    path.write_bytes(gzip.compress(chain))
    refused(path, "cannot be unpacked")


def test_very_many_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unpacking, "MOST_MEMBERS", 20)
    refused(
        pack(tmp_path / "model.tar.gz", {f"{number}": b"" for number in range(21)}),
        "has more than 20 files and folders",
    )


def test_hard_links_count_as_copies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unpacking, "ALWAYS", 2**17)
    links = {f"l{number}": special(f"l{number}", tarfile.LNKTYPE, "big") for number in range(3)}
    one = pack(tmp_path / "one.tar.gz", {**WHOLE, "big": bytes(2**15)}, l0=links["l0"])
    with opened(one) as source:
        assert (source.folder / "l0").read_bytes() == bytes(2**15)
        assert not (source.folder / "l0").is_symlink()
    refused(pack(tmp_path / "all.tar.gz", {**WHOLE, "big": bytes(2**15)}, **links), "has more than")


@pytest.mark.parametrize("target", ["/etc/passwd", "../config.json", "later", "self"])
def test_hard_links_to_what_is_not_in_the_archive(target: str, tmp_path: Path) -> None:
    link = special("self", tarfile.LNKTYPE, target)
    refused(pack(tmp_path / "model.tar.gz", WHOLE, self=link), "leads out of it|link to no file")


def test_a_vocabulary_that_is_no_folder(tmp_path: Path) -> None:
    """AllenNLP would take it for an archive and unpack that."""
    inner = pack(tmp_path / "inner.tar.gz", {"../../stolen": b"x"}).read_bytes()
    members = {"config.json": WHOLE["config.json"], "weights.th": b"w", "vocabulary": inner}
    refused(pack(tmp_path / "model.tar.gz", members), "it lacks vocabulary")
    assert not list(tmp_path.rglob("stolen"))


def _whole_archive() -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as tar:
        for name, content in WHOLE.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
        tar.addfile(special("link", tarfile.LNKTYPE, "weights.th"))
        long = tarfile.TarInfo("n" * 300)
        long.pax_headers = {"comment": "é", "size": "0"}
        tar.addfile(long)
    return packed.getvalue()


def test_archives_that_are_a_little_wrong(tmp_path: Path) -> None:
    path = tmp_path / "inside" / "model.tar.gz"
    path.parent.mkdir()

    @settings(max_examples=settings.default.max_examples // 2)
    @given(content=changed_bytes([_whole_archive()]))
    def check(content: bytes) -> None:
        path.write_bytes(gzip.compress(content, 1))
        try:
            with opened(path) as source:
                source.config()
        except ConfigurationError as error:
            assert str(error).isprintable() and len(str(error)) < 3000
        assert [one.name for one in tmp_path.rglob("*")] == ["inside", "model.tar.gz"]

    check()


def test_a_bomb_of_weights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("allennlp_heads.models.archival.ALWAYS", 2**20)
    (tmp_path / "config.json").write_bytes(WHOLE["config.json"])
    with zipfile.ZipFile(tmp_path / "weights.th", "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("archive/data/0", bytes(2**24))
    with pytest.raises(ConfigurationError, match="weights are damaged, or no plain weights: unpa"):
        Source("it", tmp_path, tmp_path / "weights.th").load()


@pytest.mark.parametrize("state", [[1], {"a": 1}, {1: torch.ones(1)}, torch.ones(1)])
def test_weights_that_are_no_names_with_tensors(state: Any, tmp_path: Path) -> None:
    (tmp_path / "config.json").write_bytes(WHOLE["config.json"])
    torch.save(state, tmp_path / "weights.th")
    with pytest.raises(ConfigurationError, match="not names with tensors"):
        Source("it", tmp_path, tmp_path / "weights.th").load()


RUNS = [
    {"type": "subprocess.Popen", "args": ["touch", "stolen"]},
    {"text_field_embedder": "os.getcwd"},
    {"text_field_embedder": {"token_embedders": [{"type": "posix.system"}]}},
    {"encoder": {"type": "antigravity.fly"}},
    {"encoder": {"type": "allennlp.common.util.import_module_and_submodules"}},
    {"encoder": {"transformer_kwargs": {"trust_remote_code": True}}},
    {"encoder": {"_pretrained": {"archive_file": "x.tar.gz", "module_path": ""}}},
    {"type": "from_archive", "archive_file": "https://example.org/model.tar.gz"},
]


@pytest.mark.parametrize("part", RUNS, ids=lambda part: json.dumps(part)[:60])
def test_a_configuration_that_would_run_something(
    part: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for config in ({"model": part}, {"model": {}, "dataset_reader": {"readers": {"pos": part}}}):
        members = {**WHOLE, "config.json": json.dumps(config).encode()}
        with opened(pack(tmp_path / "model.tar.gz", members)) as source:
            for use in (source.config, source.load):
                with pytest.raises(ConfigurationError, match=r"refused: '(model|dataset_reader).*"):
                    use()
    assert [path.name for path in tmp_path.iterdir()] == ["model.tar.gz"]


def test_code_beside_the_archive_is_not_imported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(tmp_path))
    harm = "raise AssertionError('imported')"
    (tmp_path / "beside_an_archive.py").write_text(harm)
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "harm-ful.py").write_text(harm)
    for name in ("beside_an_archive.Model", "beside_an_archive.a.b.c", "data.harm-ful.Model"):
        with pytest.raises(ConfigurationError, match="names Python code"):
            check_archived_config("it", {"model": {"type": name}})


@pytest.mark.parametrize(
    "text",
    [
        *("test.tsv", "data/test.conllu", "token.txt", "a sentence. Another.", "1.5", ".*weight"),
        *("_text_field_embedder.token_embedder_tokens", "bert.encoder", "x.y", "os", "..", "a..b"),
        "allennlp_heads.models.multitask_heads.MultiTaskHeads",
    ],
)
def test_texts_that_name_no_code(text: str) -> None:
    check_archived_config("it", {"model": {"type": text}})


@pytest.mark.parametrize("name", CONFIGS[::25])
def test_what_is_shipped_is_not_refused(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    check_archived_config(name, settings_of(name))


def test_deep_configurations(tmp_path: Path) -> None:
    for depth in (200, 100_000):
        config = b'{"model": ' + b'{"a":' * depth + b"1" + b"}" * depth + b"}"
        with opened(pack(tmp_path / "model.tar.gz", {**WHOLE, "config.json": config})) as source:
            with pytest.raises(ConfigurationError, match="nested (more than 100 deep|too deeply)"):
                source.config()


@pytest.mark.parametrize(
    "model",
    [
        {},
        {"type": 3},
        {"type": "no_such_model"},
        {"type": "multitask_heads", "backbone": [], "heads": 1},
        {"type": "multitask_heads", "backbone": {"type": "gated_transformer"}, "heads": {}},
        {"type": "basic_classifier", "text_field_embedder": None, "seq2vec_encoder": 1},
    ],
)
def test_configurations_of_which_no_model_can_be_made(model: Any, tmp_path: Path) -> None:
    weights = io.BytesIO()
    torch.save({"a": torch.ones(1)}, weights)
    config = json.dumps({"model": model}).encode()
    members = {
        "config.json": config,
        "weights.th": weights.getvalue(),
        "vocabulary/non_padded_namespaces.txt": b"*labels",
    }
    with opened(pack(tmp_path / "model.tar.gz", members)) as source:
        with pytest.raises(ConfigurationError):
            source.load()
