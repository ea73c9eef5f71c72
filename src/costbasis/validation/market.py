"""Accuracy of the market price model: each open model's price from its architecture and the others' offers.

The model that is predicted gives its architecture and the day it came, nothing else: its own offers are left out,
and so, in one set, are those of every model that shares its geometry.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from costbasis.catalog import Catalog
from costbasis.catalog.market.mixes import agent_mix, chat_mix
from costbasis.catalog.market.pricemodel import Sold, predict
from costbasis.catalog.market.sold import sold_ever, sold_on
from costbasis.errors import BadArgument
from costbasis.sampling import Sampling
from costbasis.usage.typical import book_usd_per_tok
from costbasis.validation.score import Case, Step, by_group, score, stepped

KIND = "market"
LABEL = "Market: the median host price of an open model, each model left out in turn"

DRAWS = 1_000
FRONTIER = "claude-opus-4-6"
QUARTERS = ((2025, 9, 30), (2025, 12, 31), (2026, 3, 31), (2026, 6, 30), (2026, 9, 30))

Mix = Mapping[str, float]


def validate(catalog: Catalog, measured: Path | None, step: Step | None = None) -> dict[str, Any]:
    """Scores of the model and of three baselines, by model and by date.

    Sets: today's offers at a coding agent's mix (the headline) and at chat's; the same with the whole geometry
    left out; each quarter's end; and every row ever listed, variants included.

    Errors: :class:`~costbasis.errors.BadArgument` for *measured*: prices come from the catalogue.
    """
    if measured is not None:
        raise BadArgument(
            "the market is validated on the catalogue's own offers", where="--measured", hint="leave --measured out"
        )
    today, ever = sold_on(catalog.newest_observation, catalog), sold_ever(catalog)
    agent, chat = agent_mix(catalog).shares, chat_mix(catalog).shares
    first, second = headline(catalog, today, agent, chat)
    quarters = {day: sold_on(date(*day), catalog) for day in QUARTERS}
    panel = [
        case
        for day, sold in stepped([*quarters.items()], step)
        for case in _cases(sold, agent, catalog, day=date(*day))
    ]
    return first | {
        "sets": [
            second,
            _set("agent mix, geometry left out", _cases(today, agent, catalog, out=_geometry), [], of=len(today)),
            _set("agent mix, at each quarter's end", panel, ["quarter"], of=sum(map(len, quarters.values()))),
            _peered("agent mix, all rows ever listed", ever, agent, catalog),
            _peered("chat mix, all rows ever listed", ever, chat, catalog),
        ],
        "notes": [
            "Left out: the predicted model's own offers. Used of it: sizes, KV bytes per token,",
            "attention class, day of first listing. Median of its direct hosts is the truth.",
        ],
    }


def headline(catalog: Catalog, today: Sequence[Sold], agent: Mix, chat: Mix) -> tuple[dict[str, Any], dict[str, Any]]:
    """The two sets that the product is held to: today's offers at the agent's and at the chat mix."""
    first = _peered("agent mix, today's offers", today, agent, catalog, groups=("listed", "model"))
    return first, _peered("chat mix, today's offers", today, chat, catalog)


def _peered(
    name: str, sold: Sequence[Sold], mix: Mix, catalog: Catalog, *, groups: Sequence[str] = ()
) -> dict[str, Any]:
    found = _set(name, _cases(sold, mix, catalog), groups, of=len(sold))
    return found | {"peers": _peers(sold, mix, catalog)}


def _set(name: str, cases: Sequence[Case], groups: Sequence[str], *, of: int) -> dict[str, Any]:
    """The object of a set; *of* is how many models were asked for: the rest had too few others to say."""
    rows = [row for kind in groups for row in by_group(cases, kind)]
    return {"set": name, **score(cases), "refused": of - len(cases), "groups": rows}


Left = Callable[[Sold, Sold], bool]
"""True where the second is left out when the first is predicted."""


def _itself(target: Sold, other: Sold) -> bool:
    return target.traits.model == other.traits.model


def _geometry(target: Sold, other: Sold) -> bool:
    """Models of one geometry: equal in active parameters and in KV bytes per token."""
    mine, theirs = target.traits, other.traits
    return (mine.active_param_count, mine.kv_bytes_per_tok) == (theirs.active_param_count, theirs.kv_bytes_per_tok)


def _cases(
    sold: Sequence[Sold], mix: Mix, catalog: Catalog, *, out: Left = _itself, day: date | None = None
) -> list[Case]:
    sampling = Sampling(catalog.sampling.seed, DRAWS)
    cases = []
    for target in sold:
        others = [other for other in sold if not out(target, other)]
        found = predict(target.traits, others, mix, sampling)
        if found is not None:
            p10, p50, p90 = (float(value) for value in np.quantile(found.median_usd, (0.1, 0.5, 0.9)))
            cases.append(Case(target.traits.model, median_usd(target, mix), p10, p50, p90, _groups(target, day)))
    return cases


def median_usd(sold: Sold, mix: Mix) -> float:
    """The truth: the median of the model's direct hosts, in USD for the mix."""
    return float(np.median([offer.usd(mix) for offer in sold.offers]))


def _groups(target: Sold, day: date | None) -> dict[str, str]:
    listed = target.traits.listed
    half = f"{listed.year}, first half" if listed.month <= 6 else f"{listed.year}, second half"
    return {"model": target.traits.model, "listed": half, "quarter": day.isoformat() if day else ""}


def _peers(sold: Sequence[Sold], mix: Mix, catalog: Catalog) -> list[dict[str, Any]]:
    """The baselines, each scored on the same cases; they state no interval, so they have no coverage."""
    tenth = _list_usd(catalog, mix) / 10
    peers: dict[str, Callable[[Sold, Sequence[Sold]], float]] = {
        "log-linear in sizes and date": lambda target, others: _log_linear(target, others, mix),
        "nearest in size": lambda target, others: _nearest(target, others, mix),
        f"a tenth of {FRONTIER} list": lambda target, others: tenth,
    }
    rows = []
    for name, guess in peers.items():
        cases = []
        for target in sold:
            usd = guess(target, [other for other in sold if not _itself(target, other)])
            cases.append(Case(target.traits.model, median_usd(target, mix), usd, usd, usd, {}))
        rows.append({"name": name, **score(cases), "coverage80": None})
    return rows


def _nearest(target: Sold, others: Sequence[Sold], mix: Mix) -> float:
    def apart(other: Sold) -> float:
        mine, theirs = target.traits, other.traits
        total, active = (
            float(np.log(getattr(mine, name) / getattr(theirs, name)))
            for name in ("total_param_count", "active_param_count")
        )
        return abs(total) + abs(active)

    nearest = min(apart(other) for other in others)
    return float(np.median([median_usd(other, mix) for other in others if apart(other) <= nearest]))


def _log_linear(target: Sold, others: Sequence[Sold], mix: Mix) -> float:
    """Least squares on the logarithms of total and active parameters and KV bytes, and the date."""

    def row(sold: Sold) -> list[float]:
        one = sold.traits
        sizes = (one.total_param_count, one.active_param_count, one.kv_bytes_per_tok)
        return [1.0, *np.log(sizes), one.listed.toordinal() / 365.25 - 2025]

    known = np.array([row(other) for other in others])
    prices = np.log([median_usd(other, mix) for other in others])
    slopes = np.linalg.lstsq(known, prices, rcond=None)[0]
    return float(np.exp(np.array(row(target)) @ slopes))


def _list_usd(catalog: Catalog, mix: Mix) -> float:
    each = book_usd_per_tok(FRONTIER, catalog.newest_observation, catalog)
    return sum(share * each[column] for column, share in mix.items())
