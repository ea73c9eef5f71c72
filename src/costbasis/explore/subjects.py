"""What can be looked at: the sample, this machine's logs, usage and claims that ship, were given, or are handed in."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from costbasis.catalog import Catalog
from costbasis.claims.claimfile import Filed, find_claim, parse_claim
from costbasis.errors import BadArgument, NoLogs, UnknownName, UnreadableInput, why
from costbasis.explore.usagefile import amounts_of_json, days_of_json
from costbasis.usage.amounts import Amounts, amounts_of, only_row
from costbasis.usage.ledger.places import home_roots
from costbasis.usage.pricing.priceview import Grouping
from costbasis.usage.reading import local_zone, read_usage
from costbasis.usage.samplemonth import SampleMonth, sample_month
from costbasis.usage.whatif import KEY as CACHED
from costbasis.usage.whatif import recached

SAMPLE, LOGS, CLAIM = "sample", "logs", "claim:"

SAMPLE_PLAN = "anthropic/max_20x"
"""The plan that the sample, and a usage without one, is looked at with."""

KEPT = 8
"""Files handed in that are kept at a time."""


@dataclass(frozen=True, slots=True)
class Use:
    """A usage as it is valued: the total row alone, its exact list value in pico-USD, its requests, first and last day.

    *note*: what is to be known of it.
    """

    amounts: Amounts
    list_pico_usd: int
    requests: int
    first: date
    last: date
    note: str = ""


@dataclass(frozen=True, slots=True)
class Subject:
    """A thing to look at. *words*: the command that looks at the same. *text*: of a file, given or handed in."""

    id: str
    title: str
    kind: str
    words: tuple[str, ...] = ()
    text: str = ""

    @property
    def is_claim(self) -> bool:
        """A claim, else a usage."""
        return self.kind == "claim"


@dataclass
class Subjects:
    """Everything that this explorer may look at; nothing else can be reached through it.

    *roots*: folders or files of logs given at the start, none for the agents' own places.
    """

    roots: tuple[Path, ...]
    seed: int
    given: dict[str, Subject] = field(default_factory=dict)
    handed: dict[str, Subject] = field(default_factory=dict)
    _has_logs: bool = field(default_factory=lambda: _find_logs())
    _sample: SampleMonth | None = None

    def close(self) -> None:
        """Remove what was written for the sample."""
        if self._sample is not None:
            self._sample.remove()
            self._sample = None

    def all(self, catalog: Catalog) -> Iterator[Subject]:
        """Every subject: those given, this machine's logs where there are any, the sample, what was handed in, the
        claims that ship. The first is what is looked at when nothing is named: never a file that was handed in.
        """
        yield from self.given.values()
        if self.roots or self._has_logs:
            words = ("report", *map(str, self.roots))
            yield Subject(LOGS, "the logs given" if self.roots else "your own usage", "usage", words)
        yield Subject(SAMPLE, "sample month (synthetic)", "usage", ("report", "--sample"))
        yield from self.handed.values()
        for path in catalog.claim_paths():
            yield Subject(f"{CLAIM}{path.stem}", path.stem, "claim", ("check", path.stem))

    def find(self, name: str, catalog: Catalog) -> Subject:
        """The subject of this id; of none, the first there is.

        Errors: :class:`~costbasis.errors.UnknownName` with the nearest.
        """
        known = {subject.id: subject for subject in self.all(catalog)}
        if not name:
            return next(iter(known.values()))
        if name not in known:
            raise UnknownName("subject", name, known=known, where="of", hint="choose one from the list")
        return known[name]

    def claim(self, subject: Subject, catalog: Catalog) -> Filed:
        """The claim of a subject that is one."""
        return parse_claim(subject.text, subject.title) if subject.text else find_claim(subject.title, catalog)

    def use(self, subject: Subject, catalog: Catalog, as_of: date) -> Use:
        """The usage of a subject that is one, priced with the book of *catalog*.

        Errors: :class:`~costbasis.errors.NoLogs` where there is no request in it, or none that has a list price.
        """
        if subject.text:
            return catalog.remembered(("use", subject.id, as_of), lambda: _use_of_json(subject, catalog))
        return catalog.remembered(("use", subject.id, as_of), lambda: self._read(subject, catalog, as_of))

    def _read(self, subject: Subject, catalog: Catalog, as_of: date) -> Use:
        paths, wanted, ledgers = self.roots, Grouping(by="day", tz=local_zone()), None
        if subject.id == SAMPLE:
            month = self._month()
            paths, wanted, ledgers = month.roots, Grouping(by="day", tz="UTC"), month.ledgers
        plain = catalog.without(CACHED)  # another cache share is no reason to read the logs again
        reading = plain.remembered(
            ("reading", subject.id, as_of), lambda: read_usage(paths, plain, wanted, as_of, None, ledgers)
        )
        if reading.first is None or reading.last is None or not reading.amounts.groups:
            hint = "costbasis usage says what was skipped; or look at the sample"
            raise NoLogs("no request with a list price was found", where=subject.title, hint=hint)
        cells, _ = recached(reading.cells, catalog, as_of)
        counted_on = min(as_of, reading.last)
        amounts = reading.amounts
        if cells is not reading.cells:
            amounts = amounts_of(cells, source=amounts.source, as_of=counted_on, models=False)
        priced = [cell for cell in cells if cell.value is not None]
        unpriced = sum(one.requests for one in reading.unpriced)
        return Use(
            only_row(amounts, 0),
            sum(cell.value.total for cell in priced if cell.value is not None),
            sum(cell.requests for cell in priced),
            reading.first,
            reading.last,
            f"{unpriced:,} requests of models without a list price are left out" if unpriced else "",
        )

    def _month(self) -> SampleMonth:
        if self._sample is None:
            self._sample = sample_month(self.seed)
            self._sample.fill()
        return self._sample

    def hand_in(self, text: str, name: str, catalog: Catalog) -> Subject:
        """Keep a file that was handed in: a claim in TOML or a usage in JSON, told apart by its first letter.

        Errors: those of reading it whole; what cannot be looked at is not kept.
        """
        subject = subject_of_text(text, name, catalog, f"file:{hashlib.sha256(text.encode()).hexdigest()[:12]}")
        self.handed.pop(subject.id, None)
        self.handed[subject.id] = subject
        while len(self.handed) > KEPT:
            del self.handed[next(iter(self.handed))]
        return subject

    def give(self, path: Path, catalog: Catalog) -> None:
        """A file named at the start: a claim or a usage.

        Errors: :class:`~costbasis.errors.UnreadableInput`, and those of reading it whole.
        """
        try:
            text = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise UnreadableInput(f"cannot be read: {why(error)}", where=str(path), hint="check the path") from error
        subject = subject_of_text(text, path.name, catalog, f"given:{len(self.given)}", command=str(path))
        self.given[subject.id] = subject


def subject_of_text(text: str, name: str, catalog: Catalog, ident: str, command: str = "") -> Subject:
    """The subject that a file's text is. A usage is read to its last count, priced with the book of *catalog*.

    Errors: :class:`~costbasis.errors.BadClaim` with the line, :class:`~costbasis.errors.BadArgument` for a text that
    is neither a claim nor a usage, or counts that are none.
    """
    shown = "".join(letter for letter in name if letter.isprintable())[:80] or "file"
    if not text.strip():
        raise BadArgument("the file is empty", where=shown, hint="hand in a claim (TOML) or a usage (usage --json)")
    if text.lstrip().startswith("{"):
        amounts_of_json(text, shown, catalog)
        return Subject(ident, shown, "usage", (), text)
    parse_claim(text, shown)
    return Subject(ident, shown, "claim", ("check", command or shown), text)


def _use_of_json(subject: Subject, catalog: Catalog) -> Use:
    first, last = days_of_json(subject.text, subject.title)
    told = amounts_of_json(subject.text, subject.title, catalog)
    return Use(told.amounts, told.list_pico_usd, told.requests, first, last, told.note)


def _find_logs() -> bool:
    try:
        home_roots(os.environ, Path.home())
    except NoLogs:
        return False
    return True
