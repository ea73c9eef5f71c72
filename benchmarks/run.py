"""Benchmarks: ratios measured side by side in one run, because machines are noisy. ``make bench``.

Each row runs the product and a plain way of doing the same, in turns, and prints best times and their ratio.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from costbasis.usage.ledger import open_ledger

ROOT = Path(__file__).parents[1]
TREE_MB = 200
ROUNDS = 3


def main() -> None:
    """Make a tree, run every pair in turns, print a table."""
    with tempfile.TemporaryDirectory() as folder:
        tree = Path(folder) / "tree"
        command = [sys.executable, str(ROOT / "tools" / "gen_claude_logs.py"), "--out", str(tree)]
        subprocess.run([*command, "--sessions", "120", "--target-mb", str(TREE_MB)], check=True, capture_output=True)
        print(f"tree: {TREE_MB} MB of synthetic Claude Code logs; best of {ROUNDS}, in turns\n")
        print(f"{'what':<44}{'ours [s]':>10}{'plain [s]':>11}{'ratio':>8}")
        row("first read into the ledger / json.loads a line", lambda: first_read(tree), lambda: plain_read(tree))
        open_ledger([tree], folder=tree / "warm").update()
        row("nothing changed / json.loads a line", lambda: warm_read(tree), lambda: plain_read(tree))


def row(name: str, ours: Callable[[], None], plain: Callable[[], None]) -> None:
    """One comparison, in turns."""
    times: list[tuple[float, float]] = []
    for _ in range(ROUNDS):
        times.append((timed(ours), timed(plain)))
    best, other = min(pair[0] for pair in times), min(pair[1] for pair in times)
    print(f"{name:<44}{best:>10.3f}{other:>11.3f}{other / best:>7.1f}×")


def timed(work: Callable[[], None]) -> float:
    """Wall-clock seconds of one run."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def first_read(tree: Path) -> None:
    """Read, de-duplicate, sum the context and store, from nothing."""
    with tempfile.TemporaryDirectory() as home:
        ledger = open_ledger([tree / "projects"], folder=Path(home))
        ledger.update()
        ledger.close()


def warm_read(tree: Path) -> None:
    """Bring an up-to-date ledger up to date."""
    ledger = open_ledger([tree], folder=tree / "warm")
    ledger.update()
    ledger.close()


def plain_read(tree: Path) -> None:
    """What a first script does: json.loads every line, keep the last usage of each message id. Nothing stored."""
    best: dict[str, int] = {}
    for path in sorted((tree / "projects").rglob("*.jsonl")):
        for line in path.read_bytes().split(b"\n"):
            try:
                said = json.loads(line)
            except ValueError:
                continue
            message = said.get("message") if isinstance(said, dict) else None
            if isinstance(message, dict) and isinstance(message.get("usage"), dict):
                best[message["id"]] = message["usage"]["output_tokens"]


if __name__ == "__main__":
    main()
