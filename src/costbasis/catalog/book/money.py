"""Prices as they come in: exact decimals, float noise repaired by rule, what is finer than a pico-USD refused."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from costbasis.errors import BadImport
from costbasis.units import TOK_PER_MTOK

FINEST = Decimal("1e-6")
"""One pico-USD per token, in USD per million tokens: the finest price that the book holds."""

NOISE = Decimal("1e-9")
"""What binary floats add to a decimal price: nearer than this to a whole pico-USD, and it is taken as that."""

HIGHEST = Decimal(10_000)
"""USD per million tokens. The dearest price ever listed is 600; a number above this is another unit."""


@dataclass(frozen=True, slots=True)
class Price:
    """A price as decimal *text* in USD per million tokens, and the *raw* text that it was repaired from ("" if not)."""

    text: str
    raw: str = ""


def price(value: object, where: str, *, per_token: bool = False) -> Price:
    """The price that an upstream states, per million tokens or (*per_token*) per token.

    >>> price("0.5", "x"), price(2.5e-06, "x", per_token=True)
    (Price(text='0.5', raw=''), Price(text='2.5', raw=''))
    >>> price("4.800000000000001", "x")
    Price(text='4.8', raw='4.800000000000001')

    Errors: :class:`~costbasis.errors.BadImport` for what is no number, below zero, absurd, or finer than a
    pico-USD per token.
    """
    stated = _decimal(value, where) * (TOK_PER_MTOK if per_token else 1)
    if stated < 0:
        raise BadImport(f"a price below zero: {_short(value)}", where=where)
    if stated > HIGHEST:
        raise BadImport(f"{float(stated):g} USD per million tokens is no price: is it in another unit?", where=where)
    whole = stated.quantize(FINEST)
    if abs(whole - stated) > NOISE:
        raise BadImport(f"{stated:f} USD per million tokens is finer than a pico-USD per token", where=where)
    text = _text(whole)
    return Price(text, "" if whole == stated else f"{stated:f}")


def _decimal(value: object, where: str) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, str | int | float | Decimal):
        raise BadImport(f"{_short(value)} is not a price", where=where)
    try:
        number = Decimal(str(value).strip())
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite() or number.adjusted() > 20:
        raise BadImport(f"{_short(value)} is not a price", where=where)
    return number


def _text(number: Decimal) -> str:
    """
    >>> _text(Decimal("10.000000")), _text(Decimal("0.500000")), _text(Decimal("0.000000"))
    ('10', '0.5', '0')
    """
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 40 else f"{text[:37]}..."
