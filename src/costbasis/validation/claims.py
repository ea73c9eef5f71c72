"""Claims: the verdicts of the worked claims beside those that careful readers accept."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from costbasis.catalog import Catalog
from costbasis.catalog.tables import read_csv
from costbasis.claims.claimfile import find_claim
from costbasis.claims.judge import judge
from costbasis.errors import BadArgument
from costbasis.validation.score import Step, stepped

KIND = "claims"
LABEL = "worked claims: verdict among those accepted, basis as needed, centre inside the expected range"


def validate(catalog: Catalog, measured: Path | None, step: Step | None = None) -> dict[str, Any]:
    """How many of the worked claims are judged as expected, and every miss in words.

    Errors: :class:`~costbasis.errors.BadArgument` for a file: a claim is judged with ``costbasis check``.
    """
    if measured is not None:
        raise BadArgument("claims take no measured file", where="--measured", hint="judge it: costbasis check FILE")
    rows = read_csv("benchmarks/claims_expected.csv")
    counts = {"verdict_accepted": 0, "basis_identified": 0, "central_in_range": 0}
    misses = []
    for row in stepped(rows, step):
        found = judge(find_claim(row["id"], catalog), catalog)
        centre = found.central.estimate.p50 if found.central is not None else None
        held = {
            "verdict_accepted": found.word in row["accepted"].split(),
            "basis_identified": found.claim.stated.basis_needed == row["basis_needed"],
            "central_in_range": centre is not None and float(row["low"]) <= centre <= float(row["high"]),
        }
        for name, holds in held.items():
            counts[name] += holds
        if not all(held.values()):
            off = ", ".join(name for name, holds in held.items() if not holds)
            misses.append(f"{row['id']}: {off} ({found.word}, {centre if centre is None else f'{centre:.3g}'})")
    return {"n": len(rows), **counts, "misses": misses}
