"""A reconciliation names the requests and the reasons behind every difference to another tool's report."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from costbasis.catalog import Catalog, load_catalog
from costbasis.usage.events import TokenCounts
from costbasis.usage.ledger.ledger import open_ledger
from costbasis.usage.othertools.ccusage_json import CLASSES, read_report
from costbasis.usage.othertools.ccusage_lines import NULL_FIELD, VERSION
from costbasis.usage.othertools.ccusage_prices import NO_REGION, NO_SEARCHES, NO_TIER, RECORDED
from costbasis.usage.othertools.othertool import NOTHING, FourCounts, added
from costbasis.usage.othertools.reconcile import reconcile
from costbasis.usage.othertools.reconciliation import OTHER_ZONE, ROUNDING, Cell, Reconciliation
from costbasis.usage.pricing.epochs import PriceBook
from costbasis.usage.pricing.onerequest import Call, RequestPrices
from costbasis.usage.pricing.priceview import Grouping
from costbasis.usage.pricing.pricing import price_usage

from .command import Run
from .logs import generate, raw, write_log
from .request_rows import ledger as requests_ledger
from .request_rows import request, time_ms
from .test_conformance import CASES, Case

FIXTURES = Path(__file__).parent / "fixtures" / "ccusage"
SAID = json.loads((FIXTURES / "conformance.json").read_text("utf-8"))


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return load_catalog()


@pytest.fixture(scope="module")
def book(catalog: Catalog) -> PriceBook:
    return PriceBook.from_catalog(catalog)


def as_written(line: dict[str, Any] | bytes) -> bytes:
    """A line without blanks, as Claude Code writes it and as the recorded tool saw it."""
    return line if isinstance(line, bytes) else json.dumps(line, separators=(",", ":")).encode()


def write_case(root: Path, case: Case) -> None:
    for name, lines in case.files.items():
        project, _, below = name.partition("/")
        write_log(root, raw(*map(as_written, lines), end=case.ends), below, project)


def reconciled(root: Path, said: Any, book: PriceBook, tmp_path: Path, **wanted: Any) -> Reconciliation:
    path = tmp_path / "report.json"
    path.write_bytes(msgspec.json.encode(said))
    ledger = open_ledger([root], folder=tmp_path / "ledgers")
    ledger.update()
    try:
        return reconcile(ledger.connection, book, read_report(path), Grouping(**({"tz": "UTC"} | wanted)), "UTC")
    finally:
        ledger.close()


def conserves(cell: Cell) -> bool:
    """Explained and unexplained add up to the difference, summed here from the effects themselves."""
    explained = NOTHING
    for effect in cell.effects:
        explained = added(explained, effect.counts)
    usd = sum(effect.list_pico_usd for effect in cell.effects) + cell.unexplained_pico_usd
    counts = added(explained, cell.unexplained)
    theirs = FourCounts(*(one - other for one, other in zip(cell.theirs, cell.ours, strict=True)))
    return counts == theirs and usd == (cell.theirs_pico_usd or 0) - (cell.ours_pico_usd or 0)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_every_difference_to_the_real_ccusage_is_explained(case: Case, book: PriceBook, tmp_path: Path) -> None:
    write_case(tmp_path / "logs", case)
    for verb in ("daily", "session"):
        found = reconciled(tmp_path / "logs", SAID["cases"][case.name][verb], book, tmp_path)
        for key, cell in found.cells.items():
            assert conserves(cell)
            assert cell.unexplained == NOTHING, (verb, key, cell)
            assert cell.unexplained_pico_usd == 0, (verb, key, cell)


# --- a generated tree ---------------------------------------------------------------------------------

TREE = json.loads((FIXTURES / "tree.json").read_text("utf-8"))
OWN_ZONE = {"daily Zurich": "Europe/Zurich"}


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tree that the reports of the fixture are of: forks, replays, mirrors, partial lines, and null fields."""
    root = tmp_path_factory.mktemp("tree")
    generate(root, **TREE["tree"])
    return root


@pytest.mark.parametrize("name", TREE["reports"])
def test_every_report_of_a_tree_is_explained_to_the_token_and_the_cent(
    name: str, tree: Path, book: PriceBook, tmp_path: Path
) -> None:
    found = reconciled(tree, TREE["reports"][name], book, tmp_path)
    assert found.requests > 200
    assert any(cell.differs for cell in found.cells.values())  # null fields in tools' inputs lose it responses
    for key, cell in found.cells.items():
        assert conserves(cell)
        assert cell.unexplained == NOTHING, key
        assert cell.unexplained_pico_usd == 0, key
    reasons = {effect.reason for cell in found.cells.values() for effect in cell.effects}
    assert NULL_FIELD in reasons
    assert (OTHER_ZONE in reasons) == (name in OWN_ZONE)
    assert found.zone == ("UTC" if name not in OWN_ZONE else "Etc/GMT-2")


def test_a_report_whose_zone_is_given_has_no_days_of_another_zone(tree: Path, book: PriceBook, tmp_path: Path) -> None:
    found = reconciled(tree, TREE["reports"]["daily Zurich"], book, tmp_path, tz="Europe/Zurich")
    assert found.zone == "Europe/Zurich"
    assert OTHER_ZONE not in {effect.reason for cell in found.cells.values() for effect in cell.effects}


@pytest.mark.slow
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_what_no_rule_accounts_for_is_left_unexplained_and_not_spread(
    data: Any, tree: Path, book: PriceBook, tmp_path: Path
) -> None:
    """Numbers of the other report are changed at will: the change, no more and no less, stays unexplained."""
    said = json.loads(json.dumps(TREE["reports"]["daily"]))
    row = data.draw(st.sampled_from(said["daily"]))
    part = data.draw(st.sampled_from(row["modelBreakdowns"]))
    field = data.draw(st.sampled_from(CLASSES))
    more = data.draw(st.integers(1, 10**9))
    usd = data.draw(st.integers(1, 10**6)) / 64
    part[field] += more
    row[field] += more
    part["cost"] += usd
    found = reconciled(tree, said, book, tmp_path)
    left = [cell for cell in found.cells.values() if cell.unexplained != NOTHING]
    assert [sum(cell.unexplained) for cell in left] == [more]
    assert left[0].unexplained_pico_usd == pytest.approx(usd * 1e12, abs=2_000)
    assert all(conserves(cell) for cell in found.cells.values())
    assert found.zone == "UTC"


def test_rows_before_and_after_the_other_reports_days_are_left_out_and_counted(
    tree: Path, book: PriceBook, tmp_path: Path
) -> None:
    said = json.loads(json.dumps(TREE["reports"]["daily"]))
    said["daily"] = said["daily"][1:-1]
    found = reconciled(tree, said, book, tmp_path)
    assert found.outside > 0
    assert {key.key for key in found.cells} == {row["date"] for row in said["daily"]}
    assert all(cell.unexplained == NOTHING for cell in found.cells.values())


@settings(max_examples=40, deadline=None)
@given(
    counts=st.builds(TokenCounts, *[st.integers(0, most) for most in (400_000, 9000, 9000, 9000, 400_000, 9000)]),
    searches=st.integers(0, 3),
    mode=st.sampled_from(["standard", "batch", "fast", "priority"]),
    geo=st.sampled_from(["", "us"]),
    day=st.integers(0, 280),
)
def test_one_request_is_worth_what_the_table_says(
    book: PriceBook, counts: TokenCounts, searches: int, mode: str, geo: str, day: int
) -> None:
    """The list value that a reconciliation starts from is that of the generated SQL, to the pico-dollar."""
    moment = time_ms("2026-01-20T00:00:00") + day * 86_400_000
    said = dict(zip(TokenCounts._fields[:6], counts, strict=False))
    row = request(**said, time_ms=moment, mode=mode, geo=geo, web_searches=searches)
    cells = price_usage(requests_ledger([row]), book, Grouping()).cells
    value = RequestPrices(book).list_pico_usd(Call(row["model"], mode, geo, row["hour"], counts, searches))
    assert value == (cells[0].value.total if cells[0].value else None)


# --- money on which the two differ --------------------------------------------------------------------

MONEY = {
    "web searches": NO_SEARCHES,
    "inference in the United States": NO_REGION,
    "a batch": NO_TIER,
    "the cost that old versions logged changes no token": RECORDED,
}


@pytest.mark.parametrize(("name", "reason"), MONEY.items())
def test_money_that_differs_has_its_reason(name: str, reason: str, book: PriceBook, tmp_path: Path) -> None:
    write_case(tmp_path / "logs", next(case for case in CASES if case.name == name))
    found = reconciled(tmp_path / "logs", SAID["cases"][name]["daily"], book, tmp_path)
    (cell,) = found.cells.values()
    assert [effect.reason for effect in cell.effects if effect.reason != ROUNDING] == [reason]
    assert cell.effects[0].request == "m:msg_1"
    assert cell.effects[0].origins[0].endswith("s1.jsonl:0")


# --- the command --------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


def test_the_command_says_where_the_two_differ_and_why(home: Path, tree: Path, tmp_path: Path) -> None:
    other = tmp_path / "ccusage.json"
    other.write_text(json.dumps(TREE["reports"]["daily"]))
    words = ("usage", str(tree), "--reconcile", str(other))
    said = Run(home, *words, "--json").json
    assert said["schema"] == "costbasis.usage/1"
    total = said["reconcile"]["total"]
    for part in total["tokens"].values():
        assert part["theirs"] - part["ours"] == part["difference"] == part["explained"] + part["unexplained"]
        assert part["unexplained"] == 0
    null = next(reason for cell in said["reconcile"]["differences"] for reason in cell["reasons"])
    assert null["of"][0]["origins"][0].startswith(str(tree))
    text = Run(home, *words).out
    assert "ccusage daily against" in text
    assert "drops the line: one of the fields it wants filled is null" in text
    assert f"{null['of'][0]['request']}  {null['of'][0]['origins'][0]}" in text
    assert "Its days are those of" not in text


BAD_REPORTS = {
    "not JSON": (b"day,cost\n", "not JSON: "),
    "another tool": (
        b'{"entries": [], "groupBy": "model"}',
        "not a report of a usage tool that is known (it holds entries",
    ),
    "a list": (b"[]", "not a report of a usage tool: it is no object"),
    "counts as text": (
        b'{"daily": [{"date": "2026-03-05", "inputTokens": "9", "outputTokens": 1, "cacheReadTokens": 1,'
        b' "cacheCreationTokens": 1, "totalCost": 1}]}',
        "a row of its daily is not as ccusage writes it: token counts ['9', 1, 1, 1] are not whole numbers",
    ),
    "a row that is none": (b'{"daily": [null]}', "a row of its daily is not as ccusage writes it"),
    "no key": (b'{"weekly": [{"totalCost": 1}]}', "a row of its weekly is not as ccusage writes it"),
    "a week that is no day": (
        b'{"weekly": [{"week": "soon", "inputTokens": 9, "outputTokens": 1, "cacheReadTokens": 1,'
        b' "cacheCreationTokens": 1, "totalCost": 1}]}',
        "a row of its weekly is not as ccusage writes it",
    ),
}


@pytest.mark.parametrize("name", BAD_REPORTS)
def test_a_file_that_is_no_report_is_refused_in_three_parts(home: Path, tree: Path, tmp_path: Path, name: str) -> None:
    data, message = BAD_REPORTS[name]
    other = tmp_path / "other.json"
    other.write_bytes(data)
    done = Run(home, "usage", str(tree), "--reconcile", str(other))
    assert done.status == 2
    assert f"{other}: {message}" in done.err
    assert "hint: make one with: ccusage daily --json --breakdown > FILE" in done.err
    assert done.out == ""


def test_a_file_that_is_not_there_and_a_table_of_a_part_are_refused(home: Path, tree: Path, tmp_path: Path) -> None:
    gone = Run(home, "usage", str(tree), "--reconcile", str(tmp_path / "none.json"))
    assert gone.status == 2
    assert "none.json: cannot be read: No such file or directory\nhint: check --reconcile" in gone.err
    part = Run(home, "usage", str(tree), "--reconcile", str(tmp_path / "none.json"), "--project", "x")
    assert part.status == 2
    assert "--reconcile: the other report is of everything, so it cannot be compared with one project" in part.err


@pytest.mark.parametrize("said", [{"daily": []}, {"sessions": []}, {"blocks": []}, {"weekly": []}])
def test_an_empty_report_differs_by_everything_that_we_count(
    said: Any, tree: Path, book: PriceBook, tmp_path: Path
) -> None:
    found = reconciled(tree, said, book, tmp_path)
    assert all(cell.theirs == NOTHING and conserves(cell) for cell in found.cells.values())
    assert sum(sum(cell.unexplained) for cell in found.cells.values()) < 0


@pytest.mark.slow
def test_a_fresh_run_of_ccusage_is_explained_too(tree: Path, book: PriceBook, tmp_path: Path) -> None:
    """Installs the version whose rules are restated here from its registry, where that can be reached."""
    npm = shutil.which("npm")
    if npm is None:
        pytest.skip("npm is not installed")
    asked = [npm, "install", "--prefix", str(tmp_path), "--no-audit", "--no-fund", f"ccusage@{VERSION}"]
    done = subprocess.run(asked, capture_output=True, text=True, check=False, timeout=300)
    tool = tmp_path / "node_modules" / ".bin" / "ccusage"
    if done.returncode or not tool.exists():
        pytest.skip(f"ccusage cannot be installed: {done.stderr[-200:]}")
    environ = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "CLAUDE_CONFIG_DIR": str(tree), "TZ": "UTC"}
    words = [str(tool), "claude", "daily", "--json", "--breakdown", "--offline", "--timezone", "UTC"]
    said = json.loads(subprocess.run(words, capture_output=True, text=True, check=True, env=environ).stdout)
    found = reconciled(tree, said, book, tmp_path)
    assert all(cell.unexplained == NOTHING for cell in found.cells.values())
