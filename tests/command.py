"""The command line, run as a user runs it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

from tests import forking


class Run:
    """One call of the command line in a home of its own: a process forked from one that has loaded its imports."""

    def __init__(self, home: Path, *words: str, cwd: Path | None = None, **environ: str) -> None:
        where = {
            "HOME": str(home),
            "PATH": os.environ["PATH"],
            "COSTBASIS_HOME": str(home / "cb"),
            "TZ": "UTC",
            **environ,
        }
        if any(name.startswith("PYTHON") for name in environ):  # what is read before the first import
            command = [sys.executable, "-m", "costbasis", *words]
            done = subprocess.run(command, capture_output=True, text=True, env=where, cwd=cwd or home, check=False)
            self.out, self.err, self.status = done.stdout, done.stderr, done.returncode
        else:
            self.out, self.err, self.status = _forked(words, where, cwd or home)
        assert "Traceback" not in self.err, self.err

    @property
    def json(self) -> Any:
        return json.loads(self.out)


def _forked(words: tuple[str, ...], environ: dict[str, str], cwd: Path) -> tuple[str, str, int]:
    with tempfile.TemporaryDirectory() as folder:
        out, err = Path(folder, "out"), Path(folder, "err")
        asked = {"words": words, "environ": environ, "cwd": str(cwd), "out": str(out), "err": str(err)}
        server = _server()
        assert server.stdin and server.stdout
        server.stdin.write(json.dumps(asked) + "\n")
        server.stdin.flush()
        status = int(server.stdout.readline())
        return out.read_text("utf-8"), err.read_text("utf-8"), status


@cache
def _server() -> subprocess.Popen[str]:
    """The process that forks: one for each process of the tests; it ends with its standard input.

    It starts without a language, as the calls do: the encoding of their output is settled by then.
    """
    command = [sys.executable, "-m", forking.__name__]
    where = {"PATH": os.environ["PATH"]}
    return subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=where, cwd=Path(__file__).parents[1]
    )
