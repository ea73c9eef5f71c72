"""Imports point down: the layers of the house, read off the source."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "src" / "costbasis"

LAYERS = (
    ("errors",),
    ("units", "sha256", "beside", "source", "estimate"),
    ("kept",),
    ("performance",),
    ("sampling",),
    ("quantity",),
    ("rowvalues", "provenance", "feasibility"),
    ("catalog",),
    ("usage", "calibration", "service"),
    ("routes",),
    ("bases",),
    ("plans", "parties", "population", "company"),
    ("valuation", "mixprice", "servingcost", "breakdown"),
    ("compare",),
    ("claims",),
    ("validation",),
    ("reports",),
    ("explore",),
    ("lane",),
    ("cli", "api", "mcp", "__main__"),
)
"""From the bottom up. The doors stand side by side: commands, and functions that ask what a command asks, and
tools that call those.
``formulas`` stands beside them all: it imports nothing of ours, anyone may import it."""

PLUG_INS = (
    "catalog/importers",
    "routes",
    "bases",
    "usage/readers",
    "usage/engines",
    "claims/questions",
    "validation",
    "reports",
    "reports/charts",
    "cli",
)
"""Folders whose modules do not know each other (what they share is listed in ``SHARED``)."""

SHARED = {
    "importers": {"reading"},
    "bases": {"value", "engine", "pooling", "table"},
    "validation": {"score", "regression", "serving_rows"},
    "reports": {
        "accuracy_page",
        "breakdown_object",
        "format",
        "leaf",
        "head",
        "report_object",
        "usage_object",
        "usage_cells",
        "usage_text",
        "claimflips",
        "claimtext",
        "page",
        "place",
        "card",
        "csv",
        "drawing",
        "screen",
        "timeline",
        "price_object",
        "scarcity",
    },
    "charts": {"buckets", "chart", "classes", "marks", "theme"},
    "cli": {
        "common",
        "session",
        "usagetable",
        "statusfacts",
        "app",
        "complete",
        "facts",
        "progress",
        "ownuse",
        "words",
        "parsed",
        "replaying",
        "tabled",
        "tokens",
    },
}

LEVEL = {name: level for level, names in enumerate(LAYERS) for name in names}


def modules() -> list[Path]:
    return sorted(path for path in PACKAGE.rglob("*.py") if path.name != "__init__.py" or path.parent != PACKAGE)


def imports_of(path: Path) -> set[str]:
    """Dotted names below ``costbasis.`` that a module imports, at any depth of its code."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return {name.removeprefix("costbasis.") for name in found if name.startswith("costbasis.")}


def top_of(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_point_down(path: Path) -> None:
    mine = top_of(path)
    for name in imports_of(path):
        theirs = name.partition(".")[0]
        if theirs in ("formulas", "__version__"):
            continue
        if mine == "formulas":
            raise AssertionError(f"a formula imports {name}")
        assert LEVEL[theirs] <= LEVEL[mine], f"{mine} imports {name}, which lies above it"


def test_every_module_has_a_layer() -> None:
    assert {top_of(path) for path in modules()} - {"formulas"} == set(LEVEL)


@pytest.mark.parametrize("folder", PLUG_INS)
def test_plug_ins_do_not_import_each_other(folder: str) -> None:
    shared = SHARED.get(folder.split("/")[-1], set())
    prefix = folder.replace("/", ".")
    for path in (PACKAGE / folder).glob("*.py"):
        if path.stem in shared or path.stem == "__init__":
            continue
        siblings = {
            name.removeprefix(f"{prefix}.").partition(".")[0]
            for name in imports_of(path)
            if name.startswith(f"{prefix}.")
        }
        known = {other.stem for other in (PACKAGE / folder).glob("*.py")} - shared - {"__init__", path.stem}
        assert not siblings & known, f"{path.name} imports its sibling {siblings & known}"


def test_formulas_import_numpy_and_scipy_special_only() -> None:
    allowed = {"__future__", "typing", "numpy", "numpy.typing", "scipy.special", "costbasis.formulas.values"}
    for path in (PACKAGE / "formulas").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = {alias.name for alias in node.names} if isinstance(node, ast.Import) else set()
            names |= {node.module or ""} if isinstance(node, ast.ImportFrom) else set()
            assert {name for name in names if not name.startswith("costbasis.formulas")} <= allowed, path.name


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_files_are_short_and_say_what_they_are_for(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 300, "split it: a file is one thought"
    assert ast.get_docstring(ast.parse(text)), "a file opens with one sentence that says what it is for"
