"""The page of the Python API grows with ``costbasis.__all__``, from signatures and docstrings alone."""

from __future__ import annotations

import pytest
from docsite import api

import costbasis
from costbasis.catalog import load_catalog
from costbasis.errors import UnknownName
from costbasis.reports.format import number


def test_every_public_name_is_on_the_page_with_its_signature_and_examples(monkeypatch: pytest.MonkeyPatch) -> None:
    names = {"number": number, "load_catalog": load_catalog, "UnknownName": UnknownName, "__version__": "9.9"}
    monkeypatch.setattr(costbasis, "__all__", list(names), raising=False)
    for name, thing in names.items():
        monkeypatch.setattr(costbasis, name, thing, raising=False)
    page = api.page()
    assert [line for line in page.splitlines() if line.startswith("## ")] == [f"## {name}" for name in names]
    assert "number(value: float, figures: int = 2) -> str" in page
    assert "UnknownName(kind: str, name: str, *, known: Iterable[str], where: str = '', hint: str = '')" in page
    assert ">>> number(1234.0), number(4.96), number(0.0123), number(-83.2)" in page
    assert "`'9.9'`" in page
    assert ":class:" not in page
    assert page.count("```") % 2 == 0
    assert api.EMPTY not in page


def test_what_is_public_now_is_on_the_page() -> None:
    page = api.page()
    for name in getattr(costbasis, "__all__", []):
        assert f"## {name}\n" in page
    assert (api.EMPTY in page) == (not getattr(costbasis, "__all__", []))
