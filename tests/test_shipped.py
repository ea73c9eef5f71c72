"""List prices without the whole catalogue: the same answers, and no numpy."""

from __future__ import annotations

import subprocess
import sys

import pytest

from costbasis.catalog import load_catalog
from costbasis.catalog.shipped import Shipped
from costbasis.catalog.tables import read_csv
from costbasis.errors import AmbiguousName, UnknownName
from costbasis.usage.pricing.epochs import NoPrice, PriceBook

WHOLE, SHIPPED = load_catalog(), Shipped()


def test_every_price_row_is_that_of_the_catalogue() -> None:
    book, whole = PriceBook.from_catalog(SHIPPED), PriceBook.from_catalog(WHOLE)
    models = SHIPPED.retail_models()
    assert models == WHOLE.retail_models()
    rows = [row for model in models for row in book.rows_of(model)]
    assert len(rows) > 600
    assert rows == [row for model in models for row in whole.rows_of(model)]
    assert book.web_search_pico_usd == whole.web_search_pico_usd > 0
    assert book.us_geo_permille == whole.us_geo_permille > 1000


def test_every_name_stands_for_what_it_stands_for_in_the_catalogue() -> None:
    book, whole = PriceBook.from_catalog(SHIPPED), PriceBook.from_catalog(WHOLE)
    raw = [*WHOLE.names.ids, *(row["raw_name"] for row in read_csv("alias.csv"))]
    assert len(raw) > 2_000
    said = {name: book.model_of(name) for name in raw}
    assert said == {name: whole.model_of(name) for name in raw}
    assert any(isinstance(model, NoPrice) for model in said.values()), "no variant that is priced apart was asked for"


@pytest.mark.parametrize("name", ["claude-opus-4-6x", "nothing of the kind", ""])
def test_an_unknown_name_is_told_in_the_same_words(name: str) -> None:
    with pytest.raises((UnknownName, AmbiguousName)) as mine:
        SHIPPED.find_model(name)
    with pytest.raises((UnknownName, AmbiguousName)) as theirs:
        WHOLE.find_model(name)
    assert str(mine.value) == str(theirs.value)


def test_it_is_the_same_catalogue_observed_on_the_same_day() -> None:
    assert SHIPPED.sha256 == WHOLE.sha256
    assert SHIPPED.newest_observation == WHOLE.newest_observation


def test_a_fact_that_is_not_there_once_is_refused() -> None:
    with pytest.raises(KeyError):
        SHIPPED.middle("charge/nothing.usd_per_request")


def test_prices_and_names_are_had_without_numpy() -> None:
    code = (
        "import sys\n"
        "from costbasis.catalog.shipped import Shipped\n"
        "from costbasis.usage.pricing.epochs import PriceBook\n"
        "book = PriceBook.from_catalog(Shipped())\n"
        "book.model_of('not a model'), book.model_of('claude-opus-4-6')\n"
        "sys.exit('numpy' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
