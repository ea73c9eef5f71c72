"""Plan files: a plan of the user's own, in TOML.

::

    schema = "costbasis.plan-file/1"
    vendor = "acme"
    plan_id = "team"
    name = "Acme Team"
    price_usd_per_month = 60
    ceiling_usd = 400                  # optional: most list value a month; or [low, middle, high]
    model = "claude-opus-4-6"          # optional: whose tokens stand for the subscribers'
    [[limit]]                          # optional, any number
    window = "5h"                      # 5h, week or month
    unit = "prompts"                   # usd, requests, prompts, hours, credits or tokens
    amount = [50, 100, 200]            # or one number
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from math import isfinite
from pathlib import Path
from typing import Any

from costbasis.catalog import Plan
from costbasis.catalog.limits import UNITS, WINDOWS, Limit, make_limit
from costbasis.errors import BadCatalogue, BadPlan, UnreadableInput, why
from costbasis.quantity import Source, given
from costbasis.sampling import Sampling, Spread, exactly

SCHEMA = "costbasis.plan-file/1"

KEYS = ("schema", "vendor", "plan_id", "name", "price_usd_per_month", "currency", "ceiling_usd", "model", "limit")


def read_plan(path: Path, sampling: Sampling) -> Plan:
    """The plan of a file.

    Errors: :class:`~costbasis.errors.UnreadableInput`, or :class:`~costbasis.errors.BadPlan` with file and reason.
    """
    where = str(path)
    try:
        said = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise UnreadableInput(
            f"cannot be read: {why(error)}", where=where, hint="check the path of the plan"
        ) from error
    except tomllib.TOMLDecodeError as error:
        raise BadPlan(f"not valid TOML: {error}", where=where) from error
    _refuse_unknown(said, KEYS, where)
    if said.get("schema", SCHEMA) != SCHEMA:
        raise BadPlan(f'schema "{said["schema"]}" is not {SCHEMA}', where=where)
    if said.get("currency", "USD") != "USD":
        raise BadPlan(f"the price is in {said['currency']}, not USD", where=where, hint="convert it to USD first")
    if "price_usd_per_month" not in said:
        raise BadPlan("the plan has no price", where=where, hint="write price_usd_per_month = 20")
    price = _number(said["price_usd_per_month"], "price_usd_per_month", where)
    if price < 0:
        raise BadPlan(f"the price is negative: {price:g}", where=where, hint="a price is at least 0 USD a month")
    source = Source(f"plan file {path.name}", place=where, trust="A", status="given", as_of="")
    vendor, plan_id = str(said.get("vendor", "own")), str(said.get("plan_id", path.stem))
    key = f"plan/{vendor}/{plan_id}"
    name = str(said.get("name", f"{vendor} {plan_id}"))
    ceiling = None
    if "ceiling_usd" in said:
        low, mid, high = _range(said["ceiling_usd"], "ceiling_usd", where)
        spread = exactly(mid) if low == high else Spread("positive", low, mid, high)
        ceiling = given("ceiling_usd", spread, source, sampling, key=f"{key}.ceiling_usd").labelled("ceiling, at list")
    return Plan(
        vendor=vendor,
        plan_id=plan_id,
        name=name,
        price=given("price_usd_per_month", exactly(price), source, sampling, key=f"{key}.price_usd_per_month").labelled(
            f"price of {name}"
        ),
        limits="",
        source=source,
        model=str(said.get("model", "")),
        own_limits=[_limit(limit, key, source, sampling, where) for limit in said.get("limit", [])],
        ceiling_usd=ceiling,
    )


def limit_of_text(text: str, sampling: Sampling) -> Limit:
    """A limit as a user types it: ``5h=200usd``, ``week=40..80hours``, ``month=300requests``.

    >>> limit = limit_of_text("5h=200..400prompts", Sampling())
    >>> limit.window, limit.unit, round(limit.amount.estimate.p50)
    ('5h', 'prompts', 283)

    Errors: :class:`~costbasis.errors.BadPlan` with the form that is meant.
    """
    window, equals, amount = text.partition("=")
    unit = amount.lstrip("0123456789.")
    hint = f"write WINDOW=AMOUNTunit, such as 5h=200usd; windows {', '.join(WINDOWS)}; units {', '.join(UNITS)}"
    numbers = amount.removesuffix(unit).split("..")
    try:
        values = [float(number) for number in numbers]
    except ValueError:
        values = []
    if not equals or window not in WINDOWS or unit not in UNITS or not 1 <= len(values) <= 3:
        raise BadPlan(f'"{text}" is no limit', where="--cap", hint=hint)
    source = Source("set by the user", place="--cap", trust="A", status="given")
    return make_limit(window, unit, _three(values, "--cap", text), source, sampling, key=f"cap/{window}.{unit}")


def _limit(said: Any, key: str, source: Source, sampling: Sampling, where: str) -> Limit:
    if not isinstance(said, dict):
        raise BadPlan("a limit is a table", where=where, hint="write [[limit]]")
    _refuse_unknown(said, ("window", "unit", "amount", "usd_per_unit"), where)
    window, unit = said.get("window"), said.get("unit")
    if window not in WINDOWS:
        raise BadPlan(f"{window!r} is no window", where=where, hint=f"one of {', '.join(WINDOWS)}")
    if unit not in UNITS:
        raise BadPlan(f"{unit!r} is no unit of a limit", where=where, hint=f"one of {', '.join(UNITS)}")
    if unit == "credits" and "usd_per_unit" not in said:
        raise BadPlan("a limit in credits needs usd_per_unit", where=where, hint="the list value of one credit")
    amount = _range(said.get("amount"), f"amount of the {window} limit", where)
    each = said.get("usd_per_unit", "")
    if each != "":
        each = _number(each, "usd_per_unit", where)
    return make_limit(window, unit, amount, source, sampling, key=f"{key}.{window}.{unit}", each=each)


def _range(value: object, name: str, where: str) -> tuple[float, float, float]:
    values = value if isinstance(value, list) else [value]
    return _three([_number(one, name, where) for one in values], where, name)


def _three(values: list[float], where: str, name: str) -> tuple[float, float, float]:
    if not 1 <= len(values) <= 3 or values != sorted(values) or values[0] <= 0:
        raise BadPlan(f"{name}: amounts must be above zero and rise", where=where, hint="one, low..high or three")
    low, high = values[0], values[-1]
    middle = values[1] if len(values) == 3 else (low * high) ** 0.5
    try:
        Spread("positive", low, middle, high)
    except BadCatalogue as error:
        raise BadPlan(error.what, where=where) from error
    return low, middle, high


def _number(value: object, name: str, where: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not isfinite(value):
        raise BadPlan(f"{name} must be a number, not {value!r}", where=where)
    return float(value)


def _refuse_unknown(said: Mapping[str, Any], known: tuple[str, ...], where: str) -> None:
    odd = [name for name in said if name not in known]
    if odd:
        raise BadPlan(f'unknown key "{odd[0]}"', where=where, hint=f"known: {', '.join(known)}")
