"""Contracts: every importer is found by itself, reads its fixture, and refuses junk without changing anything."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from costbasis.catalog import load_catalog
from costbasis.catalog.book.statement import METERS
from costbasis.catalog.book.updating import told_of
from costbasis.catalog.importers import Imported, Importer, Upstream, discover
from costbasis.catalog.tables import read_csv, schemas
from costbasis.errors import BadImport

FIXTURES = Path(__file__).parents[1] / "fixtures" / "importers"
CATALOG = load_catalog()

FILES = {
    "genai-prices": ["genai_prices.json"],
    "huggingface": sorted(path.relative_to(FIXTURES).as_posix() for path in FIXTURES.glob("huggingface/*.json")),
    "litellm": ["litellm.json"],
    "model-prices": ["model_prices.json"],
    "models.dev": ["models_dev.json"],
    "openrouter": ["openrouter_models.json", "openrouter_endpoints.json"],
    "own": ["own.csv"],
    "skypilot": ["skypilot/nebius/vms.csv"],
}

DEEP = b"[" * 5_000 + b"]" * 5_000

JUNK = {
    "empty": b"",
    "not UTF-8": b"\xff\xfe\x00m\x00o",
    "a page": b"<html><body>429</body></html>",
    "deep": DEEP,
    "deep in an object": b'{"a":' * 200 + b"1" + b"}" * 200,
    "NaN": b'{"claude-opus-4-6": {"litellm_provider": "anthropic", "mode": "chat", "input_cost_per_token": NaN}}',
    "a list of numbers": b"[1, 2, 3]",
    "an empty object": b"{}",
    "the same key twice": b'{"prices": {"anthropic": {}, "anthropic": {}}, "data": [], "data": []}',
    "a huge number": b'{"data": ' + b"9" * 5_000 + b"}",
    "columns missing": b"model,price\nclaude-opus-4-6,5\n",
    "a column twice": b"model,meter,price,price\nclaude-opus-4-6,input,5,6\n",
    "NUL": b"model,meter,price\n\x00\x00,input,5\n",
}


def read(importer: Importer, raw: bytes, name: str) -> Imported:
    upstream = Upstream(raw, "", f"{importer.CITES} {name}")
    told = told_of(importer, upstream, CATALOG.names, CATALOG.retail_models(), "2026-11-25")
    return importer.read(raw, told)


def test_every_importer_has_a_fixture() -> None:
    assert set(FILES) == set(discover())


@pytest.mark.parametrize("importer", discover().values(), ids=lambda importer: importer.NAME)
class TestImporter:
    def test_it_reads_its_fixture_into_rows_of_known_tables(self, importer: Importer) -> None:
        taken = 0
        for name in FILES[importer.NAME]:
            if "Super-49B" in name:
                continue
            found = read(importer, (FIXTURES / name).read_bytes(), name)
            for one in found.statements:
                taken += 1
                assert one.model in CATALOG.names.ids or one.route == "list", one
                assert {meter for meter, _ in one.prices} <= set(METERS)
                assert one.prices["input", 0]
                assert one.prices["output", 0]
                assert one.observed == "2026-11-25"
                assert one.source.startswith(importer.CITES)
            for kind, rows in found.rows.items():
                columns = set(read_csv(schemas()[kind]["file"])[0])
                for row in rows:
                    taken += 1
                    assert set(row) <= columns, set(row) - columns
        assert taken

    @pytest.mark.parametrize("junk", JUNK)
    def test_junk_is_refused_with_a_reason(self, importer: Importer, junk: str) -> None:
        try:
            found = read(importer, JUNK[junk], "junk")
        except BadImport as error:
            assert error.what
            return
        assert not found.statements
        assert not any(found.rows.values())

    def test_it_says_its_licence_and_where_it_comes_from(self, importer: Importer) -> None:
        assert importer.LICENCE
        assert importer.TITLE
        assert importer.URL == "" or importer.URL.startswith("https://")


@pytest.mark.parametrize("name", ["genai-prices", "model-prices"])
def test_an_installed_package_agrees_with_the_book_that_was_made_of_it(name: str) -> None:
    """The importer and the book were not made by the same hands: what both have must be the same price."""
    importer = discover()[name]
    upstream = importer.installed()
    assert upstream is not None
    found = read(importer, upstream.raw, "installed")
    from costbasis.catalog.book.compiled import read_book

    held = {(one.series, one.valid_from): one for one in read_book() if one.source_id == name}
    keyed = [((one.series, one.valid_from), one) for one in found.statements]
    shared = [(one, held[key]) for key, one in keyed if key in held]
    assert len(shared) > 500
    for one, other in shared:
        meters = set(one.prices) & set(other.prices)
        assert {meter: float(one.prices[meter]) for meter in meters} == {
            meter: float(other.prices[meter]) for meter in meters
        }


def test_the_endpoints_of_a_router_are_offers_of_hosts_with_their_precision() -> None:
    found = read(discover()["openrouter"], (FIXTURES / "openrouter_endpoints.json").read_bytes(), "endpoints")
    offers = {one.provider: one for one in found.statements}
    assert (offers["DeepInfra"].route, offers["DeepInfra"].quantisation) == ("openrouter_endpoint", "fp4")
    assert offers["DeepInfra"].base("cache_read") == "0.145"
    assert offers["Venice"].base("cache_read") == ""
    assert [one.reason for one in found.refused] == ["a price below zero: '-1'"]


def test_a_free_variant_is_no_price_and_an_unknown_name_is_for_a_person() -> None:
    found = read(discover()["openrouter"], (FIXTURES / "openrouter_models.json").read_bytes(), "models")
    assert {one.model for one in found.statements} == {"kimi-k2.5", "glm-4.6"}
    assert "nobody/model-of-tomorrow" in found.unmapped
    assert any("free" in one.reason for one in found.refused)


GEOMETRY = {row["model"]: row for row in read_csv("architecture.csv")}


@pytest.mark.parametrize("name", FILES["huggingface"])
def test_a_config_gives_the_row_that_the_table_has(name: str) -> None:
    raw = (FIXTURES / name).read_bytes()
    if "Super-49B" in name:
        with pytest.raises(BadImport, match="layers of different shapes"):
            read(discover()["huggingface"], raw, name)
        return
    row = read(discover()["huggingface"], raw, name).rows["architecture"][0]
    held = GEOMETRY.get(row["model"])
    if held is None:
        assert "Maverick" in name or "Ultra" in name
        held = GEOMETRY["llama-4-maverick" if "Maverick" in name else "nemotron-3-ultra-550b-a55b"]
    for column in ("total_params_b_computed", "kv_bytes_per_token_bf16"):
        wanted = held[column] or held["total_params_b"]
        assert float(row[column]) == pytest.approx(float(wanted), rel=0.005), column
    assert float(row["active_params_b_computed"]) == pytest.approx(
        float(held["active_params_b_computed"] or held["active_params_b"]), rel=0.02
    )


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"hidden_size": -4096}, "no size of a model"),
        ({"num_hidden_layers": 10**9}, "no size of a model"),
        ({"num_hidden_layers": 5_000}, "5000 layers"),
        ({"vocab_size": "=1+1"}, "no size of a model"),
        ({"hidden_size": None}, "no hidden_size"),
        ({"_name_or_path": "x/../../../../etc/passwd"}, "no name of a model"),
        ({"layer_types": ["state_space"] * 32}, "is not known"),
        ({"block_configs": [{}]}, "different shapes"),
    ],
)
def test_a_config_that_cannot_be_is_refused(change: dict[str, object], why: str) -> None:
    config = json.loads((FIXTURES / "huggingface/meta-llama--Meta-Llama-3.1-8B_config.json").read_text())
    with pytest.raises(BadImport, match=why):
        read(discover()["huggingface"], json.dumps(config | change).encode(), "llama/config.json")
