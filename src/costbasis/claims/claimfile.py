"""Reads a claim file: TOML to a claim, and every error with its line."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path

import msgspec

from costbasis.catalog import Catalog
from costbasis.claims.claim import BASES, SCHEMA, TRUST, Claim
from costbasis.claims.lines import line_of
from costbasis.errors import BadClaim, UnknownName, UnreadableInput, why

TRUST_HINT = "A audited or sworn, B first party, C press, D analyst or one user, E anonymous"


@dataclass(frozen=True, slots=True)
class Place:
    """Where in a claim file something stands, for messages: ``claim.toml:12``."""

    path: str
    text: str

    def of(self, *keys: str | int) -> str:
        """The line of a table or of a key in it, such as ``of("inputs", "days")``."""
        line = line_of(self.text, keys)
        return f"{self.path}:{line}" if line else self.path


@dataclass(frozen=True, slots=True)
class Filed:
    """A claim and the place of everything in it."""

    claim: Claim
    place: Place


def find_claim(name: str, catalog: Catalog) -> Filed:
    """The claim of this id among the shipped ones, or the claim file at this path.

    Errors: :class:`~costbasis.errors.UnknownName` with the nearest ids, or
    :class:`~costbasis.errors.BadClaim` with the line at fault.
    """
    shipped = {path.stem: path for path in catalog.claim_paths()}
    if name in shipped:
        return read_claim(shipped[name], shown=f"{name}.toml")
    path = Path(name)
    if path.suffix == ".toml" or path.exists():
        return read_claim(path)
    raise UnknownName(
        "claim", name, known=shipped, hint="costbasis claims lists them; or give the path of a claim file"
    )


def read_claim(path: Path, *, shown: str = "") -> Filed:
    """The claim in the TOML file at *path*; *shown* stands for the path in messages.

    Errors: :class:`~costbasis.errors.UnreadableInput`, :class:`~costbasis.errors.BadClaim` with the line.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError, ValueError) as error:
        raise UnreadableInput(f"cannot be read: {why(error)}", where=str(path), hint="check the path") from error
    return parse_claim(text, shown or str(path))


def parse_claim(text: str, where: str) -> Filed:
    """The claim in a TOML text; *where* names it in messages."""
    place = Place(where, text)
    try:
        claim = msgspec.convert(tomllib.loads(text), Claim)
    except tomllib.TOMLDecodeError as error:
        found = re.search(r" \(at line (\d+), column \d+\)$", str(error))
        line = f"{where}:{found[1]}" if found else where
        said = re.sub(r" \(at (line \d+, column \d+|end of document)\)$", "", str(error))
        raise BadClaim(f"not valid TOML: {said}", where=line, hint="strings need quotes, dates do not") from error
    except msgspec.ValidationError as error:
        said, _, at = str(error).partition(" - at `")
        keys = [int(key) if key.isdigit() else key for key in re.findall(r"[A-Za-z_]\w*|\d+", at)]
        raise BadClaim(
            said, where=place.of(*keys), hint=f"the fields of {SCHEMA} are in docs/claim-files.md"
        ) from error
    except RecursionError as error:
        raise BadClaim("nested too deeply", where=where, hint="a claim file is flat") from error
    _check(claim, place)
    return Filed(claim, place)


def _check(claim: Claim, place: Place) -> None:
    """What a type does not say: finite figures, known bases, trust grades, readings that are needed once."""
    numbers = (claim.stated.value, claim.stated.low, claim.stated.high)
    if not all(value is None or abs(value) < 1e30 for value in numbers):
        raise BadClaim(
            "the stated figure is not a finite number", where=place.of("stated", "value"), hint="write it out"
        )
    if claim.stated.value == 0:
        raise BadClaim(
            "a stated figure of 0 cannot be compared", where=place.of("stated", "value"), hint="state a value"
        )
    for field in ("basis_claimed", "basis_needed"):
        name = getattr(claim.stated, field)
        if name not in BASES:
            raise UnknownName(
                "basis", name, known=BASES, where=place.of("stated", field), hint=f"bases are {', '.join(BASES)}"
            )
    if claim.said.trust not in TRUST:
        where = place.of("said", "trust")
        raise UnknownName("trust grade", claim.said.trust, known=TRUST, where=where, hint=TRUST_HINT)
    if sum(reading.needed for reading in claim.reading) > 1:
        raise BadClaim("two readings are marked as needed", where=place.of("reading"), hint="keep needed = true on one")
    if claim.usage and claim.usage.mix:
        mix = claim.usage.mix
        total = mix.input + mix.output + mix.cache_read + mix.cache_write_5m
        if abs(total - 1) > 0.005:
            hint = "input, output, cache_read and cache_write_5m are shares of all tokens"
            raise BadClaim(f"the mix adds up to {total:g}, not 1", where=place.of("usage", "mix"), hint=hint)
