"""The linkage mechanism: standard, joint conference, officers, leading group (R-LZ-22, R-LZ-23, R-LZ-42)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

import pytest

from contracts.values import PersonId, SchemeId, Sealed, TenantId, UnitCode
from kit.errors import NotKnownYet, TooEarly
from kit.testing import Spec
from registry.domain.division import Divisions, UnitChange, UnitEnded, UnitKind, UnitTold
from registry.domain.division import evolve as divide
from registry.domain.linkage import conference as conferences
from registry.domain.linkage import leading_group as groups
from registry.domain.linkage import standard as standards
from registry.domain.linkage.conference import (
    Conference,
    ConferenceHeld,
    ConferenceSeatTaken,
    JointConferenceEstablished,
    JointConferenceOpened,
    LiaisonAppointed,
    LiaisonMissing,
    NoConference,
    NoOfficer,
    NotInThisStreet,
    NotOpened,
    OfficerNamedAlready,
    ResponsibleOfficerNamed,
    ResponsibleOfficerRelieved,
    SeatMissing,
)
from registry.domain.linkage.leading_group import (
    DistrictsDiffer,
    DivisionsDiffer,
    LeadingGroup,
    LeadingGroupFormed,
    OfficeElsewhere,
)
from registry.domain.linkage.standard import (
    LinkageStandard,
    LinkageStandardDeclared,
    OfficeNotAmongDivisions,
    SchemeDistrictsNoted,
    Seat,
    Standard,
    StandardUnknown,
)
from registry.domain.site import Device, Equipment

conference = Spec(Conference(), conferences.evolve)
standard = Spec(Standard(), standards.evolve)
group = Spec(LeadingGroup(), groups.evolve)
STREET, COMMUNITY, ELSEWHERE = UnitCode("620102001"), UnitCode("620102001001"), UnitCode("620102002001")
SCHEME, LANZHOU = SchemeId(UUID(int=1)), TenantId("620100")
PUBLISHED, DAY = date(2022, 5, 31), date(2022, 7, 1)
DIVISIONS = ("慈社科", "社管科", "政权科", "救助科", "养老科", "儿童科", "财审科")
DISTRICTS = tuple(TenantId(c) for c in ("620102", "620103", "620104", "620105", "620111"))
FOUR = (Seat.GOVERNMENT, Seat.SOCIAL_WORK_ORGANISATION, Seat.SOCIAL_ORGANISATION, Seat.RESIDENT)
EQUIPMENT = (Equipment(Device.COMPUTER, 2), Equipment(Device.PRINTER, 1))
LANZHOU_STANDARD = LinkageStandard(EQUIPMENT, FOUR, 1, DIVISIONS, "慈社科")
declared = LinkageStandardDeclared(LANZHOU, SCHEME, LANZHOU_STANDARD)
noted = SchemeDistrictsNoted(SCHEME, 1, DISTRICTS, PUBLISHED)
established = JointConferenceEstablished(STREET, DISTRICTS[0], "酒泉路街道社会事务办")
seats = tuple(ConferenceSeatTaken(STREET, seat, f"演示{n}") for n, seat in enumerate(FOUR))
officer = Sealed(person=PersonId(UUID(int=5)), clear="演示干部甲")
liaison = LiaisonAppointed(STREET, officer.person, officer)
named = ResponsibleOfficerNamed(STREET, COMMUNITY, officer.person, officer)
UNITS = Spec(Divisions(), divide).state(
    UnitTold(STREET, UnitKind.TOWNSHIP, "酒泉路街道", UnitCode("620102"), True, UnitChange.DECLARED, DAY),
    UnitTold(COMMUNITY, UnitKind.VILLAGE, "演示社区", STREET, True, UnitChange.DECLARED, DAY),
    UnitTold(
        UnitCode("620102002"), UnitKind.TOWNSHIP, "张掖路街道", UnitCode("620102"), True, UnitChange.DECLARED, DAY
    ),
    UnitTold(ELSEWHERE, UnitKind.VILLAGE, "演示社区二", UnitCode("620102002"), True, UnitChange.DECLARED, DAY),
)
FORM: dict[str, Any] = {
    "scheme_id": SCHEME,
    "head": "市民政局主要负责人",
    "deputy": "市民政局分管负责人",
    "divisions": DIVISIONS,
    "districts": DISTRICTS,
    "office": "慈社科",
}


def test_R_LZ_22_the_conference_opens_with_all_four_kinds_seated() -> None:
    conference.given(established, *seats, liaison).when(
        conferences.open_conference, standard=LANZHOU_STANDARD, occurred_on=DAY
    ).then(JointConferenceOpened(STREET, 1, DAY))


@pytest.mark.parametrize("missing", range(4))
def test_R_LZ_22_one_kind_missing_keeps_it_shut(missing: int) -> None:
    three = [seat for n, seat in enumerate(seats) if n != missing]
    again = ConferenceSeatTaken(STREET, three[0].seat, "另一个演示单位")
    conference.given(established, *three, again, liaison).when(
        conferences.open_conference, standard=LANZHOU_STANDARD, occurred_on=DAY
    ).then_refused(SeatMissing, "R-LZ-22")


def test_a_street_has_at_least_one_liaison() -> None:
    conference.given(established, *seats).when(
        conferences.open_conference, standard=LANZHOU_STANDARD, occurred_on=DAY
    ).then_refused(LiaisonMissing)


def test_a_conference_is_held_only_after_it_opened() -> None:
    meeting = {"agenda": "第一次会议", "resolution": None, "occurred_on": DAY}
    conference.given(established).when(conferences.hold, **meeting).then_refused(NotOpened)
    conference.given(established, JointConferenceOpened(STREET, 1, DAY)).when(conferences.hold, **meeting).then(
        ConferenceHeld(STREET, "第一次会议", None)
    )
    conference.given().when(conferences.hold, **meeting).then_refused(NoConference)


def test_R_LZ_23_the_street_and_each_of_its_communities_names_one_officer() -> None:
    name = conferences.name_officer
    conference.given(established).when(name, UNITS, unit=COMMUNITY, name=officer, occurred_on=DAY).then(named)
    conference.given(established, named).when(name, UNITS, unit=STREET, name=officer, occurred_on=DAY).then(
        ResponsibleOfficerNamed(STREET, STREET, officer.person, officer)
    )


def test_R_LZ_23_a_second_officer_is_refused_until_the_first_is_relieved() -> None:
    second = Sealed(person=PersonId(UUID(int=6)), clear="演示干部乙")
    conference.given(established, named).when(
        conferences.name_officer, UNITS, unit=COMMUNITY, name=second, occurred_on=DAY
    ).then_refused(OfficerNamedAlready, "R-LZ-23")
    relieved = ResponsibleOfficerRelieved(STREET, COMMUNITY, officer.person)
    conference.given(established, named).when(conferences.relieve_officer, unit=COMMUNITY).then(relieved)
    conference.given(established, named, relieved).when(
        conferences.name_officer, UNITS, unit=COMMUNITY, name=second, occurred_on=DAY
    ).then(ResponsibleOfficerNamed(STREET, COMMUNITY, second.person, second))
    conference.given(established).when(conferences.relieve_officer, unit=COMMUNITY).then_refused(NoOfficer)


def test_nobody_is_named_for_a_unit_that_is_no_more() -> None:
    gone = replace(UNITS.units[COMMUNITY], change=UnitChange.ABOLISHED, until=DAY)
    conference.given(established).when(
        conferences.name_officer, divide(UNITS, gone), unit=COMMUNITY, name=officer, occurred_on=DAY
    ).then_refused(UnitEnded)


def test_R_LZ_23_a_community_of_another_street_is_not_named_here() -> None:
    conference.given(established).when(
        conferences.name_officer, UNITS, unit=ELSEWHERE, name=officer, occurred_on=DAY
    ).then_refused(NotInThisStreet, "R-LZ-23")


def test_R_LZ_42_head_deputy_seven_divisions_and_the_leaders_of_the_project_districts() -> None:
    group.given().when(groups.form, standard.state(declared, noted), **FORM, occurred_on=DAY).then(
        LeadingGroupFormed(**FORM)
    )
    group.given(LeadingGroupFormed(**FORM)).when(
        groups.form, standard.state(declared, noted), **FORM, occurred_on=DAY
    ).then_nothing()


@pytest.mark.parametrize(
    ("change", "refusal", "said"),
    [
        ({"divisions": DIVISIONS[:-1]}, DivisionsDiffer, {"missing": "财审科", "extra": "无"}),
        ({"divisions": DIVISIONS[:-2]}, DivisionsDiffer, {"missing": "儿童科、财审科", "extra": "无"}),
        ({"divisions": (*DIVISIONS, "办公室")}, DivisionsDiffer, {"missing": "无", "extra": "办公室"}),
        ({"districts": DISTRICTS[:-1]}, DistrictsDiffer, {"missing": "620111", "extra": "无"}),
        ({"districts": (*DISTRICTS, TenantId("620121"))}, DistrictsDiffer, {"missing": "无", "extra": "620121"}),
        ({"office": "社管科"}, OfficeElsewhere, {"office": "慈社科"}),
    ],
)
def test_R_LZ_42_one_member_too_few_or_too_many_is_refused_by_name(
    change: dict[str, Any], refusal: Any, said: dict[str, str]
) -> None:
    group.given().when(
        groups.form, standard.state(declared, noted), **{**FORM, **change}, occurred_on=DAY
    ).then_refused(refusal, "R-LZ-42", **said)


def test_R_LZ_42_the_group_rests_on_a_standard_and_a_published_scheme() -> None:
    group.given().when(groups.form, standard.state(noted), **FORM, occurred_on=DAY).then_refused(StandardUnknown)
    group.given().when(groups.form, standard.state(declared), **FORM, occurred_on=DAY).then_refused(NotKnownYet)


def test_R_LZ_42_the_office_is_one_of_the_divisions() -> None:
    wrong = replace(LANZHOU_STANDARD, office="办公室")
    standard.given().when(standards.declare_standard, tenant_id=LANZHOU, scheme_id=SCHEME, standard=wrong).then_refused(
        OfficeNotAmongDivisions, "R-LZ-42"
    )


def test_a_standard_is_declared_once_and_an_older_scheme_version_passed_over() -> None:
    same = {"tenant_id": LANZHOU, "scheme_id": SCHEME, "standard": LANZHOU_STANDARD}
    standard.given().when(standards.declare_standard, **same).then(declared)
    standard.given(declared).when(standards.declare_standard, **same).then_nothing()
    note = {"scheme_id": SCHEME, "scheme_version": 1, "districts": DISTRICTS, "published_on": PUBLISHED}
    standard.given().when(standards.note_districts, **note).then(noted)
    standard.given(noted).when(standards.note_districts, **note).then_nothing()
    standard.given(SchemeDistrictsNoted(SCHEME, 2, DISTRICTS[:1], PUBLISHED)).when(
        standards.note_districts, **note
    ).then_nothing()


def test_a_meeting_is_never_before_the_conference_opened() -> None:
    opened = JointConferenceOpened(STREET, 1, DAY)
    early = {"agenda": "第一次会议", "resolution": None, "occurred_on": date(2022, 6, 30)}
    conference.given(established, opened).when(conferences.hold, **early).then_refused(TooEarly)


def test_R_LZ_42_no_group_is_formed_before_the_scheme_was_published() -> None:
    state = standard.state(declared, noted)
    group.given().when(groups.form, state, **FORM, occurred_on=date(2022, 5, 30)).then_refused(TooEarly)
    group.given().when(groups.form, state, **FORM, occurred_on=PUBLISHED).then(LeadingGroupFormed(**FORM))
