"""How ccusage tells copies of a response apart, and which of them it keeps (version 20.0.24)."""

from __future__ import annotations

from collections.abc import Iterable

from costbasis.usage.othertools.ccusage_lines import DAILY, Entry


def deduplicated(entries: Iterable[Entry], loader: str) -> list[Entry]:
    """The entries that the tool keeps, in its order; a copy replaces an earlier one that is worth less to it."""
    kept: list[Entry] = []
    by_key: dict[tuple[object, ...], list[int]] = {}
    by_message: dict[tuple[str | None, str], list[int]] = {}
    for entry in entries:
        index = None if entry.message_id is None else _copy_of(entry, kept, by_key, by_message, loader)
        if index is None:
            index = len(kept)
            kept.append(entry)
        elif _replaces(entry, kept[index]):
            kept[index] = entry
        else:
            continue
        by_key.setdefault(_key(entry, loader), []).append(index)
        by_message.setdefault((entry.message_id, entry.session), []).append(index)
    return kept


def _copy_of(
    entry: Entry,
    kept: list[Entry],
    by_key: dict[tuple[object, ...], list[int]],
    by_message: dict[tuple[str | None, str], list[int]],
    loader: str,
) -> int | None:
    key = _key(entry, loader)
    for index in by_key.get(key, ()):
        if _key(kept[index], loader) == key:
            return index
    for index in by_message.get((entry.message_id, entry.session), ()):
        is_replay = entry.is_sidechain or kept[index].is_sidechain
        is_then = loader == DAILY or kept[index].time_ms == entry.time_ms
        if is_replay and is_then and kept[index].message_id == entry.message_id:
            return index
    return None


def _key(entry: Entry, loader: str) -> tuple[object, ...]:
    """Ids make a copy; without a request id the session goes with them, and before ``daily`` the time."""
    if entry.request_id is not None:
        return (entry.message_id, entry.request_id)
    return (entry.message_id, None, entry.session, entry.time_ms if loader == DAILY else None)


def _replaces(entry: Entry, other: Entry) -> bool:
    if entry.is_sidechain != other.is_sidechain:
        return other.is_sidechain
    if entry.counts.total != other.counts.total:
        return entry.counts.total > other.counts.total
    return entry.has_speed and not other.has_speed
