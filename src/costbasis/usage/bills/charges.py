"""What an export of a gateway or tracer says that each request was charged, by day and model, as the lines of a bill.

OpenRouter and LiteLLM say what they charged or booked, Helicone and Langfuse what they reckon. Amounts are dollars
as they are booked, not rounded; days are those of Greenwich.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, NamedTuple

from costbasis.errors import UnreadableInput
from costbasis.units import PICO_PER_USD
from costbasis.usage.formats.calls import text_of
from costbasis.usage.formats.export_rows import rows_of
from costbasis.usage.formats.gateway import first_text, object_in, utc_ms
from costbasis.usage.formats.logline import BadLine
from costbasis.usage.readers import FileReading, reader_of


class Told(NamedTuple):
    """The names under which a source writes a row's time, model and dollars, the first that is there."""

    time: tuple[str, ...]
    model: tuple[str, ...]
    usd: tuple[str, ...]


TOLD = {
    "litellm": Told(("startTime", "start_time"), ("model", "model_group"), ("spend",)),
    "openrouter": Told(("created_at",), ("model_permaslug",), ("cost_total",)),
    "helicone": Told(
        ("request_created_at",),
        ("model_override", "response_model", "model", "request_model"),
        ("cost", "costUSD", "cost_usd"),
    ),
    "langfuse": Told(
        ("start_time", "startTime"),
        ("provided_model_name", "providedModelName", "model"),
        ("total_cost", "totalCost", "calculatedTotalCost"),
    ),
}
"""By the reader of the export."""


@dataclass(frozen=True, slots=True)
class Charged:
    """What was charged for a model on a day, exactly."""

    day: date
    model: str
    usd: Decimal

    @property
    def pico_usd(self) -> int:
        """In pico-USD; floats of an export end beyond them."""
        return round(self.usd * PICO_PER_USD)


def charges_of(data: bytes, path: str) -> list[Charged] | None:
    """The charges in an export, by day and model; None for a file that is no export with dollars.

    A row without an amount charges nothing that is known, and is not in the sum.

    Errors: :class:`~costbasis.errors.UnreadableInput` with the row, for an amount or a time that makes no sense.
    """
    reader = reader_of(path, data[:4096])
    if reader is None or reader.NAME not in TOLD:
        return None
    sums: dict[tuple[date, str], Decimal] = {}
    for day, model, usd in _rows(data, path, TOLD[reader.NAME]):
        sums[day, model] = sums.get((day, model), Decimal(0)) + usd
    return [Charged(day, model, usd) for (day, model), usd in sorted(sums.items())]


def _rows(data: bytes, path: str, told: Told) -> Iterator[tuple[date, str, Decimal]]:
    found = FileReading()
    for place, said in rows_of(data, path, found):
        amount = next((said[name] for name in told.usd if said.get(name) not in (None, "")), None)
        amount = _of_details(said) if amount is None else amount
        if amount is None:
            continue
        where = f"{path}:{place}"
        provider = text_of(said.get("custom_llm_provider"))
        model = first_text(said, *told.model).removeprefix(f"{provider}/")
        yield _day(said, told, where), model, _usd(amount, where)
    if found.skipped:
        first = found.skipped[0]
        raise UnreadableInput(first.reason, where=first.origin, hint="a bill is whole or it is none; mend the row")


def _of_details(said: Mapping[str, Any]) -> Any:
    """Langfuse's total among its details."""
    return object_in(said.get("cost_details") or said.get("costDetails")).get("total")


def _day(said: Mapping[str, Any], told: Told, where: str) -> date:
    try:
        moment = utc_ms(next((said[name] for name in told.time if said.get(name)), None))
    except BadLine as bad:
        raise UnreadableInput(str(bad), where=where, hint="each row of a bill has a time") from None
    return datetime.fromtimestamp(moment / 1000, UTC).date()


def _usd(amount: Any, where: str) -> Decimal:
    try:
        usd = Decimal(str(amount).strip())
    except InvalidOperation:
        usd = Decimal("NaN")
    if isinstance(amount, bool) or not usd.is_finite():
        raise UnreadableInput(f'amount "{amount}" is not a number', where=where, hint='write it as "4312.10"')
    return usd
