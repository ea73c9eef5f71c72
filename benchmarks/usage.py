"""Usage tables against ccusage: the same tree, in turns, whole processes from start to end.

ccusage is installed from npm into the folder of the benchmark, and its native program is run without its launcher.
costbasis is installed by pip into an environment of its own, as users have it: a checkout installed to be edited starts
a few milliseconds later, and an old pip's launcher loads a module that nobody asked for.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from measure import Cost, best, cost_of

ROOT = Path(__file__).parents[1]
PEER = "ccusage@20.0.24"
SESSIONS_PER_MB = 0.6
APPENDED_BYTES = 100_000


class Bench:
    """A tree of logs, a home for ledgers, and the two programs."""

    def __init__(self, folder: Path, mb: int, program: str) -> None:
        self.folder, self.logs = folder, folder / "home" / ".claude"
        command = [sys.executable, str(ROOT / "tools" / "gen_claude_logs.py"), "--out", str(self.logs), "--seed", "1"]
        command += ["--sessions", str(max(int(mb * SESSIONS_PER_MB), 1)), "--target-mb", str(mb)]
        subprocess.run(command, check=True, capture_output=True)
        self.truth = json.loads((self.logs / "truth.json").read_text())
        self.program = program
        self.environ = {
            "PATH": os.environ["PATH"],
            "HOME": str(folder / "home"),
            "COSTBASIS_HOME": str(folder / "costbasis"),
            "CLAUDE_CONFIG_DIR": str(self.logs),
            "TZ": "UTC",
        }

    def ours(self, *words: str, stdin: bytes = b"", memory: bool = False) -> Cost:
        """One run of costbasis."""
        return cost_of([self.program, *words], self.environ, stdin, memory=memory)

    def forget(self) -> None:
        """No ledger, as before the first run."""
        shutil.rmtree(self.folder / "costbasis", ignore_errors=True)

    def append(self) -> None:
        """About 100 kB more of new requests in the largest session."""
        path = max((self.logs / "projects").rglob("*.jsonl"), key=lambda path: path.stat().st_size)
        lines = [line for line in path.read_bytes().splitlines() if b'"usage":{' in line and b'"id":"msg_' in line]
        with path.open("ab") as file:
            written, turn = 0, 0
            while written < APPENDED_BYTES:
                new = os.urandom(8).hex().encode()
                written += file.write(lines[turn % len(lines)].replace(b'"id":"msg_', b'"id":"msg_' + new, 1) + b"\n")
                turn += 1


def installed(folder: Path) -> str:
    """The program of this checkout, installed as users have it; the checkout's own where that cannot be done."""
    environ = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    python = folder / "venv" / "bin" / "python"
    pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    steps = (
        [sys.executable, "-m", "venv", str(folder / "venv")],
        [*pip, "--upgrade", "pip"],
        [*pip, "--constraint", str(ROOT / "constraints.txt"), str(ROOT)],
    )
    for step in steps:
        if subprocess.run(step, capture_output=True, check=False, env=environ).returncode != 0:
            print("costbasis could not be installed by pip, so the checkout's own program is timed: it starts later")
            return str(Path(sysconfig.get_path("scripts")) / "costbasis")
    return str(python.with_name("costbasis"))


def peer(folder: Path) -> str | None:
    """The peer's native program, installed from npm; None where it cannot be had."""
    npm = shutil.which("npm")
    if npm is None:
        return None
    command = [npm, "install", "--no-audit", "--no-fund", "--prefix", str(folder), PEER]
    if subprocess.run(command, capture_output=True, check=False, cwd=folder).returncode != 0:
        return None
    for program in folder.glob("node_modules/@ccusage/*/bin/ccusage*"):
        program.chmod(0o755)
        return str(program)
    return None


def main(mb: list[int], rounds: int) -> None:
    """One size: everything in turns, as a table. Several: how a first scan grows from the smallest to the largest."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        program = installed(folder)
        if len(mb) > 1:
            growth(sorted(mb), rounds, program)
            return
        bench = Bench(folder, mb[0], program)
        theirs = peer(folder)
        stats = bench.truth["stats"]
        print(f"usage: {stats['files']:,} files, {stats['bytes'] / 1e6:,.0f} MB, {stats['requests']:,} requests;")
        print(f"best of {rounds}, in turns; whole processes; {os.cpu_count()} CPUs, load {os.getloadavg()[0]:.1f}")
        if theirs is None:
            print(f"{PEER} could not be installed from npm: no ratios to it")
        check(bench)
        table(bench, theirs, rounds)
        memory(bench)


def growth(sizes: Sequence[int], rounds: int, program: str) -> None:
    """First scans of trees of several sizes, each in turns with the peer; the CPU time of each further GB."""
    print(f"first scans, best of {rounds}, whole processes; {os.cpu_count()} CPUs, load {os.getloadavg()[0]:.1f}")
    heads = f"{'MB':>7}{'requests':>10}{'wall [s]':>10}{'CPU [s]':>10}{'CPU/ccusage':>12}{'MB held':>9}"
    print(f"{heads}{'CPU s per further GB':>22}")
    before: tuple[float, float] | None = None
    for mb in sizes:
        with tempfile.TemporaryDirectory() as place:
            bench, theirs = Bench(Path(place), mb, program), peer(Path(place))
            found, peers = [], []
            for _ in range(rounds):
                bench.forget()
                found.append(bench.ours("usage", "--basis", "list", "--json"))
                if theirs is not None:
                    peers.append(cost_of([theirs, "claude", "daily", "--json", "--offline"], bench.environ))
            bench.forget()
            held_mb = bench.ours("usage", "--basis", "list", "--json", memory=True).peak_mb
        stats, least = bench.truth["stats"], best(found)
        ratio = f"{least.cpu_s / best(peers).cpu_s:.2f}" if peers else "-"
        gb = stats["bytes"] / 1e9
        further = f"{(least.cpu_s - before[1]) / (gb - before[0]):.2f}" if before else "-"
        before = gb, least.cpu_s
        print(
            f"{gb * 1000:>7,.0f}{stats['requests']:>10,}{least.wall_s:>10.2f}{least.cpu_s:>10.2f}{ratio:>12}"
            f"{held_mb:>9,.0f}{further:>22}",
            flush=True,
        )


def check(bench: Bench) -> None:
    """The table that is timed is right, and how many of its cells are."""
    words = [bench.program, "usage", "--basis", "list", "--by", "day", "--tz", "UTC", "--json"]
    said = json.loads(subprocess.run(words, env=bench.environ, capture_output=True, check=True).stdout)
    cells = {(row["key"], part["model"]): part["tokens"]["output"] for row in said["rows"] for part in row["models"]}
    right = {(day, name): part["output"] for day, parts in bench.truth["daily"].items() for name, part in parts.items()}
    apart = {cell for cell in cells.keys() | right.keys() if cells.get(cell) != right.get(cell)}
    assert by_model(cells) == by_model(right), "the table is wrong, so its speed says nothing"
    print(f"{len(right) - len(apart)} of {len(right)} cells (day, model) equal the generator's truth, all models do\n")


def by_model(cells: dict[tuple[str, str], int]) -> dict[str, int]:
    """Output tokens of each model, all days together."""
    return {model: sum(n for (_, name), n in cells.items() if name == model) for model in {name for _, name in cells}}


def table(bench: Bench, theirs: str | None, rounds: int) -> None:
    """The runs, in turns, and their ratios."""
    session = json.dumps({"session_id": "s", "model": {"display_name": "m"}}).encode()
    listed = ("usage", "--basis", "list", "--json")
    new = ("usage", "--json", "--basis")
    works: dict[str, Callable[[], Cost]] = {
        "first scan": lambda: (bench.forget(), bench.ours(*listed))[1],
        "nothing changed": lambda: bench.ours(*listed),
        "both columns, not drawn": lambda: bench.ours(*new, "list,market,serving"),
        "a new market column": lambda: bench.ours(*new, "list,market", "--since", unasked()),
        "a new serving column": lambda: bench.ours(*new, "list,serving", "--since", unasked()),
        "100 kB appended": lambda: (bench.append(), bench.ours(*listed))[1],
        "statusline after it": lambda: bench.ours("statusline", stdin=session),
        "statusline": lambda: bench.ours("statusline", stdin=session),
        "--help": lambda: bench.ours("--help"),
    }
    if theirs is not None:
        whole = [theirs, "claude", "daily", "--json", "--offline"]
        works = {"ccusage": lambda: cost_of(whole, bench.environ)} | works
    costs: dict[str, list[Cost]] = {name: [] for name in works}
    for _ in range(rounds):
        for name, work in works.items():
            costs[name].append(work())
    least = {name: best(found) for name, found in costs.items()}
    print(f"{'':<24}{'wall [s]':>10}{'CPU [s]':>10}{'wall / ccusage':>16}{'CPU / ccusage':>15}")
    for name, cost in least.items():
        ratios = ""
        if "ccusage" in least:
            ratios = f"{cost.wall_s / least['ccusage'].wall_s:>16.3f}{cost.cpu_s / least['ccusage'].cpu_s:>15.3f}"
        print(f"{name:<24}{cost.wall_s:>10.3f}{cost.cpu_s:>10.3f}{ratios}")


_days = iter(range(1, 1_000))


def unasked() -> str:
    """A day before all logs that was not asked for before: the same table, which no kept answer holds.

    What one unit of usage is worth is kept from the run before: that one drew it, and is timed for itself.
    """
    return (date(2020, 1, 1) + timedelta(days=next(_days))).isoformat()


def memory(bench: Bench) -> None:
    """The most memory of a first scan, all processes together."""
    bench.forget()
    words: Sequence[str] = ("usage", "--basis", "list", "--json")
    print(f"\npeak memory of a first scan, all processes: {bench.ours(*words, memory=True).peak_mb:.0f} MB")
