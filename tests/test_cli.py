"""The command line as a user meets it: answers, JSON contracts, and clear errors without a traceback."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import click
import pytest

from costbasis.cli.app import app
from costbasis.cli.common import PLACE

from .command import Run
from .logs import generate, line, raw, write_log


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def sample(home: Path) -> Any:
    (home / "temporary").mkdir()
    own = {"TMPDIR": str(home / "temporary"), "COSTBASIS_HOME": str(home / "own")}
    return Run(home, "report", "--sample", "--json", **own).json


def test_help_is_there_and_imports_nothing_heavy(home: Path) -> None:
    assert "What these tokens really cost" in Run(home, "--help").out
    code = "import sys; from costbasis.cli.app import app; print(sorted(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not {"duckdb", "ibis", "scipy", "numpy", "rich"} & set(done.stdout.replace("'", " ").split())


def test_local_reports_never_import_duckdb_or_ibis(home: Path, tmp_path: Path) -> None:
    write_log(tmp_path, raw(line()))
    code = (
        "import sys\nfrom costbasis.cli.app import app\n"
        f"app(['report', {str(tmp_path)!r}, '--json'], standalone_mode=False)\n"
        "sys.exit([m for m in ('duckdb', 'ibis') if m in sys.modules] != [])"
    )
    environ = {**os.environ, "HOME": str(home), "COSTBASIS_HOME": str(home / "cb")}
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, env=environ, check=False).returncode == 0


HEAD = {"schema", "as_of", "version", "seed", "catalogue_sha256", "warnings"}
ESTIMATE = {"p10", "p50", "p90", "mean"}


def test_the_report_of_the_sample_keeps_its_contract(sample: Any) -> None:
    assert sample["schema"] == "costbasis.report/1"
    assert set(sample) >= HEAD | {"usage", "period", "ladder", "parties", "plan", "drivers", "reproduce"}
    assert set(sample["period"]) == {"from", "to", "days"}
    for rung in sample["ladder"]:
        assert set(rung) == {"anchor", "basis", "cost_over_list", "usd", "trust", "source", "from_claim"}
        assert set(rung["usd"]) == ESTIMATE
    named = {row["party"] for row in sample["parties"]}
    assert named >= {"subscriber", "API buyer", "reseller", "model owner", "investor"}
    assert named >= {"cloud channel", "open-weight host", "self-hoster"}
    assert set(sample["reproduce"]) >= {"command", "version", "seed", "as_of", "catalogue_sha256", "usage_sha256"}
    usage = sample["usage"]
    assert usage["schema"] == "costbasis.usage/1"
    bases = usage["total"]["bases"]
    assert set(bases) >= {"list_usd", "list_usd_max", "parts_usd", "market_usd", "serving_usd", "list_over_serving"}
    assert re.fullmatch(r"\d+\.\d{2,}", bases["list_usd"])
    assert 4800 < float(bases["list_usd"]) < 5200
    assert set(usage["total"]["tokens"]) == {
        "input", "cache_write_5m", "cache_write_1h", "cache_write_unknown", "cache_read", "output", "reasoning",
    }  # fmt: skip
    assert usage["unpriced"] == []


def test_the_report_says_for_whom_the_plan_pays(sample: Any) -> None:
    answers = {row["party"]: row["answer"] for row in sample["parties"]}
    assert answers["subscriber"] == "yes"
    assert answers["reseller"] == "no"
    assert sample["plan"]["plan"] == "anthropic/max_20x"
    assert sample["plan"]["average_subscriber_answer"] == "cannot be determined"
    assert sample["plan"]["price_usd"]["p50"] == pytest.approx(200 * sample["period"]["days"] / 30.44)


def test_the_sample_leaves_nothing_behind(home: Path, sample: Any) -> None:
    assert sample["usage"]["total"]["requests"] > 50_000
    assert list((home / "temporary").iterdir()) == []
    assert list((home / "own").rglob("*.sqlite")) == []


@pytest.mark.slow
def test_the_same_command_gives_the_same_object(home: Path, sample: Any) -> None:
    assert Run(home, "report", "--sample", "--json").json == sample
    other = Run(home, "report", "--sample", "--json", "--seed", "2").json
    assert other["reproduce"]["usage_sha256"] != sample["reproduce"]["usage_sha256"]


def test_days_add_up_to_the_total_to_the_pico_dollar(sample: Any) -> None:
    from decimal import Decimal

    rows = sample["usage"]["rows"]
    assert sum(Decimal(row["bases"]["list_usd"]) for row in rows) == Decimal(
        sample["usage"]["total"]["bases"]["list_usd"]
    )
    assert sum(row["requests"] for row in rows) == sample["usage"]["total"]["requests"]


@pytest.mark.slow
def test_text_and_json_say_the_same(home: Path, sample: Any) -> None:
    out = Run(home, "report", "--sample", "--out", "r.html").out
    listed = f"{float(sample['usage']['total']['bases']['list_usd']):,.2f}"
    assert listed in out
    assert "the owner, on the average subscriber: cannot be determined" in out
    page = (home / "r.html").read_text(encoding="utf-8")
    assert listed in page


@pytest.mark.slow
def test_the_readme_shows_what_the_demo_prints(home: Path) -> None:
    readme = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
    shown = readme.partition("make demo` prints")[2].split("```")[1].strip().splitlines()
    printed = Run(home, "report", "--sample", "--out", "demo.html").out.splitlines()
    assert len(shown) > 12
    for text in shown:
        assert text in printed


@pytest.mark.slow
def test_the_page_is_self_contained(home: Path) -> None:
    Run(home, "report", "--sample", "--out", "page.html")
    page = (home / "page.html").read_text(encoding="utf-8")
    assert "default-src 'none'; script-src 'sha256-" in page
    assert "unsafe-eval" not in page.partition("<body>")[0]
    markup = re.sub(r"<script.*?</script>", "", page, flags=re.DOTALL)
    assert not re.search(r"(?:src|href)=\"(?!#)|@import|url\(", markup)
    assert len(page.encode()) < 1_500_000
    for words in ("Assumptions and sources", "What moves the answer", "Make it again", "costbasis report --sample"):
        assert words in page


@pytest.mark.slow
def test_every_explained_pointer_of_the_sample_leads_to_sources(home: Path) -> None:
    for pointer in (
        "/ladder/3/usd",
        "/usage/rows/0/bases/serving_usd",
        "/usage/total/bases/list_usd",
        "/plan/margin_usd",
    ):
        tree = Run(home, "explain", "--of", "report --sample", pointer, "--json").json["tree"]
        leaves: list[Any] = []

        def visit(node: Any, found: list[Any] = leaves) -> None:
            for child in node.get("inputs", {}).values():
                visit(child)
            if "source" in node:
                found.append(node)

        visit(tree)
        assert leaves
        assert all(leaf["source"] and leaf["trust"] and leaf["date"] for leaf in leaves), pointer


def test_check_keeps_its_contract(home: Path) -> None:
    verdict = Run(home, "check", "forbes-5000", "--json").json
    assert verdict["schema"] == "costbasis.verdict/1"
    fields = (
        "claim answer axes basis_claimed basis_needed verdict confidence quantity unit stated central interval "
        "matches_basis for_whom ladder must_be_true drivers flips objections inputs"
    )
    assert set(verdict) >= HEAD | set(fields.split())
    assert set(verdict["axes"]) == {"arithmetic", "basis", "scope", "conclusion"}
    assert verdict["verdict"] == "right_number_wrong_basis"
    assert 400 <= verdict["central"] <= 2000
    assert verdict["interval"]["p10"] < 2000
    assert verdict["interval"]["p90"] > 400
    assert {row["party"]: row["true"] for row in verdict["for_whom"]}["reseller"] is True
    assert set(verdict["without"]) == {"disclosed", "margin", "market", "measured", "roofline"}


def test_what_cannot_be_read_is_said_by_who_reads_it_and_not_by_click() -> None:
    context = click.Context(app)
    for name in app.list_commands(context):
        command = app.get_command(context, name)
        assert command is not None
        places = [parameter for parameter in command.params if isinstance(parameter.type, click.Path)]
        assert [parameter.name for parameter in places if parameter.type is not PLACE] == [], name


def test_a_place_that_cannot_even_be_looked_at_is_said_before_the_work(home: Path) -> None:
    name = f"{'x' * 300}.html"
    for words in (("report", "--sample", "--out", name), ("check", "forbes-5000", "--html", name)):
        run = Run(home, *words)
        assert (run.status, run.err.splitlines()) == (
            2, [f"costbasis: {name}: cannot be written: File name too long", "hint: choose another place"],
        )  # fmt: skip


@pytest.mark.slow
def test_fail_on_decides_the_exit_status(home: Path) -> None:
    assert Run(home, "check", "forbes-5000", "--fail-on", "right_number_wrong_basis,refuted").status == 1
    assert Run(home, "check", "forbes-5000", "--fail-on", "refuted").status == 0


@pytest.mark.slow
def test_set_moves_the_answer_and_is_in_the_reproduction(home: Path) -> None:
    plain = Run(home, "check", "forbes-5000", "--json").json
    moved = Run(
        home, "check", "forbes-5000", "--json", "--set", "retail/claude-opus-4-6.standard.cache_read_usd_per_mtok=5"
    ).json
    assert moved["on_basis"]["list"]["p50"] > 3 * plain["on_basis"]["list"]["p50"]
    assert moved["catalogue_sha256"] != plain["catalogue_sha256"]


@pytest.mark.slow
@pytest.mark.parametrize("by", ["day", "week", "month", "session", "project", "model", "agent", "host"])
def test_usage_by_anything_has_one_total(home: Path, tmp_path_factory: pytest.TempPathFactory, by: str) -> None:
    tree = tmp_path_factory.getbasetemp() / "usage-tree"
    if not tree.exists():
        generate(tree, sessions=8, target_mb=2, seed=11)
    table = Run(home, "usage", str(tree), "--by", by, "--json").json
    total = Run(home, "usage", str(tree), "--by", "day", "--json").json["total"]
    assert table["total"]["bases"]["list_usd"] == total["bases"]["list_usd"]
    assert sum(row["requests"] for row in table["rows"]) == total["requests"]
    assert table["by"] == by


def test_a_tree_with_junk_and_an_unknown_model_counts_the_rest_and_says_so(home: Path, tmp_path: Path) -> None:
    good = [line(f"msg_{number}", time=f"2026-04-{1 + number % 28:02d}T10:00:00Z") for number in range(99)]
    odd = line("msg_odd", message={"model": "claude-opus-9-9"})
    torn = raw(line("msg_torn"), end=b"")[:80]
    write_log(tmp_path, raw(*good, b"\x00junk\x00", odd) + torn)
    run = Run(home, "report", str(tmp_path), "--out", "junk.html")
    assert run.status == 0
    assert 'unknown model "claude-opus-9-9"; did you mean' in run.out
    assert "Skipped: 1 line (1 not a JSON object)" in run.out
    assert "Warning: torn last line, 1×" in run.out
    report = Run(home, "report", str(tmp_path), "--json").json
    assert report["usage"]["total"]["requests"] == 100
    assert report["usage"]["unpriced"][0]["requests"] == 1
    assert [row["model"] for row in report["usage"]["unpriced"]] == ["claude-opus-9-9"]


@pytest.mark.slow
def test_usage_of_models_without_any_price_is_unknown_and_not_zero(home: Path, tmp_path: Path) -> None:
    write_log(tmp_path, raw(line(message={"model": "gpt-9-nobody"})))
    run = Run(home, "report", str(tmp_path), "--out", "none.html")
    assert run.status == 0
    assert "nothing could be priced" in run.out
    assert Run(home, "report", str(tmp_path), "--json").json["usage"]["total"]["bases"] == {}
    assert "nothing could be valued" in (home / "none.html").read_text(encoding="utf-8")


ERRORS = [
    (("report", "nowhere"), "nowhere: no such file or folder\nhint: check the path"),
    (
        ("report", "--sample", "--plan", "pro_plus"),
        'plan "pro_plus" is ambiguous: it may be "cursor/pro_plus", "github/pro_plus", "kiro/pro_plus" or '
        '"trae/pro_plus"\nhint: name it as vendor/plan',
    ),
    (
        ("report", "--sample", "--plan", "anthropic/max_30x"),
        'unknown plan "anthropic/max_30x"; did you mean "anthropic/max_20x", "anthropic/max_5x" or "anthropic/pro"?\n'
        "hint: costbasis catalog plan lists them",
    ),
    (
        ("report", "--sample", "."),
        "report: --sample reports on a synthetic month; it takes no paths\nhint: drop one",
    ),
    (
        ("catalog", "retial"),
        'unknown kind of fact "retial"; did you mean "retail" or "realised"?\nhint: kinds are accelerator, ',
    ),
    (
        ("catalog", "retail", "claude-opus-4-66"),
        'unknown retail "claude-opus-4-66"; did you mean "claude-opus-4-6", ',
    ),
    (("usage", ".", "--since", "2026-13-01"), '--since: "2026-13-01" is not a date\nhint: write it as 2026-03-31'),
    (("usage", ".", "--basis", "lst"), '--basis: unknown basis "lst"; did you mean "list"?\n'),
    (("check", "forbes-500"), 'unknown claim "forbes-500"; did you mean "forbes-5000"?\n'),
    (("chekc", "x"), 'unknown command "chekc"; did you mean "check"?\nhint: costbasis --help lists the commands'),
    (
        ("usage", ".", "--lines", "x", "--reconcile", "y.json"),
        "usage: --lines and --reconcile are two questions\nhint: ask one at a time",
    ),
    (("usage", ".", "--json", "--format", "csv"), "usage: --json and --format csv are two outputs\nhint: "),
    (("usage", ".", "--basis", ""), '--basis: unknown basis ""\nhint: bases are list, '),
    (("serving", "deepseek-v3", "--isl", "ten"), '--isl: "ten" is no count of tokens\nhint: write it as 1M, 250k'),
    (("serving", "deepseek-v3", "--isl", "0"), "as asked: isl_tok must be above zero, and 0 was given\nhint: "),
    (("serving", "deepseek-v3", "--usd-per-accel-hour", "nan"), '--usd-per-accel-hour: "nan" is no price of an '),
    (
        ("compare", "--list-usd", "inf"),
        "--list-usd: a month's list value is above zero and at most 1,000,000,000,000",
    ),
    (("compare", "--list-usd", "9", "--on", "abacus"), '--on: unknown accelerator "abacus"\nhint: '),
    (("plan", "anthropic/max_20x", "--cost-over-list", "0"), "--cost-over-list: a token that costs nothing breaks "),
    (("check", "forbes-5000", "--html", "."), ".: cannot be written: Is a directory\nhint: choose another place"),
    (("claim", "new", "--from", " ", "--value", "5", "--unit", "usd"), "--from: a claim is a sentence\nhint: "),
    (("company", "openai", "--life-months", "nan"), "--life-months: a life is at least 0 months, not nan"),
    (("explain", "--of", "price 'x", "/x"), "--of price 'x: this is no command line: no closing quotation\nhint: "),
    (("explain", "--of", "claims", "/x"), '--of: "claims" prints no explained numbers\nhint: explain one of: '),
    (("explain", "--of", "check forbes-5000", "/nope"), 'nothing is called "nope" under "/"\nhint: there is: '),
    (
        ("explain", "--of", "check forbes-5000", "/ladder/99"),
        'nothing is called "99" under "/ladder"\nhint: its items are 0 to ',
    ),
    (
        ("report", "--sample", "--out", "/nowhere/r.html"),
        "/nowhere/r.html: cannot be written: No such file or directory\n",
    ),
]


@pytest.mark.parametrize(
    ("words", "message"), ERRORS, ids=lambda value: " ".join(value) if isinstance(value, tuple) else ""
)
def test_an_error_says_what_where_and_what_to_do(home: Path, words: tuple[str, ...], message: str) -> None:
    run = Run(home, *words)
    assert run.status == 2
    assert run.out == ""
    assert run.err.startswith(f"costbasis: {message}")


def test_an_empty_folder_says_where_logs_are_kept(home: Path, tmp_path: Path) -> None:
    run = Run(home, "report", str(tmp_path))
    assert run.status == 2
    assert run.err == (
        f"costbasis: {tmp_path}: no agent logs here\n"
        "hint: docs/agents.md lists where agents keep theirs; or try: costbasis report --sample\n"
    )


@pytest.mark.slow
def test_a_bare_call_is_report_and_reads_the_home_it_is_given(tmp_path: Path) -> None:
    empty = Run(tmp_path)
    assert empty.status == 2
    assert f"{tmp_path}: no agent logs below it" in empty.err
    write_log(tmp_path / ".claude", raw(line()))
    full = Run(tmp_path)
    assert full.status == 0
    assert "· 1 request ·" in full.out
    assert (tmp_path / "costbasis-report.html").exists()


@pytest.mark.slow
def test_a_folder_that_cannot_be_written_does_not_stop_the_answer(home: Path, tmp_path: Path) -> None:
    write_log(tmp_path / "logs", raw(line()))
    (tmp_path / "costbasis-report.html").mkdir()
    run = Run(home, "report", str(tmp_path / "logs"), cwd=tmp_path)
    assert run.status == 0
    assert "no page written: costbasis-report.html" in run.err


@pytest.mark.slow
def test_redact_leaves_no_path_of_the_machine(home: Path, tmp_path: Path) -> None:
    write_log(tmp_path, raw(line(), b"junk"))
    run = Run(home, "report", str(tmp_path), "--redact", "--out", "red.html")
    assert str(tmp_path) not in run.out
    assert str(tmp_path) not in (home / "red.html").read_text(encoding="utf-8")


def test_piped_output_has_no_colours_and_talk_goes_to_stderr(home: Path) -> None:
    run = Run(home, "check", "alderson-500")
    assert "\x1b[" not in run.out
    assert run.err == ""


def test_completion_scripts_are_offered(home: Path) -> None:
    command = [str(Path(sys.executable).with_name("costbasis"))]
    environ = {**os.environ, "HOME": str(home), "_COSTBASIS_COMPLETE": "zsh_source"}
    done = subprocess.run(command, capture_output=True, text=True, env=environ, check=False)
    assert "#compdef costbasis" in done.stdout
