"""``costbasis import``: a mapping guessed and confirmed, bad rows named, and nothing partial written."""

from __future__ import annotations

import random
import sys
from pathlib import Path
from typing import Any

import duckdb
import pytest

from costbasis.errors import BadImport, BadMapping
from costbasis.usage.imports.guess import guess
from costbasis.usage.imports.keeping import import_table, place_of
from costbasis.usage.imports.table import open_table
from costbasis.usage.mapping import TableMapping
from costbasis.usage.mappingfile import mapping_text, parse_mapping

from .command import Run
from .test_sources import LITELLM, OPENROUTER, SPANS

HEADER = "Request ID,Created At,Model,Prompt Tokens,Cached Tokens,Completion Tokens,Total Tokens,User Email,Cost USD"
GOOD = (
    "r-1,2026-06-01 10:00:00,gpt-5.4,1000,600,300,1300,jane@example.org,0.0071",
    "r-2,2026-06-01 10:01:00,claude-opus-4-6,99570,96950,430,100000,john@example.org,0.0747",
)
MAPPING = """
timezone = "UTC"
input_includes = ["cache_read"]
[columns]
request_id = "Request ID"
time = "Created At"
model = "Model"
input = "Prompt Tokens"
cache_read = "Cached Tokens"
output = "Completion Tokens"
user = "User Email"
billed_usd = "Cost USD"
"""


def table(folder: Path, *rows: str, header: str = HEADER) -> Path:
    path = folder / "rows.csv"
    path.write_text("\n".join((header, *rows)) + "\n")
    return path


def mapping(text: str = MAPPING) -> TableMapping:
    return parse_mapping(text, name="rows", where="rows.toml")


def imported(folder: Path, *rows: str, text: str = MAPPING, skip_bad: bool = False) -> Any:
    to = folder / "kept.jsonl"
    return import_table(open_table(table(folder, *rows)), mapping(text), to, skip_bad=skip_bad)


def test_a_table_is_guessed_confirmed_imported_and_reported(tmp_path: Path) -> None:
    path = table(tmp_path, *GOOD)
    guessed = Run(tmp_path, "import", "--guess", str(path))
    assert "# timezone: Created At carries no zone" in guessed.out
    assert "# input_includes: 2 rows show by Total Tokens that Prompt Tokens holds the cached tokens" in guessed.out
    confirmed = tmp_path / "rows.toml"
    confirmed.write_text(guessed.out.replace('timezone = ""', 'timezone = "UTC"'))
    done = Run(tmp_path, "import", str(path), "--mapping", str(confirmed), "--json").json["imported"][0]
    assert (done["requests"], done["tokens"]["cache_read"], done["billed_usd"]) == (2, 97_550, "0.0818")
    said = Run(tmp_path, "usage", "--by", "user", "--json").json
    assert {row["key"]: row["requests"] for row in said["rows"]} == {"jane@example.org": 1, "john@example.org": 1}
    tokens = said["total"]["tokens"]
    assert (tokens["input"] + tokens["cache_read"], tokens["output"]) == (1000 + 99_570, 730)


@pytest.mark.slow
def test_importing_again_replaces_and_forgetting_takes_back(tmp_path: Path) -> None:
    for _ in range(2):
        Run(tmp_path, "import", str(LITELLM))
        assert Run(tmp_path, "usage", "--json").json["total"]["requests"] == 3
    Run(tmp_path, "import", str(OPENROUTER))
    assert Run(tmp_path, "usage", "--json").json["total"]["requests"] == 6
    assert Run(tmp_path, "import", "--forget", str(OPENROUTER)).status == 0
    assert Run(tmp_path, "usage", "--json").json["total"]["requests"] == 3
    again = Run(tmp_path, "import", "--forget", "never.csv")
    assert (again.status, again.err.splitlines()[0]) == (2, "costbasis: never.csv: nothing was imported from it")


BAD = {
    "a negative count": (
        "r-3,2026-06-01 10:02:00,gpt-5.4,-5,0,300,295,x,0",
        'row 4: Prompt Tokens "-5" is no whole count of tokens from 0 to 10 billion',
    ),
    "no output": (
        "r-3,2026-06-01 10:02:00,gpt-5.4,5,0,,5,x,0",
        "row 4: Completion Tokens is empty: no output tokens",
    ),
    "cached above input": (
        "r-3,2026-06-01 10:02:00,gpt-5.4,5,600,300,905,x,0",
        "row 4: cache_read (600) above Prompt Tokens (5), which the mapping says holds it",
    ),
    "no model": ("r-3,2026-06-01 10:02:00,,5,0,300,305,x,0", "row 4: Model is empty: no model"),
    "no time": ("r-3,yesterday,gpt-5.4,5,0,300,305,x,0", 'row 4: Created At "yesterday" is no time (timestamp)'),
    "an id told twice": (
        "r-1,2026-06-01 10:00:00,gpt-5.4,1000,600,999,1999,jane@example.org,0",
        'row 4: request_id "r-1" was told before, in row 2, with other counts, time or model',
    ),
}


@pytest.mark.parametrize("case", BAD)
def test_a_bad_row_is_named_and_nothing_is_written(case: str, tmp_path: Path) -> None:
    row, told = BAD[case]
    with pytest.raises(BadImport) as error:
        imported(tmp_path, *GOOD, row)
    assert error.value.what == f"1 row is no request:\n  {told}"
    assert error.value.hint.endswith("Nothing was written")
    assert {path.name for path in tmp_path.iterdir()} == {"rows.csv"}


@pytest.mark.slow
@pytest.mark.parametrize("case", BAD)
def test_a_bad_row_that_is_skipped_is_counted_in_every_report(case: str, tmp_path: Path) -> None:
    done = imported(tmp_path, *GOOD, BAD[case][0], skip_bad=True)
    assert (done.requests, done.bad) == (2, [BAD[case][1]])
    said = Run(tmp_path, "usage", str(tmp_path / "kept.jsonl"), "--json").json
    assert said["skipped"]["reasons"] == {"a row that was left out of an import": 1}


def test_times_with_and_without_a_zone_are_told_apart_by_row(tmp_path: Path) -> None:
    zoned = "r-3,2026-06-01T12:02:00+02:00,gpt-5.4,5,0,300,305,x,0"
    with pytest.raises(BadImport) as error:
        imported(tmp_path, zoned, GOOD[0], text=MAPPING.replace('timezone = "UTC"', ""))
    assert 'row 3: Created At "2026-06-01 10:00:00" has no time zone' in error.value.what
    done = imported(tmp_path, zoned, GOOD[0])
    assert done.last_ms - done.first_ms == 120_000, "12:02 at +02:00 is 10:02 in Greenwich"


def test_a_row_that_repeats_an_id_counts_once_and_is_reported(tmp_path: Path) -> None:
    done = imported(tmp_path, *GOOD, GOOD[1])
    assert (done.requests, done.duplicates, done.counts.output_tok) == (2, 1, 730)


def test_rows_that_are_alike_without_an_id_count_each_and_are_reported(tmp_path: Path) -> None:
    done = imported(tmp_path, *GOOD, GOOD[1], text=MAPPING.replace('request_id = "Request ID"', ""))
    assert (done.requests, done.alike, done.first_alike) == (3, 1, "rows 3 and 4")


def test_a_mapping_of_another_table_names_the_columns_and_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(BadMapping) as error:
        imported(tmp_path, *GOOD, text=MAPPING.replace('model = "Model"', 'model = "Modell"'))
    assert error.value.what == 'mapping "rows": the table has no column "Modell" for model; did you mean "Model"?'
    assert not (tmp_path / "kept.jsonl").exists()


def test_a_failed_import_leaves_what_was_kept_before(tmp_path: Path) -> None:
    imported(tmp_path, *GOOD)
    before = (tmp_path / "kept.jsonl").read_bytes()
    with pytest.raises(BadImport):
        imported(tmp_path, *GOOD, BAD["no model"][0])
    assert (tmp_path / "kept.jsonl").read_bytes() == before


def test_a_table_cut_short_is_refused_wherever_it_is_cut(tmp_path: Path) -> None:
    """Or, cut at the end of a row, holds that much less; never a number that is not there."""
    data = table(tmp_path, *GOOD).read_bytes()
    for end in sorted(random.Random(3).sample(range(len(HEADER) + 1, len(data) - 1), 40)):
        (tmp_path / "rows.csv").write_bytes(data[:end])
        try:
            done = import_table(open_table(tmp_path / "rows.csv"), mapping(), tmp_path / "k.jsonl", skip_bad=False)
        except BadImport:
            continue
        assert done.counts.output_tok in (0, 300, 730), end


def test_parquet_is_read_like_csv(tmp_path: Path) -> None:
    path = table(tmp_path, *GOOD)
    parquet = tmp_path / "rows.parquet"
    duckdb.execute(f"COPY (SELECT * FROM read_csv('{path}')) TO '{parquet}' (FORMAT parquet)")
    one = import_table(open_table(path), mapping(), tmp_path / "a.jsonl", skip_bad=False)
    other = import_table(open_table(parquet), mapping(), tmp_path / "b.jsonl", skip_bad=False)
    assert (one.counts, one.requests, one.first_ms) == (other.counts, other.requests, other.first_ms)


def test_moments_of_a_parquet_are_read_without_pytz(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """DuckDB fetches a moment with a zone by that package, which nothing here installs."""
    monkeypatch.setitem(sys.modules, "pytz", None)
    duckdb.execute(
        "COPY (SELECT TIMESTAMPTZ '2026-03-01 10:00:00.25+02' AS \"the \"\"time\", 'm' AS model)"
        f" TO '{tmp_path}/rows.parquet' (FORMAT parquet)"
    )
    ((number, row),) = open_table(tmp_path / "rows.parquet").rows()
    assert (number, row) == (2, {'the "time': "2026-03-01T08:00:00.250000Z", "model": "m"})


def test_cached_tokens_beside_input_are_seen_in_the_rows(tmp_path: Path) -> None:
    header = "ts,model_name,input_tokens,cache_read_input_tokens,output_tokens"
    found = guess(open_table(table(tmp_path, "1780272000,gpt-5.4,12,4000,80", header=header)))
    assert found.mapping.input_includes == frozenset()
    assert found.mapping.time_unit == "s"
    assert parse_mapping(mapping_text(found.mapping), name="rows", where="x") == found.mapping


def test_a_guess_that_cannot_be_made_says_what_is_missing(tmp_path: Path) -> None:
    with pytest.raises(BadMapping) as error:
        guess(open_table(table(tmp_path, "1,2", header="colour,size")))
    assert error.value.what == "no column looks like time or model or output or input"
    assert "it has colour, size" in error.value.hint


def test_the_place_of_an_import_follows_from_its_path(tmp_path: Path) -> None:
    environ = {"COSTBASIS_HOME": str(tmp_path)}
    one, other = (place_of(tmp_path / name / "rows.csv", environ, tmp_path) for name in "ab")
    assert one.parent == tmp_path / "imports"
    assert one != other


def test_what_the_user_knows_of_cached_input_overrules_what_is_shown(tmp_path: Path) -> None:
    span = SPANS.read_text().splitlines()[0]
    path = tmp_path / "spans.jsonl"
    path.write_text(span + "\n")
    shown = Run(tmp_path, "import", str(path), "--json").json["imported"][0]["tokens"]
    told = Run(tmp_path, "import", str(path), "--cached-input", "beside", "--json").json["imported"][0]["tokens"]
    assert (shown["input"], told["input"]) == (370, 500)
    impossible = Run(tmp_path, "import", str(SPANS), "--cached-input", "within")
    assert "cached or reasoning tokens above the count that holds them" in impossible.err
    fixed = Run(tmp_path, "import", str(OPENROUTER), "--cached-input", "beside")
    assert fixed.err.startswith("costbasis: --cached-input: openrouter fixes whether")
