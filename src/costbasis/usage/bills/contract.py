"""A contract's terms: what list becomes by its discounts, tiers, commitment and credits, month by month."""

from __future__ import annotations

import tomllib
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from costbasis.errors import UnreadableInput, why
from costbasis.units import PICO_PER_USD
from costbasis.usage.pricing.cells import Cell

HINT = "docs/invoices.md shows a contract"


@dataclass(frozen=True, slots=True)
class Tier:
    """A discount on what list exceeds in a month."""

    above_pico_usd: int
    percent: Decimal


@dataclass(frozen=True, slots=True)
class Contract:
    """Percentages are of list. *by_model* stands in place of *percent*; tiers add nothing below their threshold."""

    percent: Decimal
    by_model: Mapping[str, Decimal]
    tiers: Sequence[Tier]
    committed_pico_usd_per_month: int
    credit_pico_usd: int


@dataclass(frozen=True, slots=True)
class Month:
    """One month under a contract, in pico-USD: list, what discounts take off, what is paid at least, and credits."""

    month: str
    list_pico_usd: int
    discount_pico_usd: int
    shortfall_pico_usd: int
    credit_pico_usd: int

    @property
    def realised_pico_usd(self) -> int:
        """What is owed for the month: list less discounts, the commitment at least; credits pay, they do not lower."""
        return self.list_pico_usd - self.discount_pico_usd + self.shortfall_pico_usd


def read_contract(path: Path, model_of: Callable[[str], str]) -> Contract:
    """A contract file. Errors: :class:`~costbasis.errors.UnreadableInput` with the entry that cannot be used."""
    try:
        said = tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise UnreadableInput(f"cannot be read: {why(error)}", where=str(path), hint="check --contract") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UnreadableInput(f"not valid TOML: {why(error)}", where=str(path), hint=HINT) from error
    unknown = sorted(set(said) - {"discount", "tier", "commitment", "credit"})
    if unknown or not said:
        what = f'unknown entry "{unknown[0]}"' if unknown else "a contract without terms"
        raise UnreadableInput(what, where=str(path), hint=f"discount, tier, commitment or credit; {HINT}")
    try:
        discount = said.get("discount", {})
        tiers = [
            Tier(_pico(tier["above_usd_per_month"], path), _percent(tier["percent"], path))
            for tier in said.get("tier", [])
        ]
        return Contract(
            percent=_percent(discount.get("percent", 0), path),
            by_model={model_of(name): _percent(value, path) for name, value in discount.get("models", {}).items()},
            tiers=sorted(tiers, key=lambda tier: tier.above_pico_usd),
            committed_pico_usd_per_month=_pico(said.get("commitment", {}).get("usd_per_month", 0), path),
            credit_pico_usd=sum(_pico(credit["usd"], path) for credit in said.get("credit", [])),
        )
    except KeyError as error:
        raise UnreadableInput(f"an entry lacks {error}", where=str(path), hint=HINT) from error
    except (AttributeError, TypeError) as error:
        raise UnreadableInput(f"an entry is of another shape ({error})", where=str(path), hint=HINT) from error


def _percent(value: Any, path: Path) -> Decimal:
    number = _decimal(value, path)
    if not 0 <= number <= 100:
        raise UnreadableInput(f"a discount of {value} % of list", where=str(path), hint="a number from 0 to 100")
    return number


def _pico(value: Any, path: Path) -> int:
    number = _decimal(value, path)
    if number < 0:
        raise UnreadableInput(f"{value} USD is negative", where=str(path), hint="write amounts without a sign")
    return round(number * PICO_PER_USD)


def _decimal(value: Any, path: Path) -> Decimal:
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        number = Decimal("NaN")
    if isinstance(value, bool) or not number.is_finite():
        raise UnreadableInput(f'"{value}" is not a number', where=str(path), hint=HINT)
    return number


def under_contract(contract: Contract, cells: Sequence[Cell]) -> list[Month]:
    """Each month of usage under the contract. Cells without a list price are in none of it.

    The percentage of a model (or the general one) comes off its list value; each tier takes its percentage off
    what the month's list exceeds its threshold by, up to the next one, where it is the larger of the two.
    """
    by_month: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for cell in cells:
        if cell.value is not None:
            by_month[cell.month][cell.model] += cell.value.total
    left = contract.credit_pico_usd
    months = []
    for month, by_model in sorted(by_month.items()):
        listed = sum(by_model.values())
        flat = sum(_part(usd, contract.by_model.get(model, contract.percent)) for model, usd in by_model.items())
        discount = max(flat, _tiered(contract.tiers, listed))
        shortfall = max(contract.committed_pico_usd_per_month - (listed - discount), 0)
        credit = min(left, listed - discount + shortfall)
        left -= credit
        months.append(Month(month, listed, discount, shortfall, credit))
    return months


def _tiered(tiers: Sequence[Tier], listed: int) -> int:
    ends = [*(tier.above_pico_usd for tier in tiers), listed][1:]
    return sum(
        _part(max(min(end, listed) - tier.above_pico_usd, 0), tier.percent)
        for tier, end in zip(tiers, ends, strict=True)
    )


def _part(pico_usd: int, percent: Decimal) -> int:
    return int((Decimal(pico_usd) * percent / 100).to_integral_value())
