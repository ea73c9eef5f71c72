"""``python -m costbasis.cli.helped`` writes the help that lies ready; ``--check`` says whether it is click's."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from costbasis.cli.app import app
from costbasis.lane.helped import WIDTHS, place_of


def written(width: int) -> str:
    """What click says to ``--help`` on a screen of such a width."""
    context = click.Context(app, info_name="costbasis", terminal_width=width, **app.context_settings)
    return f"{app.get_help(context)}\n"


def main(arguments: list[str]) -> int:
    """Write the files, or compare them."""
    texts = {Path(place_of(width)): written(width) for width in WIDTHS}
    if "--check" not in arguments:
        for place, text in texts.items():
            place.write_text(text, encoding="utf-8")
    stale = [str(place) for place, text in texts.items() if place.read_text(encoding="utf-8") != text]
    for place_name in stale:
        print(f"{place_name} is not what --help says; write it again: python -m costbasis.cli.helped", file=sys.stderr)
    return int(bool(stale))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
