"""``--calibration``: what a user measured moves what serving costs; a damaged file is refused with row and column."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from costbasis.catalog import load_catalog
from costbasis.catalog.posterior import own_calibration, serving_posterior
from costbasis.catalog.tables import read_bytes
from costbasis.errors import UnreadableInput
from costbasis.service.posterior import fitted_constants, posterior_of

from .command import Run

SERVING = ("serving", "llama-3.3-70b", "--on", "8xh100-sxm", "--isl", "1000", "--osl", "1000", "--tpot", "10s")
"""No limit of speed is in reach: with one, a slower machine also has to run smaller batches."""


def measured(path: Path, factor: float) -> Path:
    """Published runs of one model, made slower or faster by a factor: what a user with other machines would see."""
    shipped = list(csv.DictReader(io.StringIO(read_bytes("benchmarks/serving_measured.csv.gz").decode())))
    rows = [row for row in shipped if row["model"] == "llama-3.3-70b" and row["accelerator"] == "H100-SXM"][:6]
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows([row | {"tok_s_per_gpu": str(float(row["tok_s_per_gpu"]) * factor)} for row in rows])
    return path


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def slow(home: Path) -> Path:
    """The calibration of a user whose machines do six tenths of the published work."""
    out = home / "slow-calibration.csv"
    done = Run(home, "calibrate", str(measured(home / "slow.csv", 0.6)), "--out", str(out))
    assert done.status == 0, done.err
    return out


def request_usd(found: dict[str, Any]) -> float:
    return float(found["routes"]["roofline"]["p50"])


def test_slower_measurements_make_serving_dearer_and_say_whose_they_are(home: Path, slow: Path) -> None:
    shipped = Run(home, *SERVING, "--json").json
    mine = Run(home, *SERVING, "--json", "--calibration", str(slow)).json
    assert request_usd(mine) > 1.25 * request_usd(shipped)
    assert mine["catalogue_sha256"] != shipped["catalogue_sha256"]
    [warning] = [one for one in mine["warnings"] if one["kind"] == "own_calibration"]
    assert (warning["count"], warning["first"]) == (1, str(slow))
    assert not [one for one in shipped["warnings"] if one["kind"] == "own_calibration"]


@pytest.mark.slow
def test_the_price_follows_the_measurements(home: Path, slow: Path) -> None:
    """Six tenths of the work cost 1 / 0.6 as much, less what the fit trusts to the public rows and to chance."""
    told = measured(home / "same.csv", 1.0)
    same = home / "same-calibration.csv"
    assert Run(home, "calibrate", str(told), "--out", str(same)).status == 0
    usd = [request_usd(Run(home, *SERVING, "--json", "--calibration", str(path)).json) for path in (same, slow)]
    assert 1.35 < usd[1] / usd[0] < 1.0 / 0.6 + 0.05


@pytest.mark.slow
def test_the_tree_of_a_number_names_the_users_file(home: Path, slow: Path) -> None:
    words = f"{' '.join(SERVING)} --calibration {slow}"
    told = Run(home, "explain", "--of", words, "/usd_per_mtok/output", "--json")
    assert told.status == 0, told.err
    assert str(slow) in told.out


def test_a_calibration_of_nothing_new_moves_nothing(home: Path) -> None:
    """The shipped draws, written as a calibration, are the shipped calibration."""
    copy = home / "copy.csv"
    copy.write_bytes(read_bytes("calibration/serving_posterior.csv"))
    shipped, mine = load_catalog(), load_catalog(calibration=copy)
    assert (posterior_of(mine).log_draws == posterior_of(shipped).log_draws).all()
    assert posterior_of(mine).effects == posterior_of(shipped).effects
    ours, theirs = fitted_constants(shipped)[0], fitted_constants(mine)[0]
    assert all(np.array_equal(one, other) for one, other in zip(ours, theirs, strict=True))


@pytest.mark.slow
def test_a_report_and_a_claim_take_it_too(home: Path, slow: Path) -> None:
    report = Run(home, "report", "--sample", "--json", "--quiet", "--calibration", str(slow))
    assert report.status == 0, report.err
    assert [one for one in report.json["warnings"] if one["kind"] == "own_calibration"]
    assert f"--calibration {slow}" in report.json["reproduce"]["command"]


@pytest.mark.slow
def test_it_is_scored_against_the_users_own_measurements(home: Path, slow: Path) -> None:
    words = ("validate", "serving", "--json", "--measured", str(home / "slow.csv"))
    before, after = Run(home, *words).json, Run(home, *words, "--calibration", str(slow)).json
    assert after["mdape"] < before["mdape"]
    refused = Run(home, "validate", "serving", "--calibration", str(slow))
    assert (refused.status, refused.err) == (
        2,
        "costbasis: --calibration: your own calibration is scored against your own measurements\n"
        "hint: costbasis validate serving --measured FILE --calibration FILE\n",
    )


def test_a_catalogue_with_a_key_less_or_more_keeps_the_users_calibration(home: Path, slow: Path) -> None:
    key = "fleet/default.load_factor_frac"
    catalog = load_catalog(overrides=[f"{key}=0.5"], calibration=slow)
    assert catalog.calibration is not None
    assert catalog.without(key).calibration is catalog.under([]).calibration is catalog.calibration


def damaged(slow: Path, path: Path, row: int, column: str, text: str) -> Path:
    rows = list(csv.DictReader(io.StringIO(slow.read_text("utf-8"))))
    rows[row][column] = text
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    return path


@pytest.mark.parametrize("text", ["", "nan", "inf", "-0.5", "0", "=1+1", "half"])
def test_a_damaged_draw_is_refused_with_its_row_and_column(home: Path, slow: Path, text: str) -> None:
    name = serving_posterior().names[0]
    path = damaged(slow, home / "damaged.csv", 3, name, text)
    with pytest.raises(UnreadableInput) as refused:
        own_calibration(path)
    assert str(refused.value) == (
        f"{path}:5: {name} is {text!r}, not a number above 0: the file is damaged\n"
        "hint: write one with: costbasis calibrate FILE --out OVERLAY.csv"
    )


def test_a_damaged_effect_is_refused(home: Path, slow: Path) -> None:
    column = next(name for name in slow.read_text("utf-8").splitlines()[0].split(",") if name.startswith("effect:"))
    path = damaged(slow, home / "effect.csv", 1, column, "-0.1")
    with pytest.raises(UnreadableInput, match="not a number above 0: the file is damaged"):
        own_calibration(path)


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"", "this is no calibration: constants are missing: "),
        (b"a,b\n1,2\n1,2\n", "this is no calibration: constants are missing: "),
        (b"\xff\xfe\x00", "cannot be read: "),
    ],
)
def test_what_is_no_calibration_is_refused_with_what_is_missing(home: Path, content: bytes, what: str) -> None:
    path = home / "no.csv"
    path.write_bytes(content)
    refused = Run(home, "price", "kimi-k2.5", "--calibration", str(path))
    assert refused.status == 2
    assert refused.err.startswith(f"costbasis: {path}: {what}"), refused.err


@pytest.mark.slow
@pytest.mark.parametrize("words", [SERVING, ("report", "--sample"), ("check", "forbes-5000")])
def test_a_file_that_is_not_there_is_refused_by_name(home: Path, words: tuple[str, ...]) -> None:
    refused = Run(home, *words, "--calibration", "not-there.csv")
    assert refused.status == 2
    assert refused.err.startswith("costbasis: not-there.csv: cannot be read: "), refused.err
