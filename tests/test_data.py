"""Every fact of every table: unit, source, date, trust; ranges in order; geometry that adds up."""

from __future__ import annotations

import re
from collections import Counter
from datetime import date
from itertools import pairwise
from pathlib import Path

import pytest

from costbasis.catalog import Catalog, load_catalog
from costbasis.catalog.fact import GRADES
from costbasis.catalog.models.geometry import kv_bytes_per_tok, param_counts
from costbasis.catalog.tables import DATA, read_bytes, read_csv, schemas
from costbasis.formulas.compute import attention_flop_per_tok2


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return load_catalog()


def test_every_fact_has_unit_source_date_and_trust(catalog: Catalog) -> None:
    count = 0
    for fact in catalog.facts():
        count += 1
        assert fact.unit, fact.key
        assert fact.source.citation, fact.key
        assert re.search(r"\d{4}|earlier|as above", fact.source.as_of), (fact.key, fact.source.as_of)
        assert fact.source.trust in GRADES, (fact.key, fact.source.trust)
        assert re.fullmatch(r"[a-z_]+/\S.*\.[^.]+", fact.key), fact.key
    assert count > 12_000


def test_every_range_is_in_order(catalog: Catalog) -> None:
    for fact in catalog.facts():
        known = [value for value in (fact.low, fact.mid, fact.high) if value is not None]
        assert known == sorted(known), fact.key


def test_every_share_lies_in_0_to_1_and_every_price_is_not_negative(catalog: Catalog) -> None:
    for fact in catalog.facts():
        known = [value for value in (fact.low, fact.mid, fact.high) if value is not None]
        if fact.unit == "frac" and fact.shape != "margin":
            assert all(0 <= value <= 1 for value in known), fact.key
        if fact.unit in ("usd_per_mtok", "usd_per_accel_hour", "usd_per_month"):
            assert all(value >= 0 for value in known), fact.key


def test_every_offer_charges_for_every_class_it_prices(catalog: Catalog) -> None:
    days = [date(2025, 9, 1), date(2026, 3, 9), date(2026, 11, 23)]
    models = dict.fromkeys(row["model"] for row in read_csv("offer.csv.gz"))
    for offer in (offer for model in models for day in days for offer in catalog.offers(model, day)):
        prices = (offer.input_usd_per_tok, offer.output_usd_per_tok)
        assert min(prices) > 0, offer
        assert offer.cache_read_usd_per_tok is None or offer.cache_read_usd_per_tok > 0, offer
        assert offer.cache_write_usd_per_tok is None or offer.cache_write_usd_per_tok > 0, offer


def test_packed_tables_carry_no_time_of_packing() -> None:
    for path in Path(str(DATA)).rglob("*.gz"):
        assert path.read_bytes()[4:8] == bytes(4), path.name


def test_every_own_fact_can_be_drawn(catalog: Catalog) -> None:
    for key in dict.fromkeys(row["key"] for row in read_csv("facts.csv")):
        assert catalog.quantity(key).draws.size > 0


def test_every_guess_says_that_it_is_one_and_why() -> None:
    for row in read_csv("facts.csv"):
        if row["status"] == "assumed":
            assert row["trust"] in ("D", "E"), row["key"]
            assert len(row["source"]) > 20, row["key"]


def test_every_table_says_its_licence() -> None:
    for kind, schema in schemas().items():
        assert schema["licence"], kind
        assert read_bytes(schema["file"]), kind


def test_no_two_retail_prices_hold_at_once(catalog: Catalog) -> None:
    for model in catalog.retail_models():
        for mode in {price.mode for price in catalog.retail(model)}:
            rows = [price for price in catalog.retail(model) if price.mode == mode]
            rows.sort(key=lambda price: price.valid_from.isoformat() if price.valid_from else "")
            for earlier, later in pairwise(rows):
                assert earlier.valid_to is not None, (model, mode)
                assert later.valid_from is not None
                assert earlier.valid_to <= later.valid_from, (model, mode)


def test_list_prices_are_whole_pico_usd_and_reads_are_not_above_input(catalog: Catalog) -> None:
    for model in catalog.retail_models():
        for price in catalog.retail(model):
            assert isinstance(price.input, int)
            assert price.cache_read is None or price.cache_read <= price.input, model


GEOMETRY = [row for row in read_csv("architecture.csv") if row["total_params_b_computed"]]


@pytest.mark.parametrize("row", GEOMETRY, ids=lambda row: row["model"])
def test_parameters_recomputed_from_the_geometry_agree_with_the_published_ones(row: dict[str, str]) -> None:
    counts = param_counts(row)
    if row["total_params_b"]:
        assert counts.total / 1e9 == pytest.approx(float(row["total_params_b"]), rel=0.03)
    assert counts.total / 1e9 == pytest.approx(float(row["total_params_b_computed"]), rel=0.02)
    assert counts.active / 1e9 == pytest.approx(float(row["active_params_b_computed"]), rel=0.02)


def test_the_geometry_of_every_kind_of_attention_is_computed() -> None:
    kinds = {row["attention_type"].partition("(")[0] for row in GEOMETRY}
    assert len(kinds) >= 10
    assert len(GEOMETRY) == len(read_csv("architecture.csv"))


@pytest.mark.parametrize("row", GEOMETRY, ids=lambda row: row["model"])
def test_kv_bytes_follow_from_the_geometry(row: dict[str, str]) -> None:
    if row["model"].startswith("gemma-4"):
        pytest.skip("its full layers have key heads of their own, which the table does not carry")
    assert kv_bytes_per_tok(row) == pytest.approx(float(row["kv_bytes_per_token_bf16"]), rel=0.001)


def test_the_attention_range_of_a_proprietary_model_spans_the_published_ones(catalog: Catalog) -> None:
    fact = catalog.fact("architecture/proprietary-reference.attention_mflop_per_tok2")
    assert fact.low is not None
    assert fact.high is not None
    by_model = {row["model"]: row for row in GEOMETRY}
    for model in ("kimi-k2.5", "qwen3-235b-a22b", "glm-4.6", "deepseek-v3", "llama-3.1-405b"):
        row = by_model[model]
        value_dim = int(row["v_head_dim"] or row["head_dim"])
        flop = attention_flop_per_tok2(int(row["layers"]), int(row["heads"]), int(row["head_dim"]), value_dim)
        assert fact.low <= float(flop) / 1e6 <= fact.high * 1.05, model


def test_hypotheses_name_known_models_and_machines(catalog: Catalog) -> None:
    seen: Counter[str] = Counter()
    for row in read_csv("hypothesis.csv"):
        seen.update(row["models"].split())
        weights = [float(row[f"p_{bits}"]) for bits in ("4bit", "8bit", "16bit")]
        assert sum(weights) == pytest.approx(1.0)
        assert all(catalog.accelerator(name) for name in row["hardware"].split())
    assert max(seen.values()) == 1
    assert set(seen) <= set(catalog.retail_models())


def test_no_hypothesis_draws_more_active_parameters_than_parameters(catalog: Catalog) -> None:
    for row in read_csv("hypothesis.csv"):
        hypothesis = catalog.hypothesis(row["models"].split()[0])
        assert hypothesis is not None
        assert (hypothesis.total_param_count.draws >= hypothesis.active_param_count.draws).all(), row["family"]


def test_aliases_lead_to_models_and_shadow_none(catalog: Catalog) -> None:
    rows = read_csv("alias.csv")
    assert len({(row["raw_name"], row["provider"], row["model"]) for row in rows}) == len(rows)
    for row in rows:
        choices = catalog.names.choices(row["raw_name"], provider=row["provider"])
        assert (row["model"], row["variant"]) in {(named.model, named.variant) for named in choices}
        assert row["model"] in catalog.names.ids, row
        assert row["raw_name"] not in catalog.names.ids, row


def test_nothing_in_the_data_speaks_of_a_private_place() -> None:
    names = [schema["file"] for schema in schemas().values()]
    for name in [*names, "facts.csv", "comparable.csv", "pooling.csv", "spread.csv", "tables.toml"]:
        assert b"../shared" not in read_bytes(name)
