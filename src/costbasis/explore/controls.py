"""The sliders of a subject: which facts matter for it, where they stand, and the values that each may take."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from math import log10

import numpy as np

from costbasis.catalog import Catalog, Plan
from costbasis.catalog.hardware.machines import ANY, hire_key
from costbasis.catalog.overrides import Override, read_overrides
from costbasis.claims.claimfile import Filed
from costbasis.claims.settings import PREFIX
from costbasis.population.subscribers import ceiling_fact
from costbasis.quantity import Estimate
from costbasis.reports.format import interval, number
from costbasis.service.fleet import Fleet, fleet_of, hire_of
from costbasis.usage.whatif import KEY as CACHED

STEPS = 40
SEARCHED_STEPS = 16
"""Fewer where every step is a search of layouts of its own."""

FOLD = 3.0
"""How far beyond the 80 % interval a slider goes, of a number that has no bounds."""


@dataclass(frozen=True, slots=True)
class Control:
    """One slider. *values* are texts as ``--set`` takes them, rising; *texts* say them with their unit.

    *at*: the index of the value that is set, or nearest to it. *middle*: of the middle of what the catalogue says.
    *said*: that, in words. *now*: what is set, else the same.
    """

    key: str
    label: str
    unit: str
    says: str
    values: Sequence[str]
    texts: Sequence[str]
    at: int
    middle: int
    said: str
    now: str
    is_set: bool
    is_searched: bool = False


def controls_of(
    catalog: Catalog, model: str | None, as_of: date, plan: Plan | None, filed: Filed | None, settings: Sequence[str],
    cached_frac: float | None,
) -> list[Control]:  # fmt: skip
    """The sliders for a *model* (the one with the most list value), a *plan* and a claim, each where there is one.

    *catalog* is the one without settings: a slider starts from what is known. *cached_frac*: of prompts, as counted.
    """
    over = read_overrides(settings, None)
    found = [*_of_model(catalog, model, as_of, over, cached_frac)] if model else []
    found += _of_plan(catalog, plan, over) if plan else []
    return [*found, *_of_claim(filed, over)] if filed else found


def _of_model(
    catalog: Catalog, model: str, as_of: date, over: Mapping[str, Override], cached_frac: float | None
) -> Iterator[Control]:
    key = "fleet/default.load_factor_frac"
    yield _share(key, "Utilisation of the fleet", "mean load over peak load", catalog, over, low=0.05)
    fleet = fleet_of(model, as_of, catalog)
    if isinstance(fleet, Fleet):
        hour = Estimate(*(3600 * value for value in hire_of(fleet, as_of, catalog).estimate))
        yield _positive(hire_key(ANY), "Hire of an accelerator", "$/hour", "of any of the fleet's", hour, over)
        hypothesis = fleet.service.served.hypothesis
        if hypothesis is not None:
            active = Estimate(*(value / 1e9 for value in hypothesis.active_param_count.estimate))
            key = f"hypothesis/{hypothesis.slug}.active_params_b"
            label = f"Active parameters, {hypothesis.family}"
            most = hypothesis.total_param_count.estimate.p50 / 1e9
            yield _positive(
                key, label, "B", "not published: a hypothesis", active, over, most=most, steps=SEARCHED_STEPS
            )
    vendor = catalog.vendor(model)
    for name, whose in ((vendor, f"of {vendor}"), ("open-host", "of hosts of open models")):
        key = f"margin/{name}.gross_margin_frac"
        if name and catalog.has(key):
            yield _share(key, f"Gross margin {whose}", "of revenue", catalog, over, low=-0.2, high=0.9)
    if cached_frac is not None:
        now = Estimate(*([cached_frac] * 4))
        says = "of every prompt, read from a cache"
        yield _control(CACHED, "Cache share", "%", says, np.linspace(0, 0.99, 100), now, over, percent=True)
    says = "share of these tokens that would have sold at list"
    yield _share("opportunity/default.lambda_frac", "Scarcity λ", says, catalog, over)


def _of_plan(catalog: Catalog, plan: Plan, over: Mapping[str, Override]) -> Iterator[Control]:
    if plan.price.estimate.p50 > 0 and "stated" not in plan.source.note:
        price = plan.price.estimate
        yield _linear(f"plan/{plan.key}.price_per_month", f"Price of {plan.name}", "$/month", "", price, over)
    ceiling = ceiling_fact(plan, catalog)
    if ceiling is None:
        return
    key = f"population/{plan.vendor}-{plan.plan_id}.ceiling_usd"
    yield _positive(key, "Cap", "$/month", "most use that the plan allows, at list", ceiling.estimate, over)
    key = "population/subscribers.mean_utilisation_frac"
    yield _share(key, "Mean use of the cap", "by all subscribers", catalog, over, low=0.01)


def _of_claim(filed: Filed, over: Mapping[str, Override]) -> Iterator[Control]:
    for name, item in filed.claim.inputs.items():
        value = item.value
        if value is None or value <= 0:
            continue
        low, high = item.low or value, item.high or value
        estimate = Estimate(low, value, high, value)
        label = f"Claim's {name.replace('_', ' ')}"
        key = f"{PREFIX}{name}.value"
        if item.unit in ("share", "frac"):
            yield _control(key, label, "%", "", np.linspace(0.01, 1.0, 100), estimate, over, percent=True)
        else:
            yield _positive(key, label, item.unit, "", estimate, over)


def _share(
    key: str, label: str, says: str, catalog: Catalog, over: Mapping[str, Override], *, low: float = 0.0,
    high: float = 1.0,
) -> Control:  # fmt: skip
    steps = np.linspace(low, high, round((high - low) * 100) + 1)
    return _control(key, label, "%", says, steps, catalog.quantity(key).estimate, over, percent=True)


def _linear(key: str, label: str, unit: str, says: str, estimate: Estimate, over: Mapping[str, Override]) -> Control:
    top = 2.5 * estimate.p50
    return _control(key, label, unit, says, np.linspace(top / 50, top, 50), estimate, over)


def _positive(
    key: str, label: str, unit: str, says: str, estimate: Estimate, over: Mapping[str, Override], *,
    most: float | None = None, steps: int = STEPS,
) -> Control:  # fmt: skip
    low, high = estimate.p10 / FOLD, estimate.p90 * FOLD
    high = min(high, most) if most else high
    values = np.geomspace(low, high, steps)
    return _control(key, label, unit, says, values, estimate, over, is_searched=steps == SEARCHED_STEPS)


def _control(
    key: str, label: str, unit: str, says: str, values: Sequence[float] | np.ndarray[tuple[int], np.dtype[np.float64]],
    estimate: Estimate, over: Mapping[str, Override], *, percent: bool = False, is_searched: bool = False,
) -> Control:  # fmt: skip
    texts = list(dict.fromkeys(_text(float(value)) for value in values))
    mine = over.get(key)
    if mine is not None and mine.is_exact and _text(mine.mid) not in texts:
        texts = sorted([*texts, _text(mine.mid)], key=float)
    middle = estimate.p50 if mine is None else mine.mid
    at = min(range(len(texts)), key=lambda index: abs(float(texts[index]) - middle))
    factor = 100.0 if percent else 1.0
    shown = Estimate(*(factor * value for value in estimate))
    spread = "" if shown.p10 == shown.p90 else f" ({interval(shown)})"
    said = f"{_shown(number(shown.p50) if spread else _figures(shown.p50), unit)}{spread}"
    shown_texts = [_shown(_figures(factor * float(text)), unit) for text in texts]
    now = said if mine is None else shown_texts[at]
    if mine is not None and not mine.is_exact:
        now = f"{_shown(number(factor * mine.low), unit)} to {_shown(number(factor * mine.high), unit)}"
    return Control(
        key=key,
        label=label,
        unit=unit,
        says=says,
        values=texts,
        texts=shown_texts,
        at=at,
        middle=min(range(len(texts)), key=lambda index: abs(float(texts[index]) - estimate.p50)),
        said=said,
        now=now,
        is_set=mine is not None,
        is_searched=is_searched,
    )


def _text(value: float) -> str:
    """A value to three figures, as short as it can be written.

    >>> _text(0.30000000000000004), _text(8233.4), _text(2.5)
    ('0.3', '8230', '2.5')
    """
    if value == 0:
        return "0"
    rounded = round(value, 2 - int(np.floor(log10(abs(value)))))
    return f"{rounded:.10f}".rstrip("0").rstrip(".") if abs(rounded) < 1e15 else repr(rounded)


def _figures(value: float) -> str:
    """A number that somebody set, to three figures, without zeros that say nothing.

    >>> _figures(30.0), _figures(2.5), _figures(8233.4)
    ('30', '2.5', '8,230')
    """
    text = number(value, 3)
    return text.rstrip("0").rstrip(".") if "." in text else text


def _shown(text: str, unit: str) -> str:
    """A number with its unit, the dollar sign before it.

    >>> _shown("2.5", "$/hour"), _shown("45", "%"), _shown("75", "B")
    ('$2.5/hour', '45 %', '75 B')
    """
    return f"${text}{unit[1:]}" if unit.startswith("$") else f"{text} {unit}".strip()
