"""The command line, run as a user runs it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any


class Run:
    """One call of the command line in a home of its own."""

    def __init__(self, home: Path, *words: str, cwd: Path | None = None, **environ: str) -> None:
        where = {
            "HOME": str(home),
            "PATH": os.environ["PATH"],
            "COSTBASIS_HOME": str(home / "cb"),
            "TZ": "UTC",
            **environ,
        }
        command = [sys.executable, "-m", "costbasis", *words]
        self.done = subprocess.run(command, capture_output=True, text=True, env=where, cwd=cwd or home, check=False)
        self.out, self.err, self.status = self.done.stdout, self.done.stderr, self.done.returncode
        assert "Traceback" not in self.err, self.err

    @property
    def json(self) -> Any:
        return json.loads(self.out)
