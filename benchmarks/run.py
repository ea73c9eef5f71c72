"""Benchmarks, as ratios measured side by side in one run, because machines are noisy: ``make bench``.

    python benchmarks/run.py [TOPIC…] [--mb 1000] [--rounds 5]

A topic is a file beside this one with a function ``main`` that prints its table; it takes what it needs of *mb* and
*rounds*.
"""

from __future__ import annotations

import argparse
import importlib.util
import inspect
from pathlib import Path

HERE = Path(__file__).parent
NOT_TOPICS = ("run", "measure")


def topics() -> list[str]:
    """The topics, by their files."""
    return sorted(path.stem for path in HERE.glob("*.py") if path.stem not in NOT_TOPICS)


def main() -> None:
    """Run the topics asked for, all of them by default."""
    parser = argparse.ArgumentParser(description="Ratios, measured side by side in one run.")
    parser.add_argument("topics", nargs="*", metavar="TOPIC", help=f"of {', '.join(topics())} [all]")
    parser.add_argument("--mb", type=int, default=1000, help="size of the tree of logs [1000]")
    parser.add_argument("--rounds", type=int, default=5, help="best of so many, in turns [5]")
    asked = parser.parse_args()
    unknown = sorted(set(asked.topics) - set(topics()))
    if unknown:
        parser.error(f"no topic {', '.join(unknown)}; there are {', '.join(topics())}")
    for topic in asked.topics or topics():
        spec = importlib.util.spec_from_file_location(topic, HERE / f"{topic}.py")
        assert spec is not None and spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        wanted = inspect.signature(module.main).parameters
        module.main(**{name: value for name, value in vars(asked).items() if name in wanted})


if __name__ == "__main__":
    main()
