"""What if more or less of the prompts were read from a cache: the same requests, another split, the same prices."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from costbasis.catalog import Catalog
from costbasis.catalog.load import load_catalog
from costbasis.errors import BadOverride
from costbasis.usage.events import TokenCounts
from costbasis.usage.pricing.cells import Cell, ListValue
from costbasis.usage.typical import typical_use
from costbasis.usage.whatif import KEY, recached
from tests.command import Run

DAY = date(2026, 4, 2)
PICO = {"input": 5_000_000, "write": 6_250_000, "read": 500_000, "output": 25_000_000}


@pytest.fixture(scope="module")
def base() -> Catalog:
    return load_catalog()


def _cell(*, fresh: int = 100, write: int = 300, read: int = 600, output: int = 50) -> Cell:
    counts = TokenCounts(input_tok=fresh, cache_write_5m_tok=write, cache_read_tok=read, output_tok=output)
    value = ListValue(
        fresh * PICO["input"], write * PICO["write"], 0, 0, read * PICO["read"], output * PICO["output"], 0, 0
    )
    new = fresh + write
    pairs = new * (read + new / 2)
    return Cell("k", "2026-04", "claude-opus-4-6", None, 1, counts, 0, 0, value, 0.0, pairs, 900.0, 0, 0)


def test_a_share_as_counted_changes_nothing(base: Catalog) -> None:
    cells, said = recached([_cell()], base.under([f"{KEY}=0.6"]), DAY)
    assert list(cells) == [_cell()]
    assert [one.kind for one in said] == ["cache share set"]
    assert recached([_cell()], base, DAY) == ([_cell()], ())


def test_prompt_and_output_stay_and_each_class_keeps_its_price(base: Catalog) -> None:
    (cell,), _ = recached([_cell()], base.under([f"{KEY}=0.8"]), DAY)
    assert cell.counts == TokenCounts(input_tok=50, cache_write_5m_tok=150, cache_read_tok=800, output_tok=50)
    assert cell.value is not None
    assert cell.value.tokens == 50 * PICO["input"] + 150 * PICO["write"] + 800 * PICO["read"] + 50 * PICO["output"]
    assert cell.new_ctx_tok2 == pytest.approx(200 * (800 + 100))


def test_reads_that_never_were_cost_what_the_book_says(base: Catalog) -> None:
    (cell,), _ = recached([_cell(read=0)], base.under([f"{KEY}=0.5"]), DAY)
    assert cell.value is not None
    assert cell.value.cache_read == 200 * PICO["read"]


def test_all_read_can_become_none_read(base: Catalog) -> None:
    (cell,), _ = recached([_cell(fresh=0, write=0)], base.under([f"{KEY}=0"]), DAY)
    assert cell.counts == TokenCounts(input_tok=600, output_tok=50)
    assert cell.value is not None
    assert cell.value.input == 600 * PICO["input"]


def test_less_cache_makes_the_typical_use_dearer_a_token(base: Catalog) -> None:
    tokens = []
    for share in (0.5, 0.97):
        use = typical_use("claude-opus-4-6", 1_000.0, DAY, base.under([f"{KEY}={share}"]))
        tokens.append(sum(float(column[0]) for name, column in use.columns.items() if name.endswith("_tok")))
    assert tokens[0] < tokens[1] / 2


@pytest.mark.parametrize("value", ["1.2", "-0.1", "0.5..0.9"])
def test_what_is_no_share_is_refused(base: Catalog, value: str) -> None:
    with pytest.raises(BadOverride, match="takes one share, 0 to 1"):
        recached([_cell()], base.under([f"{KEY}={value}"]), DAY)


@pytest.mark.slow
def test_the_report_says_that_it_is_a_what_if(tmp_path: Path) -> None:
    told = Run(tmp_path, "report", "--sample", "--set", f"{KEY}=0.5", "--json", "--quiet").json
    tokens = told["usage"]["total"]["tokens"]
    prompt = sum(count for name, count in tokens.items() if name not in ("output", "reasoning"))
    assert tokens["cache_read"] / prompt == pytest.approx(0.5, abs=1e-6)
    assert "cache share set" in [warning["kind"] for warning in told["warnings"]]
    claim = Run(tmp_path, "check", "forbes-5000", "--set", f"{KEY}=0.5", "--json").json
    assert claim["on_basis"]["list"]["p50"] == pytest.approx(5_000)
    assert claim["on_basis"]["market"]["p50"] != pytest.approx(
        Run(tmp_path, "check", "forbes-5000", "--json").json["on_basis"]["market"]["p50"]
    )
