"""A catalogue's row, as its events come."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from tests.casework.domain.histories import CATALOGUE, DAY, declared
from tests.told import meta, rows

from casework.domain.catalogue import LedgerCategory, LedgerCategoryRegistered
from casework.projections.catalogue import CATALOGUES, CatalogueRow, evolve

registered = LedgerCategoryRegistered(CATALOGUE, LedgerCategory("single_parent", "单亲家庭"))
lengths = CatalogueRow(CATALOGUE, "演示服务目录", 5, 7, 8, 1, DAY)


def test_a_catalogue_has_the_lengths_of_its_lists() -> None:
    assert evolve(None, declared, meta(DAY)) == lengths
    assert evolve(lengths, registered, meta(DAY)) == replace(lengths, category_count=8)


def test_a_category_of_nothing_makes_no_row() -> None:
    assert evolve(None, registered, meta(DAY)) is None


def test_a_category_counts_from_its_day_on_also_where_another_was_first() -> None:
    history = [(DAY, declared), (DAY + timedelta(days=6), registered), (DAY + timedelta(days=3), registered)]
    found = [rows(CATALOGUES, history, DAY + timedelta(days=n)) for n in (2, 3, 5, 6)]
    assert found == [[replace(lengths, category_count=n)] for n in (7, 8, 8, 9)]
