"""People's use of a plan: how it is spread, what can be known of the spread, and what it leaves a plan with."""

from costbasis.population.subscribers import (
    Population,
    has_population,
    mean_margin_usd,
    population_of,
    share_above,
    share_below,
)

__all__ = ["Population", "has_population", "mean_margin_usd", "population_of", "share_above", "share_below"]
