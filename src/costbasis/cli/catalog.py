"""``costbasis catalog``: any fact with its source, date and trust."""

from __future__ import annotations

from collections import Counter
from typing import Any

import click

from costbasis.cli.common import Session, shared_options, show, split_session


@click.command("catalog")
@click.argument("kind", required=False)
@click.argument("name", required=False)
@shared_options
def command(**params: Any) -> None:
    """Show the facts of a KIND (retail, offer, plan, …), of one NAME or key, or the kinds there are.

    For example: costbasis catalog retail claude-opus-4-6
    """
    session, own = split_session(params)
    found = build(session, **own)
    show(session, found, lambda: _text(found, own["kind"]))


def build(session: Session, *, kind: str | None, name: str | None) -> dict[str, Any]:
    """The ``costbasis.catalog/1`` object: kinds with counts, or the facts asked for.

    Errors: :class:`~costbasis.errors.UnknownName` with the nearest kinds or names.
    """
    from costbasis.errors import UnknownName
    from costbasis.reports.head import head

    catalog = session.catalog
    counts = Counter(fact.key.partition("/")[0] for fact in catalog.facts())
    result = head("costbasis.catalog/1", catalog, session.as_of, [])
    if kind is None:
        return result | {"kinds": dict(sorted(counts.items()))}
    if "/" in kind and name is None:
        kind, name = kind.partition("/")[0], kind
    kind = {"plans": "plan", "offers": "offer"}.get(kind, kind)
    if kind not in counts:
        raise UnknownName("kind of fact", kind, known=counts, hint=f"kinds are {', '.join(sorted(counts))}")
    facts = list(catalog.facts(kind))
    if name is not None:
        wanted = _name_of(kind, name, facts, catalog)
        facts = [fact for fact in facts if _subject(fact.key) == wanted or fact.key == wanted]
    return result | {"kind": kind, "facts": [_fact(fact) for fact in facts]}


def _subject(key: str) -> str:
    """The name in ``kind/name.field``; names may hold dots, fields may not.

    >>> _subject("retail/kimi-k2.5.standard.input_usd_per_mtok"), _subject("fleet/default.slo_headroom_frac")
    ('kimi-k2.5.standard', 'default')
    """
    return key.partition("/")[2].rpartition(".")[0]


def _name_of(kind: str, name: str, facts: list[Any], catalog: Any) -> str:
    from costbasis.errors import UnknownName

    subjects = dict.fromkeys(_subject(fact.key) for fact in facts)
    keys = {fact.key for fact in facts}
    for candidate in (name, f"{name}.standard", f"{kind}/{name}", name.removeprefix(f"{kind}/")):
        if candidate in subjects or candidate in keys:
            return candidate
    raise UnknownName(kind, name, known=[*subjects, *keys], hint=f"costbasis catalog {kind} lists them all")


def _fact(fact: Any) -> dict[str, Any]:
    source = fact.source
    return {
        "key": fact.key,
        "value": fact.value_text,
        "unit": fact.unit,
        "valid": fact.valid,
        "low": fact.low,
        "mid": fact.mid,
        "high": fact.high,
        "source": source.citation,
        "place": source.place,
        "date": source.as_of,
        "trust": source.trust,
        "status": source.status,
        "interest": source.interest,
        "note": fact.note,
    }


def _text(found: dict[str, Any], kind: str | None) -> str:
    if kind is None:
        width = max(len(name) for name in found["kinds"])
        counts = [f"{name:<{width}}  {count:>7,} facts" for name, count in found["kinds"].items()]
        return "\n".join([*counts, "", "Show some: costbasis catalog KIND [NAME]"])
    lines: list[str] = []
    said = ""
    for fact in found["facts"]:
        source = _source(fact)
        if source != said:
            lines.append(source)
            said = source
        lines.append(f"    {fact['key']} = {fact['value']} {fact['unit']}")
    return "\n".join(lines)


def _source(fact: dict[str, Any]) -> str:
    """Who says so, once above the facts that share it."""
    parts = [fact["source"], fact["place"], f"observed {fact['date']}", f"trust {fact['trust']}, {fact['status']}"]
    parts += [f"valid from {fact['valid']}".removesuffix(" to ")] if fact["valid"] else []
    parts += [f"interest: {fact['interest']}"] if fact["interest"] else []
    parts += [fact["note"]] if fact["note"] else []
    return " · ".join(part for part in parts if part)
