"""A provider's bill: its lines as exact money, whichever of the known shapes the file has.

Our own shape is a CSV or TOML table (docs/invoices.md); beside it the daily cost exports of Anthropic and OpenAI, and
the exports of gateways that say what each request was charged.
"""

from __future__ import annotations

import csv
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

import msgspec

from costbasis.errors import UnreadableInput, why
from costbasis.units import PICO_PER_USD
from costbasis.usage.bills.charges import Charged, charges_of

USAGE, TOOLS, CREDIT, TAX, FEE = "usage", "tools", "credit", "tax", "fee"
KINDS = (USAGE, TOOLS, CREDIT, TAX, FEE)
"""Only *usage* and *tools* are compared with list; the others are shown beside it."""

HINT = "docs/invoices.md has the columns: from, to, model, amount, currency, kind"


@dataclass(frozen=True, slots=True)
class BillLine:
    """A line: local days *first*..*last*, both included. *model*: "" where it names none. Negative is a credit.

    *half_unit_pico_usd*: half of the last place that the amount is written to, by which it may be rounded.
    """

    first: date
    last: date
    model: str
    pico_usd: int
    kind: str
    half_unit_pico_usd: int
    where: str


def read_bill(path: Path) -> list[BillLine]:
    """The lines of a bill.

    Errors: :class:`~costbasis.errors.UnreadableInput`, with the line, for a file that cannot be read, is of an
    unknown shape, holds another currency than USD without a rate, or a line that makes no sense.
    """
    try:
        text = path.read_text("utf-8-sig")
    except OSError as error:
        raise UnreadableInput(f"cannot be read: {why(error)}", where=str(path), hint="check --invoice") from error
    except UnicodeDecodeError as error:
        raise UnreadableInput("not text in UTF-8", where=str(path), hint=HINT) from error
    charges = charges_of(text.encode(), str(path))
    if charges is not None:
        lines = [_charged(charge, str(path)) for charge in charges]
    elif path.suffix == ".toml":
        lines = _of_toml(text, path)
    elif text.lstrip().startswith(("{", "[")):
        lines = _of_json(text, path)
    else:
        lines = _of_csv(text, path)
    if not lines:
        raise UnreadableInput("a bill without lines", where=str(path), hint=HINT)
    return lines


def _charged(charge: Charged, path: str) -> BillLine:
    kind = CREDIT if charge.usd < 0 else USAGE
    where = f"{path}: {charge.day} {charge.model}"
    return BillLine(charge.day, charge.day, charge.model, charge.pico_usd, kind, 0, where)


def _of_csv(text: str, path: Path) -> list[BillLine]:
    rows = csv.DictReader(text.splitlines())
    heads = {str(name).strip().lower() for name in rows.fieldnames or ()}
    if "amount" not in heads or not heads & {"from", "day"}:
        got = ", ".join(sorted(heads)[:8]) or "nothing"
        raise UnreadableInput(f"no columns from (or day) and amount; it has {got}", where=str(path), hint=HINT)
    plain = ({str(name).strip().lower(): value for name, value in row.items()} for row in rows)
    return [_line(row, f"{path}:{number}") for number, row in enumerate(plain, 2) if any(row.values())]


def _of_toml(text: str, path: Path) -> list[BillLine]:
    try:
        said = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise UnreadableInput(f"not valid TOML: {error}", where=str(path), hint=HINT) from error
    lines = said.get("line")
    if not isinstance(lines, list) or not all(isinstance(line, dict) for line in lines):
        raise UnreadableInput("no [[line]] tables", where=str(path), hint=HINT)
    shared = {name: said[name] for name in ("currency", "usd_per_unit") if name in said}
    return [_line(shared | line, f"{path}: line {number}") for number, line in enumerate(lines, 1)]


def _line(row: Mapping[str, Any], where: str) -> BillLine:
    first = _day(row.get("from") or row.get("day"), "from", where)
    last = _day(row.get("to") or row.get("day") or first, "to", where)
    if last < first:
        raise UnreadableInput(f"it ends on {last}, before it begins on {first}", where=where, hint="swap from and to")
    amount = _amount(row.get("amount"), where)
    rate = _rate(row, where)
    kind = str(row.get("kind") or USAGE).strip().lower()
    if kind not in KINDS:
        raise UnreadableInput(f'unknown kind "{kind}"', where=where, hint=f"one of {', '.join(KINDS)}")
    if amount < 0 and kind == USAGE:
        kind = CREDIT
    return _made(first, last, str(row.get("model") or "").strip(), amount, rate, kind, where)


def _made(first: date, last: date, model: str, amount: Decimal, rate: Decimal, kind: str, where: str) -> BillLine:
    half = Decimal(5).scaleb(int(amount.as_tuple().exponent) - 1)
    pico = amount * rate * PICO_PER_USD
    return BillLine(first, last, model, round(pico), kind, round(half * rate * PICO_PER_USD), where)


def _rate(row: Mapping[str, Any], where: str) -> Decimal:
    """USD for one unit of the bill's currency: 1 for USD; another has no rate in the catalogue, so it must say one."""
    currency = str(row.get("currency") or "USD").strip().upper()
    if row.get("usd_per_unit") not in (None, ""):
        return _amount(row["usd_per_unit"], where)
    if currency != "USD":
        raise UnreadableInput(
            f"the bill is in {currency}, and the catalogue has no dated exchange rate for it",
            where=where,
            hint="add usd_per_unit, the rate that your bank or provider used",
        )
    return Decimal(1)


def _day(value: Any, name: str, where: str) -> date:
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(str(value).strip()[:10])
    except ValueError:
        raise UnreadableInput(f'{name} "{value}" is not a date', where=where, hint="write it as 2026-03-31") from None


def _amount(value: Any, where: str) -> Decimal:
    """An amount as it is written; a float of a JSON or TOML file as it prints."""
    text = str(value).strip().replace(",", "").removeprefix("$")
    try:
        amount = Decimal(text)
    except InvalidOperation:
        amount = Decimal("NaN")
    if isinstance(value, bool) or not amount.is_finite():
        raise UnreadableInput(f'amount "{value}" is not a number', where=where, hint='write it as "4312.10"')
    return amount


def _of_json(text: str, path: Path) -> list[BillLine]:
    try:
        said = msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError) as error:
        raise UnreadableInput(f"not JSON: {error}", where=str(path), hint=HINT) from error
    buckets = said.get("data") if isinstance(said, dict) else None
    if not isinstance(buckets, list) or not all(isinstance(bucket, dict) for bucket in buckets):
        raise UnreadableInput("not a cost export of a provider that is known: no data", where=str(path), hint=HINT)
    lines: list[BillLine] = []
    for number, bucket in enumerate(buckets):
        where = f"{path}: data[{number}]"
        try:
            lines += _of_bucket(bucket, where)
        except (KeyError, TypeError, AttributeError, ValueError, OverflowError) as error:
            what = f"not a cost export of a provider that is known ({type(error).__name__}: {error})"
            raise UnreadableInput(what, where=where, hint=HINT) from error
    return lines


def _of_bucket(bucket: Mapping[str, Any], where: str) -> Iterable[BillLine]:
    """Anthropic's amounts are in cents, as text; OpenAI's in dollars, as a number. Ends are not included."""
    if "starting_at" in bucket:
        first = date.fromisoformat(str(bucket["starting_at"])[:10])
        last = _before(date.fromisoformat(str(bucket["ending_at"])[:10]), first)
        for result in bucket.get("results", [bucket]):
            kind = USAGE if result.get("cost_type", "tokens") in ("tokens", None) else TOOLS
            rate = _rate(result, where) / 100
            yield _made(first, last, result.get("model") or "", _amount(result["amount"], where), rate, kind, where)
        return
    first = datetime.fromtimestamp(bucket["start_time"], UTC).date()
    last = _before(datetime.fromtimestamp(bucket["end_time"], UTC).date(), first)
    for result in bucket["results"]:
        amount = result["amount"]
        model = str(result.get("line_item") or "").partition(",")[0].strip()
        value = _amount(amount["value"], where)
        kind = CREDIT if value < 0 else USAGE
        yield _made(first, last, model, value, _rate(amount, where), kind, where)


def _before(end: date, first: date) -> date:
    return max(end - timedelta(days=1), first)
