"""``costbasis import``: an export or a table of your own, kept as usage beside the agents' logs."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from costbasis.cli.common import PLACE, shared_options
from costbasis.cli.session import Session, show, split_session

if TYPE_CHECKING:
    from costbasis.usage.imports.keeping import Imported

SCHEMA = "costbasis.import/1"


@click.command("import")
@click.argument("files", nargs=-1, required=True, type=PLACE)
@click.option("--guess", "guesses", is_flag=True, help="Propose a mapping of a CSV or Parquet file; write nothing.")
@click.option("--mapping", metavar="NAME|M.toml", help="What the columns of the table mean (docs/mappings.md).")
@click.option("--skip-bad", is_flag=True, help="Leave rows out that are no requests, and count them.")
@click.option(
    "--cached-input",
    type=click.Choice(["within", "beside"]),
    help="Where an export leaves it open: are cached tokens within the input count or beside it? [default: as shown].",
)
@click.option("--out", type=PLACE, help="Write here instead of keeping it as your usage.")
@click.option("--forget", is_flag=True, help="Take back what was imported from these files.")
@shared_options
def command(**params: Any) -> None:
    """Keep what FILES tell as usage: exports of gateways and providers as they come, other tables by a mapping.

    Whole or not at all: a bad row is named and nothing is written, unless --skip-bad. What is kept is part of
    costbasis report and usage from then on; importing a file again takes the place of what it said. For example:
    costbasis import --guess rows.csv > rows.toml
    """
    session, own = split_session(params)
    result = build(session, **own)
    show(session, result, lambda: _text(result))


def build(
    session: Session,
    *,
    files: tuple[Path, ...],
    guesses: bool,
    mapping: str | None,
    skip_bad: bool,
    cached_input: str | None,
    out: Path | None,
    forget: bool,
) -> dict[str, Any]:
    """The ``costbasis.import/1`` object: a mapping to confirm, or what was kept."""
    from costbasis.errors import BadArgument

    if sum((guesses, mapping is not None, forget)) > 1:
        raise BadArgument("--guess, --mapping and --forget exclude each other", where="import", hint="give one of them")
    if (guesses or out is not None) and len(files) > 1:
        what = "--guess" if guesses else "--out"
        raise BadArgument(f"{what} takes one file, {len(files)} were given", where="import", hint="one at a time")
    if guesses:
        return _guessed(files[0])
    if forget:
        return {"schema": SCHEMA, "forgotten": [_forget(path) for path in files]}
    if cached_input is not None and mapping is not None:
        what = "a mapping says itself what its input includes"
        raise BadArgument(what, where="--cached-input", hint="set input_includes in the mapping")
    done = [_imported(path, mapping, skip_bad, out, cached_input) for path in files]
    return {"schema": SCHEMA, "imported": [_object(one) for one in done]}


def _guessed(path: Path) -> dict[str, Any]:
    from costbasis.usage.imports.guess import guess
    from costbasis.usage.imports.table import open_table

    found = guess(open_table(path))
    return {
        "schema": SCHEMA,
        "mapping_toml": found.text(str(path)),
        "rows": found.rows,
        "notes": found.notes,
        "not_used": found.unused,
    }


def _imported(path: Path, mapping: str | None, skip_bad: bool, out: Path | None, cached_input: str | None) -> Imported:
    from costbasis.errors import UnreadableInput, why
    from costbasis.usage.imports.keeping import import_export, import_table, place_of
    from costbasis.usage.imports.table import open_table
    from costbasis.usage.mappingfile import find_mapping
    from costbasis.usage.readers import reader_of

    to = out or place_of(path, os.environ, Path.home())
    if mapping is not None:
        return import_table(open_table(path), find_mapping(mapping), to, skip_bad=skip_bad)
    try:
        data = path.read_bytes()
    except OSError as error:
        raise UnreadableInput(f"cannot be read ({why(error)})", where=str(path), hint="check the path") from error
    reader = reader_of(str(path), data[:4096])
    if reader is None or not reader.WANTS_BYTES:
        hint = f"costbasis import --guess {path} proposes a mapping; docs/sources.md lists what needs none"
        raise UnreadableInput("no export that is known", where=str(path), hint=hint)
    return import_export(path, data, reader, to, skip_bad=skip_bad, cached_input=cached_input)


def _forget(path: Path) -> dict[str, Any]:
    from costbasis.errors import UnreadableInput
    from costbasis.usage.imports.keeping import forget, place_of

    to = place_of(path, os.environ, Path.home())
    if not forget(path, to):
        hint = "name the file by the path that it was imported from"
        raise UnreadableInput("nothing was imported from it", where=str(path), hint=hint)
    return {"from": str(path), "kept": str(to)}


def _object(done: Imported) -> dict[str, Any]:
    counts = done.counts._asdict()
    return {
        "from": str(done.source),
        "read_as": done.read_as,
        "requests": done.requests,
        "tokens": {name.removesuffix("_tok"): count for name, count in counts.items()},
        "from_time": _iso(done.first_ms),
        "to_time": _iso(done.last_ms),
        "models": done.models,
        "duplicates": done.duplicates,
        "alike": done.alike,
        "first_alike": done.first_alike,
        "left_out": len(done.bad),
        "bad": done.bad[:100],
        "billed_usd": None if done.billed_usd is None else f"{done.billed_usd:f}",
        "kept": str(done.kept),
    }


def _iso(time_ms: int | None) -> str | None:
    return None if time_ms is None else datetime.fromtimestamp(time_ms / 1000, UTC).isoformat(timespec="seconds")


def _text(result: dict[str, Any]) -> str:
    if "mapping_toml" in result:
        return str(result["mapping_toml"]).rstrip("\n")
    if "forgotten" in result:
        return "\n".join(f"forgotten: {one['from']}" for one in result["forgotten"])
    return "\n\n".join(_said(one) for one in result["imported"])


def _said(one: dict[str, Any]) -> str:
    tokens = sum(count for name, count in one["tokens"].items() if name != "reasoning")
    lines = [f"{one['from']}, read as {one['read_as']}"]
    lines.append(f"  {one['requests']:,} requests, {tokens:,} tokens, {one['from_time']} to {one['to_time']}")
    lines.append("  " + ", ".join(f"{name} {count:,}" for name, count in one["tokens"].items() if count))
    models = sorted(one["models"].items(), key=lambda item: -item[1])
    lines.append("  models: " + ", ".join(f"{name} ({count:,})" for name, count in models[:6]))
    if one["billed_usd"] is not None:
        lines.append(f"  it says that ${one['billed_usd']} was charged")
    if one["duplicates"]:
        lines.append(f"  {one['duplicates']:,} rows repeat a request and count once")
    if one["alike"]:
        lines.append(
            f"  {one['alike']:,} rows equal an earlier one ({one['first_alike']}) and count each: no request_id"
        )
    if one["left_out"]:
        lines.append(f"  {one['left_out']:,} rows were left out, the first: {one['bad'][0]}")
    lines.append(f"kept: {one['kept']}")
    return "\n".join(lines)
