"""The quicker look: what it sees is what a look into every folder sees, whatever happened in between."""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from costbasis.lane.json_value import value_of
from costbasis.usage.ledger import listing
from costbasis.usage.ledger.listing import Look, keep_names, look_again, look_anew
from costbasis.usage.ledger.where import are_real, real_paths

NAMES = ("a", "b.jsonl", "c.db", "d.txt")
PLACES = ("here", "here/a", "here/a/a", "aside", "aside/a")
TICK_S = 0.011
"""More than a tick of the clock by which folders are dated."""


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Folders count as settled at once: the tests wait for a tick themselves."""
    monkeypatch.setattr(listing, "SETTLED_NS", -1_000_000_000)


def said(look: Look) -> tuple[object, ...]:
    return look.tree, look.files, [(path, error is None, is_folder) for path, _, error, is_folder in look.seen]


def do(top: Path, what: str, place: str, name: str, target: str) -> None:
    folder, path = top / place, top / place / name
    try:
        if what == "write":
            folder.mkdir(parents=True, exist_ok=True)
            with path.open("a") as file:
                file.write("x")
        elif what == "folder":
            path.mkdir(parents=True)
        elif what == "link":
            path.symlink_to(top / target)
        elif what == "remove":
            shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()
        elif what == "rename":
            path.rename(top / target)
        elif what == "replace":
            fresh = top / "fresh"
            fresh.write_text("y")
            fresh.replace(path)
    except OSError:  # such a thing cannot be done to what is there
        return


steps = st.tuples(
    st.sampled_from(["write", "folder", "link", "remove", "rename", "replace"]),
    st.sampled_from(PLACES),
    st.sampled_from(NAMES),
    st.sampled_from([*PLACES, *(f"{place}/{name}" for place in PLACES for name in NAMES)]),
)


@pytest.mark.usefixtures("at_once")
@settings(max_examples=40, deadline=None)
@given(st.lists(steps, min_size=1, max_size=8), st.lists(steps, min_size=1, max_size=5))
def test_what_the_quick_look_sees_is_what_a_look_into_every_folder_sees(
    before: list[tuple[str, str, str, str]], after: list[tuple[str, str, str, str]]
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        top = Path(folder).resolve()
        (top / "here").mkdir()
        for step in before:
            do(top, *step)
        roots, place = [str(top / "aside"), str(top / "here")], str(top / "kept.names")
        time.sleep(TICK_S)
        keep_names(place, look_anew(roots))
        for step in after:
            do(top, *step)
            assert said(look_again(place, roots)) == said(look_anew(roots))
            time.sleep(TICK_S)
            keep_names(place, look_again(place, roots))


@pytest.mark.usefixtures("at_once")
def test_names_that_hold_are_not_looked_for_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "p").mkdir()
    (tmp_path / "p/s.jsonl").write_text("x")
    place, roots = str(tmp_path / "kept"), [str(tmp_path / "p")]
    keep_names(place, look_again(place, roots))
    monkeypatch.setattr(os, "scandir", None)
    assert look_again(place, roots).is_kept
    with (tmp_path / "p/s.jsonl").open("a") as file:
        file.write("y")
    assert not look_again(place, roots).is_kept


def test_a_folder_that_changed_just_now_is_not_trusted(tmp_path: Path) -> None:
    (tmp_path / "p").mkdir()
    place, roots = str(tmp_path / "kept"), [str(tmp_path / "p")]
    keep_names(place, look_anew(roots))
    assert not Path(place).exists()
    long_ago = time.time() - 10
    os.utime(tmp_path / "p", (long_ago, long_ago))
    keep_names(place, look_anew(roots))
    assert Path(place).exists()


@pytest.mark.usefixtures("at_once")
def test_a_name_that_breaks_lines_is_not_kept_and_damage_is_no_name(tmp_path: Path) -> None:
    logs, place = tmp_path / "p", str(tmp_path / "kept")
    logs.mkdir()
    (logs / "a\nb.jsonl").write_text("x")
    keep_names(place, look_anew([str(logs)]))
    assert not Path(place).exists()
    (logs / "a\nb.jsonl").rename(logs / "ab.jsonl")
    keep_names(place, look_anew([str(logs)]))
    whole, expected = Path(place).read_bytes(), said(look_anew([str(logs)]))
    for end in range(len(whole)):
        Path(place).write_bytes(whole[:end])
        assert said(look_again(place, [str(logs)])) == expected


def test_a_path_is_real_until_a_link_leads_it_away(tmp_path: Path) -> None:
    top = tmp_path.resolve()
    (top / "a/b").mkdir(parents=True)
    paths = [str(top / "a/b/c"), str(top / "a/b"), str(top / "nowhere/c"), "/"]
    assert are_real(paths) and real_paths(paths) == sorted(paths)
    (top / "a").rename(top / "other")
    assert are_real(paths)
    (top / "a").symlink_to(top / "other")
    assert not are_real(paths) and real_paths(paths) != sorted(paths)


@pytest.mark.parametrize("text", ["{", "[1,]", '{"a": 1} x', "", " ", "nul", '"\x01"', "[" * 100_000])
def test_what_is_no_json_is_said_as_the_standard_library_says_it(text: str) -> None:
    with pytest.raises((ValueError, RecursionError)):
        value_of(text)
