"""Judge a claim, and see what a changed assumption does to it: python examples/judge_a_claim.py."""

from __future__ import annotations

from costbasis.catalog import load_catalog
from costbasis.claims.claimfile import find_claim
from costbasis.claims.judge import judge


def main() -> None:
    """Print the verdict on the $5,000 as it stands, and on a fleet that is busy a tenth of the time."""
    for overrides in ([], ["fleet/default.load_factor_frac=0.08..0.1..0.12"]):
        catalog = load_catalog(overrides=overrides)
        verdict = judge(find_claim("forbes-5000", catalog), catalog)
        estimate = verdict.central.estimate
        print(f"{overrides or 'as shipped'}: {verdict.word}")
        print(f"  serving {estimate.p50:,.0f} USD ({estimate.p10:,.0f} – {estimate.p90:,.0f})")


if __name__ == "__main__":
    main()
