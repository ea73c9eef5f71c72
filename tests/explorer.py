"""An explorer on a real socket, in a process of its own, for the tests of its server and of its page."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import parse_qs, urlsplit


@dataclass(frozen=True)
class Reply:
    """Status, headers and text of an answer."""

    status: int
    headers: dict[str, str]
    text: str


@dataclass
class Running:
    """A process, the address it printed, and how to ask it as its own page would."""

    process: subprocess.Popen[str]
    address: str
    said: Path

    @property
    def port(self) -> int:
        port = urlsplit(self.address).port
        assert port is not None
        return port

    @property
    def token(self) -> str:
        return parse_qs(urlsplit(self.address).query)["token"][0]

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def ask(
        self, path: str, *, method: str = "GET", body: bytes | None = None, known: bool = True, **headers: str
    ) -> Reply:
        """What it answers; *headers* with ``_`` for ``-``. *known*: with the token, as the page's own requests."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=180)
        sent = {"x-costbasis-token": self.token} if known else {}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, path, body, sent)
        found = connection.getresponse()
        reply = Reply(found.status, dict(found.headers.items()), found.read().decode("utf-8", "replace"))
        connection.close()
        return reply

    def text(self, path: str) -> str:
        """The text of an answer that must be one."""
        found = self.ask(path)
        assert found.status == 200, found.text[:500]
        return found.text


def start(home: Path, *words: str) -> Running:
    """``costbasis explore`` with a home that holds nothing of ours."""
    environ = {name: value for name, value in os.environ.items() if name in ("PATH", "LANG", "SYSTEMROOT")}
    environ |= {"HOME": str(home), "COSTBASIS_HOME": str(home / "cb"), "TZ": "UTC", "PYTHONUNBUFFERED": "1"}
    said = home / f"stderr-{time.monotonic_ns()}.txt"
    process = subprocess.Popen(
        [sys.executable, "-m", "costbasis", "explore", "--no-open", *words],
        stdout=subprocess.PIPE,
        stderr=said.open("w"),
        text=True,
        env=environ,
        cwd=home,
    )
    assert process.stdout is not None
    address = process.stdout.readline().strip()
    assert re.match(r"http://127\.0\.0\.1:\d+/\?token=", address), (address, said.read_text())
    return Running(process, address, said)


def stop(running: Running) -> int:
    """Interrupt it as a user would; its exit status."""
    running.process.send_signal(signal.SIGINT)
    return running.process.wait(timeout=60)
