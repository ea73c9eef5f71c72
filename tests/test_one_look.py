"""One look at the logs a run: the lane's, the ledger's and the kept answer's, and never an old one."""

from __future__ import annotations

from pathlib import Path

from costbasis.usage.ledger import walk
from costbasis.usage.ledger.ledger import open_ledger

from .logs import line, raw, write_log


def test_a_look_that_was_left_is_taken_once_and_only_for_the_same_roots(tmp_path: Path) -> None:
    here, there = str(tmp_path / "here"), str(tmp_path / "there")
    write_log(Path(here), raw(line("msg_1")))
    seen = walk.look([here])
    assert [path for path, *_ in seen] == [str(tmp_path / "here/projects/-p/s1.jsonl")]
    walk.hand_over([here], seen)
    assert walk.handed_or_new([there]) == []
    assert walk.handed_roots() == [here]
    assert walk.handed_or_new([here]) is seen
    assert walk.handed_roots() == []
    assert walk.handed_or_new([here]) is not seen
    walk.hand_over([here], seen)
    walk.take_back()
    assert walk.handed_or_new([here]) is not seen


def test_a_log_that_grows_after_the_look_is_read_by_the_next_update(tmp_path: Path) -> None:
    logs = tmp_path / "logs"
    path = write_log(logs, raw(line("msg_1")))
    ledger = open_ledger([logs], folder=tmp_path / "home")
    assert ledger.update().requests == 1
    before = walk.look([str(logs)])
    with path.open("ab") as file:
        file.write(raw(line("msg_2")))
    walk.hand_over([str(logs)], before)
    assert ledger.update().requests == 1
    assert ledger.update().requests == 2
    ledger.close()


def test_what_cannot_be_looked_at_is_another_tree(tmp_path: Path) -> None:
    write_log(tmp_path, raw(line("msg_1")))
    whole = walk.tree_of(walk.look([str(tmp_path)]))
    (tmp_path / "loop.jsonl").symlink_to("loop.jsonl")
    odd = walk.look([str(tmp_path)])
    assert [(Path(path).name, now) for path, now, error, _ in odd if error is not None] == [("loop.jsonl", None)]
    assert walk.tree_of(odd) != whole
