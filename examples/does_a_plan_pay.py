"""Does a plan pay its owner, as its subscribers use more of it? python examples/does_a_plan_pay.py."""

from __future__ import annotations

from datetime import date

from costbasis.catalog import load_catalog
from costbasis.plans.studied import Asked
from costbasis.plans.study import study

MEAN_USE = "population/subscribers.mean_utilisation_frac"


def main() -> None:
    """Print the answer with nothing known of the mean use, then at three mean uses."""
    day = date(2026, 11, 20)
    for overrides in ([], [f"{MEAN_USE}=0.03"], [f"{MEAN_USE}=0.15"], [f"{MEAN_USE}=0.6"]):
        catalog = load_catalog(overrides=overrides)
        found = study(catalog.plan("anthropic/max_20x", day), day, catalog, Asked())
        assert found.profit is not None
        margin = found.profit.margin_usd.estimate
        print(f"{overrides or 'public data alone'}: {found.answer}")
        print(f"  margin on serving {margin.p50:,.0f} USD a month ({margin.p10:,.0f} – {margin.p90:,.0f})")


if __name__ == "__main__":
    main()
