"""Service sites: planned, furnished, opened, closed (R-LZ-24, R-LZ-30, SG-9).

Levels are numbers; what a bureau calls them is its own vocabulary (C-25).  What a site must have comes from the
city's linkage standard, never from here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from enum import IntEnum, StrEnum
from typing import ClassVar, TypeAlias, assert_never

from contracts.values import Event, OrganisationId, ProjectId, Quantity, SiteId, TenantId, Unit, UnitCode, WorkerId
from kit.errors import Refused, not_before
from registry.domain.site_lacks import EquipmentShort, NoPlaque, NoPremises, NoStaff


class SiteLevel(IntEnum):
    CENTRE = 1
    DISTRICT_STATION = 2
    STATION = 3
    """At a street or township (社工站)."""
    ROOM = 4
    """At a village or community (社工室)."""


class Device(StrEnum):
    COMPUTER = "computer"
    PRINTER = "printer"
    OTHER = "other"


@dataclass(frozen=True)
class Equipment:
    device: Device
    count: int


@dataclass(frozen=True)
class SitePlanned(Event):
    """`project_id` marks a project's own position; a street station serves every project based at it."""

    TOPIC: ClassVar[str] = "registry.site-planned"
    NAME: ClassVar[str] = "规划站点"

    site_id: SiteId
    level: SiteLevel
    host: UnitCode | None
    district: TenantId
    parent: SiteId | None
    project_id: ProjectId | None
    name: str


@dataclass(frozen=True)
class ProjectBasedAtStation(Event):
    """A project's street works from this station, on the project's premises (R-LZ-30)."""

    TOPIC: ClassVar[str] = "registry.project-based-at-station"
    NAME: ClassVar[str] = "试点依托街道社工站"
    RULE: ClassVar[str | None] = "R-LZ-30"
    LATE: ClassVar[bool] = True
    site_id: SiteId
    project_id: ProjectId
    position: SiteId


@dataclass(frozen=True)
class PremisesProvided(Event):
    TOPIC: ClassVar[str] = "registry.premises-provided"
    NAME: ClassVar[str] = "提供场地"

    site_id: SiteId
    area: Quantity
    provider: str


@dataclass(frozen=True)
class EquipmentProvided(Event):
    TOPIC: ClassVar[str] = "registry.equipment-provided"
    NAME: ClassVar[str] = "配置设备"
    RULE: ClassVar[str | None] = "R-LZ-24"

    site_id: SiteId
    equipment: Equipment
    provider: str
    project_id: ProjectId | None


@dataclass(frozen=True)
class PlaqueHung(Event):
    TOPIC: ClassVar[str] = "registry.plaque-hung"
    NAME: ClassVar[str] = "挂牌"
    RULE: ClassVar[str | None] = "R-LZ-30"

    site_id: SiteId
    plaque: str
    project_id: ProjectId | None


@dataclass(frozen=True)
class OperatorAssigned(Event):
    TOPIC: ClassVar[str] = "registry.operator-assigned"
    NAME: ClassVar[str] = "确定站点承接机构"

    site_id: SiteId
    organisation_id: OrganisationId


@dataclass(frozen=True)
class StaffPosted(Event):
    TOPIC: ClassVar[str] = "registry.staff-posted"
    NAME: ClassVar[str] = "社工派驻站点"

    site_id: SiteId
    worker_id: WorkerId
    organisation_id: OrganisationId


@dataclass(frozen=True)
class StaffWithdrawn(Event):
    """The worker is no longer posted here; heard from the worker's own history, hence perhaps late."""

    TOPIC: ClassVar[str] = "registry.staff-withdrawn"
    NAME: ClassVar[str] = "社工撤离站点"
    LATE: ClassVar[bool] = True

    site_id: SiteId
    worker_id: WorkerId


@dataclass(frozen=True)
class SiteOpened(Event):
    TOPIC: ClassVar[str] = "registry.site-opened"
    NAME: ClassVar[str] = "开放站点"

    site_id: SiteId
    level: SiteLevel
    host: UnitCode | None
    project_id: ProjectId | None


@dataclass(frozen=True)
class SiteSuspended(Event):
    TOPIC: ClassVar[str] = "registry.site-suspended"
    NAME: ClassVar[str] = "暂停站点"

    site_id: SiteId
    reason: str


@dataclass(frozen=True)
class SiteClosed(Event):
    TOPIC: ClassVar[str] = "registry.site-closed"
    NAME: ClassVar[str] = "撤销站点"

    site_id: SiteId
    reason: str


@dataclass(frozen=True)
class SitePassedOn(Event):
    """Its unit was merged into `host`, and the site is that one's."""

    TOPIC: ClassVar[str] = "registry.site-passed-on"
    NAME: ClassVar[str] = "站点随行政区划调整"
    LATE: ClassVar[bool] = True

    site_id: SiteId
    host: UnitCode
    passed_on: date


@dataclass(frozen=True)
class SiteGivenUp(Event):
    """The project that the site was planned for was terminated; approved again, it is planned again."""

    TOPIC: ClassVar[str] = "registry.site-given-up"
    NAME: ClassVar[str] = "试点终止撤销站点"
    LATE: ClassVar[bool] = True
    site_id: SiteId
    project_id: ProjectId


SiteEvent: TypeAlias = (
    SitePlanned
    | ProjectBasedAtStation
    | PremisesProvided
    | EquipmentProvided
    | PlaqueHung
    | OperatorAssigned
    | StaffPosted
    | StaffWithdrawn
    | SiteOpened
    | SiteSuspended
    | SiteClosed
    | SitePassedOn
    | SiteGivenUp
)


class Status(StrEnum):
    NONE = "none"
    PLANNED = "planned"
    OPEN = "open"
    SUSPENDED = "suspended"
    CLOSED = "closed"


@dataclass(frozen=True)
class Site:
    status: Status = Status.NONE
    plan: SitePlanned | None = None
    premises: bool = False
    equipment: Mapping[tuple[ProjectId | None, Device], int] = field(default_factory=dict)
    plaques: frozenset[tuple[ProjectId | None, str]] = frozenset()
    projects: frozenset[ProjectId] = frozenset()
    operator: OrganisationId | None = None
    staff: frozenset[WorkerId] = frozenset()
    given_up: bool = False  # with its project, which may be approved again


class SiteUnknown(Refused):
    code = "site-unknown"
    name = "站点未规划"
    status = 404
    text = "该站点尚未规划。请先办理站点规划。"


class SitePlannedOtherwise(Refused):
    code = "site-planned-otherwise"
    name = "站点已按其他内容规划"
    text = "该站点已按其他层级或所在单位规划。请核对站点编号。"


class SiteGone(Refused):
    code = "site-closed"
    name = "站点已撤销"
    text = "该站点已撤销，不能再办理业务。"


class NotAStation(Refused):
    code = "not-a-street-station"
    name = "非街道社工站"
    rule = "R-LZ-30"
    text = "试点只能依托所在街道的社工站挂牌。请选择街道（乡镇）一级站点。"


def evolve(site: Site, event: SiteEvent) -> Site:
    match event:
        case SitePlanned():
            projects = frozenset({event.project_id} if event.project_id else ())
            return replace(site, status=Status.PLANNED, plan=event, projects=projects, given_up=False)
        case ProjectBasedAtStation():
            return replace(site, projects=site.projects | {event.project_id})
        case PremisesProvided():
            return replace(site, premises=True)
        case EquipmentProvided():
            key = (event.project_id, event.equipment.device)
            return replace(site, equipment={**site.equipment, key: site.equipment.get(key, 0) + event.equipment.count})
        case PlaqueHung():
            return replace(site, plaques=site.plaques | {(event.project_id, event.plaque)})
        case OperatorAssigned():
            return replace(site, operator=event.organisation_id)
        case StaffPosted():
            return replace(site, staff=site.staff | {event.worker_id})
        case StaffWithdrawn():
            return replace(site, staff=site.staff - {event.worker_id})
        case SiteOpened():
            return replace(site, status=Status.OPEN)
        case SiteSuspended():
            return replace(site, status=Status.SUSPENDED)
        case SiteClosed():
            return replace(site, status=Status.CLOSED)
        case SitePassedOn(host=host):
            return replace(site, plan=site.plan and replace(site.plan, host=host))
        case SiteGivenUp():
            return replace(site, status=Status.CLOSED, given_up=True)
        case _:
            assert_never(event)


def plan_site(site: Site, *, plan: SitePlanned) -> Sequence[SiteEvent]:
    """Planning the same again changes nothing; a project that finds its street's station there joins it instead."""
    if site.plan is None or site.given_up:
        return (plan,)
    if (site.plan.level, site.plan.host, site.plan.project_id) != (plan.level, plan.host, plan.project_id):
        raise SitePlannedOtherwise
    return ()


def base_project(site: Site, *, project_id: ProjectId, position: SiteId) -> Sequence[SiteEvent]:
    """The project's street station (R-LZ-30)."""
    plan = alive(site)
    if plan.level is not SiteLevel.STATION:
        raise NotAStation
    return () if project_id in site.projects else (ProjectBasedAtStation(plan.site_id, project_id, position),)


def provide_premises(site: Site, *, square_metres: Quantity, provider: str) -> Sequence[SiteEvent]:
    if square_metres.unit is not Unit.SQUARE_METRES:
        raise ValueError("premises are measured in square metres")
    return (PremisesProvided(alive(site).site_id, square_metres, provider),)


def provide_equipment(
    site: Site, *, equipment: Equipment, provider: str, project_id: ProjectId | None
) -> Sequence[SiteEvent]:
    """For the posting of one project, or for the site itself (C-47)."""
    plan = alive(site)
    return (EquipmentProvided(plan.site_id, equipment, provider, project_id or plan.project_id),)


def hang_plaque(site: Site, *, plaque: str, project_id: ProjectId | None) -> Sequence[SiteEvent]:
    plan = alive(site)
    whose = project_id or plan.project_id
    return () if (whose, plaque) in site.plaques else (PlaqueHung(plan.site_id, plaque, whose),)


def post_staff(site: Site, *, worker_id: WorkerId, organisation_id: OrganisationId) -> Sequence[SiteEvent]:
    plan = alive(site)
    return () if worker_id in site.staff else (StaffPosted(plan.site_id, worker_id, organisation_id),)


def withdraw_staff(site: Site, *, worker_id: WorkerId) -> Sequence[SiteEvent]:
    """Of a closed site too: who worked there no longer does."""
    if site.plan is None or worker_id not in site.staff:
        return ()
    return (StaffWithdrawn(site.plan.site_id, worker_id),)


def assign_operator(site: Site, *, organisation_id: OrganisationId) -> Sequence[SiteEvent]:
    plan = alive(site)
    return () if site.operator == organisation_id else (OperatorAssigned(plan.site_id, organisation_id),)


def open_site(
    site: Site, *, required: Sequence[Equipment], staffed_since: Sequence[date], occurred_on: date
) -> Sequence[SiteEvent]:
    """Only with plaque, premises, equipment and posted staff.

    `required` is the check-list of the linkage standard for one project posting (R-LZ-24); `staffed_since` are the days
    of the verdicts on projects whose workers are all there, and the opening is not before the first.  A street station
    rests on its projects' equipment and staff (R-LZ-30).
    """
    plan = alive(site)
    if site.status is Status.OPEN:
        return ()
    if not site.plaques:
        raise NoPlaque
    if not site.premises:
        raise NoPremises
    if plan.project_id is not None:
        for item in required:
            provided = site.equipment.get((plan.project_id, item.device), 0)
            if provided < item.count:
                raise EquipmentShort(device=DEVICE_NAMES[item.device], required=item.count, provided=provided)
    elif not site.equipment and not site.projects:
        raise EquipmentShort(device="办公设备", required=1, provided=0)
    if not staffed_since and not site.staff:
        raise NoStaff
    if not site.staff:
        not_before(occurred_on, min(staffed_since), "试点人员核验通过")
    return (SiteOpened(plan.site_id, plan.level, plan.host, plan.project_id),)


DEVICE_NAMES = {Device.COMPUTER: "电脑", Device.PRINTER: "打印机", Device.OTHER: "其他设备"}


def pass_on(site: Site, *, was: UnitCode | None, host: UnitCode, day: date) -> Sequence[SiteEvent]:
    """Of a closed site too: the unit where it was is no more.  `was` is where it must be for that, if anywhere."""
    if site.plan is None or site.plan.host not in (was or site.plan.host,) or site.plan.host == host:
        return ()
    return (SitePassedOn(site.plan.site_id, host, day),)


def alive(site: Site) -> SitePlanned:
    """The site's plan, or a refusal if there is none or the site is closed."""
    if site.plan is None:
        raise SiteUnknown
    if site.status is Status.CLOSED:
        raise SiteGone
    return site.plan


class NoHost(Refused):
    code = "site-without-place"
    name = "站点没有所在街道或社区"
    text = "该站点没有所在的街道或社区，不能派驻社工。请选择街道或社区站点。"


def host(plan: SitePlanned) -> UnitCode:
    """The street or community of the site, or a refusal for a centre, which has none."""
    if plan.host is None:
        raise NoHost
    return plan.host
