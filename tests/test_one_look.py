"""One look at the logs a run: the lane's, the ledger's and the kept answer's, and never an old one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from costbasis.usage.ledger import ledger as ledger_module
from costbasis.usage.ledger import listing, walk
from costbasis.usage.ledger.ledger import open_ledger
from costbasis.usage.ledger.scan import Scan

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


def test_only_files_that_another_look_saw_otherwise_are_planned(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The ledger knows which look it was brought up to; by the same code, nothing else can have changed since."""
    monkeypatch.setattr(listing, "SETTLED_NS", -1_000_000_000)
    logs, names = tmp_path / "logs", str(tmp_path / "names")
    paths = [write_log(logs / str(number), raw(line(f"msg_{number}"))) for number in range(3)]
    planned: list[int] = []
    monkeypatch.setattr(ledger_module, "plan_scan", _counted(planned, ledger_module.plan_scan))
    monkeypatch.setattr(ledger_module, "plan_changed", _counted(planned, ledger_module.plan_changed))
    ledger = open_ledger([logs], folder=tmp_path / "home")

    def requests(code: str) -> tuple[int, int]:
        look = listing.look_again(names, [str(logs)])
        walk.hand_over([str(logs)], look.seen, walk.Change(f"{look.since} {code}", f"{look.tree} {code}", look.changed))
        found = ledger.update().requests
        listing.keep_names(names, look)
        return found, planned.pop()

    assert requests("code") == (3, 3)
    for number, code, expected in ((1, "code", 1), (2, "code", 1), (0, "newer code", 3), (1, "newer code", 1)):
        with paths[number].open("ab") as file:
            file.write(raw(line(f"msg_{number}_{code}")))
        found, seen = requests(code)
        assert seen == expected
        assert found == ledger.update().requests
        planned.clear()
    assert ledger.update().requests == 7
    paths[2].unlink()
    assert requests("newer code") == (5, 2)
    paths[1].write_bytes(raw(line("msg_again")))
    assert requests("newer code") == (3, 1)
    ledger.close()


def _counted(planned: list[int], plan: Callable[..., Scan]) -> Callable[..., Scan]:
    def counting(*arguments: Any) -> Scan:
        scan = plan(*arguments)
        planned.append(scan.files)
        return scan

    return counting
