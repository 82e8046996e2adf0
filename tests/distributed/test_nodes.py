"""Two machines with a worker each, by AllenNLP's own options, here on one."""

from __future__ import annotations

from pathlib import Path

from allennlp.common.util import find_open_port

from tests.distributed.configs import balanced
from tests.distributed.launch import CONTEXT, TIMEOUT
from tests.distributed.train import assert_close, left_by, train_alone, train_together
from tests.training.configs import Config

NODES = 2


def _node(config: Config, folder: Path, node: int, port: int) -> None:
    train_together(config, folder, 1, node=node, num_nodes=NODES, primary_port=port)


def test_two_nodes_train_what_one_process_trains(
    tiny_bert: str, fixtures_root: Path, tmp_path: Path
) -> None:
    config = balanced(tiny_bert, fixtures_root)
    config["trainer"]["checkpointer"] = {"type": "atomic", "keep_most_recent_by_count": 1}
    port = find_open_port()
    folders = [tmp_path / f"node_{node}" for node in range(NODES)]
    nodes = [
        CONTEXT.Process(target=_node, args=(config, folder, node, port))
        for node, folder in enumerate(folders)
    ]
    try:
        for process in nodes:
            process.start()
        train_alone(config, tmp_path / "one", accumulated=NODES)
        for process in nodes:
            process.join(TIMEOUT)
        assert [process.exitcode for process in nodes] == [0, 0]
    finally:
        for process in nodes:
            if process.pid is not None:
                process.kill()
                process.join()

    alone = left_by(tmp_path / "one")
    assert_close(left_by(folders[0]), alone)
    # the folder of another node is one to resume from; reports are in the first one's
    other = left_by(folders[1])
    for kept in ("best", "last", "moments", "metrics"):
        assert_close(other[kept], alone[kept])
    for folder in folders:
        assert len(list(folder.glob("training_state_*.th"))) == 1
