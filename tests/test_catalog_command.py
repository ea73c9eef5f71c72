"""``costbasis catalog``: sources with licence and facts, other names, names to review, and who agrees with a price."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from costbasis.catalog import load_catalog
from costbasis.catalog.book.sources import sources
from costbasis.catalog.tables import read_csv
from costbasis.cli.app import app

FIXTURES = Path(__file__).parent / "fixtures" / "importers"


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COSTBASIS_HOME", str(tmp_path / "home"))


def run(*arguments: str) -> str:
    result = CliRunner().invoke(app, list(arguments), catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


def catalog(*arguments: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(run("catalog", *arguments, "--json"))
    return found


def test_every_fact_rests_on_a_source_with_a_licence_and_a_date() -> None:
    found = catalog("sources")["sources"]
    assert sum(one["facts"] for one in found) == sum(1 for _ in load_catalog().facts())
    for one in found:
        assert one["licence"], one
        assert one["first"] <= one["last"], one
        assert sum(one["tables"].values()) == sum(one["trust"].values()) == one["facts"]
    named = {one["source"] for one in found} - {None}
    assert {"model-prices", "genai-prices", "litellm", "models.dev", "mended"} <= named <= set(sources())


def test_the_notice_names_every_collection_that_facts_were_taken_from() -> None:
    notice = (Path(__file__).parents[1] / "NOTICE").read_text(encoding="utf-8")
    for source in sources().values():
        if source.kind in ("package", "repository", "archive"):
            assert source.name.split(",")[0].split(" (")[0].removesuffix(" catalogue") in notice, source.name


def test_all_names_of_a_model_and_what_a_name_stands_for() -> None:
    names = {one["name"] for one in catalog("aliases", "kimi-k2.5")["aliases"]}
    assert {"kimi-k2p5", "moonshotai/kimi-k2.5", "moonshotai.kimi-k2.5"} <= names
    assert [one["model"] for one in catalog("aliases", "zai-org/GLM-4.6-FP8")["aliases"]] == ["glm-4.6"]


def test_names_that_nobody_has_mapped_are_listed_with_where_they_were_seen() -> None:
    rows = catalog("review")["review"]
    assert len(rows) > 1_000
    assert all(row["raw_name"] and row["upstream"] and row["observed"] for row in rows)
    known = load_catalog().names
    assert not [row["raw_name"] for row in rows if known.choices(row["raw_name"], provider=row["seller"])]


def test_an_update_adds_its_unknown_names_and_its_line_in_the_log() -> None:
    file = str(FIXTURES / "openrouter_models.json")
    run("update", "openrouter", "--file", file, "--observed", "2026-11-25", "--apply")
    assert "nobody/model-of-tomorrow" in {row["raw_name"] for row in catalog("review", "tomorrow")["review"]}
    own = catalog("sources")["own_book"]
    assert own["added"] == 2
    assert own["log"][0]["source"].startswith("OpenRouter ")
    assert "Your own book" in run("catalog", "sources")


def test_a_model_by_any_name_shows_every_mode_and_who_agrees() -> None:
    facts = catalog("retail", "anthropic/claude-opus-4.6")["facts"]
    assert {fact["key"].split(".")[1] for fact in facts} == {"standard", "batch", "fast"}
    notes = {fact["valid"]: fact["note"] for fact in facts if ".standard.input" in fact["key"]}
    assert notes["2026-03-13 to "] == "3 sources agree"
    assert "2 sources agree" in notes["2026-02-05 to 2026-03-13"]


def test_what_other_sources_say_instead_stays_beside_a_price() -> None:
    row = next(row for row in read_csv("retail.csv") if row["alternatives"])
    facts = catalog("retail", row["model"])["facts"]
    assert any(f"but {row['alternatives']}" in fact["note"] for fact in facts)


def test_the_hosts_of_a_model_are_shown_with_how_many_sources_agree() -> None:
    hosts = {one["host"]: one for one in catalog("offer", "kimi-k2.5", "--as-of", "2026-06-20")["hosts"]}
    assert hosts["DeepInfra"]["cache_read_usd_per_mtok"] == 0.07
    assert all(one["agreeing"] >= 1 for one in hosts.values())
