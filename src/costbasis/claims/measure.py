"""Units as people write them in a claim: ``usd/month``, ``mtok/day``, ``usd/accel-hour``, ``x``.

Days, weeks, months and years are units of their own here, not multiples of each other: a step from a day to a
month has to say how many days, which is where claims slip.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from costbasis.errors import UnknownName

_WORDS: dict[str, tuple[float, str]] = {
    "usd": (1.0, "usd"), "cent": (0.01, "usd"), "usd_k": (1e3, "usd"), "usd_m": (1e6, "usd"), "usd_b": (1e9, "usd"),
    "tok": (1.0, "tok"), "token": (1.0, "tok"), "ktok": (1e3, "tok"), "mtok": (1e6, "tok"), "btok": (1e9, "tok"),
    "s": (1.0, "s"), "ms": (1e-3, "s"), "minute": (60.0, "s"), "hour": (3600.0, "s"),
    "day": (1.0, "day"), "week": (1.0, "week"), "month": (1.0, "month"), "quarter": (1.0, "quarter"),
    "year": (1.0, "year"),
    "accel": (1.0, "accel"), "node": (1.0, "node"), "user": (1.0, "user"), "request": (1.0, "request"),
    "message": (1.0, "message"), "video": (1.0, "video"), "param": (1.0, "param"), "param_b": (1e9, "param"),
    "flop": (1.0, "flop"), "tflop": (1e12, "flop"), "pflop": (1e15, "flop"),
    "byte": (1.0, "byte"), "gb": (1e9, "byte"), "tb": (1e12, "byte"),
    "wh": (3600.0, "joule"), "kwh": (3.6e6, "joule"), "joule": (1.0, "joule"),
    "x": (1.0, ""), "share": (1.0, ""), "frac": (1.0, ""), "ratio": (1.0, ""),
    "count": (1.0, ""), "1": (1.0, ""), "": (1.0, ""),
    "percent": (0.01, ""), "k": (1e3, ""), "m": (1e6, ""), "b": (1e9, ""),
}  # fmt: skip
"""Word to its scale and its dimension; "" where it has none."""


@dataclass(frozen=True, slots=True)
class Measure:
    """A unit: *text* as written, *scale* to its dimension's own unit, and the powers of its dimensions."""

    text: str
    scale: float
    powers: Mapping[str, int]

    @property
    def name(self) -> str:
        """The dimension in words: ``usd/month``, "" where there is none."""
        top = [word for word, power in sorted(self.powers.items()) for _ in range(power)]
        bottom = [word for word, power in sorted(self.powers.items()) for _ in range(-power)]
        if not top and not bottom:
            return ""
        return "*".join(top or ["1"]) + "".join(f"/{word}" for word in bottom)


def measure(text: str, where: str) -> Measure:
    """The unit that *text* names; *where* is its place, for the message.

    >>> measure("usd/accel-hour", "").name, measure("mtok per day", "").scale
    ('usd/accel/s', 1000000.0)
    >>> measure("share", "").name
    ''

    Errors: :class:`~costbasis.errors.UnknownName` with the nearest unit words.
    """
    parts = re.split(r"/|\s+per\s+", text.strip().lower().strip("()"))
    scale, powers = 1.0, dict[str, int]()
    for position, part in enumerate(parts):
        for word in re.split(r"[*·\-\s]+", part.strip("() ")):
            factor, dimension = _word(word, text, where)
            scale *= factor if position == 0 else 1 / factor
            if dimension:
                powers[dimension] = powers.get(dimension, 0) + (1 if position == 0 else -1)
    return Measure(text, scale, {word: power for word, power in powers.items() if power})


def _word(word: str, text: str, where: str) -> tuple[float, str]:
    singular = word[:-1] if word not in _WORDS and word.endswith("s") else word
    if singular not in _WORDS:
        hint = "write units as usd/month, mtok/day, usd/accel-hour, share or x"
        raise UnknownName("unit", word or text, known=[name for name in _WORDS if name], where=where, hint=hint)
    return _WORDS[singular]


def times(left: Measure, right: Measure, sign: int = 1) -> Measure:
    """The unit of a product (or of a quotient, with *sign* −1), in the dimensions' own scale."""
    powers = dict(left.powers)
    for word, power in right.powers.items():
        powers[word] = powers.get(word, 0) + sign * power
    return Measure("", 1.0, {word: power for word, power in powers.items() if power})


NONE = Measure("", 1.0, {})
"""A plain number."""
