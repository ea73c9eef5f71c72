"""The options on one screen of 80 columns: what the month comes to, and what would change the choice."""

from __future__ import annotations

import shlex
import textwrap
from collections.abc import Callable, Iterable
from typing import Any

from costbasis.quantity import Estimate
from costbasis.reports.format import counted, interval, number, share

Style = Callable[..., str]

OWNERS = {
    "serving": "on average (serving)",
    "marginal": "one more token (marginal)",
    "opportunity": "that might have sold (opportunity)",
}


def compare_text(found: dict[str, Any], *, style: Style) -> str:
    """Options cheapest first, break-evens, hosting, the owner's three readings, and price cuts."""
    usage = found["usage"]
    month = usage["list_usd_per_month"].estimate.p50
    lines = [
        style(f"What would this work come to? {number(month, 3)} USD of list value a month", bold=True),
        f"{usage['from']} to {usage['to']} ({counted(usage['days'], 'day')}): {usage['source']}",
        "",
        style(f"{'Option':<44}{'USD a month':>12}   80 % interval", bold=True),
        *_options(found),
        "",
        style("Where one overtakes another", bold=True),
        *_break_evens(found),
        *_hosting(found, style),
        *_owners(found, style),
        *_next(found, style),
        *(f"Warning: {row['kind']}: {row['effect']}" for row in found["warnings"]),
        "",
        f"Why?  costbasis explain --of {_words(found)} /options/0/usd_per_month",
        f"seed {found['seed']} · as of {found['as_of']} · catalogue {found['catalogue_sha256'][:8]}",
    ]
    return "\n".join(lines)


def _words(found: dict[str, Any]) -> str:
    return shlex.quote(found["reproduce"]["command"].removeprefix("costbasis "))


def _options(found: dict[str, Any]) -> Iterable[str]:
    for row in found["options"]:
        yield f"{row['option']:<44}{_value(row['usd_per_month'].estimate)}"
        for note in row["notes"]:
            yield from textwrap.wrap(note, 76, initial_indent="    ", subsequent_indent="    ")


def _value(estimate: Estimate) -> str:
    exact = abs(estimate.p90 - estimate.p10) <= 1e-9 * abs(estimate.p50)
    return f"{number(estimate.p50, 3 if exact else 2):>12}   {'' if exact else interval(estimate)}".rstrip()


def _break_evens(found: dict[str, Any]) -> Iterable[str]:
    for row in found["break_evens"]:
        estimate = row["value"].estimate
        if row["unit"] == "frac":
            said, spread = share(estimate.p50), f"{share(estimate.p10)} – {share(estimate.p90)}"
        else:
            said, spread = f"{number(estimate.p50)} USD", interval(estimate)
        yield f"  {row['between']}"
        spread = "" if estimate.p10 == estimate.p90 else f" ({spread})"
        yield from textwrap.wrap(
            f"{said}{spread} {_of(row)}; {row['says']}", 76, initial_indent="      ", subsequent_indent="      "
        )


def _of(row: dict[str, Any]) -> str:
    return "of list value a month" if row["unit"] == "usd_per_month" else f"is {row['variable']}"


def _hosting(found: dict[str, Any], style: Style) -> Iterable[str]:
    host = found["hosting"]
    yield ""
    if host is None:
        yield f"Hosting it: cannot be determined ({found['hosting_refused']})"
        return
    filled = host["filled_frac"].estimate
    yield style(f"Hosting {host['model']} on {host['accelerators']:.0f} × {host['accelerator']}", bold=True)
    yield f"  your work fills {share(filled.p50)} of it ({share(filled.p10)} – {share(filled.p90)})"


def _owners(found: dict[str, Any], style: Style) -> Iterable[str]:
    yield ""
    yield style("What these tokens cost their maker, three readings (USD, the period)", bold=True)
    for name, words in OWNERS.items():
        leaf = found["side_by_side"][name]
        yield f"  {words:<42}{_value(leaf.estimate) if leaf else '     cannot be determined here'}"
    level = found["scarcity"]["lambda_frac"].estimate.p50
    signs = [row["points_to"] for row in found["scarcity"]["evidence"]]
    scarce, slack = signs.count("scarce"), signs.count("slack")
    yield f"  λ is {number(level)}: {scarce} signs that capacity was sold out, {slack} that it was not"


def _next(found: dict[str, Any], style: Style) -> Iterable[str]:
    yield ""
    yield style("What if list prices fall? Margins, by who sells", bold=True)
    yield f"  {'cut':>6}{'owner, API':>16}{'reseller, list':>16}{'reseller, plan':>16}{'open-weight host':>18}"
    for row in found["what_next"]:
        cells = (
            row["model_owner_margin_frac"],
            row["reseller_at_list_margin_frac"],
            row["reseller_flat_plan_margin_frac"],
            row["open_weight_host_margin_frac"],
        )
        said = ["unknown" if leaf is None else _percent(leaf.estimate.p50) for leaf in cells]
        yield f"  {_percent(row['list_price_cut_frac']):>6}{said[0]:>16}{said[1]:>16}{said[2]:>16}{said[3]:>18}"
    yield "  owner: serving unchanged. Reseller at list: its discount. Reseller's plan:"
    yield "  price held, at a loss of 23 % before. Host: follows, its cost unchanged."


def _percent(frac: float) -> str:
    return f"{100 * frac:.0f} %".replace("-", "−")
