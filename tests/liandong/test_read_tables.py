"""The read tables that the command line names, without asking a service."""

from __future__ import annotations

from tests.golden.files import SERVICES

from kit import store
from kit.store import PEOPLE
from liandong.commands.rebuild import PROJECTIONS


def test_the_read_tables_that_are_named_are_those_that_there_are() -> None:
    for one in SERVICES:
        people = (PEOPLE,) if one.people else ()
        assert (store.BUREAUS, *(view.name for view in one.views), *people) == PROJECTIONS[one.name]
    assert {one.name for one in SERVICES} == set(PROJECTIONS)
