"""Sites are planned, furnished and opened (R-LZ-24, R-LZ-30)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from uuid import UUID

import pytest

from contracts.values import OrganisationId, ProjectId, Quantity, SiteId, TenantId, Unit, UnitCode, WorkerId
from kit.errors import TooEarly
from kit.testing import Spec
from registry.domain import site as domain
from registry.domain import site_end
from registry.domain.site import (
    Device,
    Equipment,
    EquipmentProvided,
    NoHost,
    NotAStation,
    OperatorAssigned,
    PlaqueHung,
    PremisesProvided,
    ProjectBasedAtStation,
    Site,
    SiteClosed,
    SiteGivenUp,
    SiteGone,
    SiteLevel,
    SiteOpened,
    SitePassedOn,
    SitePlanned,
    SitePlannedOtherwise,
    SiteSuspended,
    SiteUnknown,
    StaffPosted,
    StaffWithdrawn,
    evolve,
)
from registry.domain.site_lacks import EquipmentShort, NoPlaque, NoPremises, NoStaff

site = Spec(Site(), evolve)
SITE, STATION = SiteId(UUID(int=1)), SiteId(UUID(int=2))
PROJECT, SECOND = ProjectId(UUID(int=3)), ProjectId(UUID(int=4))
STREET, COMMUNITY, CHENGGUAN = UnitCode("620102001"), UnitCode("620102001001"), TenantId("620102")
planned = SitePlanned(SITE, SiteLevel.ROOM, COMMUNITY, CHENGGUAN, STATION, PROJECT, "演示社区社工室")
station = SitePlanned(STATION, SiteLevel.STATION, STREET, CHENGGUAN, None, None, "酒泉路街道社工站")
based = ProjectBasedAtStation(STATION, PROJECT, SITE)
premises = PremisesProvided(SITE, Quantity(Decimal(320), Unit.SQUARE_METRES), "酒泉路街道办事处")
plaque = PlaqueHung(SITE, "社工站", PROJECT)
opened = SiteOpened(SITE, SiteLevel.ROOM, COMMUNITY, PROJECT)
CHECKLIST = (Equipment(Device.COMPUTER, 2), Equipment(Device.PRINTER, 1))


def provided(device: Device, count: int, project: ProjectId = PROJECT) -> EquipmentProvided:
    return EquipmentProvided(SITE, Equipment(device, count), "酒泉路街道办事处", project)


READY = (planned, premises, plaque, provided(Device.COMPUTER, 2), provided(Device.PRINTER, 1))
VERIFIED, DAY = date(2022, 8, 20), date(2022, 9, 1)
OPEN = {"required": CHECKLIST, "staffed_since": [VERIFIED], "occurred_on": DAY}
UNSTAFFED = {**OPEN, "staffed_since": []}


def test_a_site_with_everything_opens_once() -> None:
    site.given(*READY).when(domain.open_site, **OPEN).then(opened)
    site.given(*READY, opened).when(domain.open_site, **OPEN).then_nothing()


def test_R_LZ_24_one_computer_or_no_printer_is_not_the_checklist() -> None:
    one = (planned, premises, plaque, provided(Device.COMPUTER, 1), provided(Device.PRINTER, 1))
    site.given(*one).when(domain.open_site, **OPEN).then_refused(EquipmentShort, "R-LZ-24")
    site.given(*one, provided(Device.COMPUTER, 1)).when(domain.open_site, **OPEN).then(opened)
    site.given(*READY[:-1]).when(domain.open_site, **OPEN).then_refused(EquipmentShort, "R-LZ-24")


def test_R_LZ_24_the_checklist_counts_for_each_project_by_itself() -> None:
    lent = (planned, premises, plaque, provided(Device.COMPUTER, 2, SECOND), provided(Device.PRINTER, 1, SECOND))
    site.given(*lent).when(domain.open_site, **OPEN).then_refused(EquipmentShort, "R-LZ-24")


def test_R_LZ_24_equipment_at_a_projects_own_site_is_the_projects() -> None:
    site.given(planned).when(
        domain.provide_equipment, equipment=CHECKLIST[0], provider="酒泉路街道办事处", project_id=None
    ).then(provided(Device.COMPUTER, 2))


def test_R_LZ_30_no_site_opens_without_a_plaque() -> None:
    bare = [e for e in READY if e is not plaque]
    site.given(*bare).when(domain.open_site, **OPEN).then_refused(NoPlaque, "R-LZ-30")
    hung = PlaqueHung(STATION, "社工站", None)
    space = PremisesProvided(STATION, Quantity(Decimal(60), Unit.SQUARE_METRES), "演示社区")
    site.given(station, based, space).when(domain.open_site, **OPEN).then_refused(NoPlaque, "R-LZ-30")
    site.given(station, based, space, hung).when(domain.open_site, **OPEN).then(
        SiteOpened(STATION, SiteLevel.STATION, STREET, None)
    )


def test_R_LZ_30_two_projects_of_a_street_share_its_station() -> None:
    base = {"project_id": SECOND, "position": SITE}
    site.given(station, based).when(domain.base_project, **base).then(ProjectBasedAtStation(STATION, SECOND, SITE))
    site.given(station, based).when(domain.base_project, project_id=PROJECT, position=SITE).then_nothing()
    site.given(planned).when(domain.base_project, **base).then_refused(NotAStation, "R-LZ-30")


def test_a_plaque_hangs_once_for_each_project() -> None:
    site.given(planned).when(domain.hang_plaque, plaque="社工站", project_id=None).then(plaque)
    site.given(planned, plaque).when(domain.hang_plaque, plaque="社工站", project_id=PROJECT).then_nothing()


def test_a_site_needs_premises_and_staff() -> None:
    site.given(*[e for e in READY if e is not premises]).when(domain.open_site, **OPEN).then_refused(NoPremises)
    site.given(*READY).when(domain.open_site, **UNSTAFFED).then_refused(NoStaff)
    posted = StaffPosted(SITE, WorkerId(UUID(int=7)), OrganisationId(UUID(int=8)))
    site.given(*READY, posted).when(domain.open_site, **UNSTAFFED).then(opened)


def test_planning_again_changes_nothing_but_planning_otherwise_is_refused() -> None:
    site.given().when(domain.plan_site, plan=planned).then(planned)
    site.given(planned).when(domain.plan_site, plan=planned).then_nothing()
    site.given(station).when(domain.plan_site, plan=planned).then_refused(SitePlannedOtherwise)


def test_nothing_happens_at_a_site_that_is_not_planned_or_is_closed() -> None:
    hang = {"plaque": "社工站", "project_id": None}
    site.given().when(domain.hang_plaque, **hang).then_refused(SiteUnknown)
    closed = SiteClosed(SITE, "合并")
    site.given(planned, closed).when(domain.hang_plaque, **hang).then_refused(SiteGone)
    site.given(planned).when(site_end.close_site, reason="合并").then(closed)
    site.given(planned, closed).when(site_end.close_site, reason="合并").then_nothing()


def test_premises_are_measured_in_square_metres() -> None:
    with pytest.raises(ValueError, match="square"):
        domain.provide_premises(
            site.state(planned), square_metres=Quantity(Decimal(3), Unit.PERSONS), provider="演示社区"
        )


def test_no_site_opens_before_the_verdict_on_its_staff() -> None:
    later = {**OPEN, "staffed_since": [date(2022, 9, 3), date(2022, 9, 2)]}
    site.given(*READY).when(domain.open_site, **later).then_refused(TooEarly)
    site.given(*READY).when(domain.open_site, **{**later, "occurred_on": date(2022, 9, 2)}).then(opened)
    posted = StaffPosted(SITE, WorkerId(UUID(int=7)), OrganisationId(UUID(int=8)))
    site.given(*READY, posted).when(domain.open_site, **later).then(opened)


def test_staff_is_posted_and_withdrawn_once() -> None:
    one, two = WorkerId(UUID(int=7)), WorkerId(UUID(int=9))
    posted, gone = StaffPosted(SITE, one, OrganisationId(UUID(int=8))), StaffWithdrawn(SITE, one)
    post = {"worker_id": one, "organisation_id": OrganisationId(UUID(int=8))}
    site.given(planned).when(domain.post_staff, **post).then(posted)
    site.given(planned, posted).when(domain.post_staff, **post).then_nothing()
    site.given(planned, posted).when(domain.withdraw_staff, worker_id=one).then(gone)
    site.given(planned, posted).when(domain.withdraw_staff, worker_id=two).then_nothing()
    site.given(planned, posted, gone).when(domain.withdraw_staff, worker_id=one).then_nothing()
    site.given(planned, posted, gone).when(domain.post_staff, **post).then(posted)
    site.given(planned, posted, SiteClosed(SITE, "合并")).when(domain.withdraw_staff, worker_id=one).then(gone)
    site.given().when(domain.withdraw_staff, worker_id=one).then_nothing()
    site.given(*READY, posted, gone).when(domain.open_site, **UNSTAFFED).then_refused(NoStaff)


def test_a_site_keeps_its_operator() -> None:
    first, second = OrganisationId(UUID(int=8)), OrganisationId(UUID(int=9))
    assigned = OperatorAssigned(SITE, first)
    site.given(planned).when(domain.assign_operator, organisation_id=first).then(assigned)
    site.given(planned, assigned).when(domain.assign_operator, organisation_id=first).then_nothing()
    site.given(planned, assigned).when(domain.assign_operator, organisation_id=second).then(
        OperatorAssigned(SITE, second)
    )


def test_an_open_site_is_suspended_once_and_opens_again() -> None:
    suspended = SiteSuspended(SITE, "修缮")
    site.given(*READY, opened).when(site_end.suspend_site, reason="修缮").then(suspended)
    site.given(*READY).when(site_end.suspend_site, reason="修缮").then_nothing()
    site.given(*READY, opened, suspended).when(site_end.suspend_site, reason="修缮").then_nothing()
    site.given(*READY, opened, suspended).when(domain.open_site, **OPEN).then(opened)


def test_a_centre_has_no_place_to_send_workers_to() -> None:
    centre = SitePlanned(SITE, SiteLevel.CENTRE, None, CHENGGUAN, None, None, "演示中心")
    with pytest.raises(NoHost):
        domain.host(centre)
    assert domain.host(planned) == COMMUNITY


def test_a_site_follows_its_unit_into_the_one_that_it_was_merged_into() -> None:
    successor = UnitCode("620102001099")
    day = date(2023, 1, 1)
    passed = SitePassedOn(SITE, successor, day)
    site.given(planned).when(domain.pass_on, was=COMMUNITY, host=successor, day=day).then(passed)
    site.given(planned, passed).when(domain.pass_on, was=COMMUNITY, host=successor, day=day).then_nothing()
    closed = SiteClosed(SITE, "moved")
    site.given(planned, closed).when(domain.pass_on, was=COMMUNITY, host=successor, day=day).then(passed)
    site.given(planned).when(domain.pass_on, was=None, host=successor, day=day).then(passed)
    site.given(planned).when(domain.pass_on, was=successor, host=COMMUNITY, day=day).then_nothing()
    site.given().when(domain.pass_on, was=COMMUNITY, host=successor, day=day).then_nothing()
    assert domain.host(domain.alive(site.state(planned, passed))) == successor


def test_R_LZ_30_a_terminated_projects_own_site_is_given_up_and_planned_again_with_it() -> None:
    over = SiteGivenUp(SITE, PROJECT)
    for history in ((planned,), (*READY, opened)):
        site.given(*history).when(site_end.give_up, project_id=PROJECT).then(over)
    site.given(planned, over).when(site_end.give_up, project_id=PROJECT).then_nothing()
    site.given().when(site_end.give_up, project_id=PROJECT).then_nothing()
    site.given(planned, SiteClosed(SITE, "moved")).when(site_end.give_up, project_id=PROJECT).then_nothing()
    site.given(planned, over).when(domain.plan_site, plan=planned).then(planned)
    assert site.state(planned, over, planned).status is domain.Status.PLANNED
    site.given(planned, SiteClosed(SITE, "moved")).when(domain.plan_site, plan=planned).then_nothing()
    site.given(planned, over).when(site_end.suspend_site, reason="x").then_refused(SiteGone)
