"""Benchmarks, as ratios measured side by side in one run, because machines are noisy: ``make bench``.

    python benchmarks/run.py [TOPIC…] [--mb 100 1000] [--rounds 3] [--millions 1 10 100] [--peer PYTHON]
        [--engines …] [--folder KEPT]

A topic is a file beside this one with a function ``main`` that prints its table; it takes what it needs of the options.
Each of several topics runs in a process of its own, so that its peak memory is its own.
"""

from __future__ import annotations

import argparse
import importlib.util
import inspect
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
NOT_TOPICS = ("run", "measure", "listed", "peer_aiconfigurator", "one_engine")


def topics() -> list[str]:
    """The topics, by their files."""
    return sorted(path.stem for path in HERE.glob("*.py") if path.stem not in NOT_TOPICS)


def main() -> None:
    """Run the topics asked for, all of them by default. The exit status is 1 where one of them failed."""
    parser = argparse.ArgumentParser(description="Ratios, measured side by side in one run.")
    parser.add_argument("topics", nargs="*", metavar="TOPIC", help=f"of {', '.join(topics())} [all]")
    parser.add_argument("--mb", type=int, nargs="+", default=[400], help="size of the tree of logs, or sizes [400]")
    parser.add_argument("--rounds", type=int, default=3, help="best of so many, in turns [3]")
    parser.add_argument("--millions", type=int, nargs="+", default=[1, 10], help="rows to price, in millions [1 10]")
    parser.add_argument(
        "--engines", nargs="+", default=["duckdb", "spark", "clickhouse"], help="of topic engines [all]"
    )
    parser.add_argument("--folder", help="where topic engines makes and keeps its tables [a temporary folder]")
    parser.add_argument("--peer", metavar="PYTHON", help="a Python that has aiconfigurator, to time it here")
    asked = parser.parse_args()
    unknown = sorted(set(asked.topics) - set(topics()))
    if unknown:
        parser.error(f"no topic {', '.join(unknown)}; there are {', '.join(topics())}")
    names = asked.topics or topics()
    if len(names) == 1:
        run(names[0], vars(asked))
        return
    failed = []
    for name in names:
        print(f"\n== {name}", flush=True)
        options = [word for word in sys.argv[1:] if word not in asked.topics]
        failed += [name] if subprocess.run([sys.executable, __file__, name, *options]).returncode else []
    if failed:
        raise SystemExit(f"failed: {', '.join(failed)}")


def run(topic: str, options: dict[str, object]) -> None:
    """Call the ``main`` of a topic's file with the options that it takes."""
    spec = importlib.util.spec_from_file_location(topic, HERE / f"{topic}.py")
    assert spec is not None and spec.loader is not None
    sys.path.insert(0, str(HERE))
    module = importlib.util.module_from_spec(spec)
    sys.modules[topic] = module
    spec.loader.exec_module(module)
    wanted = inspect.signature(module.main).parameters
    module.main(**{name: value for name, value in options.items() if name in wanted})


if __name__ == "__main__":
    main()
