"""The plan on one screen of 80 columns, for someone who has never read a profit-and-loss account."""

from __future__ import annotations

import shlex
import textwrap
from collections.abc import Callable, Iterable
from typing import Any

from costbasis.reports.format import interval, number, price, share
from costbasis.reports.leaf import Estimated

Style = Callable[..., str]

WIDTH = 80

UNITS = {"usd": "USD of list value"}
WINDOWS = {"5h": "in 5 hours", "week": "a week", "month": "a month"}

NAMES = {
    "serving": "serving, on average",
    "marginal": "one more token (marginal)",
    "opportunity": "opportunity, λ as set",
    "list": "list",
    "realised": "realised",
    "market": "market",
    "loaded": "loaded with everything",
}


def plan_text(plan: dict[str, Any], *, style: Style) -> str:
    """The answer, then what it rests on, then what would change it."""
    lines = [
        style(f"{plan['name']}: {_money(plan['price_usd'])} a month, earned by the {plan['party']}", bold=True),
        *_wrapped(f"as of {plan['as_of']}; use is in USD of list value; tokens of {plan['model']}"),
        "",
        style(f"Does it pay the {plan['party']}? {_sentence(plan)}", bold=True),
        *_people(plan, style),
        *_even(plan, style),
        *_map(plan, style),
        *_bases(plan, style),
        *_targets(plan, style),
        *_limits(plan, style),
        *_mine(plan, style),
        *_scarcity(plan, style),
        "",
        *_why(plan),
        f"seed {plan['seed']} · catalogue {plan['catalogue_sha256'][:8]} · version {plan['version']}",
    ]
    return "\n".join(lines)


def _why(plan: dict[str, Any]) -> list[str]:
    """The command that explains the margin, on one line however long, so that it can be copied."""
    words = plan["reproduce"]["command"].removeprefix("costbasis ")
    return [f"Why?  costbasis explain --of {shlex.quote(words)} /break_even_list_usd"]


def _sentence(plan: dict[str, Any]) -> str:
    chance, answer = plan["p_profitable"], str(plan["answer"])
    if chance is None:
        return answer
    known = plan["population"].get("mean_is_known", False)
    return f"{answer} (in {share(chance)} of draws)" if known else answer


def _people(plan: dict[str, Any], style: Style) -> Iterable[str]:
    people = plan["population"]
    yield from _wrapped(people["why"])
    for missing in people["missing"]:
        yield from _wrapped(f"what would decide it: {missing}")
    if people["kind"] is None:
        return
    yield ""
    yield style(f"Its subscribers ({people['kind']})", bold=True)
    yield _row("mean use a month", people["mean_use_usd"])
    if people["ceiling_usd"] is not None:
        yield _row(f"ceiling ({plan['ceiling_says']})", people["ceiling_usd"])
    yield _row("margin on the mean subscriber", plan["margin_usd"])
    yield f"  {'  draws in which it is above zero':<44}{share(plan['p_profitable']):>10}"
    yield _row("  after payment fees, store cuts and taxes", plan["after_payment"]["margin_usd"])
    for level, margin in plan["user_margin_usd"].items():
        yield _row(f"  on the subscriber at {level} of use", margin)
    yield _row("subscribers who cost more than they pay", plan["share_unprofitable"], share)
    yield _row("use of the heaviest tenth", people["top_decile_frac"], share)
    if people["selection_bias"]:
        yield from _wrapped(f"whose use: {people['selection_bias']}", "  ")
    if not people["identified"] and people["solutions"]:
        yield "  every solution that the data allow:"
        for row in people["solutions"]:
            yield from _wrapped(_solution(row), "    ", "      ")


def _solution(row: dict[str, float]) -> str:
    said = []
    if "mean_utilisation_frac" in row:
        said.append(f"mean use {share(row['mean_utilisation_frac'])} of the ceiling")
    said.append(f"spread {row['sigma']:.2f}")
    said.append(f"mean {number(row['mean_usd'])}")
    said.append(f"median {number(row['median_usd'])}")
    said.append(f"top tenth {share(row['top_decile_frac'])}")
    return ", ".join(said)


def _even(plan: dict[str, Any], style: Style) -> Iterable[str]:
    yield ""
    yield style("Break-even", bold=True)
    yield _row(f"cost over list ({plan['pays_basis']})", plan["cost_over_list"], share)
    yield _row("use at which cost is just the price", plan["break_even_list_usd"])
    if plan["break_even_utilisation"] is not None:
        yield _row("  as a mean share of the ceiling", plan["break_even_utilisation"], share)
    at = {row["cost_over_list"]: row["mean_utilisation"] for row in plan["break_even_at"]}
    if at:
        yield from _wrapped(
            f"break-even mean utilisation: {share(at[0.25])} to {share(at[0.1])}, as use costs 25 % to 10 % of list "
            f"({share(at[0.12])} at 12 %)",
            "  ",
        )


def _map(plan: dict[str, Any], style: Style) -> Iterable[str]:
    if not plan["map"]:
        return
    across = sorted({cell["mean_utilisation"] for cell in plan["map"]})
    chance = {(cell["cost_over_list"], cell["mean_utilisation"]): cell["p_profitable"] for cell in plan["map"]}
    yield ""
    yield style("Chance that it pays, by what use costs and how much is used", bold=True)
    yield f"  {'cost':>8}   mean use over the ceiling"
    yield f"  {'of list':>8}" + "".join(f"{share(use):>9}" for use in across)
    for ratio in sorted({cell["cost_over_list"] for cell in plan["map"]}):
        yield f"  {share(ratio):>8}" + "".join(f"{_percent(chance[ratio, use]):>9}" for use in across)


def _percent(chance: float) -> str:
    return f"{100 * chance:.0f} %"


def _bases(plan: dict[str, Any], style: Style) -> Iterable[str]:
    yield ""
    yield style("On every basis", bold=True)
    yield f"  {'':<26}{'of list':>8} {'break-even use':>15} {'margin, mean subscriber':>26}"
    for row in plan["by_basis"]:
        margin = row["margin_usd"]
        said = "" if margin is None else f"{number(margin.estimate.p50)} ({interval(margin.estimate)})"
        yield (
            f"  {NAMES.get(row['basis'], row['basis']):<26}{share(row['over_list'].estimate.p50):>8} "
            f"{number(row['break_even_list_usd'].estimate.p50):>15} {said:>26}"
        )
    if not any(row["basis"] == "marginal" for row in plan["by_basis"]):
        yield "  one more token (marginal): cannot be determined here"


def _targets(plan: dict[str, Any], style: Style) -> Iterable[str]:
    if plan["targets"]:
        yield ""
        yield style("What would reach a margin on the mean subscriber", bold=True)
    for row in plan["targets"]:
        price, cap = row["price_usd"].estimate, row["cap_usd"].estimate
        yield f"  {share(row['margin_frac'])}: a price of {number(price.p50)} ({interval(price)})"
        yield f"        or a cap of {number(cap.p50)} ({interval(cap)}) of list value a month"


def _limits(plan: dict[str, Any], style: Style) -> Iterable[str]:
    if plan["limits"]:
        yield ""
        yield style("Its limits, in their own units and at list", bold=True)
    for row in plan["limits"]:
        amount, worth = row["amount"].estimate, row["month_list_usd"].estimate
        said = f"{number(amount.p50)} ({interval(amount)})" if amount.p10 < amount.p90 else number(amount.p50, 4)
        unit, window = UNITS.get(row["unit"], row["unit"]), WINDOWS.get(row["window"], row["window"])
        yield f"  {said} {unit} {window}  [{row['trust']}, {row['date']}]"
        yield f"      all used up, a month: {number(worth.p50)} ({interval(worth)})"


def _mine(plan: dict[str, Any], style: Style) -> Iterable[str]:
    mine = plan["usage"]
    if mine is None:
        return
    yield ""
    yield style(f"Your own use, {mine['days']} days", bold=True)
    yield _row("list value", mine["list_usd"])
    if mine["margin_usd"] is not None:
        yield _row("what it leaves the owner", mine["margin_usd"])
    if mine["share_of_subscribers_above"] is not None:
        yield _row("subscribers who would use more than you", mine["share_of_subscribers_above"], share)
    for cut in mine["cuts"]:
        amount, lost = cut["amount"].estimate, cut["cut_usd"].estimate
        hit = f"{cut['windows_hit']:.1f} of {cut['windows']} windows"
        unit, window = UNITS.get(cut["unit"], cut["unit"]), WINDOWS.get(cut["window"], cut["window"])
        yield f"  {number(amount.p50)} {unit} {window} would have bound in {hit}"
        yield f"      and cut {number(lost.p50)} ({interval(lost)}) of list value"
    if mine["kept_usd"] is not None:
        yield _row("list value that all of them leave", mine["kept_usd"])
    if mine["short_period"]:
        yield f"  only {mine['days']} days: too few to speak of a month"


def _scarcity(plan: dict[str, Any], style: Style) -> Iterable[str]:
    found = plan["scarcity"]
    level = found["lambda_frac"].estimate.p50
    yield ""
    yield style(f"Was capacity sold out? λ is {number(level)}; the evidence:", bold=True)
    for row in found["evidence"]:
        yield from _wrapped(f"{row['points_to']}: {row['what']} [{row['trust']}, {row['date']}]", "  ", "    ")


def _row(label: str, leaf: Estimated, show: Callable[[float], str] = number) -> str:
    estimate = leaf.estimate
    if estimate.p10 == estimate.p90:
        return f"  {label:<44}{show(estimate.p50):>10}"
    return f"  {label:<44}{show(estimate.p50):>10}  ({show(estimate.p10)} – {show(estimate.p90)})"


def _money(leaf: Estimated) -> str:
    estimate = leaf.estimate
    return f"${price(estimate.p50) if estimate.p10 == estimate.p90 else number(estimate.p50)}"


def _wrapped(text: str, indent: str = "", more: str | None = None) -> list[str]:
    return textwrap.wrap(text, WIDTH, initial_indent=indent, subsequent_indent=more or indent, break_long_words=False)
