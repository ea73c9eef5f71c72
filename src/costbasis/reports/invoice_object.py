"""A bill or a contract against list: as an object, as text, and as a scenario for other commands."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import Any

from costbasis.formulas.billing import cost_over_list
from costbasis.reports.format import aligned, usd
from costbasis.usage.bills.contract import Month
from costbasis.usage.bills.invoice import Billed, Invoice, Share
from costbasis.usage.pricing.cells import usd_text

KEY = "reseller/default.discount_frac"
"""The fact that the realised basis takes its discount from."""

PLACES = 6


def invoice_object(found: Invoice, where: str, tz: str) -> dict[str, Any]:
    """The ``invoice`` of a ``costbasis.usage/1`` object."""
    return {
        "file": where,
        "currency": "USD",
        "from": found.first.isoformat(),
        "to": found.last.isoformat(),
        "tz": tz,
        "rows": [_row(row) for row in found.rows],
        "other_usd": {kind: usd_text(pico) for kind, pico in found.others.items()},
        "unbilled": [{"model": model, "list_usd": usd_text(pico)} for model, pico in found.unbilled.items()],
        "realised_over_list_frac": None if found.share is None else _share(found.share),
        "set": None if found.share is None else _set(found.share),
        "notes": list(found.notes) + _about(found.share),
    }


def _row(row: Billed) -> dict[str, Any]:
    has_list = bool(row.list_pico_usd)
    return {
        "from": row.first.isoformat(),
        "to": row.last.isoformat(),
        "model": row.model or None,
        "state": row.state,
        "requests": row.requests,
        "unpriced_requests": row.unpriced_requests,
        "billed_usd": usd_text(row.pico_usd),
        "list_usd": usd_text(row.list_pico_usd) if has_list else None,
        "list_usd_max": usd_text(row.list_max_pico_usd) if has_list else None,
        "difference_usd": usd_text(row.pico_usd - row.list_pico_usd) if has_list else None,
        "realised_over_list_frac": _frac(row.pico_usd, row.list_pico_usd),
    }


def _frac(basis_pico_usd: int, list_pico_usd: int) -> float | None:
    return round(float(cost_over_list(basis_pico_usd, list_pico_usd)), PLACES) if list_pico_usd else None


def _share(share: Share) -> dict[str, Any]:
    low, mid, high = (round(value, PLACES) for value in (share.low, share.mid, share.high))
    return {"low": low, "mid": mid, "high": high, "at_most": share.at_most}


def _set(share: Share) -> str | None:
    """The override that hands the measured share on; none where the bill is above list."""
    if share.mid > 1:
        return None
    numbers = [max(round(1 - value, PLACES), 0.0) for value in (share.high, share.mid, share.low)]
    return f"{KEY}={'..'.join(f'{number:g}' for number in dict.fromkeys(numbers))}"


def _about(share: Share | None) -> list[str]:
    if share is None:
        return ["No line has both a bill and a list value: the realised share cannot be determined"]
    if share.mid > 1:
        return ["The bill is above list: use is missing from these logs, or the lines hold more than tokens and tools"]
    return []


def contract_object(months: Sequence[Month], where: str) -> dict[str, Any]:
    """The ``contract`` of a ``costbasis.usage/1`` object."""
    listed, realised = (sum(getattr(month, f"{name}_pico_usd") for month in months) for name in ("list", "realised"))
    frac = _frac(realised, listed)
    return {
        "file": where,
        "months": [
            {
                "month": month.month,
                "list_usd": usd_text(month.list_pico_usd),
                "discount_usd": usd_text(month.discount_pico_usd),
                "commitment_shortfall_usd": usd_text(month.shortfall_pico_usd),
                "realised_usd": usd_text(month.realised_pico_usd),
                "credit_usd": usd_text(month.credit_pico_usd),
            }
            for month in months
        ],
        "list_usd": usd_text(listed),
        "realised_usd": usd_text(realised),
        "realised_over_list_frac": frac,
        "set": None if frac is None or frac > 1 else f"{KEY}={round(1 - frac, PLACES):g}",
    }


def scenario_text(found: dict[str, Any], where: str) -> str:
    """A scenario file that sets the realised basis to what was measured."""
    key, _, value = str(found["set"]).partition("=")
    numbers = value.split("..")
    shown = f"[{', '.join(numbers)}]" if len(numbers) > 1 else numbers[0]
    return f'# The realised basis as {where} has it: discount on list, a share.\n"{key}" = {shown}\n'


def invoice_text(table: dict[str, Any], width: int) -> str:
    """Both for people."""
    lines: list[str] = []
    if "invoice" in table:
        lines += _invoice_lines(table["invoice"], width)
    if "contract" in table:
        lines += ["", *_contract_lines(table["contract"])] if lines else _contract_lines(table["contract"])
    found = table.get("invoice") or table["contract"]
    if found["set"]:
        lines += ["", f"Take it along: --set {found['set']} (or --out FILE, then --scenario FILE)"]
    return "\n".join(lines)


def _invoice_lines(found: dict[str, Any], width: int) -> list[str]:
    heads = [["from – to", "model", "billed USD", "list USD", "difference", "billed ÷ list"]]
    for row in found["rows"]:
        period = row["from"] if row["from"] == row["to"] else f"{row['from']} – {row['to']}"
        listed = [_cents(row[name]) for name in ("list_usd", "difference_usd")]
        share = row["realised_over_list_frac"]
        shown = row["state"] if share is None else f"{share:.2%}".replace("%", " %")
        heads.append([period, row["model"] or "all others", _cents(row["billed_usd"]), *listed, shown])
    lines = [f"{found['file']} against list, {found['from']} to {found['to']} ({found['tz']})", "", *aligned(heads)]
    others = [[kind, _cents(amount)] for kind, amount in found["other_usd"].items()]
    if others:
        lines += ["", "Not usage, USD", *aligned(others)]
    if found["unbilled"]:
        lines += [
            "",
            "On no line, list USD",
            *aligned([[row["model"], _cents(row["list_usd"])] for row in found["unbilled"]]),
        ]
    share = found["realised_over_list_frac"]
    if share is not None:
        band = "" if share["low"] == share["high"] else f" ({share['low']:.4%} – {share['high']:.4%})"
        most = "at most " if share["at_most"] else ""
        said = f"Realised is {most}{share['mid']:.4%} of list{band}".replace("%", " %")
        lines += ["", said]
    for note in found["notes"]:
        lines += textwrap.wrap(f"Note: {note}.", width)
    return lines


def _contract_lines(found: dict[str, Any]) -> list[str]:
    names = ("list_usd", "discount_usd", "commitment_shortfall_usd", "realised_usd", "credit_usd")
    rows = [["month", "list USD", "discount", "to commitment", "realised USD", "credit"]]
    rows += [[month["month"], *(_cents(month[name]) for name in names)] for month in found["months"]]
    lines = [f"{found['file']}: what list becomes under the contract", "", *aligned(rows)]
    frac = found["realised_over_list_frac"]
    shown = "unknown: no usage has a list price" if frac is None else f"{frac:.4%} of list".replace("%", " %")
    return [*lines, "", f"Realised is {shown}"]


def _cents(text: str | None) -> str:
    if text is None:
        return "unknown"
    whole, _, rest = text.partition(".")
    sign = -1 if whole.startswith("-") else 1
    return usd(sign * (abs(int(whole)) * 10**12 + int(rest.ljust(12, "0"))))
