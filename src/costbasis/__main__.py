"""Entry point of ``python -m costbasis`` and of the console script."""

from __future__ import annotations

import os
import sys


def main() -> None:
    """Run the command line; every error a user can meet ends as three lines and exit status 2."""
    from costbasis.cli.app import app
    from costbasis.errors import CostbasisError

    try:
        app(prog_name="costbasis")
    except CostbasisError as error:
        print(f"costbasis: {error}", file=sys.stderr)
        sys.exit(2)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)


if __name__ == "__main__":
    main()
