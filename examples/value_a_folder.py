"""Value a folder of Claude Code logs on every basis: python examples/value_a_folder.py FOLDER."""

from __future__ import annotations

import sys
from pathlib import Path

from costbasis.bases import engine
from costbasis.catalog import load_catalog
from costbasis.usage.pricing.priceview import Grouping
from costbasis.usage.reading import read_usage


def main(folder: Path) -> None:
    """Print the total on every basis: median and 80 % interval, in USD."""
    catalog = load_catalog()
    reading = read_usage([folder], catalog, Grouping(by="month"), catalog.newest_observation, None)
    for name, valued in engine.value(reading.amounts, catalog).items():
        estimate = valued.total.estimate
        print(f"{name:<12}{estimate.p50:>12,.2f}   {estimate.p10:,.2f} – {estimate.p90:,.2f}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
