"""The margin of those who sell open models' tokens: fitted to the audited disclosures, not typed by hand.

Cost over price (one less the margin) is taken as log-normal over sellers and periods. The interval is that of one
more seller: Student's t with the sample's own spread, because five periods are few. Periods of one seller count as
one each although they are not independent, so the interval is, if anything, too narrow.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from costbasis.catalog.fact import Fact
from costbasis.catalog.tables import Row
from costbasis.formulas.market import fitted_margin_frac
from costbasis.quantity import Source

KEY = "margin/open-host.gross_margin_frac"

METRICS = ("gross_margin_cloud_api", "gross_margin_open_platform_api")
"""What the disclosures call the gross margin of selling tokens by API; consumer and on-premise lines are others."""


def open_host_margin(disclosures: Sequence[Row]) -> Fact:
    """The gross margin of an API seller of open models: p10, median and p90 of the fit.

    >>> rows = [{"id": n, "company": "x", "period": n, "metric": METRICS[0], "value": v, "status": "audited_filing",
    ...          "trust": "A", "source": "s", "source_date": "2025-12-19"} for n, v in (("a", "0.2"), ("b", "0.6"))]
    >>> fact = open_host_margin(rows)
    >>> round(fact.mid, 3), fact.low < 0.2 < fact.mid < 0.6 < fact.high < 1
    (0.434, True)
    """
    from scipy.special import stdtrit

    used = [row for row in disclosures if row["metric"] in METRICS and row["status"].startswith("audited")]
    log_cost = np.log([1 - float(row["value"]) for row in used])
    mean, sd, count = float(log_cost.mean()), float(log_cost.std(ddof=1)), len(used)
    steps = float(stdtrit(count - 1, 0.9)) * float(np.sqrt(1 + 1 / count))
    low, mid, high = (float(fitted_margin_frac(mean, sd, at)) for at in (steps, 0.0, -steps))
    listed = ", ".join(f"{row['company']} {row['period']} {float(row['value']):.1%}" for row in used)
    source = Source(
        citation=f"fit of log-normal cost over price to {count} audited API margins: {listed}",
        place="; ".join(f"disclosure_line/{row['id']}.value" for row in used),
        trust=max(row["trust"] for row in used),
        status="fitted",
        as_of=max(row["source_date"] for row in used),
        note="that other hosts earn alike is assumed",
    )
    return Fact(KEY, "frac", low, mid, high, source, source.note, shape="margin")
