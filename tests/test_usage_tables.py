"""Usage tables: zones and their odd days, weeks, the last rows, order, unknown keys, and screens of any width."""

from __future__ import annotations

import csv
import io
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from costbasis.cli.session import bases, split_session
from costbasis.cli.usage import build, command
from costbasis.errors import BadArgument
from costbasis.reports.usage_cells import layouts
from costbasis.reports.usage_text import usage_text
from costbasis.usage.periods import S_PER_QUARTER, WEEKDAYS, periods

from .command import Run
from .logs import line, raw, write_log

ZONES = (
    "UTC", "Europe/Zurich", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "Pacific/Chatham",
    "America/Havana", "America/St_Johns", "Pacific/Apia",
)  # fmt: skip
"""The last three changed their clocks at midnight, a minute after it, and by a whole day."""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def logs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Five days over two months, three models, one of them without a price, in two sessions of long names."""
    root = tmp_path_factory.mktemp("logs")
    days = ("2026-03-28", "2026-03-29", "2026-03-30", "2026-04-01", "2026-04-05")
    models = ("claude-opus-4-6", "claude-haiku-4-5", "no-such-model-9")
    said = [
        line(
            f"msg_{day}_{model}",
            time=f"{day}T23:30:00.000Z",
            message={"model": model},
            usage={"input_tokens": 1000 * (1 + at), "cache_read_input_tokens": 900_000, "output_tokens": 4_000},
            sessionId=f"5f1c2e6a-0000-4000-8000-00000000000{at % 2}",
        )
        for at, day in enumerate(days)
        for model in models[: 2 + (at == 2)]
    ]
    write_log(root, raw(*said))
    return root


def table(home: Path, logs: Path, *words: str) -> Any:
    return Run(home, "usage", str(logs), "--basis", "list", *words, "--json").json


def keys(home: Path, logs: Path, *words: str) -> list[str]:
    return [row["key"] for row in table(home, logs, *words)["rows"]]


# --- days of a zone -----------------------------------------------------------------------------------


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(ZONES), st.integers(1_200_000, 2_000_000), st.sets(st.integers(0, 2_000), min_size=1))
def test_a_quarter_of_an_hour_falls_on_the_day_that_the_zone_says(zone: str, first: int, quarters: set[int]) -> None:
    found = periods([first + quarter for quarter in quarters], by="day", tz=zone)
    assert [row.quarter for row in found] == sorted(first + quarter for quarter in quarters)
    for quarter, key, month in found:
        for second in (0, S_PER_QUARTER - 1):
            local = datetime.fromtimestamp(quarter * S_PER_QUARTER + second, ZoneInfo(zone))
            assert key == local.date().isoformat()
            assert month == key[:7]


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [
        ("Europe/Zurich", date(2026, 3, 29), 23),
        ("Europe/Zurich", date(2026, 10, 25), 25),
        ("America/New_York", date(2026, 3, 8), 23),
        ("Australia/Lord_Howe", date(2026, 4, 5), 24.5),
        ("UTC", date(2026, 3, 29), 24),
    ],
)
def test_a_day_on_which_clocks_change_has_as_many_hours_as_it_has(zone: str, day: date, hours: float) -> None:
    noon = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
    around = range(int((noon - timedelta(days=2)).timestamp()), int((noon + timedelta(days=2)).timestamp()), 900)
    found = periods([second // 900 for second in around], by="day", tz=zone)
    assert sum(row.key == day.isoformat() for row in found) == hours * 4


@pytest.mark.parametrize(
    ("zone", "day"),
    [
        ("America/St_Johns", date(2006, 10, 29)),
        ("America/Havana", date(2026, 3, 8)),
        ("Pacific/Apia", date(2011, 12, 30)),
        ("America/Sao_Paulo", date(2018, 2, 18)),
    ],
)
def test_where_clocks_change_at_midnight_each_quarter_falls_on_its_day(zone: str, day: date) -> None:
    noon = int(datetime(day.year, day.month, day.day, 12, tzinfo=UTC).timestamp()) // S_PER_QUARTER
    for quarter, key, _ in periods(range(noon - 300, noon + 300), by="day", tz=zone):
        assert key == datetime.fromtimestamp(quarter * S_PER_QUARTER, ZoneInfo(zone)).date().isoformat()


def test_since_and_until_are_local_days(home: Path, logs: Path) -> None:
    """23:30 in Greenwich is the next day in Zurich: half past midnight, half past one in summer time."""
    assert keys(home, logs, "--since", "2026-03-29", "--until", "2026-03-30") == ["2026-03-29", "2026-03-30"]
    zurich = ("--tz", "Europe/Zurich", "--since", "20260329", "--until", "2026-03-30")
    assert keys(home, logs, *zurich) == ["2026-03-29", "2026-03-30"]
    assert table(home, logs, *zurich)["rows"][0]["requests"] == 2  # the night in which an hour is missing


# --- weeks, the last rows, order ----------------------------------------------------------------------


def test_weeks_are_iso_weeks_or_begin_on_the_day_that_is_asked_for(home: Path, logs: Path) -> None:
    assert keys(home, logs, "--by", "week") == ["2026-W13", "2026-W14"]
    assert keys(home, logs, "--by", "week", "--start-of-week", "sunday") == ["2026-03-22", "2026-03-29", "2026-04-05"]
    assert keys(home, logs, "--by", "week", "-w", "monday") == ["2026-03-23", "2026-03-30"]


@given(st.dates(date(2020, 1, 1), date(2030, 1, 1)), st.sampled_from(WEEKDAYS))
def test_a_week_begins_on_its_weekday_and_holds_seven_days(day: date, weekday: str) -> None:
    quarter = (day.toordinal() - date(1970, 1, 1).toordinal()) * 96
    ((_, key, _),) = periods([quarter], by="week", tz="UTC", week_start=weekday)
    begins = date.fromisoformat(key)
    assert WEEKDAYS[begins.weekday()] == weekday
    assert 0 <= (day - begins).days < 7


def test_the_last_rows_are_a_table_of_their_own(home: Path, logs: Path) -> None:
    last = table(home, logs, "--last", "2")
    assert [row["key"] for row in last["rows"]] == ["2026-04-01", "2026-04-05"]
    assert last["total"]["requests"] == 4
    assert last["unpriced"] == []  # the model without a price was used on another day
    assert keys(home, logs, "--last", "1", "--model", "no-such-model-9") == ["2026-03-30"]
    assert keys(home, logs, "--by", "month", "--last", "1") == ["2026-04"]
    refused = Run(home, "usage", str(logs), "--by", "model", "--last", "2")
    assert refused.status == 2
    assert (
        "--last: no last 2 of rows by model\nhint: a number from 1 on, with --by day, week, month, block" in refused.err
    )


def test_rows_are_ordered_as_asked(home: Path, logs: Path) -> None:
    days = keys(home, logs)
    assert keys(home, logs, "--order", "desc") == days[::-1]
    by_value = table(home, logs, "--by", "model", "--order", "most")["rows"]
    assert [row["key"] for row in by_value] == ["claude-opus-4-6", "claude-haiku-4-5", "no-such-model-9"]
    assert by_value[-1]["bases"] == {}


@pytest.mark.parametrize(("by", "what"), [("key", "API key"), ("user", "user")])
def test_what_no_log_says_is_unknown_and_not_empty(home: Path, logs: Path, by: str, what: str) -> None:
    assert keys(home, logs, "--by", by) == ["unknown"]
    text = Run(home, "usage", str(logs), "--by", by, "--basis", "list").out
    assert f"unknown: the log does not say which {what} a request was made with" in text
    assert (
        len(Run(home, "usage", str(logs), "--by", by, "--lines", "unknown", "--json").json["lines"]["requests"]) == 11
    )


def test_a_table_says_what_list_may_be_and_what_of_it_is_no_tokens(home: Path, tmp_path: Path) -> None:
    usage = {"cache_creation_input_tokens": 1_000_000, "server_tool_use": {"web_search_requests": 2}}
    write_log(tmp_path, raw(line(time="2026-04-05T10:00:00Z", usage=usage)))
    text = Run(home, "usage", str(tmp_path), "--basis", "list").out
    assert "List is at most 10.02 USD: 1.00 M tokens were written to a cache of unknown lifetime" in text
    assert "List holds 0.02 USD for 2 web searches" in text


# --- screens ------------------------------------------------------------------------------------------

BASES = "list,realised,market,serving,opportunity"


@pytest.fixture(scope="module", params=[("--by", "day"), ("--by", "session", "--breakdown"), ("--basis", BASES)])
def built(request: pytest.FixtureRequest, home: Path, logs: Path) -> Any:
    """A table made as the command makes it, with the bases and the breakdown asked for."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COSTBASIS_HOME", str(home / "cb"))
        words = [str(logs), "--tz", "UTC", "--quiet", *request.param]
        session, own = split_session(command.make_context("usage", words).params)
        return build(session, **own), bases(own["basis"]), own["breakdown"]


@pytest.mark.parametrize("width", [60, 80, 100, 132, 200])
def test_a_table_fits_the_screen_and_says_what_it_left_out(built: Any, width: int) -> None:
    table, asked, breakdown = built
    text = usage_text(table, asked, breakdown=breakdown, style=lambda text, **_: text, width=width)
    if width >= 80:
        assert max(len(row) for row in text.splitlines()) <= width, text
    body, _, told = text.partition("Not priced")
    assert "…" not in body, "a number or a name was cut"
    assert "total" in body
    complete = " cache " in body and " – " in body
    assert ("Left out to fit the screen" in told.replace("\n", " ")) is not complete


@pytest.mark.slow
def test_a_wide_screen_is_used_and_numbers_stand_at_the_right(home: Path, logs: Path) -> None:
    narrow, wide = (Run(home, "usage", str(logs), COLUMNS=width).out for width in ("80", "160"))
    assert "Left out to fit the screen" in narrow
    assert "Left out" not in wide
    rows = [row for row in wide.splitlines() if row.startswith((" 2026-", " total"))]
    assert len({len(row) for row in rows}) == 1  # the last column ends at one place
    assert wide.splitlines()[2].split() == [
        "day",
        "(UTC)",
        "requests",
        "tokens",
        "reads",
        "output",
        *["USD"] * 3,
        "serving",
    ]


def test_the_leanest_table_keeps_tokens_and_every_basis() -> None:
    leanest = layouts(BASES.split(","))[-1]
    assert [column.head for column in leanest.columns] == ["tokens", *(f"{basis} USD" for basis in BASES.split(","))]
    assert set(leanest.left_out) == {"cache reads", "output", "list ÷ serving", "requests", "intervals"}


def test_what_a_program_reads_is_as_wide_as_it_is(home: Path, logs: Path) -> None:
    for form in ("csv", "markdown"):
        words = ("usage", str(logs), "--by", "model", "--basis", "list", "--format", form)
        narrow, wide = (Run(home, *words, COLUMNS=columns).out for columns in ("40", "200"))
        assert narrow == wide
        assert max(map(len, narrow.splitlines())) > 60


# --- names that a log may hold ------------------------------------------------------------------------


@pytest.fixture(scope="module")
def odd_names(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Models with marks of a markup, with controls, and with five thousand letters; a folder in brackets."""
    root = tmp_path_factory.mktemp("odd")
    models = ("[old]", "bell\a\x1b]0;title\a", "x" * 5_000)
    said = [
        line(f"msg_{at}", time="2026-04-05T10:00:00Z", message={"model": model}, cwd="/home/dev/[old]")
        for at, model in enumerate(models)
    ]
    write_log(root, raw(*said), project="-home-dev--old-")
    return root


def test_a_name_in_brackets_is_no_markup(home: Path, odd_names: Path) -> None:
    out = Run(home, "usage", str(odd_names), "--by", "project", "--basis", "list", "--breakdown").out
    assert " /home/dev/[old] " in out
    assert "   [old] " in out


@pytest.mark.parametrize(
    "words", [(), ("--breakdown",), ("--by", "model"), ("--lines", "msg_1"), ("--format", "markdown")]
)
def test_a_name_of_any_letters_does_nothing_to_a_screen(home: Path, odd_names: Path, words: tuple[str, ...]) -> None:
    out = Run(home, "usage", str(odd_names), "--basis", "list", *words).out
    assert "bell\\x07" in out
    assert not {letter for letter in out if not letter.isprintable() and letter not in "\n\xa0"}
    assert max(map(len, out.splitlines())) < 1_000


@pytest.mark.slow
def test_csv_has_the_mark_up_beside_what_serving_costs(home: Path, logs: Path) -> None:
    out = Run(home, "usage", str(logs), "--by", "model", "--basis", "serving", "--format", "csv").out
    rows = list(csv.DictReader(io.StringIO(out)))
    said = Run(home, "usage", str(logs), "--by", "model", "--basis", "serving", "--json").json["rows"]
    for row, told in zip(rows, said, strict=True):
        over = told["bases"].get("list_over_serving")
        assert row["list_over_serving_p50"] == ("" if over is None else f"{over['p50']:.6g}")


# --- bad input ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--tz", "Mars/Olympus"), '--tz: unknown time zone "Mars/Olympus"\nhint: use an IANA name'),
        (("--tz", "../etc/passwd"), '--tz: unknown time zone "../etc/passwd"'),
        (("--since", "2026-04-01", "--until", "2026-03-01"), "--since: 2026-04-01 is after 2026-03-01\nhint: swap"),
        (("--since", "yesterday"), '--since: "yesterday" is not a date\nhint: write it as 2026-03-31'),
        (("--last", "0"), "--last: no last 0 of rows by day"),
        (("--model", "gpt-9"), '--model: no request of model "gpt-9"\nhint: the logs hold "claude-haiku-4-5"'),
    ],
)
def test_bad_values_are_refused_in_three_parts(home: Path, logs: Path, words: tuple[str, ...], message: str) -> None:
    done = Run(home, "usage", str(logs), *words)
    assert done.status == 2
    assert message in done.err
    assert done.out == ""


@pytest.mark.parametrize("tz", ["", " ", "\x00", "Europe", "a" * 5000])
def test_no_zone_of_any_form_ends_in_a_traceback(tz: str) -> None:
    with pytest.raises(BadArgument, match="unknown time zone"):
        periods([1], by="day", tz=tz)
