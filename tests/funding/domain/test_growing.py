"""A state of thousands of events costs no more to go on with than one of a few: nothing that grows is copied."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass, replace
from datetime import timedelta
from decimal import Decimal
from functools import reduce
from itertools import pairwise
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.values import DocumentId, Fen, OrganisationId, ProjectId, Quantity, SchemeId, TenantId, Unit, WorkerId
from funding.domain import budget, organisation, quota
from funding.domain import budget as b
from funding.domain.growing import Growing
from funding.domain.organisation import (
    OrganisationAssigned,
    OrganisationAssignmentEnded,
    OrganisationListingElsewhereNoted,
)
from funding.domain.organisation import OrganisationQualificationLost as Lost
from funding.domain.project import events as e
from funding.domain.project import state as project
from funding.domain.project.state import Project
from funding.domain.quota import QuotaTaken, QuotaUse

from . import histories as h
from .billing import spent

ENTRIES = st.lists(st.dictionaries(st.integers(0, 50), st.integers(), max_size=5), max_size=60)


@given(ENTRIES)
def test_it_is_the_dict_of_all_that_was_added_and_what_was_before_stays_what_it_was(
    entries: list[dict[int, int]],
) -> None:
    grown: Growing[int, int] = Growing()
    plain: dict[int, int] = {}
    for more in entries:
        before, as_it_was = grown, dict(plain)
        grown, plain = grown | more, plain | more
        assert dict(before) == as_it_was == before
        assert (dict(grown), len(grown), bool(grown)) == (plain, len(plain), bool(plain))
        assert (list(grown.items()), sorted(grown.values())) == (list(dict(grown).items()), sorted(plain.values()))
        assert all(grown[key] == value for key, value in plain.items())
        assert grown.get(51) is None


def test_an_entry_lies_in_one_of_few_layers() -> None:
    grown: Growing[int, int] = Growing()
    for n in range(1024):
        grown |= {n: n}
    layers = grown._layers
    assert len(layers) <= 10
    assert all(len(older) >= 2 * len(younger) for older, younger in pairwise(layers))
    assert dict(grown) == {n: n for n in range(1024)}


def id(n: int) -> UUID:
    return UUID(int=10_000 + n)


def day(n: int) -> timedelta:
    return timedelta(days=n)


def verdict(n: int) -> e.StaffingVerified:
    staff = tuple(replace(worker, worker_id=WorkerId(id(3 * n + k))) for k, worker in enumerate(h.STAFF))
    return replace(h.verified, workers=staff, verified_on=h.VERIFIED + day(n))


def assigned(n: int) -> OrganisationAssigned:
    return OrganisationAssigned(h.ORGANISATION, ProjectId(id(n)), h.SCHEME_ID)


def counts(n: int) -> e.ProjectCountsNoted:
    return e.ProjectCountsNoted(
        h.PROJECT, "casework", h.STARTED + day(n), {"visits": Quantity(Decimal(n), Unit.SESSIONS)}
    )


def bill(n: int) -> b.ExpenseRecorded:
    return replace(spent("service", "casework", 1, n, on=h.STARTED + day(n)), voucher=DocumentId(id(n)))


def reversal(n: int) -> b.ExpenseReversed:
    why = b.ReversalReason.REFUND
    return b.ExpenseReversed(h.PROJECT, id(n), UUID(int=900 + n), "service", "casework", Fen(1), why, h.ENDED + day(n))


PROJECTS: tuple[Any, ...] = (Project(), project.evolve, h.RUNNING)
BUDGETS: tuple[Any, ...] = (budget.BudgetAccount(), budget.evolve, h.PAID)
ORGANISATIONS: tuple[Any, ...] = (organisation.Organisation(), organisation.evolve, (h.organisation_noted,))
MOST = 90
KINDS: dict[str, tuple[tuple[Any, ...], Callable[[int], Any]]] = {
    "a day's counts": (PROJECTS, counts),
    "declarations": (
        PROJECTS,
        lambda n: replace(h.declared, worker_ids=(WorkerId(id(2 * n)), WorkerId(id(2 * n + 1)))),
    ),
    "verdicts": (PROJECTS, verdict),
    "departures": (PROJECTS, lambda n: e.WorkerDepartureNoted(h.PROJECT, WorkerId(id(n)), h.MIDTERM)),
    "findings": (
        PROJECTS,
        lambda n: e.CredentialImpersonationFound(h.PROJECT, h.ORGANISATION, 1, h.SCHEME_ID, WorkerId(id(n))),
    ),
    "plans": (PROJECTS, lambda n: replace(h.plan_reviewed, organisation_id=OrganisationId(id(n)))),
    "disqualifications": (
        PROJECTS,
        lambda n: e.AssignmentEnded(h.PROJECT, OrganisationId(id(n)), e.EndCause.DISQUALIFIED, h.MIDTERM + day(n)),
    ),
    "third parties": (PROJECTS, lambda n: replace(h.evaluator_named, third_party=str(n))),
    "bills": (BUDGETS, bill),
    "reversals": ((*BUDGETS[:2], (*h.PAID, *map(bill, range(MOST)))), reversal),
    "instalments": (BUDGETS, lambda n: replace(h.paid_in_full, paid_on=h.STARTED + day(n))),
    "assignments": (ORGANISATIONS, assigned),
    "ends of assignments": (
        (*ORGANISATIONS[:2], (h.organisation_noted, *map(assigned, range(MOST)))),
        lambda n: OrganisationAssignmentEnded(
            h.ORGANISATION, ProjectId(id(n)), h.SCHEME_ID, organisation.EndReason.PROJECT_CLOSED
        ),
    ),
    "lost schemes": (ORGANISATIONS, lambda n: Lost(h.ORGANISATION, SchemeId(id(n)))),
    "listings elsewhere": (
        ORGANISATIONS,
        lambda n: OrganisationListingElsewhereNoted(h.ORGANISATION, TenantId(f"{n:06}"), listed=True),
    ),
    "places": (
        (QuotaUse(), quota.evolve, ()),
        lambda n: QuotaTaken(h.SCHEME_ID, ProjectId(id(n)), TenantId(f"62010{n % 5}"), n, n),
    ),
}


@pytest.mark.parametrize("kind", KINDS)
def test_what_grows_with_the_events_of_a_stream_is_not_copied_for_each(kind: str) -> None:
    (initial, evolve, history), event = KINDS[kind]
    few, many = [reduce(evolve, (*history, *map(event, range(n))), initial) for n in (MOST // 3, MOST)]
    assert few != many
    assert dict(copied(many)) == dict(copied(few))


def copied(value: Any, path: str = "") -> Iterator[tuple[str, int]]:
    """Every plain collection in a state, and how much it holds."""
    if isinstance(value, tuple | dict | frozenset):
        yield path, len(value)
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from copied(inner, f"{path}/{key}")
    elif is_dataclass(value):
        for field in fields(value):
            yield from copied(getattr(value, field.name), f"{path}/{field.name}")
