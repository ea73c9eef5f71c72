"""What is kept from one run to the next gives the numbers that are made without it, to the last bit."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from costbasis.bases import engine
from costbasis.bases.table import BY_UNIT, columns
from costbasis.catalog import Catalog, load_catalog
from costbasis.kept import Kept
from costbasis.quantity import Source
from costbasis.sampling import Sampling
from costbasis.usage.amounts import Amounts, amounts_of
from costbasis.usage.events import TokenCounts
from costbasis.usage.pricing.cells import Cell, ListValue
from costbasis.usage.pricing.epochs import NoPrice, PriceBook
from costbasis.usage.pricing.keptbook import priced_by_part

from .command import Run
from .logs import line, raw, write_log

AS_OF = date(2026, 6, 30)


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return load_catalog(sampling=Sampling(seed=3, draws=500))


def cell(key: str, month: str, model: str, scale: int) -> Cell:
    counts = TokenCounts(7 * scale, 11 * scale, 13 * scale, 3 * scale, 400 * scale, 29 * scale, scale)
    value = ListValue(*(tok * 5_000_000 for tok in counts[:6]), counts[3] * 10_000_000, 0)
    return Cell(key, month, model, None, scale, counts, 0, 0, value, 9e6 * scale, 2e7 * scale, 5e5 * scale, 1, 2)


def table(*scales: int) -> Amounts:
    models = ("claude-opus-4-6", "gpt-5.4", "claude-haiku-4-5")
    cells = [
        cell(f"day {scale}", month, model, scale)
        for scale in scales
        for month in ("2026-03", "2026-06")
        for model in models
    ]
    return amounts_of(cells, source=Source("logs"), as_of=AS_OF)


def never() -> Catalog:
    raise AssertionError("everything was kept")


def same(found: Any, expected: Any) -> bool:
    return all(np.array_equal(mine, theirs, equal_nan=True) for mine, theirs in zip(found, expected, strict=True))


def store(folder: Path, of: str = "this code") -> Kept:
    return Kept(folder / "kept.sqlite", of)


def test_a_kept_column_is_the_engines_to_the_last_bit(catalog: Catalog, tmp_path: Path) -> None:
    for amounts in (table(1, 5), table(2), table(1, 5, 900)):
        valued = engine.value(amounts, catalog, only=BY_UNIT)
        kept = store(tmp_path)
        first = columns(amounts, lambda: catalog, BY_UNIT, kept)
        kept.close()
        again = columns(amounts, never, BY_UNIT, store(tmp_path))
        for name in BY_UNIT:
            for found in (first[name], again[name]):
                assert same(found.rows, valued[name].rows), name
                assert np.array_equal(found.covered_list_usd, valued[name].covered_list_usd)
        assert valued["serving"].over is not None
        assert again["serving"].over is not None
        assert same(again["serving"].over, valued["serving"].over)


def test_other_bases_and_a_call_without_a_store_go_through_the_engine(catalog: Catalog, tmp_path: Path) -> None:
    amounts = table(4)
    valued = engine.value(amounts, catalog, only=["realised", "market"])
    for kept in (None, store(tmp_path)):
        found = columns(amounts, lambda: catalog, ["realised", "market"], kept)
        assert same(found["realised"].rows, valued["realised"].rows)
        assert same(found["market"].rows, valued["market"].rows)
    assert columns(amounts, never, [], store(tmp_path)) == {}


def test_what_is_kept_of_other_code_or_another_seed_is_not_found(catalog: Catalog, tmp_path: Path) -> None:
    kept = store(tmp_path, "seed 3")
    columns(table(1), lambda: catalog, ["market"], kept)
    kept.close()
    with pytest.raises(AssertionError, match="everything was kept"):
        columns(table(1), never, ["market"], store(tmp_path, "seed 4"))
    assert columns(table(7), never, ["market"], store(tmp_path, "seed 3"))


def test_a_model_that_a_basis_cannot_value_is_remembered_as_such(catalog: Catalog, tmp_path: Path) -> None:
    amounts = amounts_of([cell("day", "2026-03", "no-such-model", 1)], source=Source("logs"), as_of=AS_OF)
    assert engine.value(amounts, catalog, only=["market"]) == {}
    kept = store(tmp_path)
    assert columns(amounts, lambda: catalog, ["market"], kept) == {}
    kept.close()
    assert columns(amounts, never, ["market"], store(tmp_path)) == {}


@pytest.mark.parametrize("damage", [b"", b"{}\n", b'{"units": {"input_tok": [5, []]}, "bytes": []}\n', b"\xff"])
def test_a_damaged_value_is_made_again(catalog: Catalog, tmp_path: Path, damage: bytes) -> None:
    amounts = table(3)
    for group in amounts.groups:
        kept = store(tmp_path)
        kept.put(f"units market {group.model} {group.as_of}", damage)
        kept.close()
    expected = engine.value(amounts, catalog, only=["market"])["market"]
    assert same(columns(amounts, lambda: catalog, ["market"], store(tmp_path))["market"].rows, expected.rows)


@pytest.mark.parametrize("content", [b"", b"no database", b"SQLite format 3\0" + b"\xff" * 400])
def test_a_store_that_is_no_database_keeps_nothing_and_harms_nothing(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "kept.sqlite").write_bytes(content)
    kept = store(tmp_path)
    assert kept.get("a") is None
    kept.put("a", b"1")
    assert kept.get("a") == b"1"
    kept.close()
    assert store(tmp_path).get("a") in (b"1", None)


def test_a_store_that_cannot_be_written_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    kept = store(tmp_path / "file")
    kept.put("a", b"1")
    kept.close()
    assert store(tmp_path / "file").get("a") is None


def test_the_oldest_values_go_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("costbasis.kept.MOST_BYTES", 250)
    for name in "abcd":
        kept = store(tmp_path)
        kept.put(name, name.encode() * 100)
        kept.close()
    assert [store(tmp_path).get(name) is not None for name in "abcd"] == [False, False, True, True]


def told(book: PriceBook, names: list[str]) -> list[Any]:
    found: list[Any] = []
    for name in names:
        model = book.model_of(name)
        if isinstance(model, NoPrice):
            found.append(model)
            continue
        rows = book.segments(model, "standard", "")
        epochs = [book.epoch(row, "", 1) for row in rows] if isinstance(rows, list) else rows
        found += [model, book.provider_of(model), epochs, book.segments(model, "fast", "us")]
    return found


def test_the_kept_part_of_a_price_book_says_what_the_whole_book_says(catalog: Catalog, tmp_path: Path) -> None:
    whole = PriceBook.from_catalog(catalog)
    names = ["claude-opus-4-6", "claude-opus-4-6-20260205", "gpt-5.4", "no-such-model", "opus"]

    def absent() -> PriceBook:
        raise AssertionError("the part suffices")

    def price(some: list[str]) -> Callable[[PriceBook], list[Any]]:
        return lambda book: told(book, some)

    steps = [(names[:2], lambda: whole), (names[:1], absent), (names, lambda: whole), (names[::-1], absent)]
    for some, book in steps:
        kept = store(tmp_path)
        found = priced_by_part(book, kept, price(some))
        kept.close()
        assert str([as_plain(item) for item in found]) == str([as_plain(item) for item in told(whole, some)])
    with pytest.raises(AssertionError, match="the part suffices"):
        priced_by_part(absent, store(tmp_path), price(["deepseek-v3"]))


def as_plain(item: Any) -> Any:
    """Rows of the book without their source."""
    if isinstance(item, list):
        return [as_plain(one) for one in item]
    return (item.model, item.mode, item.valid_from, item.input, item.output) if hasattr(item, "valid_from") else item


@pytest.fixture
def home(tmp_path: Path) -> Path:
    write_log(
        tmp_path / ".claude",
        raw(line("msg_1"), line("msg_2", time="2026-03-06T10:00:00Z"), line("msg_3", message={"model": "unheard"})),
    )
    return tmp_path


@pytest.mark.slow
def test_the_command_prints_the_same_with_and_without_what_is_kept(home: Path) -> None:
    words = ("usage", "--basis", "list,market,serving", "--json", "--breakdown")
    anew = [Run(home, *words, "--by", by, COSTBASIS_HOME=str(home / by)).out for by in ("day", "model")]
    Run(home, *words, "--by", "session")
    assert (home / "cb" / "ledgers" / "kept.sqlite").stat().st_size > 100_000
    assert [Run(home, *words, "--by", by).out for by in ("day", "model")] == anew
    other = json.loads(Run(home, *words, "--by", "day", "--seed", "5").out)
    assert other["rows"][0]["bases"]["market_usd"] != json.loads(anew[0])["rows"][0]["bases"]["market_usd"]


@pytest.mark.slow
def test_a_fact_set_by_hand_is_not_kept(home: Path) -> None:
    words = ("usage", "--basis", "list,serving", "--json")
    plain = Run(home, *words).json
    dearer = Run(home, *words, "--set", "fleet/default.slo_headroom_frac=0.2").json
    again = Run(home, *words, "--by", "week").json
    assert dearer["total"]["bases"]["serving_usd"]["p50"] > plain["total"]["bases"]["serving_usd"]["p50"]
    assert again["total"]["bases"]["serving_usd"] == plain["total"]["bases"]["serving_usd"]


def test_a_list_table_of_known_models_loads_neither_the_catalogue_nor_numpy(home: Path) -> None:
    Run(home, "usage", "--basis", "list")
    code = (
        "import atexit, sys\n"
        "atexit.register(lambda: print(*sys.modules, file=sys.stderr))\n"
        "from costbasis.__main__ import main; main()"
    )
    where = {"HOME": str(home), "PATH": os.environ["PATH"], "COSTBASIS_HOME": str(home / "cb"), "TZ": "UTC"}
    write_log(home / ".claude", raw(line("msg_9")), name="s9.jsonl")
    for words in (("--json",), ("--json", "--by", "week")):
        command = [sys.executable, "-c", code, "usage", "--basis", "list", *words]
        done = subprocess.run(command, env=where, cwd=home, check=True, capture_output=True, text=True)
        loaded = set(done.stderr.split())
        assert "costbasis.usage.ledger.ledger" in loaded, "the lane had the answer"
        assert not loaded & {"numpy", "scipy", "costbasis.catalog", "multiprocessing", "rich"}
