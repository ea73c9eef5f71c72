"""Reads a population that a user gives: a CSV of per-user use, or a TOML file of statistics or groups.

::

    schema = "costbasis.population/1"        # TOML: either statistics …
    selection_bias = "one company's engineers"
    [statistics]
    mean_usd = 1300
    p90_usd = 3000
    top_10_frac = 0.51
    # … or groups
    [[group]]
    name = "normal"
    share_frac = 0.6
    mean_usd = 300        # before the cap; or median_usd
    sigma = 1.0

    user,use_usd,currency                     # CSV: one line a user and month; currency is optional
    a,112.5,USD
"""

from __future__ import annotations

import csv
import io
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from costbasis.errors import BadPopulation, UnreadableInput, why
from costbasis.formulas.population import lognormal_mean_over_median
from costbasis.population.groups import Group, Groups, groups_of
from costbasis.population.statistics import Statistics
from costbasis.population.users import Users, users_of

USE_COLUMNS = ("use_usd", "list_usd")
"""What a column of use may be called."""

SCHEMA = "costbasis.population/1"

_QUANTILE = re.compile(r"p(\d+(?:\.\d+)?)_usd$")
_TOP = re.compile(r"top_(\d+(?:\.\d+)?)_frac$")


@dataclass(frozen=True, slots=True)
class GivenPopulation:
    """What a file says of people: one of *users*, *groups* and *statistics*; who they are; a cap where it names one."""

    users: Users | None
    groups: Groups | None
    statistics: Statistics | None
    selection_bias: str
    ceiling_usd: float | None
    where: str


def read_population(path: Path) -> GivenPopulation:
    """The population of a file.

    Errors: :class:`~costbasis.errors.UnreadableInput`, or :class:`~costbasis.errors.BadPopulation` with file, line
    and reason.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise UnreadableInput(f"cannot be read: {why(error)}", where=str(path), hint="check --population") from error
    if path.suffix == ".toml":
        return _of_toml(text, str(path))
    return GivenPopulation(_of_csv(text, str(path)), None, None, "", None, str(path))


def _of_csv(text: str, where: str) -> Users:
    rows = csv.reader(io.StringIO(text))
    names = [name.strip().lower() for name in next(rows, [])]
    column = next((names.index(name) for name in USE_COLUMNS if name in names), None)
    if column is None:
        raise BadPopulation(
            "no column of use" if names else "the population is empty",
            where=where,
            hint="write a header with use_usd: each user's list value a month",
        )
    values, currencies = [], set()
    money = names.index("currency") if "currency" in names else None
    for number, row in enumerate(rows, start=2):
        if not row:
            continue
        values.append(_amount(row[column] if column < len(row) else "", where, number, names[column]))
        if money is not None:
            currencies.add((row[money] if money < len(row) else "").strip().upper() or "USD")
    if len(currencies) > 1:
        raise BadPopulation(f"mixed currencies: {', '.join(sorted(currencies))}", where=where, hint="convert to USD")
    if currencies - {"USD"}:
        raise BadPopulation(f"the use is in {currencies.pop()}, not USD", where=where, hint="convert it to USD first")
    return users_of(np.array(values), where)


def _amount(text: str, where: str, number: int, column: str) -> float:
    try:
        return float(text)
    except ValueError:
        reason = f'"{text}" is not a number'
        raise BadPopulation(reason, where=f"{where}:{number}", hint=f"{column} is USD a month") from None


def _of_toml(text: str, where: str) -> GivenPopulation:
    try:
        said = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BadPopulation(f"not valid TOML: {error}", where=where) from error
    _refuse_unknown(said, ("schema", "name", "currency", "selection_bias", "ceiling_usd", "statistics", "group"), where)
    if said.get("schema", SCHEMA) != SCHEMA:
        raise BadPopulation(f'schema "{said["schema"]}" is not {SCHEMA}', where=where)
    if said.get("currency", "USD") != "USD":
        raise BadPopulation(f"the use is in {said['currency']}, not USD", where=where, hint="convert it to USD first")
    if ("statistics" in said) == ("group" in said):
        raise BadPopulation("give either [statistics] or [[group]]", where=where)
    bias, ceiling = str(said.get("selection_bias", "")), said.get("ceiling_usd")
    if ceiling is not None:
        ceiling = _positive(ceiling, "ceiling_usd", where)
    if "group" in said:
        groups = groups_of([_group(group, where) for group in said["group"]], where)
        return GivenPopulation(None, groups, None, bias, ceiling, where)
    return GivenPopulation(None, None, _statistics(said["statistics"], bias, ceiling, where), bias, ceiling, where)


def _statistics(said: Mapping[str, Any], bias: str, ceiling: float | None, where: str) -> Statistics:
    quantiles, tops, mean = {}, {}, None
    for name, value in said.items():
        number = _number(value, name, where)
        if name == "mean_usd":
            mean = number
        elif found := _QUANTILE.match(name):
            quantiles[float(found[1]) / 100] = number
        elif found := _TOP.match(name):
            tops[float(found[1]) / 100] = number
        else:
            raise BadPopulation(f'unknown statistic "{name}"', where=where, hint="mean_usd, p90_usd, top_10_frac")
    return Statistics(mean, quantiles, tops, ceiling, bias, where)


def _group(said: Mapping[str, Any], where: str) -> Group:
    _refuse_unknown(said, ("name", "share_frac", "mean_usd", "median_usd", "sigma"), where)
    name = str(said.get("name", "a group"))
    share = _number(said.get("share_frac"), f"share_frac of {name}", where)
    if ("mean_usd" in said) == ("median_usd" in said):
        raise BadPopulation(f'group "{name}" needs either mean_usd or median_usd', where=where)
    key = "mean_usd" if "mean_usd" in said else "median_usd"
    use = _number(said[key], f"{key} of {name}", where)
    if use == 0:
        return Group(name, share, None, 1.0)
    sigma = _positive(said.get("sigma"), f"sigma of {name}", where)
    median = _positive(use, f"{key} of {name}", where)
    if key == "mean_usd":
        median /= float(lognormal_mean_over_median(sigma))
    return Group(name, share, float(np.log(median)), sigma)


def _number(value: object, name: str, where: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not np.isfinite(value):
        raise BadPopulation(f"{name} must be a number, not {value!r}", where=where)
    return float(value)


def _positive(value: object, name: str, where: str) -> float:
    number = _number(value, name, where)
    if number <= 0:
        raise BadPopulation(f"{name} must be above zero, not {number:g}", where=where)
    return number


def _refuse_unknown(said: Mapping[str, Any], known: tuple[str, ...], where: str) -> None:
    odd = [name for name in said if name not in known]
    if odd:
        raise BadPopulation(f'unknown key "{odd[0]}"', where=where, hint=f"known: {', '.join(known)}")
