"""The user's own book: what an update shows, adds and holds back; hostile files and crashes leave it whole."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import textwrap
import threading
from datetime import date
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from costbasis.catalog import load_catalog
from costbasis.catalog.book.overlay import own_book, read_overlay
from costbasis.catalog.importers import litellm
from costbasis.cli.app import app
from costbasis.errors import BadCatalogue, CostbasisError

FIXTURES = Path(__file__).parent / "fixtures" / "importers"
APRIL = date(2026, 4, 1)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("COSTBASIS_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def update(*arguments: str) -> dict[str, Any]:
    asked = ["update", *arguments, "--observed", "2026-11-25", "--json"]
    result = CliRunner().invoke(app, asked, catch_exceptions=False)
    assert result.exit_code == 0, result.output
    found: dict[str, Any] = json.loads(result.output)
    return found


def refused(*arguments: str) -> CostbasisError:
    with pytest.raises(CostbasisError) as error:
        CliRunner().invoke(app, ["update", *arguments, "--apply"], catch_exceptions=False)
    return error.value


def litellm_file(tmp_path: Path, **changed: Any) -> str:
    entries = json.loads((FIXTURES / "litellm.json").read_text())
    entries["deepinfra/moonshotai/Kimi-K2.5"] |= changed
    path = tmp_path / "changed.json"
    path.write_text(json.dumps(entries))
    return str(path)


def test_an_update_shows_and_changes_nothing_until_it_is_told_to(home: Path) -> None:
    shown = update("own", "--file", str(FIXTURES / "own.csv"))
    assert [change["kind"] for change in shown["changes"]] == ["new"]
    assert (shown["applied"], shown["would_add"]) == (False, 1)
    assert not home.exists()


def test_own_prices_go_before_the_list_in_the_days_they_name_and_move_the_hash(home: Path) -> None:
    book = home / "book.json"
    assert update("own", "--file", str(FIXTURES / "own.csv"), "--apply")["applied"]
    catalog, plain = load_catalog(own_book=book), load_catalog()
    assert catalog.retail_on("claude-opus-4-6", APRIL).input == 4_500_000
    assert catalog.retail_on("claude-opus-4-6", date(2026, 2, 10)).input == 5_000_000
    assert plain.retail_on("claude-opus-4-6", APRIL).input == 5_000_000
    assert catalog.sha256 != plain.sha256
    again = update("own", "--file", str(FIXTURES / "own.csv"))
    assert again["changes"] == []
    assert [warning["kind"] for warning in again["warnings"]] == ["own_book"]


def test_a_changed_price_is_a_new_dated_row_and_the_old_one_ends_there(home: Path, tmp_path: Path) -> None:
    changed = litellm_file(tmp_path, input_cost_per_token=5e-07)
    shown = update("litellm", "--file", changed)
    [change] = [one for one in shown["changes"] if one["kind"] == "changed"]
    assert change["moved"] == ["input 0.45 → 0.5"]
    assert (change["valid_from"], change["held"]) == ("2026-11-25", [])
    update("litellm", "--file", changed, "--apply")
    rows = load_catalog(own_book=home / "book.json")._tables.rows("offer")
    mine = [row for row in rows if row["source"].startswith("litellm") and row["provider"] == "DeepInfra"]
    mine = [row for row in mine if row["model"] == "kimi-k2.5"]
    assert [(row["input_usd_per_mtok"], row["valid_from"], row["valid_to"]) for row in mine] == [
        ("0.45", "", "2026-11-25"),
        ("0.5", "2026-11-25", ""),
    ]


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"input_cost_per_token": 4.5e-04}, "input 0.45 → 450: a slip of units (×1000)"),
        ({"output_cost_per_token": 1e-05}, "output 2.25 → 10: more than ×4 at once"),
        ({"cache_read_input_token_cost": 9e-07}, "a cached read at 0.9 is dearer than input at 0.45"),
        ({"cache_read_input_token_cost": 0}, "cache_read to nothing (0.07 → 0)"),
    ],
)
def test_a_doubtful_change_waits_for_a_person(home: Path, tmp_path: Path, changed: dict[str, float], why: str) -> None:
    shown = update("litellm", "--file", litellm_file(tmp_path, **changed), "--apply")
    [change] = [one for one in shown["changes"] if one["kind"] == "changed"]
    assert why in change["held"]
    prices = {one.base("input") for one in read_overlay(home / "book.json").statements if one.model == "kimi-k2.5"}
    assert not prices


def test_a_file_cut_short_ends_no_offers(home: Path) -> None:
    shown = update("litellm", "--file", str(FIXTURES / "litellm.json"))
    gone = [one for one in shown["changes"] if one["kind"] == "vanished"]
    assert len(gone) > 500
    assert all("is the file whole?" in one["held"][0] for one in gone)


HOSTILE = {
    "negative": "model,meter,price\nclaude-opus-4-6,input,-5\n",
    "no number": "model,meter,price\nclaude-opus-4-6,input,five\n",
    "NaN": "model,meter,price\nclaude-opus-4-6,input,NaN\n",
    "10^400": "model,meter,price\nclaude-opus-4-6,input,1e400\n",
    "another unit": "model,meter,price\nclaude-opus-4-6,input,5000000\n",
    "finer than a pico": "model,meter,price\nclaude-opus-4-6,input,0.00000001\n",
    "no column": "model,price\nclaude-opus-4-6,5\n",
    "a meter twice": "model,meter,price\nclaude-opus-4-6,input,5\nclaude-opus-4-6,input,6\n",
    "no output": "model,meter,price\nclaude-opus-4-6,input,5\n",
    "a formula": "model,meter,price\n=cmd|' /C calc'!A0,input,5\n",
    "a path": "model,meter,price\n../../etc/passwd,input,5\n",
    "an unknown model": "model,meter,price\nclaude-opus-9,input,5\n",
    "a variant": "model,meter,price\nclaude-opus-4-6-fast,input,5\n",
    "a short line": "model,meter,price\nclaude-opus-4-6,input\n",
    "no meter": "model,meter,price\nclaude-opus-4-6,thinking,5\n",
    "no date": "model,meter,price,valid_from\nclaude-opus-4-6,input,5,soon\n",
    "dates in turn": "model,meter,price,valid_from,valid_to\nclaude-opus-4-6,input,5,2026-03-01,2026-02-01\n",
    "another currency": "model,meter,price,currency\nclaude-opus-4-6,input,5,EUR\n",
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_bad_file_changes_nothing_and_says_why_and_where(home: Path, tmp_path: Path, kind: str) -> None:
    update("own", "--file", str(FIXTURES / "own.csv"), "--apply")
    before = (home / "book.json").read_bytes()
    path = tmp_path / "bad.csv"
    path.write_text(HOSTILE[kind])
    error = refused("own", "--file", str(path))
    assert error.what
    assert error.where
    assert "Traceback" not in str(error)
    assert (home / "book.json").read_bytes() == before


def test_a_file_that_is_too_large_is_not_read(home: Path, tmp_path: Path) -> None:
    path = tmp_path / "giant.json"
    with path.open("wb") as file:
        file.truncate(65 * 2**20)
    assert refused("litellm", "--file", str(path)).what == "65 MiB is too large (64 MiB at most)"


def test_a_book_that_is_none_is_refused_with_the_way_out(home: Path) -> None:
    home.mkdir()
    for text in ("", "{}", "[]", '{"schema": "other"}', '{"schema": "costbasis.book/1", "price": [{}]}'):
        (home / "book.json").write_text(text)
        with pytest.raises(BadCatalogue) as error:
            load_catalog(own_book=home / "book.json")
        assert "move it away" in error.value.hint


KILLED = """
    import os, signal, sys
    from pathlib import Path
    real = {name: getattr(os, name) for name in ("fsync", "replace")}
    def die(*args, **kwargs):
        os.kill(os.getpid(), signal.SIGKILL)
    if sys.argv[1] == "write":
        import json
        whole = json.dump
        def half(held, file, **kwargs):
            file.write('{"schema": "costbasis.book/1", "price": [')
            file.flush()
            die()
        json.dump = half
    elif sys.argv[1] == "fsync":
        os.fsync = die
    elif sys.argv[1] == "replace":
        Path.replace = die
    elif sys.argv[1] == "after":
        moved = Path.replace
        def replace(self, target):
            moved(self, target)
            die()
        Path.replace = replace
    from costbasis.cli.app import app
    app(sys.argv[2:], prog_name="costbasis")
"""


@pytest.mark.slow
@pytest.mark.parametrize("moment", ["write", "fsync", "replace", "after"])
def test_a_kill_in_the_middle_leaves_the_old_book_or_the_new_one_whole(home: Path, tmp_path: Path, moment: str) -> None:
    update("own", "--file", str(FIXTURES / "own.csv"), "--apply")
    before = (home / "book.json").read_bytes()
    other = tmp_path / "other.csv"
    other.write_text("model,meter,price\nclaude-opus-4-7,input,4\nclaude-opus-4-7,output,20\n")
    arguments = ["update", "own", "--file", str(other), "--observed", "2026-11-25", "--apply"]
    code = textwrap.dedent(KILLED)
    environ = os.environ | {"COSTBASIS_HOME": str(home)}
    call = [sys.executable, "-c", code, moment, *arguments]
    done = subprocess.run(call, env=environ, capture_output=True, timeout=120)
    assert done.returncode == -signal.SIGKILL, done.stderr.decode()
    after = (home / "book.json").read_bytes()
    assert (after == before) is (moment != "after")
    overlay = read_overlay(home / "book.json")
    assert len(overlay.statements) == (2 if moment == "after" else 1)
    assert update("own", "--file", str(other), "--apply")["would_add"] == (0 if moment == "after" else 1)


def test_online_fetches_from_the_upstreams_own_address_and_only_when_asked(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(200)
            self.end_headers()
            self.wfile.write((FIXTURES / "litellm.json").read_bytes())

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Answer)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        monkeypatch.setattr(litellm, "URL", f"http://127.0.0.1:{server.server_port}/prices.json")
        update()
        assert asked == []
        assert update("litellm", "--online")["entries"] == 13
        assert asked == ["/prices.json"]
        server.shutdown()
        server.server_close()
        assert "cannot be fetched" in refused("litellm", "--online").what
    finally:
        server.server_close()


def test_the_place_of_the_book_follows_the_environment(tmp_path: Path) -> None:
    assert own_book({"COSTBASIS_HOME": "/a"}, tmp_path) == Path("/a/book.json")
    assert own_book({"XDG_DATA_HOME": "/b"}, tmp_path) == Path("/b/costbasis/book.json")
    assert own_book({}, tmp_path) == tmp_path / ".local/share/costbasis/book.json"


def test_what_cannot_be_asked_for_says_what_can(home: Path) -> None:
    assert refused("litelm").what == 'unknown upstream "litelm"; did you mean "litellm"?'
    assert refused("own").what == "own is not installed here"
    assert refused("own", "--online").what == "own has no address to fetch from"
    assert refused("litellm", "--file", "nowhere.json").what == "cannot be read: No such file or directory"
