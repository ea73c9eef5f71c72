"""A model's own ``config.json`` as a row of the architecture table, for a model that the catalogue does not hold."""

from __future__ import annotations

from pathlib import Path

from costbasis.catalog.catalog import Catalog
from costbasis.catalog.importers import Told, huggingface
from costbasis.catalog.tables import Row
from costbasis.errors import BadImport, UnreadableInput, why


def read_config(path: Path, catalog: Catalog) -> Row:
    """The geometry of a ``config.json``.

    Errors: :class:`~costbasis.errors.UnreadableInput` for a file that cannot be read,
    :class:`~costbasis.errors.BadImport` naming the keys that are missing or not known.
    """
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise UnreadableInput(f"cannot be read: {why(error)}", where=str(path), hint="check --config") from error
    told = Told(citation=str(path), observed=catalog.newest_observation.isoformat(), names=catalog.names, sellers={})
    hint = "give the config.json of the model's repository"
    try:
        found = huggingface.read(raw, told)
    except BadImport as error:
        raise BadImport(error.what, where=str(path), hint=hint) from error
    if not found.rows.get("architecture"):
        reason = found.refused[0].reason if found.refused else "no geometry of a language model in it"
        raise BadImport(reason, where=str(path), hint=hint)
    return found.rows["architecture"][0]
