"""``costbasis catalog``: any fact with its source, date and trust."""

from __future__ import annotations

from collections import Counter
from typing import Any

import click

from costbasis.cli.common import shared_options
from costbasis.cli.session import Session, show, split_session


@click.command("catalog")
@click.argument("kind", required=False)
@click.argument("name", required=False)
@shared_options
def command(**params: Any) -> None:
    """Show the facts of a KIND (retail, offer, plan, …), of one NAME or key, or the kinds there are.

    KIND may be "sources" (who the facts rest on), "aliases" (other names of models) or "review" (names that nobody
    has mapped). For example: costbasis catalog retail claude-opus-4-6
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
    if kind in LISTS:
        return head("costbasis.catalog/1", catalog, session.as_of, []) | {"kind": kind} | LISTS[kind](catalog, name)
    counts = Counter(fact.key.partition("/")[0] for fact in catalog.facts())
    result = head("costbasis.catalog/1", catalog, session.as_of, [])
    if kind is None:
        return result | {"kinds": dict(sorted(counts.items()))}
    if "/" in kind and name is None:
        kind, name = kind.partition("/")[0], kind
    kind = {"plans": "plan", "offers": "offer"}.get(kind, kind)
    if kind not in counts:
        known = [*counts, *LISTS]
        raise UnknownName("kind of fact", kind, known=known, hint=f"kinds are {', '.join(sorted(counts))}")
    facts = list(catalog.facts(kind))
    if name is not None:
        facts = _named(kind, name, facts, catalog)
    hosts = {"hosts": _hosts(catalog, name, session.as_of)} if kind == "offer" and name else {}
    return result | {"kind": kind, **hosts, "facts": [_fact(fact) for fact in facts]}


def _hosts(catalog: Any, name: str, as_of: Any) -> list[dict[str, Any]]:
    """What each host of a model charges on the day, and how many sources say so."""
    choices = catalog.names.choices(name)
    offers = catalog.offers(choices[0].model, as_of) if len(choices) == 1 else []
    return [
        {
            "host": one.host,
            "precision": one.precision,
            "input_usd_per_mtok": _per_mtok(one.input_usd_per_tok),
            "cache_read_usd_per_mtok": _per_mtok(one.cache_read_usd_per_tok),
            "output_usd_per_mtok": _per_mtok(one.output_usd_per_tok),
            "agreeing": one.agreeing,
            "source": one.source.citation,
        }
        for one in offers
    ]


def _per_mtok(usd_per_tok: float | None) -> float | None:
    from costbasis.units import TOK_PER_MTOK

    return None if usd_per_tok is None else round(usd_per_tok * TOK_PER_MTOK, 6)


def _sources(catalog: Any, name: str | None) -> dict[str, Any]:
    from costbasis.catalog.standing import standings

    found = [
        {
            "source": one.source_id or None,
            "name": one.name,
            "kind": one.kind,
            "licence": one.licence,
            "url": one.url,
            "facts": one.facts,
            "tables": dict(one.tables.most_common()),
            "trust": dict(sorted(one.trust.items())),
            "first": one.first,
            "last": one.last,
            "note": one.note,
        }
        for one in standings(catalog.facts())
        if name is None or name.lower() in f"{one.source_id} {one.name}".lower()
    ]
    own = catalog.overlay
    book = {"path": str(own.path), "added": own.count, "log": list(own.log)} if not own.is_empty else None
    return {"sources": found, "own_book": book}


def _aliases(catalog: Any, name: str | None) -> dict[str, Any]:
    found = [
        {"name": one.raw, "model": one.model, "variant": one.variant, "seller": one.provider, "rule": one.rule}
        for one in catalog.names.aliases()
        if name is None or name in (one.raw, one.model)
    ]
    return {"aliases": found}


def _review(catalog: Any, name: str | None) -> dict[str, Any]:
    from costbasis.catalog.standing import review

    rows = review(catalog.overlay, catalog.names)
    return {"review": [row for row in rows if name is None or name.lower() in row["raw_name"].lower()]}


LISTS = {"sources": _sources, "aliases": _aliases, "review": _review}
"""What ``catalog`` lists that is no table of facts."""


def _subject(key: str) -> str:
    """The name in ``kind/name.field``; names may hold dots, fields may not.

    >>> _subject("retail/kimi-k2.5.standard.input_usd_per_mtok"), _subject("fleet/default.slo_headroom_frac")
    ('kimi-k2.5.standard', 'default')
    """
    return key.partition("/")[2].rpartition(".")[0]


def _named(kind: str, name: str, facts: list[Any], catalog: Any) -> list[Any]:
    """The facts of a key, a subject, or of a model: all its modes, or all its hosts.

    Errors: :class:`~costbasis.errors.UnknownName` with the nearest, :class:`~costbasis.errors.AmbiguousName`.
    """
    from costbasis.errors import UnknownName

    for candidate in (name, f"{kind}/{name}", name.removeprefix(f"{kind}/")):
        exact = [fact for fact in facts if candidate in (_subject(fact.key), fact.key)]
        if exact:
            return exact
    apart = {"retail": ".", "offer": "@"}.get(kind)
    choices = catalog.names.choices(name) if apart else []
    model = choices[0].model if len(choices) == 1 else name
    of_model = [fact for fact in facts if apart and _subject(fact.key).rpartition(apart)[0] == model]
    if of_model:
        return of_model
    subjects = [_subject(fact.key) for fact in facts]
    models = [subject.rpartition(apart)[0] for subject in subjects] if apart else []
    known = dict.fromkeys([*models, *subjects, *(fact.key for fact in facts)])
    raise UnknownName(kind, name, known=known, hint=f"costbasis catalog {kind} lists them all")


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
    if kind in LISTS:
        return "\n".join(_list_lines(found))
    lines = [_host_line(host) for host in found.get("hosts", [])]
    lines += [f"(on {found['as_of']}; every statement of every source:)"] if lines else []
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


def _host_line(host: dict[str, Any]) -> str:
    read = host["cache_read_usd_per_mtok"]
    cached = "–" if read is None else f"{read:g}"
    prices = f"{host['input_usd_per_mtok']:g} / {cached} / {host['output_usd_per_mtok']:g}"
    said = "one source" if host["agreeing"] == 1 else f"{host['agreeing']} sources agree"
    return f"{host['host']:<34} {prices} USD per million input / cached / output tokens · {said}"


def _list_lines(found: dict[str, Any]) -> list[str]:
    if "aliases" in found:
        return [
            f"{one['name']}  →  {' · '.join(filter(None, (one['model'], one['variant'], one['rule'])))}"
            for one in found["aliases"]
        ]
    if "review" in found:
        told = ("raw_name", "seller", "upstream", "observed")
        names = ["  · ".join(row[column] for column in told) for row in found["review"]]
        return [*names, "", f"{len(found['review']):,} names that no alias knows; a line of alias.csv maps one"]
    lines = []
    for one in found["sources"]:
        tables = ", ".join(f"{count:,} {table}" for table, count in one["tables"].items())
        trust = ", ".join(f"{count:,} of {grade}" for grade, count in one["trust"].items())
        lines.append(f"{one['facts']:>7,}  {one['name']}")
        lines.append(f"         {one['licence']} · {one['first']} to {one['last']} · trust: {trust} · in {tables}")
        lines += [f"         {one['note']}"] if one["note"] else []
    own = found["own_book"]
    if own:
        lines += ["", f"Your own book, {own['path']}: {own['added']:,} statements laid over these"]
        lines += [f"  {entry['day']}  {entry['added']} from {entry['source']}" for entry in own["log"]]
    return lines
