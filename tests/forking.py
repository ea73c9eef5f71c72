"""A process that has loaded what commands load, and forks for each call: a real process, started at once.

One line of JSON asks for a call; the answer is its exit status on a line. What a call prints goes to two files.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import pkgutil
import sys
import threading
import time
import traceback
from typing import Any

HEAVY = ("numpy", "scipy.special", "rich.console", "jinja2", "msgspec", "sqlite3", "concurrent.futures.process")


def load() -> None:
    """Load every command and what it leans on; nothing is read and nothing is asked."""
    from costbasis import __main__, cli

    assert __main__
    for name in (*HEAVY, *(f"costbasis.cli.{module.name}" for module in pkgutil.iter_modules(cli.__path__))):
        importlib.import_module(name)
    for name in ("valuation", "breakdown", "reports", "claims.judge", "usage.reading", "service.fleet"):
        importlib.import_module(f"costbasis.{name}")
    gc.collect()
    gc.freeze()


def call(asked: dict[str, Any]) -> int:
    """Run one command line here, in place of this process."""
    for stream, path in ((1, asked["out"]), (2, asked["err"])):
        os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), stream)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    coerced = {"LC_CTYPE": os.environ["LC_CTYPE"]} if "LC_CTYPE" in os.environ else {}  # by Python, as it starts
    os.environ.clear()
    os.environ.update(coerced | asked["environ"])
    time.tzset()
    os.chdir(asked["cwd"])
    sys.argv = ["costbasis", *asked["words"]]
    from costbasis.__main__ import main

    try:
        main()
    except SystemExit as ended:
        if isinstance(ended.code, str):
            print(ended.code, file=sys.stderr)
        return ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    except BaseException:
        traceback.print_exc()
        return 1
    return 0


def main() -> None:
    """Answer until nobody asks any more."""
    load()
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            status = 1
            try:
                status = call(json.loads(line))
                for thread in threading.enumerate():  # as an interpreter does that ends
                    if thread is not threading.main_thread() and not thread.daemon:
                        thread.join()
                sys.stdout.flush()
                sys.stderr.flush()
            finally:
                os._exit(status)
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)


if __name__ == "__main__":
    main()
