"""Usage as FOCUS 1.2 (the FinOps Open Cost and Usage Specification): a CSV of charges, other bases in ``x_`` columns.

Logs are no invoice: what was billed is not in them. So all four costs of the specification are list value, exactly, and
``x_CostBasis`` says so in every row. Source: focus.finops.org, specification 1.2 (columns, nullability, formats).
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from io import StringIO
from typing import Any, NamedTuple

from costbasis.quantity import Estimate
from costbasis.reports.csv import unarmed
from costbasis.usage.pricing.cells import usd_text
from costbasis.usage.pricing.lines import SEARCH, PricedLine

COLUMNS = (
    "BilledCost", "BillingAccountId", "BillingAccountName", "BillingCurrency", "BillingPeriodEnd", "BillingPeriodStart",
    "ChargeCategory", "ChargeClass", "ChargeDescription", "ChargeFrequency", "ChargePeriodEnd", "ChargePeriodStart",
    "ConsumedQuantity", "ConsumedUnit", "ContractedCost", "ContractedUnitPrice", "EffectiveCost", "InvoiceId",
    "InvoiceIssuerName", "ListCost", "ListUnitPrice", "PricingCategory", "PricingCurrency",
    "PricingCurrencyContractedUnitPrice", "PricingCurrencyEffectiveCost", "PricingCurrencyListUnitPrice",
    "PricingQuantity", "PricingUnit", "ProviderName", "PublisherName", "ServiceCategory", "ServiceName",
    "ServiceSubcategory", "SkuId", "SkuMeter", "SkuPriceDetails", "SkuPriceId",
)  # fmt: skip
"""The mandatory columns, and those whose condition holds here: unit prices are published, usage is measured."""

COSTS = ("BilledCost", "ContractedCost", "EffectiveCost", "ListCost", "PricingCurrencyEffectiveCost")
UNIT_PRICES = (
    "ContractedUnitPrice", "ListUnitPrice", "PricingCurrencyContractedUnitPrice", "PricingCurrencyListUnitPrice",
)  # fmt: skip

BASES = ("market", "serving")
PARTS = Estimate._fields

X_COLUMNS = (
    "x_CostBasis", "x_Model", "x_TokenType", "x_ListCostMax",
    *(f"x_{basis.capitalize()}Cost{part.capitalize()}" for basis in BASES for part in PARTS),
)  # fmt: skip
"""Ours. ``x_ListCostMax``: where writes of unknown cache lifetime were the dearer ones. The parts of an estimate are
its 10th, 50th and 90th percentile and its mean; of these only means may be summed."""

UNKNOWN_ACCOUNT = "unknown"
"""No log says which account was charged; the specification asks for one."""


class Charge(NamedTuple):
    """A priced line, who sells the model, and its worth on other bases where that is known."""

    line: PricedLine
    vendor: str
    estimates: Mapping[str, Estimate]


def focus_csv(charges: Iterable[Charge]) -> str:
    """The charges as FOCUS 1.2 CSV, one row a day, model, price and class of token. What is null is an empty field."""
    text = StringIO()
    out = csv.DictWriter(text, [*COLUMNS, *X_COLUMNS], lineterminator="\n")
    out.writeheader()
    out.writerows(_row(charge) for charge in charges)
    return text.getvalue()


def _row(charge: Charge) -> dict[str, str]:
    line, vendor = charge.line, unarmed(charge.vendor)
    day = date.fromisoformat(line.key)
    first = day.replace(day=1)
    usd, unit_usd = usd_text(line.pico_usd), usd_text(line.unit_pico_usd)
    quantity, unit = f"{line.quantity}.0", "Searches" if line.kind == SEARCH else "Tokens"
    model, sku = unarmed(line.model), f"{line.model}/{line.kind}"
    context = "/long" if line.is_long else ""
    price = f"{sku}/{line.mode}{f'/{line.geo}' if line.geo else ''}{context}/{unit_usd}"
    return dict.fromkeys((*COLUMNS, *X_COLUMNS), "") | {
        **dict.fromkeys(COSTS, usd),
        **dict.fromkeys(UNIT_PRICES, unit_usd),
        **dict.fromkeys(("ConsumedQuantity", "PricingQuantity"), quantity),
        **dict.fromkeys(("ConsumedUnit", "PricingUnit"), unit),
        **dict.fromkeys(("InvoiceIssuerName", "ProviderName", "PublisherName"), vendor),
        "BillingAccountId": UNKNOWN_ACCOUNT,
        **dict.fromkeys(("BillingCurrency", "PricingCurrency"), "USD"),
        "BillingPeriodStart": _instant(first),
        "BillingPeriodEnd": _instant((first + timedelta(days=31)).replace(day=1)),
        "ChargePeriodStart": _instant(day),
        "ChargePeriodEnd": _instant(day + timedelta(days=1)),
        "ChargeCategory": "Usage",
        "ChargeDescription": f"{model}: {line.kind.replace('_', ' ')} at list",
        "ChargeFrequency": "Usage-Based",
        "PricingCategory": "Standard" if line.mode == "standard" else "Other",
        "ServiceCategory": "AI and Machine Learning",
        "ServiceName": f"{vendor} models",
        "ServiceSubcategory": "Generative AI",
        "SkuId": unarmed(sku),
        "SkuMeter": line.kind,
        "SkuPriceDetails": json.dumps({"x_Mode": line.mode, "x_LongContext": line.is_long}),
        "SkuPriceId": unarmed(price),
        "x_CostBasis": "list",
        "x_Model": model,
        "x_TokenType": line.kind,
        "x_ListCostMax": usd_text(line.pico_usd_max),
        **dict(_estimates(charge.estimates)),
    }


def _estimates(found: Mapping[str, Estimate]) -> Iterator[tuple[str, str]]:
    for basis, estimate in found.items():
        for part in PARTS:
            yield f"x_{basis.capitalize()}Cost{part.capitalize()}", _plainly(getattr(estimate, part))


def _plainly(value: float) -> str:
    """A float as a decimal without exponent, every digit of it.

    >>> _plainly(1.25e-7), _plainly(3.0)
    ('0.000000125', '3.0')
    """
    from decimal import Decimal

    return format(Decimal(repr(value)), "f")


def _instant(day: date) -> str:
    return f"{day.isoformat()}T00:00:00Z"


def vendor_named(vendor: Any) -> str:
    """Who sells a model, as a bill names it; what is not known is said."""
    return str(vendor) if vendor else UNKNOWN_ACCOUNT
