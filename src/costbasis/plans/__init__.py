"""Plans: a price against one user's month, limits on a real timeline, and what a plan leaves from all its people."""

from costbasis.plans.outcome import SHORT_DAYS, PlanOutcome, outcome, price_for_days, price_for_month

__all__ = ["SHORT_DAYS", "PlanOutcome", "outcome", "price_for_days", "price_for_month"]
