"""Contracts: every reader, route, basis, command and claim is found by itself and keeps its folder's shape."""

from __future__ import annotations

import importlib
import inspect
from datetime import date
from pathlib import Path
from typing import get_args

import click
import pytest

from costbasis.bases import engine
from costbasis.catalog import load_catalog
from costbasis.claims import questions
from costbasis.claims.claim import BASES, Kind
from costbasis.claims.claimfile import read_claim
from costbasis.cli.app import COMMANDS
from costbasis.cli.session import SESSION
from costbasis.quantity import Given
from costbasis.routes import Refused, Route, UnitValues, discover
from costbasis.units import unit_of
from costbasis.usage import readers
from costbasis.usage.amounts import UNIT_COLUMNS

MARCH = date(2026, 3, 9)
CATALOG = load_catalog()


@pytest.mark.parametrize("reader", readers.discover().values(), ids=lambda reader: reader.NAME)
class TestReader:
    def test_junk_is_skipped_with_an_address_and_a_known_reason(self, reader: readers.Reader, tmp_path: Path) -> None:
        junk = b'\x00\x01\n<html>\n{"usage":\n{"message":{"usage":{"output_tokens":-1}}}\n'
        path = tmp_path / "f.jsonl"
        path.write_bytes(junk)
        found = reader.read(junk, str(path), 0, {})
        assert not found.requests
        assert found.skipped
        for skip in found.skipped:
            assert skip.origin.startswith(f"{path}:")
            assert skip.origin.rpartition(":")[2].isdigit()
            assert skip.reason in reader.REASONS

    def test_an_empty_file_is_nothing_and_no_error(self, reader: readers.Reader, tmp_path: Path) -> None:
        path = tmp_path / "f.jsonl"
        path.write_bytes(b"")
        found = reader.read(b"", str(path), 0, {})
        assert (list(found.requests), found.skipped, found.consumed, found.pending) == ([], [], 0, 0)

    def test_the_page_of_agents_names_it(self, reader: readers.Reader) -> None:
        page = (Path(__file__).parents[2] / "docs" / "agents.md").read_text(encoding="utf-8").lower()
        assert reader.NAME.replace("-", " ") in page

    def test_roots_are_below_the_home_that_is_given(self, reader: readers.Reader) -> None:
        roots = reader.roots({}, Path("/home/somebody"))
        page = (Path(__file__).parents[2] / "docs" / "sources.md").read_text(encoding="utf-8")
        assert roots or f"`{reader.NAME}`" in page, "an export has no place of its own; the page of sources names it"
        assert all(root.is_relative_to("/home/somebody") for root in roots)


@pytest.mark.parametrize("route", discover(), ids=lambda route: route.NAME)
class TestRoute:
    def test_values_are_usd_per_unit_of_a_known_column(self, route: Route) -> None:
        found = route.unit_values("claude-opus-4-6", MARCH, CATALOG)
        assert isinstance(found, UnitValues)
        assert set(found.values) <= set(UNIT_COLUMNS)
        for column, quantity in found.values.items():
            unit = unit_of(column)
            wanted = {"usd": "", "tok": "usd/tok"}.get(unit, f"usd/({unit})")
            assert quantity.unit == wanted
            assert (quantity.draws >= 0).all()
            assert (quantity.draws > 0).any()
        assert found.trust in "ABCDE"
        assert found.says

    def test_a_model_of_nobody_is_refused_with_a_reason_or_valued(self, route: Route) -> None:
        found = route.unit_values("swe-2-max", MARCH, CATALOG)
        assert not isinstance(found, Refused) or found.reason


def test_bases_come_after_what_they_need() -> None:
    seen: set[str] = set()
    for name, basis in engine.discover().items():
        assert set(basis.NEEDS) <= seen
        assert list(inspect.signature(basis.estimate).parameters) == ["needs", "facts", "workload"]
        seen.add(name)
    assert {"list", "market", "serving", "opportunity", "realised"} <= seen


SPEAK_A_PROTOCOL = {"mcp"}
"""Commands that answer a program over a protocol: what is asked comes with each call, not with the command line."""


@pytest.mark.parametrize("name", sorted(set(COMMANDS) - SPEAK_A_PROTOCOL))
def test_every_command_has_the_shared_options_and_a_docstring(name: str) -> None:
    module = importlib.import_module(f"costbasis.cli.{name}")
    command: click.Command = module.command
    assert set(SESSION) <= {parameter.name for parameter in command.params}
    assert command.help
    own = {parameter.name for parameter in command.params} - set(SESSION)
    assert own == set(inspect.signature(module.build).parameters) - {"session"}


@pytest.mark.parametrize("path", CATALOG.claim_paths(), ids=lambda path: path.stem)
def test_every_shipped_claim_reads_and_is_named_for_its_file(path: Path) -> None:
    claim = read_claim(path).claim
    assert claim.id == path.stem
    assert claim.usage is None or CATALOG.find_model(claim.usage.model)
    assert claim.stated.basis_needed in BASES
    assert claim.question.kind in questions.discover()


def test_every_kind_of_question_has_a_file_and_says_what_it_answers() -> None:
    found = questions.discover()
    assert set(found) == set(get_args(Kind))
    assert all(question.SAYS for question in found.values())


def test_every_given_quantity_has_a_source() -> None:
    for fact in CATALOG.own_facts():
        past = CATALOG.quantity(fact.key).past
        assert isinstance(past, Given)
        assert past.source.citation
