"""A claim's own numbers: its inputs as quantities, and the steps of its author's working."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from costbasis.catalog import Catalog
from costbasis.claims.claim import TRUST, Claim, Input
from costbasis.claims.claimfile import TRUST_HINT, Filed
from costbasis.claims.expressions import Named, evaluate, same_dimension
from costbasis.claims.measure import Measure, measure
from costbasis.errors import BadCatalogue, BadClaim, UnknownName
from costbasis.quantity import Quantity, Source, given
from costbasis.sampling import Shape, Spread


@dataclass(frozen=True, slots=True)
class Worked:
    """A step of the author's working: what it gives by its own inputs, beside what the author says it gives."""

    gives: str
    by: str
    unit: Measure
    result: Quantity
    stated_low: float | None
    stated_high: float | None
    place: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """Every number of a claim by name: inputs first, then what each step gives, and the steps themselves."""

    named: Mapping[str, Named]
    steps: tuple[Worked, ...]


def sheet_of(filed: Filed, catalog: Catalog) -> Sheet:
    """The claim's inputs looked up and its steps worked out.

    Errors: :class:`~costbasis.errors.BadClaim` for an expression that cannot be read or divides by zero,
    :class:`~costbasis.errors.UnknownName` for a name or a unit that is not there; each with its line.
    """
    claim, place = filed.claim, filed.place
    named = {name: _input(name, item, claim, catalog, place.of("inputs", name)) for name, item in claim.inputs.items()}
    steps = []
    for index, step in enumerate(claim.step):
        where = place.of("step", index, "by")
        unit = measure(step.unit, place.of("step", index, "unit"))
        result = evaluate(step.by, named, catalog, where)
        same_dimension(result.unit, unit, f"step {step.gives}", where)
        named[step.gives] = Named(result.quantity.labelled(step.gives.replace("_", " ")), unit)
        low = step.stated if step.stated_low is None else step.stated_low
        high = step.stated if step.stated_high is None else step.stated_high
        steps.append(Worked(step.gives, step.by, unit, named[step.gives].in_unit(unit), low, high, where))
    return Sheet(named, tuple(steps))


def _input(name: str, item: Input, claim: Claim, catalog: Catalog, where: str) -> Named:
    if item.key:
        fact = catalog.fact(item.key, as_of=claim.said.when)
        quantity = catalog.quantity(item.key, as_of=claim.said.when)
        return Named(quantity.labelled(name.replace("_", " ")), _measure_of_fact(fact.unit, item, where))
    if item.value is None:
        raise BadClaim(f'input "{name}" has neither a value nor a key', where=where, hint="add value = … or key = …")
    trust = item.trust or (claim.said.trust if item.whose == "claim" else "D")
    if trust not in TRUST:
        raise UnknownName("trust grade", trust, known=TRUST, where=where, hint=TRUST_HINT)
    unit = measure(item.unit, where)
    low = item.value if item.low is None else item.low
    high = item.value if item.high is None else item.high
    low, mid, high = (value * unit.scale for value in (low, item.value, high))
    shape: Shape = "exact" if low == high else "bounded" if _is_share(item, low, high) else "positive"
    try:
        spread = Spread(shape, low, mid, high)
    except BadCatalogue as error:
        raise BadClaim(f'input "{name}": {error.what}', where=where, hint="low ≤ value ≤ high, and above 0") from error
    who = claim.said.who if item.whose == "claim" else "our own judgement"
    source = Source(
        item.source or who,
        place=claim.id,
        trust=trust,
        status="claimed" if item.whose == "claim" else "assumed",
        interest=claim.said.interest if item.whose == "claim" else "",
        as_of=claim.said.when.isoformat(),
        note=item.why,
    )
    quantity = given(name, spread, source, catalog.sampling, key=f"claim/{name}.value")
    return Named(_in_dimension(quantity, unit.name).labelled(name.replace("_", " ")), unit)


def _is_share(item: Input, low: float, high: float) -> bool:
    return item.unit in ("share", "frac", "ratio", "percent") and low >= 0 and high <= 1


def _in_dimension(quantity: Quantity, unit: str) -> Quantity:
    return Quantity(quantity.name, unit, quantity.draws, quantity.past, quantity.label)


def _measure_of_fact(field_unit: str, item: Input, where: str) -> Measure:
    """The unit of a looked-up fact: as the claim says it is written there, else as the catalogue has it."""
    names = {"usd": "usd", "usd_b": "usd", "usd_m": "usd", "usd_per_month": "usd/month", "tok": "tok", "frac": "share",
             "usd_per_mtok": "usd/tok", "usd_per_accel_hour": "usd/accel/s", "tok_per_s": "tok/s"}  # fmt: skip
    found = measure(item.unit or names.get(field_unit, "x"), where)
    return Measure(found.text, 1.0, found.powers)
