"""Rungs of the ladder that rest on a claim's own inputs: prices its author quotes, shares that people named."""

from __future__ import annotations

from costbasis.catalog import Catalog
from costbasis.claims.claimfile import Filed
from costbasis.claims.usage import comparable_over_list
from costbasis.formulas.billing import scaled_usd
from costbasis.quantity import Source, derive, given
from costbasis.sampling import Spread, exactly
from costbasis.valuation import Rung, Valuation, rung


def claimed_rungs(filed: Filed, valued: Valuation | None, catalog: Catalog) -> list[Rung]:
    """One rung for each quoted comparable at the claim's mix, and one for each share of list."""
    if valued is None:
        return []
    claim = filed.claim
    listed, when = valued.bases["list"].total, claim.said.when.isoformat()
    shares = [
        (
            item.name,
            "market",
            exactly(comparable_over_list(item, filed, catalog)),
            Source(item.source, trust=item.trust, status="claimed", as_of=when),
        )
        for item in claim.comparable
    ]
    for item in claim.ratio:
        low = item.cost_over_list if item.cost_over_list_low is None else item.cost_over_list_low
        high = item.cost_over_list if item.cost_over_list_high is None else item.cost_over_list_high
        spread = Spread("exact" if low == high else "bounded", low, item.cost_over_list, high)
        shares.append((item.name, item.basis, spread, Source(item.source, trust=item.trust, as_of=when)))
    rungs = []
    for name, basis, spread, source in shares:
        share = given("cost_over_list_frac", spread, source, catalog.sampling, key=f"claim/{claim.id}.{name}")
        usd = derive(scaled_usd, list_usd=listed, cost_over_list_frac=share)
        rungs.append(rung(name, basis, usd, listed, from_claim=True))
    return rungs
