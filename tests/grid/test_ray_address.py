"""What is said of a Ray cluster that cannot be joined."""

from __future__ import annotations

import socket
import sys
from pathlib import Path

import pytest
from allennlp.common.checks import ConfigurationError

from allennlp_heads.grid import ray_node
from allennlp_heads.grid.ray_cluster import import_ray, join_cluster


@pytest.mark.parametrize("address", ["ray://localhost:10001", "localhost", "http://a:1", "a:b"])
def test_addresses_of_another_form(address: str) -> None:
    pytest.importorskip("ray")
    with pytest.raises(ConfigurationError, match="give HOST:PORT as 'ray start --head' prints it"):
        join_cluster(address)


def test_nothing_answers() -> None:
    pytest.importorskip("ray")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # nobody listens
        with pytest.raises(ConfigurationError, match="nothing answers there"):
            join_cluster(f"127.0.0.1:{taken.getsockname()[1]}")


def test_ray_is_an_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(ConfigurationError, match=r"not installed: pip install '\.\[ray\]'"):
        import_ray()


def test_a_node_answers_in_the_folder_of_the_command_only(tmp_path: Path) -> None:
    assert ray_node.answer(str(tmp_path), "token", "node") == "does not see it"
    assert not (tmp_path / "node").exists()
    (tmp_path / "token").write_text("")
    assert ray_node.answer(str(tmp_path), "token", "node") == ""
    assert (tmp_path / "node").exists()
