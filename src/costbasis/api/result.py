"""Results of the Python API: the object of a command, with attributes, tables and a way down to every source."""

from __future__ import annotations

from collections.abc import Callable, ItemsView, Iterator, KeysView, Sequence, ValuesView
from math import isnan
from typing import Any, overload

from costbasis.errors import nearest
from costbasis.quantity import Estimate
from costbasis.reports.leaf import Estimated, ExactUsd, at_pointer

DEPTH = 12
"""Levels of an explanation that are printed; all of them are in it."""


class Fields:
    """An object of a result: its fields as attributes and as items.

    Exact money is a :class:`~decimal.Decimal` of US dollars, an estimate has ``p10``, ``p50``, ``p90`` and ``mean``,
    and what is unknown is None. It is read like a mapping and is none by type: Polars would take one for columns.
    """

    __slots__ = ("_node",)

    def __init__(self, node: dict[str, Any]) -> None:
        self._node = node

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") or name in ("_node",):
            raise AttributeError(name)
        if name in self._node:
            return shown(self._node[name])
        close = nearest(name, self._node) or list(self._node)[:8]
        raise AttributeError(f"no field {name!r} here; there is {', '.join(close)}")

    def __getitem__(self, name: str) -> Any:
        return shown(self._node[name])

    def __iter__(self) -> Iterator[str]:
        return iter(self._node)

    def __len__(self) -> int:
        return len(self._node)

    def __contains__(self, name: object) -> bool:
        return name in self._node

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Fields) and self._node == other._node

    def keys(self) -> KeysView[str]:
        """The names of the fields."""
        return self._node.keys()

    def values(self) -> ValuesView[Any]:
        """The fields."""
        return {name: self[name] for name in self._node}.values()

    def items(self) -> ItemsView[str, Any]:
        """The fields with their names."""
        return {name: self[name] for name in self._node}.items()

    def get(self, name: str, default: Any = None) -> Any:
        """A field, or *default* where there is none."""
        return self[name] if name in self._node else default

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), *(name for name in self._node if name.isidentifier())})

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(self._node)})"

    def to_dict(self) -> Any:
        """The same as plain data: what ``--json`` prints of it."""
        from costbasis.reports.leaf import plain

        return plain(self._node)

    def _repr_html_(self) -> str:
        from costbasis.api.page import fields_html

        return fields_html(self._node)


class Rows:
    """A table of a result: rows with attributes; any frame library takes it in, through Arrow.

    ``polars.DataFrame(rows)``, ``pandas.DataFrame.from_arrow(rows)``, ``pyarrow.table(rows)``; ``rows.to_dict()`` for
    none of them. Estimates become four columns (``…_p10``, ``_p50``, ``_p90``, ``_mean``), exact money a decimal.
    """

    __slots__ = ("_nodes",)

    def __init__(self, nodes: Sequence[dict[str, Any]]) -> None:
        self._nodes = nodes

    @overload
    def __getitem__(self, index: int) -> Fields: ...

    @overload
    def __getitem__(self, index: slice) -> Rows: ...

    def __getitem__(self, index: int | slice) -> Fields | Rows:
        return Rows(self._nodes[index]) if isinstance(index, slice) else Fields(self._nodes[index])

    def __len__(self) -> int:
        return len(self._nodes)

    def __iter__(self) -> Iterator[Fields]:
        return map(Fields, self._nodes)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Rows) and self._nodes == other._nodes

    def __repr__(self) -> str:
        return f"Rows({len(self)} × {', '.join(self._nodes[0]) if self._nodes else 'nothing'})"

    def to_dict(self) -> list[dict[str, Any]]:
        """The same as plain data: what ``--json`` prints of it."""
        from costbasis.reports.leaf import plain

        found: list[dict[str, Any]] = plain(self._nodes)
        return found

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        from costbasis.api.arrow import stream

        return stream(self._nodes, requested_schema)

    def to_arrow(self) -> Any:
        """A ``pyarrow.Table``; needs pyarrow, which the stream does not."""
        from costbasis.api.arrow import arrow_table

        return arrow_table(self)

    def _repr_html_(self) -> str:
        from costbasis.api.page import rows_html

        return rows_html(self._nodes)


class Result(Fields):
    """One answer: the object that the command prints with ``--json``, and more of it.

    ``print(result)`` prints what the command prints; ``result.command`` is the command line that makes it again (None
    for a frame of yours, which no command line can name); ``result.explain(pointer)`` is where a number comes from.
    """

    __slots__ = ("_text", "command")

    def __init__(self, node: dict[str, Any], *, command: str | None, text: Callable[[], str]) -> None:
        super().__init__(node)
        self.command = command
        self._text = text

    def __str__(self) -> str:
        return self._text()

    def __repr__(self) -> str:
        asked = f"costbasis {self.command}" if self.command is not None else "of a frame"
        return f"<{self._node['schema']}: {asked}>"

    def to_json(self) -> str:
        """What the command prints with ``--json``."""
        from costbasis.reports.json import to_json

        return to_json(self._node)

    def explain(self, pointer: str) -> Result:
        """The tree of the number at a JSON pointer of this result, down to its sources.

        Errors: :class:`~costbasis.errors.BadArgument` for a pointer that leads to no number, with some that do.
        """
        from costbasis.api.texts import text_of
        from costbasis.provenance import explain

        shared = ("as_of", "version", "seed", "catalogue_sha256", "warnings")
        head = {"schema": "costbasis.explain/1"} | {name: self._node[name] for name in shared}
        tree = explain(at_pointer(self._node, pointer))
        found = head | {"of": self.command, "pointer": pointer, "tree": tree}
        command = None
        if self.command is not None:
            import shlex

            command = shlex.join(["explain", "--of", self.command, pointer])
        return Result(found, command=command, text=text_of("explain", found, {"depth": DEPTH}))

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        from costbasis.api.arrow import main_table, stream

        return stream(main_table(self._node), requested_schema)

    def to_arrow(self) -> Any:
        """Its main table as a ``pyarrow.Table``: of usage, one row a key and model; needs pyarrow."""
        from costbasis.api.arrow import arrow_table

        return arrow_table(self)

    def _repr_html_(self) -> str:
        from costbasis.api.page import result_html

        return result_html(self._node, self.command)


def shown(node: Any) -> Any:
    """A part of a result's object as the API gives it."""
    if isinstance(node, dict):
        return Fields(node)
    if isinstance(node, list | tuple):
        if all(isinstance(child, dict) for child in node):
            return Rows(node)
        return tuple(shown(child) for child in node)
    if isinstance(node, Estimated):
        return None if isnan(node.estimate.p50) else Estimate(*node.estimate)
    return dollars(node) if isinstance(node, ExactUsd) else node


def dollars(leaf: ExactUsd) -> Any:
    """Exact money as a decimal of US dollars."""
    from decimal import Decimal

    from costbasis.usage.pricing.cells import usd_text

    return Decimal(usd_text(leaf.pico_usd))
