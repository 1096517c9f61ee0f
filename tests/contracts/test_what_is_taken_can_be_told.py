"""Whatever a command takes, the events that carry it can be told.

An event is built of values that the command's own field accepts, wherever the message could notice; every other value
is absurd, so that a field that the message takes and `SOURCES` forgot turns the test red.
"""

from __future__ import annotations

import dataclasses
import types
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from enum import Enum
from types import SimpleNamespace
from typing import Annotated, Any, NewType, Union, get_args, get_origin, get_type_hints
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, TypeAdapter, ValidationError
from tests.contracts.leaves import leaves
from tests.golden.files import SERVICES
from tests.golden.samples import sample
from tests.synthetic import identity_number

from casework.commands.case import OpenCase
from casework.commands.correction import CorrectCase
from casework.domain import case_events
from casework.domain import counts as served
from casework.domain.corrections import CaseCorrected, CaseNoteAnnulled
from contracts.messages import Message
from contracts.messages.funding import ImplementationStartedV1
from contracts.values import Event, PersonId, Sealed, UnitCode, WorkerId
from funding.commands.acceptance import RateProject
from funding.commands.amend import ExtendProject, MoveProject
from funding.commands.application import SubmitApplication
from funding.commands.place import AssignPlace
from funding.commands.scheme import PublishScheme
from funding.domain import scheme
from funding.domain.project import events as projects
from registry.commands.organisation import BlacklistOrganisation, RecordInspection, RegisterOrganisation
from registry.commands.redivision import RenameUnit
from registry.commands.site import PlanSite
from registry.commands.tenant import RegisterTenant, UnitGiven
from registry.domain import division, organisation, posting, site, tenant, worker
from volunteer.domain import counts as volunteered

Field = tuple[type[BaseModel], str]
SOURCES: dict[type[Event], dict[str, Field | st.SearchStrategy[Any]]] = {
    tenant.TenantRegistered: {
        "tenant_id": (RegisterTenant, "tenant_id"),
        "name": (RegisterTenant, "name"),
        "parent": (RegisterTenant, "parent"),
    },
    division.UnitTold: {
        "unit": (UnitGiven, "unit"),
        "name": (UnitGiven, "name"),
        "parent": (UnitGiven, "parent"),
        "since": (RenameUnit, "occurred_on"),
        "until": (RenameUnit, "occurred_on"),
        "successors": st.just((UnitCode("620102001001"),)),
        "version": st.integers(1, 1000),
    },
    projects.ProjectPlaceMoved: {
        "street": (SubmitApplication, "street"),
        "community": (AssignPlace, "community"),
        "moved_on": (AssignPlace, "occurred_on"),
    },
    organisation.OrganisationRegistered: {"name": (RegisterOrganisation, "name")},
    organisation.AnnualInspectionRecorded: {"year": (RecordInspection, "year")},
    organisation.OrganisationBlacklisted: {"reason": (BlacklistOrganisation, "reason")},
    organisation.OrganisationListedElsewhere: {"authority": (RegisterTenant, "tenant_id")},
    site.SiteOpened: {"host": (PlanSite, "host")},
    site.SitePassedOn: {"host": (UnitGiven, "unit"), "passed_on": (RenameUnit, "occurred_on")},
    worker.WorkerPlaced: {"community": (ImplementationStartedV1, "community")},
    worker.LockedWorkerMoved: {"remaining": st.integers(0, 100)},
    posting.WorkerLeftPosting: {"starters_left": st.integers(0, 100)},
    posting.StaffingRejected: {
        "reasons.code": st.sampled_from(["headcount", "organisation-penalised"]),
        "reasons.rule": st.sampled_from(["R-LZ-09", None]),
    },
    posting.PostingLocked: {
        "community": (ImplementationStartedV1, "community"),
        "from_day": (ImplementationStartedV1, "impl_from"),
        "to_day": (ImplementationStartedV1, "impl_to"),
    },
    case_events.CaseOpened: {"domain": (OpenCase, "domain"), "community": (ImplementationStartedV1, "community")},
    case_events.CaseEndedEarly: {"domain": (OpenCase, "domain"), "community": (ImplementationStartedV1, "community")},
    case_events.CaseClosed: {"domain": (OpenCase, "domain"), "community": (ImplementationStartedV1, "community")},
    CaseCorrected: {"now": (CorrectCase, "domain"), "community": (ImplementationStartedV1, "community")},
    CaseNoteAnnulled: {"domain": (OpenCase, "domain"), "community": (ImplementationStartedV1, "community")},
    scheme.SchemePublished: {"number": st.integers(1, 10**6)},
    projects.ProjectApproved: {
        "district": (PublishScheme, "terms.quotas.district"),
        "street": (SubmitApplication, "street"),
        "community": (SubmitApplication, "community"),
    },
    projects.PurchaseAgreementSigned: {"signed_on": (SubmitApplication, "occurred_on")},
    projects.StaffingDeclared: {
        "lock_from": (PublishScheme, "terms.calendar.impl_from"),
        "lock_to": (PublishScheme, "terms.calendar.impl_to"),
    },
    projects.ImplementationStarted: {
        "community": (SubmitApplication, "community"),
        "impl_from": (PublishScheme, "terms.calendar.impl_from"),
        "impl_to": (PublishScheme, "terms.calendar.impl_to"),
    },
    projects.ProjectExtended: {
        "impl_from": (PublishScheme, "terms.calendar.impl_from"),
        "ends.impl_to": (ExtendProject, "impl_to"),
    },
    projects.ProjectMoved: {
        "version": (MoveProject, "scheme_version"),
        "impl_from": (PublishScheme, "terms.calendar.impl_from"),
        "impl_to": (PublishScheme, "terms.calendar.impl_to"),
    },
    projects.CityOverallRatingGiven: {"rating": (RateProject, "rating")},
    projects.ProjectClosed: {"community": (SubmitApplication, "community")},
}
"""Where a told value comes from: a field of a command or of a message that was heard, or the service's own counting."""

SUMS = {served.ServiceCountsPublished, volunteered.VolunteerCountsPublished}
"""Made of quantities that the service sums up; no command names one."""

ODD = (
    *("12345", "20220901", "2023-00012", "abc", "", " ", "6.20102E+17", "无", "-1", "a" * 5000, "甲\u202e"),
    *(
        "\n",
        "\ue000",
        identity_number(1),
        f"a{identity_number(1)}",
        "1380-0013-800",
        "620102",
        "620102001",
        "620102001001",
        "R-LZ-8",
    ),
    *(-1, 0, 7, 202, 20222, 2**31, 2**53, True, None, date(1, 1, 1), date(9999, 12, 31)),
    *(Decimal("-1"), Decimal("1E+9")),
)
"""What somebody sends one day."""

SEEN = st.characters(exclude_categories=["C", "Z"])
ABSURD: dict[Any, Any] = {str: "荒\u202e\n", int: -(2**40), Decimal: Decimal("NaN"), date: date(9999, 12, 31)}


def taken(hint: Any) -> st.SearchStrategy[Any]:
    """Values that a field of this type accepts, as it hands them on."""
    adapter = TypeAdapter(hint)

    def fits(value: Any) -> bool:
        try:
            adapter.validate_python(value)
        except ValidationError:
            return False
        return True

    odd = [value for value in ODD if fits(value)]
    made = _made(adapter.json_schema()).filter(fits)
    return st.one_of(*([st.sampled_from(odd)] if odd else []), made).map(adapter.validate_python)


def _made(schema: Mapping[str, Any]) -> st.SearchStrategy[Any]:
    match schema:
        case {"anyOf": options}:
            return st.one_of(*(_made(one) for one in options))
        case {"type": "null"}:
            return st.none()
        case {"type": "integer"}:
            most = schema.get("maximum", schema.get("exclusiveMaximum", 2**63) - 1)
            return st.integers(schema.get("minimum", -(2**63)), most)
        case {"type": "string", "format": "date"}:
            return st.dates(date(1900, 1, 1), date(2999, 12, 31))
        case {"type": "string", "pattern": pattern}:
            return st.from_regex(pattern, fullmatch=True)
        case {"type": "string"}:
            most = min(schema.get("maxLength", 50), 50)
            return st.text(SEEN, min_size=schema.get("minLength", 0), max_size=most)
        case _:
            return st.decimals(1, 1000, places=2)


def built(hint: Any, sources: Mapping[str, Any], path: str = "") -> st.SearchStrategy[Any]:
    """An event, or a part of one."""
    if path in sources:
        source = sources[path]
        return taken(dict(leaves(source[0]))[source[1]]) if isinstance(source, tuple) else source
    while isinstance(hint, NewType):
        hint = hint.__supertype__
    kind, inner = get_origin(hint), get_args(hint)
    if kind is Annotated and get_origin(inner[0]) is not tuple:
        return taken(hint)
    if kind is Annotated:
        return built(inner[0], sources, path)
    if kind in (Union, types.UnionType):
        return st.one_of(*(built(one, sources, path) for one in inner))
    if kind is tuple:
        return st.lists(built(inner[0], sources, path), min_size=1, max_size=3).map(tuple)
    if kind is Sealed:
        return st.just(Sealed(PersonId(uuid4()), clear="演示"))
    if isinstance(hint, type) and dataclasses.is_dataclass(hint):
        hints = get_type_hints(hint, include_extras=True)
        parts = {f.name: built(hints[f.name], sources, f"{path}.{f.name}".strip(".")) for f in dataclasses.fields(hint)}
        return st.builds(hint, **parts)
    return _plain(hint)


def _plain(hint: Any) -> st.SearchStrategy[Any]:
    if hint in ABSURD:
        return st.just(ABSURD[hint])
    if hint in (bool, UUID, type(None)):
        return {bool: st.booleans(), UUID: st.uuids(), type(None): st.none()}[hint]
    assert issubclass(hint, Enum), hint
    return st.sampled_from(list(hint))


META = SimpleNamespace(tenant="620100")


def told(event: type[Event], publish: Any) -> bool:
    """Whether an event of this class is told; a sample that its message refuses is one that would be."""
    try:
        return publish(sample(event), META) is not None
    except ValidationError:
        return True


TOLD = [
    (service.publish, event)
    for service in SERVICES
    for category in service.categories
    for event in category.events
    if told(event, service.publish) and event not in SUMS
]


def test_the_table_names_only_what_is_told() -> None:
    assert SOURCES.keys() <= {event for _, event in TOLD}
    assert len(TOLD) > 25


@pytest.mark.parametrize(("publish", "event"), TOLD, ids=lambda one: getattr(one, "TOPIC", ""))
def test_whatever_is_taken_can_be_told(publish: Any, event: type[Event]) -> None:
    @settings(max_examples=25, deadline=None, database=None, suppress_health_check=[HealthCheck.filter_too_much])
    @given(built(event, SOURCES.get(event, {})))
    def tell(one: Event) -> None:
        message = publish(one, META)
        assert isinstance(message, Message)
        assert type(message).model_validate_json(message.body()) == message

    tell()


def test_the_longest_lists_can_be_told() -> None:
    """As many as commands take."""
    terms: Any = sample(scheme.SchemePublished)
    districts = tuple(dataclasses.replace(terms.terms.quotas[0], district=f"62{n:04}") for n in range(200))
    publish = {event: publish for publish, event in TOLD}
    many = dataclasses.replace(terms, terms=dataclasses.replace(terms.terms, quotas=districts))
    assert len(publish[scheme.SchemePublished](many, META).districts) == 200
    workers = tuple(WorkerId(uuid4()) for _ in range(100))
    named: Any = sample(projects.StaffingDeclared)
    declared = dataclasses.replace(named, worker_ids=workers)
    assert len(publish[projects.StaffingDeclared](declared, META).worker_ids) == 100
    rejected: Any = sample(posting.StaffingRejected)
    reasons = tuple(
        posting.Reason(code, rule, w)
        for w in workers
        for code, rule in (("not-full-time", "R-LZ-12"), ("worker-unknown", "R-LZ-09"))
    )
    said = publish[posting.StaffingRejected](dataclasses.replace(rejected, reasons=reasons), META)
    assert [reason.code for reason in said.reasons] == ["not-full-time", "worker-unknown"]
