"""From a company's margins to what its list price costs to produce."""

from __future__ import annotations

from costbasis.formulas.values import Value


def cost_over_list_frac(gross_margin_frac: Value, realised_over_list_frac: Value) -> Value:
    """Serving cost as a share of list, from a gross margin on *realised* revenue.

    Edge: without the second factor a company margin would be read as if every token sold at list.
    Source: an analyst's 75 % API margin at list gives 25 %.

    >>> cost_over_list_frac(0.75, 1.0)
    0.25
    """
    return (1 - gross_margin_frac) * realised_over_list_frac


def disclosed_cost_over_list_frac(serving_usd_per_s: Value, list_usd_per_s: Value) -> Value:
    """Serving cost as a share of list, from one operator's own books over the same period.

    Source: DeepSeek, 27–28 February 2025: $87,072 of accelerators against $562,027 at its list price.

    >>> round(disclosed_cost_over_list_frac(87_072, 562_027), 3)
    0.155
    """
    return serving_usd_per_s / list_usd_per_s


def transferred_cost_over_list_frac(disclosed_cost_over_list_frac: Value, transfer: Value) -> Value:
    """One operator's cost over list, carried to another by a factor that owns the uncertainty.

    >>> transferred_cost_over_list_frac(0.155, 2.0)
    0.31
    """
    return disclosed_cost_over_list_frac * transfer


def loaded_usd(serving_usd: Value, costs_over_serving: Value) -> Value:
    """Serving with everything else that the company spends per dollar of it, in USD.

    >>> loaded_usd(800.0, 4.5)
    3600.0
    """
    return serving_usd * costs_over_serving
