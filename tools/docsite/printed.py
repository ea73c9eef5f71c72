"""What a command prints, run while the site is built, for the console blocks that leave it to the build."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
import tempfile
from functools import cache

COLUMNS = "80"
"""The screen that pages show."""


@cache
def output(words: str) -> str:
    """The standard output of a ``costbasis`` command in an empty home.

    Errors: ``ValueError`` for another program's command; ``RuntimeError`` with what was said, where it fails.
    """
    name, *arguments = shlex.split(words)
    if name != "costbasis":
        raise ValueError(f"a block that is filled while building runs costbasis, not {name}")
    with tempfile.TemporaryDirectory(prefix="costbasis-docs-") as home:
        environ = {"HOME": home, "PATH": os.environ["PATH"], "TZ": "UTC", "COLUMNS": COLUMNS}
        command = [sys.executable, "-m", "costbasis", *arguments]
        done = subprocess.run(command, cwd=home, env=environ, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{words}: {done.stderr}")
    return done.stdout.rstrip()
