"""Units as names: the closed list of base units, how a name carries one, and the two doors for field units.

Inside, every number is in base units and its name ends in the unit, numerator first
(``decode_tok_per_s``). Field units (``$/MTok``, TFLOP/s, GB) exist only where facts enter
(:func:`to_base`, used by the catalogue) and where reports print (``costbasis.reports.format``).
"""

from __future__ import annotations

import re
from functools import cache

from costbasis.errors import UnitMismatch

BASE_UNITS = ("s", "bytes", "flop", "tok", "usd", "w", "count", "frac", "accel", "request", "user", "month")
"""The closed list. ``count`` and ``frac`` are dimensionless; a name without a unit is a count."""

_DIMENSIONLESS = {"count", "frac"}
_SPELLING = {"byte": "bytes", "param": "count"}
_UNIT = r"(?:tok2|tok|bytes|byte|flop|usd|accel|request|user|month|count|frac|param|s|w)"
_NAME = rf"(?:^|_)(?P<num>tok_s|accel_s|bytes_s|{_UNIT})(?P<den>(?:_per_{_UNIT}(?:_{_UNIT})*)*)$"


@cache
def unit_of(name: str) -> str:
    """The unit that *name* carries, as canonical text: factors sorted, ``/`` before the denominators.

    >>> unit_of("decode_tok_per_s"), unit_of("output_tok_per_s_per_accel"), unit_of("hire_usd_per_accel_s")
    ('tok/s', 'tok/(accel*s)', 'usd/(accel*s)')
    >>> unit_of("output_ctx_tok2"), unit_of("kv_resident_tok_s"), unit_of("layers"), unit_of("mfu_frac")
    ('tok*tok', 's*tok', '', '')
    >>> unit_of("flop_per_tok2")
    'flop/(tok*tok)'
    """
    found = re.search(_NAME, name)
    if found is None:
        return ""
    numerator = _factors(found["num"])
    denominator = [unit for part in found["den"].split("_per_") if part for unit in _factors(part)]
    for unit in list(denominator):
        if unit in numerator:
            numerator.remove(unit)
            denominator.remove(unit)
    return _text(numerator, denominator)


def _factors(text: str) -> list[str]:
    factors: list[str] = []
    for word in text.split("_"):
        word = _SPELLING.get(word, word)
        if word == "tok2":
            factors += ["tok", "tok"]
        elif word not in _DIMENSIONLESS:
            factors.append(word)
    return factors


def _text(numerator: list[str], denominator: list[str]) -> str:
    top = "*".join(sorted(numerator)) or ("1" if denominator else "")
    if not denominator:
        return top
    bottom = "*".join(sorted(denominator))
    return f"{top}/({bottom})" if len(denominator) > 1 else f"{top}/{bottom}"


def price_name(column: str, basis: str) -> str:
    """The name of the value of one unit of a usage column on a basis.

    >>> price_name("cache_read_tok", "serving"), price_name("kv_resident_tok_s", "serving")
    ('cache_read_serving_usd_per_tok', 'kv_resident_serving_usd_per_tok_s')
    >>> price_name("list_usd", "serving")
    'serving_over_list_frac'
    """
    if unit_of(column) == "usd":
        return f"{basis}_over_list_frac"
    stem, _, suffix = column.rpartition("_tok")
    return f"{stem}_{basis}_usd_per_tok{suffix}"


PICO_PER_USD = 10**12
"""One US dollar in pico-USD, the integer in which list money is kept."""

TOK_PER_MTOK = 10**6

_FIELD_UNITS: dict[str, tuple[float, str]] = {
    # field unit                (factor to base, name suffix in base units)
    "count": (1.0, "count"),
    "frac": (1.0, "frac"),
    "x": (1.0, "count"),
    "tok": (1.0, "tok"),
    "s": (1.0, "s"),
    "days": (86400.0, "s"),
    "ms": (1e-3, "s"),
    "us": (1e-6, "s"),
    "ms_per_tok": (1e-3, "s_per_tok"),
    "accel": (1.0, "accel"),
    "w": (1.0, "w"),
    "usd": (1.0, "usd"),
    "usd_b": (1e9, "usd"),
    "usd_m": (1e6, "usd"),
    "usd_per_month": (1.0, "usd_per_month"),
    "usd_per_request": (1.0, "usd_per_request"),
    "usd_per_mtok": (1e-6, "usd_per_tok"),
    "usd_per_accel_hour": (1.0 / 3600.0, "usd_per_accel_s"),
    "usd_per_tb_hour": (1e-12 / 3600.0, "usd_per_byte_s"),
    "usd_per_vcpu_hour": (1.0 / 3600.0, "usd_per_s"),
    "usd_per_day": (1.0 / 86400.0, "usd_per_s"),
    "b_params": (1e9, "count"),
    "tflop_per_s": (1e12, "flop_per_s_per_accel"),
    "gb": (1e9, "bytes_per_accel"),
    "gb_per_s": (1e9, "bytes_per_s_per_accel"),
    "kb_per_tok": (1e3, "bytes_per_tok"),
    "bytes_per_tok": (1.0, "bytes_per_tok"),
    "bytes_per_param": (1.0, "bytes_per_param"),
    "mflop_per_tok2": (1e6, "flop_per_tok2"),
    "tok_per_s": (1.0, "tok_per_s"),
    "tok_per_s_per_user": (1.0, "tok_per_s_per_user"),
    "days_per_month": (86400.0, "s_per_month"),
    "year": (31_557_600.0, "s"),
    "w_per_accel": (1.0, "w_per_accel"),
    "usd_per_kwh": (1e-3 / 3600.0, "usd_per_w_s"),
    "usd_per_kw_month": (1e-3 / (30.44 * 86400.0), "usd_per_w_s"),
}


def to_base(value: float, field_unit: str) -> float:
    """*value*, given in *field_unit*, in base units.

    >>> to_base(1979, "tflop_per_s"), to_base(2.0, "usd_per_mtok")
    (1979000000000000.0, 2e-06)

    Errors: :class:`~costbasis.errors.UnitMismatch` for a unit outside the closed list.
    """
    return value * field_unit_factor(field_unit)


def field_unit_factor(field_unit: str) -> float:
    """Multiply a value in *field_unit* by this to reach base units."""
    return _field(field_unit)[0]


def base_suffix(field_unit: str) -> str:
    """The name suffix that a value of *field_unit* has after :func:`to_base`.

    >>> base_suffix("usd_per_mtok")
    'usd_per_tok'
    """
    return _field(field_unit)[1]


def _field(field_unit: str) -> tuple[float, str]:
    try:
        return _FIELD_UNITS[field_unit]
    except KeyError:
        known = ", ".join(sorted(_FIELD_UNITS))
        raise UnitMismatch(f'unknown unit "{field_unit}"', hint=f"known units: {known}") from None
