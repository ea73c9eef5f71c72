"""Counts of tokens as a user writes them."""

from __future__ import annotations

import re

import click

SCALES = {"": 1, "k": 10**3, "m": 10**6, "b": 10**9, "t": 10**12}
MOST = 10**15
"""Tokens that can be asked for: more than any vendor sells in a year."""


def tokens_option(context: click.Context, parameter: click.Parameter, text: str | None) -> int | None:
    """What an option of tokens was given, for ``callback=``. Errors: those of :func:`count`."""
    return count(text, parameter.opts[0])


def count(text: str | None, option: str) -> int | None:
    """A count of tokens: digits, with ``_`` or ``,`` between them and k, M, B or T behind.

    >>> count("1M", "--input"), count("1_000", "--input"), count("2.5k", "--input"), count(None, "--input")
    (1000000, 1000, 2500, None)

    Errors: :class:`~costbasis.errors.BadArgument` for anything else, a negative or broken count, or too many.
    """
    from decimal import Decimal

    from costbasis.errors import BadArgument

    if text is None:
        return None
    found = re.fullmatch(r"(-?)(\d[\d_,]*(?:\.\d+)?)\s*([kmbt]?)", text.strip().lower(), re.ASCII)
    if found is None:
        raise BadArgument(f'"{text}" is no count of tokens', where=option, hint="write it as 1M, 250k or 1_000_000")
    tokens = Decimal(found[2].replace("_", "").replace(",", "")) * SCALES[found[3]]
    if found[1] and tokens:
        raise BadArgument(f"{text} tokens are fewer than none", where=option, hint="leave out what there is none of")
    if tokens != tokens.to_integral_value():
        raise BadArgument(f'"{text}" is not a whole number of tokens', where=option, hint="write it as 1M or 250k")
    if tokens > MOST:
        raise BadArgument(f'"{text}" is more than {MOST:,} tokens', where=option, hint="check the letter behind it")
    return int(tokens)
