"""Record what the real ccusage says of the conformance logs, as a fixture of the reconciliation's tests.

    npm install --prefix FOLDER ccusage@20.0.24
    .venv/bin/python -m tools.record_ccusage FOLDER/node_modules/.bin/ccusage

Writes ``tests/fixtures/ccusage/conformance.json``: the tool's version, and its ``daily`` and ``session`` reports
(JSON, with ``--breakdown``, offline prices, UTC) of every case of ``tests/test_conformance.py``; and ``tree.json``:
all its reports of a generated tree, with the arguments that make it.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from tests.logs import generate, raw, write_log
from tests.test_conformance import CASES

FOLDER = Path(__file__).parents[1] / "tests" / "fixtures" / "ccusage"
FIXTURE = FOLDER / "conformance.json"

TREE = {"sessions": 12, "target_mb": 3, "seed": 2}
REPORTS = {
    "daily": ["claude", "daily"],
    "daily Zurich": ["claude", "daily", "--timezone", "Europe/Zurich"],
    "daily all agents": ["daily"],
    "weekly": ["claude", "weekly"],
    "monthly": ["claude", "monthly"],
    "session": ["claude", "session"],
    "blocks": ["claude", "blocks"],
    "instances": ["claude", "daily", "--instances"],
}


def main(ccusage: str) -> None:
    """Run *ccusage* on every case and write the fixture."""
    version = subprocess.run([ccusage, "--version"], capture_output=True, text=True, check=True).stdout.split()[-1]
    cases = {}
    with tempfile.TemporaryDirectory() as folder:
        for number, case in enumerate(CASES):
            root = Path(folder) / str(number)
            for name, lines in case.files.items():
                project, _, below = name.partition("/")
                write_log(root, raw(*map(as_written, lines), end=case.ends), below, project)
            cases[case.name] = {verb: report(ccusage, ["claude", verb], root) for verb in ("daily", "session")}
        root = Path(folder) / "tree"
        generate(root, **TREE)
        reports = {name: report(ccusage, words, root) for name, words in REPORTS.items()}
    FIXTURE.parent.mkdir(parents=True, exist_ok=True)
    texts = [f"{json.dumps(name)}: {json.dumps(said, separators=(',', ':'))}" for name, said in cases.items()]
    head = f'{{"ccusage": {json.dumps(version)}, "timezone": "UTC", "cases": {{\n'
    whole = {"ccusage": version, "timezone": "UTC", "tree": TREE, "reports": reports}
    (FOLDER / "tree.json").write_text(json.dumps(whole, separators=(",", ":")) + "\n", "utf-8")
    FIXTURE.write_text(head + ",\n".join(texts) + "\n}}\n", "utf-8")


def as_written(line: dict[str, Any] | bytes) -> bytes:
    """A line without blanks, as Claude Code writes it; ccusage does not see others."""
    return line if isinstance(line, bytes) else json.dumps(line, separators=(",", ":")).encode()


def report(ccusage: str, words: list[str], root: Path) -> Any:
    """One report on one tree, in a home of its own."""
    environ = {"PATH": os.environ["PATH"], "HOME": str(root), "CLAUDE_CONFIG_DIR": str(root), "TZ": "UTC"}
    zone = [] if "--timezone" in words else ["--timezone", "UTC"]
    asked = [ccusage, *words, "--json", "--breakdown", "--offline", *zone]
    asked = [word for word in asked if word != "--breakdown" or words[0] == "claude"]
    return json.loads(subprocess.run(asked, capture_output=True, text=True, check=True, env=environ).stdout)


if __name__ == "__main__":
    main(sys.argv[1])
