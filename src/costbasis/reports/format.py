"""The one place where numbers become text: estimates to two figures, exact money to the cent."""

from __future__ import annotations

from collections.abc import Sequence
from math import floor, isfinite, isinf, isnan, log10

from costbasis.estimate import Estimate
from costbasis.units import PICO_PER_USD

FIGURES = 2
"""Significant figures of an estimate."""

_SCALES = ((1e12, "T"), (1e9, "B"), (1e6, "M"), (1e3, "k"))


NAME_MOST = 120
"""Letters of a name, as a log gave it, that are shown; what it is of a longer one is told by its ends."""


SAID_MOST = 400
"""Letters of a sentence that such a name is part of."""


def named(name: str, most: int = NAME_MOST) -> str:
    r"""A name as a log gave it, on one line, controls as their codes; of one longer than *most* letters the ends.

    >>> named("claude-opus-4-6"), len(named("x" * 5000)), named("abcdefgh", 5)
    ('claude-opus-4-6', 120, 'ab…gh')
    >>> print(named("two\nlines"))
    two\nlines
    """
    if not name.isprintable():
        name = "".join(one if one.isprintable() else one.encode("unicode_escape").decode() for one in name)
    if len(name) <= most:
        return name
    last = (most - 1) // 2
    return f"{name[: most - 1 - last]}…{name[-last:]}"


def rounded(value: float, figures: int = FIGURES) -> float:
    """*value* to so many significant figures.

    >>> rounded(987.6), rounded(0.1549), rounded(-1234.0)
    (990.0, 0.15, -1200.0)
    """
    if value == 0 or not isfinite(value):
        return value
    return round(value, figures - 1 - floor(log10(abs(value))))


def number(value: float, figures: int = FIGURES) -> str:
    """*value* to so many significant figures, with thousands separated.

    >>> number(1234.0), number(4.96), number(0.0123), number(-83.2), number(float("inf"))
    ('1,200', '5.0', '0.012', '−83', '∞')
    """
    if isnan(value):
        return "unknown"
    if isinf(value):
        return "∞" if value > 0 else "−∞"
    value = rounded(value, figures)
    if value == 0:
        return "0"
    decimals = max(0, figures - 1 - floor(log10(abs(value))))
    return f"{value:,.{decimals}f}".replace("-", "−")


def counted(count: int, noun: str) -> str:
    """So many of a thing.

    >>> counted(1, "day"), counted(1234, "request")
    ('1 day', '1,234 requests')
    """
    return f"{count:,} {noun}{'s' * (count != 1)}"


def interval(estimate: Estimate, suffix: str = "") -> str:
    """The 80 % interval.

    >>> interval(Estimate(410.2, 980.0, 1990.0, 1100.0)), interval(Estimate(2.5, 5.1, 12.0, 6.0), "×")
    ('410 – 2,000', '2.5× – 12×')
    """
    return f"{number(estimate.p10)}{suffix} – {number(estimate.p90)}{suffix}"


def share(value: float) -> str:
    """A share as per cent, two figures.

    >>> share(0.155), share(0.9695), share(0.004)
    ('16 %', '97 %', '0.40 %')
    """
    return f"{number(value * 100)} %"


def share_and_interval(estimate: Estimate) -> str:
    """A share with its 80 % interval.

    >>> share_and_interval(Estimate(0.0033, 0.0403, 0.237, 0.09))
    '4.0 % (0.33 % – 24 %)'
    """
    return f"{share(estimate.p50)} ({share(estimate.p10)} – {share(estimate.p90)})"


def ratio(value: float) -> str:
    """A ratio that was chosen, not measured, as per cent: no figure that says nothing.

    >>> ratio(0.05), ratio(0.6), ratio(0.125), ratio(1.0)
    ('5 %', '60 %', '12.5 %', '100 %')
    """
    return f"{100 * value:.3g} %"


def plain_number(value: float) -> str:
    """A chosen number to three figures, without trailing zeros.

    >>> plain_number(5.0), plain_number(66.667), plain_number(100.0)
    ('5', '66.7', '100')
    """
    return f"{value:.3g}"


def usd(pico_usd: int) -> str:
    """Exact money, to the cent.

    >>> usd(5_003_170_000_000_000)
    '5,003.17'
    """
    per_cent = PICO_PER_USD // 100
    cents = (abs(pico_usd) + per_cent // 2) // per_cent
    sign = "−" if pico_usd < 0 else ""
    return f"{sign}{cents // 100:,}.{cents % 100:02d}"


def money(estimate: Estimate) -> str:
    """USD of an estimate: to the cent where it is exact, else its median to two figures.

    >>> money(Estimate(5036.6727, 5036.6727, 5036.6727, 5036.6727)), money(Estimate(410.2, 987.6, 1990.0, 1100.0))
    ('5,036.67', '990')
    """
    if estimate.p10 == estimate.p90 and abs(estimate.p50) >= CENT:
        return f"{estimate.p50:,.2f}".replace("-", "−")
    return number(estimate.p50)


CENT = 0.01
"""Exact money below a cent is printed by its figures."""


def money_and_interval(estimate: Estimate) -> str:
    """USD with the 80 % interval behind it; an exact one has none.

    >>> money_and_interval(Estimate(410.2, 987.6, 1990.0, 1100.0)), money_and_interval(Estimate(20.0, 20.0, 20.0, 20.0))
    ('990 (410 – 2,000)', '20.00')
    """
    return money(estimate) if estimate.p10 == estimate.p90 else f"{number(estimate.p50)} ({interval(estimate)})"


def price(value: float) -> str:
    """A price as it is quoted: whole dollars without cents.

    >>> price(20.0), price(7.99), price(1200.0)
    ('20', '7.99', '1,200')
    """
    return f"{value:,.0f}" if abs(value - round(value)) < 0.005 else f"{value:,.2f}"


def aligned(rows: Sequence[Sequence[str]], *, indent: str = "  ") -> list[str]:
    """Rows of texts as lines, the first column at the left and numbers at the right.

    >>> aligned([["", "USD"], ["list", "1,234.00"]])
    ['             USD', '  list  1,234.00']
    """
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return [
        (indent + "  ".join([row[0].ljust(widths[0]), *map(str.rjust, row[1:], widths[1:])])).rstrip() for row in rows
    ]


READER_UNITS = {
    "usd/tok": (1e6, "$/MTok"),
    "usd/(tok*tok)": (1e12, "$/MTok²"),
    "usd/(s*tok)": (3.6e9, "$/MTok-hour"),
    "usd/(accel*s)": (3600.0, "$/accelerator-hour"),
    "usd/(bytes*s)": (3.6e15, "$/TB-hour"),
    "usd/s": (86_400.0, "$/day"),
    "usd/(s*w)": (3.6e6, "$/kWh"),
    "usd/accel": (1.0, "$/accelerator"),
    "w/accel": (1.0, "W/accelerator"),
    "usd": (1.0, "$"),
    "usd/month": (1.0, "$/month"),
    "usd/request": (1.0, "$/request"),
    "accel*s/tok": (1e6, "accelerator-s/MTok"),
    "accel*s/(tok*tok)": (1e12, "accelerator-s/MTok²"),
    "accel": (1.0, "accelerators"),
    "flop/tok": (1e-9, "GFLOP/token"),
    "flop/(tok*tok)": (1e-6, "MFLOP/token²"),
    "flop/(accel*s)": (1e-12, "TFLOP/s/accelerator"),
    "bytes/(accel*s)": (1e-9, "GB/s/accelerator"),
    "bytes/accel": (1e-9, "GB/accelerator"),
    "bytes/tok": (1e-3, "kB/token"),
    "bytes": (1e-9, "GB"),
    "s/tok": (1e3, "ms/token"),
    "s/month": (1 / 86_400, "days/month"),
    "s": (1.0, "s"),
    "tok": (1.0, "tokens"),
    "tok*tok": (1.0, "tokens²"),
    "s*tok": (1.0, "token-seconds"),
}
"""Base unit to factor and name in the field's unit, for readers."""


def in_reader_units(estimate: Estimate, unit: str) -> tuple[Estimate, str]:
    """An estimate in the unit that the field uses, and that unit's name.

    >>> in_reader_units(Estimate(5e-7, 5e-7, 5e-7, 5e-7), "usd/tok")
    (Estimate(p10=0.5, p50=0.5, p90=0.5, mean=0.5), '$/MTok')
    """
    factor, name = READER_UNITS.get(unit, (1.0, unit))
    return Estimate(*(value * factor for value in estimate)), name


def tokens(count: float) -> str:
    """A count of tokens with a scale.

    >>> tokens(6_701_234_567), tokens(950), tokens(46_800_000)
    ('6.70 B', '950', '46.8 M')
    """
    for scale, letter in _SCALES:
        if abs(count) >= scale:
            return f"{number(count / scale, 3)} {letter}"
    return f"{count:,.0f}"


BARS = "▁▂▃▄▅▆▇█"


def sparkline(values: Sequence[float], width: int) -> str:
    """Values as bars of eighths, the greatest full; nothing is a dot. More than *width* are summed to so many.

    >>> sparkline([1, 0, 4, 8], 10), sparkline([1, 1, 2, 2], 2), sparkline([0, 0], 10)
    ('▁·▄█', '▄█', '··')
    """
    count = len(values)
    bars = min(count, max(1, width))
    sums = [sum(values[count * bar // bars : count * (bar + 1) // bars]) for bar in range(bars)]
    most = max(sums, default=0)
    return "".join(BARS[min(7, max(0, round(8 * value / most) - 1))] if value > 0 else "·" for value in sums)
