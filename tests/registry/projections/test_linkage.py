"""The rows of the linkage mechanism, as the events come."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

import pytest
from tests.told import NOBODY, meta, rows

from contracts.values import PersonId, SchemeId, Sealed, TenantId, UnitCode
from registry.domain.linkage.conference import (
    ConferenceEvent,
    ConferenceHeld,
    ConferenceSeatTaken,
    JointConferenceEstablished,
    JointConferenceOpened,
    LiaisonAppointed,
    ResponsibleOfficerNamed,
    ResponsibleOfficerRelieved,
)
from registry.domain.linkage.leading_group import LeadingGroupFormed
from registry.domain.linkage.standard import LinkageStandard, LinkageStandardDeclared, SchemeDistrictsNoted, Seat
from registry.domain.site import Device, Equipment
from registry.projections.linkage import (
    CONFERENCES,
    Conference,
    ConferenceRow,
    Duty,
    GroupRow,
    PersonRow,
    SeatRow,
    StandardRow,
    evolve_conference,
    evolve_group,
    evolve_standard,
)

DAY = date(2022, 6, 1)
CITY, DISTRICT, SCHEME = TenantId("620100"), TenantId("620102"), SchemeId(UUID(int=1))
STREET, COMMUNITY = UnitCode("620102001"), UnitCode("620102001001")
ONE, TWO = PersonId(UUID(int=2)), PersonId(UUID(int=3))
established = JointConferenceEstablished(STREET, DISTRICT, "社会事务办")
seat = ConferenceSeatTaken(STREET, Seat.RESIDENT, "演示居民代表")
opened, held = JointConferenceOpened(STREET, 1, DAY), ConferenceHeld(STREET, "演示议题", None)
liaison = LiaisonAppointed(STREET, ONE, Sealed(person=ONE, clear="演示"))
officer = ResponsibleOfficerNamed(STREET, COMMUNITY, TWO, Sealed(person=TWO, clear="演示"))
relieved = ResponsibleOfficerRelieved(STREET, COMMUNITY, TWO)
row = ConferenceRow(STREET, "社会事务办", DAY)
as_liaison = PersonRow(STREET, Duty.LIAISON, STREET, ONE, NOBODY, DAY)
as_officer = PersonRow(STREET, Duty.OFFICER, COMMUNITY, TWO, NOBODY, DAY)


def day(n: int) -> date:
    return DAY + timedelta(days=n)


def test_the_standard_is_the_last_one_declared() -> None:
    wanted = LinkageStandard(
        (Equipment(Device.COMPUTER, 2),), (Seat.SOCIAL_WORK_ORGANISATION,), 1, ("慈社科",), "慈社科"
    )
    found = evolve_standard(None, LinkageStandardDeclared(CITY, SCHEME, wanted), meta(DAY))
    expected = StandardRow(SCHEME, (Device.COMPUTER,), (2,), (Seat.SOCIAL_WORK_ORGANISATION,), 1, ("慈社科",), "慈社科")
    assert found == expected
    again = LinkageStandardDeclared(CITY, SCHEME, replace(wanted, liaisons_min=2))
    assert evolve_standard(found, again, meta(day(9))) == replace(expected, liaisons_min=2)
    noted = SchemeDistrictsNoted(SCHEME, 1, (DISTRICT,), DAY)
    assert evolve_standard(found, noted, meta(DAY)) is found
    assert evolve_standard(None, noted, meta(DAY)) is None


def test_the_leading_group_formed_anew_is_the_new_one() -> None:
    formed = LeadingGroupFormed(SCHEME, "组长职务", "副组长职务", ("慈社科",), (DISTRICT,), "慈社科")
    expected = GroupRow(SCHEME, "组长职务", "副组长职务", ("慈社科",), (DISTRICT,), "慈社科", DAY)
    assert evolve_group(None, formed, meta(DAY)) == expected
    found = evolve_group(expected, replace(formed, head="另一职务"), meta(day(2)))
    assert found == replace(expected, head="另一职务", formed_on=day(2))


@pytest.mark.parametrize(
    ("event", "changed"),
    [
        (opened, Conference(replace(row, opened_on=DAY))),
        (held, Conference(replace(row, meetings=1))),
        (liaison, Conference(row, (as_liaison,))),
        (officer, Conference(row, (as_officer,))),
    ],
)
def test_what_happens_to_a_conference_is_in_its_rows(event: ConferenceEvent, changed: Conference) -> None:
    assert evolve_conference(None, established, meta(DAY)) == Conference(row)
    assert evolve_conference(Conference(row), event, meta(DAY)) == changed


def test_an_officer_who_is_relieved_goes_and_the_liaison_stays() -> None:
    both = Conference(row, (as_liaison, as_officer))
    assert evolve_conference(both, relieved, meta(day(3))) == Conference(row, (as_liaison,))


@pytest.mark.parametrize("event", [established, seat])
def test_what_changes_nothing_leaves_the_very_state(event: ConferenceEvent) -> None:
    state = Conference(row)
    assert evolve_conference(state, event, meta(DAY)) is state


@pytest.mark.parametrize("event", [seat, opened, held, liaison, officer, relieved])
def test_what_was_never_established_has_no_row(event: ConferenceEvent) -> None:
    assert evolve_conference(None, event, meta(DAY)) is None


def test_who_was_on_duty_on_a_day_and_a_meeting_that_is_entered_late() -> None:
    history = [
        (DAY, established),
        (DAY, opened),
        (day(1), seat),
        (day(2), officer),
        (day(8), relieved),
        (day(5), held),
    ]
    on_duty = replace(as_officer, since=day(2))
    taken = SeatRow(STREET, Seat.RESIDENT, "演示居民代表")
    begun = replace(row, opened_on=DAY)
    met = replace(begun, meetings=1)
    assert rows(CONFERENCES, history, DAY) == [begun]
    assert rows(CONFERENCES, history, day(4)) == [begun, on_duty, taken]
    assert rows(CONFERENCES, history, day(7)) == [met, on_duty, taken]
    assert rows(CONFERENCES, history, day(8)) == [met, taken]
