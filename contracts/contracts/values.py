"""Values that every service speaks: money, quantities, ids, sealed personal data, and the shape of an event.

Pure: nothing here reads a clock, a file or a network.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any, ClassVar, Generic, NewType, TypeAlias, TypeVar
from uuid import UUID

from pydantic import ConfigDict, GetCoreSchemaHandler
from pydantic_core import CoreSchema, core_schema

Fen = NewType("Fen", int)
"""Money: integer fen (1 yuan = 100 fen), below 2^53 so that it survives JSON."""

TenantId = NewType("TenantId", str)
"""A civil-affairs bureau: the six-digit GB/T 2260 code of its division, as text.  Parent is data, never its digits."""

UnitCode = NewType("UnitCode", str)
"""A street, township, village or community inside a district tenant: 9 or 12 digits, as the divisions table has it."""

SchemeId = NewType("SchemeId", UUID)
ProjectId = NewType("ProjectId", UUID)
OrganisationId = NewType("OrganisationId", UUID)
WorkerId = NewType("WorkerId", UUID)
SiteId = NewType("SiteId", UUID)
MechanismId = NewType("MechanismId", UUID)
DocumentId = NewType("DocumentId", UUID)
EntryId = NewType("EntryId", UUID)
"""A ledger entry (服务台账): the pseudonym of one beneficiary in one tenant."""
CaseId = NewType("CaseId", UUID)
ReferralId = NewType("ReferralId", UUID)
VolunteerId = NewType("VolunteerId", UUID)
ActivityId = NewType("ActivityId", UUID)
PersonId = NewType("PersonId", UUID)
"""The random id under which a person's data key is kept.  Never derived from anything about the person."""


class Event:
    """What every event of every service has.  Subclasses are frozen dataclasses *without* slots.

    `TOPIC` is the stable name, `<service>.<noun>-<past participle>`, and never changes; `NAME` is what people
    call it in Chinese.  Fields are never renamed or retyped: raise `class_version` and add a static
    `upcast_v1_v2(state)`.  `RULE` is the rule it rests on, if any.
    `LATE` is true of what may be entered after later days of the same stream: days do not go backwards otherwise.
    """

    TOPIC: ClassVar[str]
    NAME: ClassVar[str]
    RULE: ClassVar[str | None] = None
    LATE: ClassVar[bool] = False
    class_version: ClassVar[int] = 1
    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")
    """Read strictly: a stored field that nobody reads is a lost fact, and wants an upcaster."""

    def __init_subclass__(cls) -> None:
        """TypeError for an event that people have no name for."""
        if hasattr(cls, "TOPIC") and not hasattr(cls, "NAME"):
            raise TypeError(f"{cls.__name__} has a TOPIC and no NAME beside it")


Said: TypeAlias = Sequence[tuple[UUID, date, Any]]
"""What a stream has said so far: events with their ids and days, oldest first."""


class Role(StrEnum):
    """Who acts (requirements 2.0).  `SYSTEM` is a service acting on another service's event."""

    PROVINCE_IT = "province_it"
    PROVINCE_BUREAU = "province_bureau"
    CITY_BUREAU = "city_bureau"
    DISTRICT_BUREAU = "district_bureau"
    STREET_OFFICER = "street_officer"
    STREET_PRINCIPAL_LEADER = "street_principal_leader"
    COMMUNITY_COMMITTEE = "community_committee"
    ORGANISATION_MANAGER = "organisation_manager"
    SOCIAL_WORKER = "social_worker"
    SUPERVISOR = "supervisor"
    THIRD_PARTY_EVALUATOR = "third_party_evaluator"
    THIRD_PARTY_AUDITOR = "third_party_auditor"
    VOLUNTEER = "volunteer"
    VOLUNTEER_TEAM_LEADER = "volunteer_team_leader"
    PARTY_BRANCH = "party_branch"
    AUDITOR = "auditor"
    SYSTEM = "system"


ROLE_NAMES = {
    Role.PROVINCE_IT: "省级运维",
    Role.PROVINCE_BUREAU: "省民政厅",
    Role.CITY_BUREAU: "市民政局",
    Role.DISTRICT_BUREAU: "区民政局",
    Role.STREET_OFFICER: "街道工作人员",
    Role.STREET_PRINCIPAL_LEADER: "街道主要领导",
    Role.COMMUNITY_COMMITTEE: "社区居委会",
    Role.ORGANISATION_MANAGER: "社工机构",
    Role.SOCIAL_WORKER: "社工",
    Role.SUPERVISOR: "督导",
    Role.THIRD_PARTY_EVALUATOR: "第三方评估机构",
    Role.THIRD_PARTY_AUDITOR: "第三方审计机构",
    Role.VOLUNTEER: "志愿者",
    Role.VOLUNTEER_TEAM_LEADER: "志愿服务队",
    Role.PARTY_BRANCH: "党支部",
    Role.AUDITOR: "审计员",
    Role.SYSTEM: "系统",
}
"""What people call them."""


class CorrectionReason(StrEnum):
    """Why a record is put right, or taken away."""

    TYPING_ERROR = "typing_error"
    WRONG_PERSON = "wrong_person"
    WRONG_DAY = "wrong_day"
    RECORDED_TWICE = "recorded_twice"
    NOT_SO = "not_so"


CORRECTION_NAMES = dict(zip(CorrectionReason, ("笔误", "对象有误", "日期有误", "重复登记", "与事实不符"), strict=True))


class CaseStanding(StrEnum):
    """How a case stands: what others are told when something of it was put right."""

    OPEN = "open"
    CLOSED = "closed"
    ENDED_EARLY = "ended_early"
    ANNULLED = "annulled"


class Unit(StrEnum):
    """What a quantity counts.  Different units never add (R-KL-07, R-XA-05)."""

    PERSONS = "persons"
    PERSON_TIMES = "person_times"
    HOUSEHOLDS = "households"
    SESSIONS = "sessions"
    THINGS = "things"
    BATCHES = "batches"
    WORKDAYS = "workdays"
    FEN = "fen"
    SQUARE_METRES = "square_metres"
    YEARS = "years"
    POST_GRADES = "post_grades"
    DAY = "day"
    """Not a count: a calendar day that a plan sets."""
    LOCAL_INSTANT = "local_instant"
    """Not a count: a date and time as printed, whose zone the source does not give."""


UNIT_NAMES = {
    Unit.PERSONS: "人",
    Unit.PERSON_TIMES: "人次",
    Unit.HOUSEHOLDS: "户",
    Unit.SESSIONS: "次",
    Unit.THINGS: "个",
    Unit.BATCHES: "批",
    Unit.WORKDAYS: "个工作日",
    Unit.FEN: "分",
    Unit.SQUARE_METRES: "平方米",
    Unit.YEARS: "年",
    Unit.POST_GRADES: "级",
    Unit.DAY: "日期",
    Unit.LOCAL_INSTANT: "时刻（按原文）",
}


class Qualifier(StrEnum):
    """余/多/超过 is `more_than`, 不少于/不低于/至少 is `at_least`."""

    EXACT = "exact"
    MORE_THAN = "more_than"
    AT_LEAST = "at_least"


QUALIFIER_NAMES = {Qualifier.EXACT: "准确数", Qualifier.MORE_THAN: "余（多于此数）", Qualifier.AT_LEAST: "不少于此数"}


@dataclass(frozen=True)
class Quantity:
    """A count or measure with its unit and qualifier (requirements 2.0)."""

    value: Decimal
    unit: Unit
    qualifier: Qualifier = Qualifier.EXACT

    def __add__(self, other: Quantity) -> Quantity:
        """Sum of two quantities of one unit; raises TypeError for two units.  The vaguer qualifier wins."""
        if self.unit is not other.unit:
            raise TypeError(f"cannot add {self.unit} and {other.unit}")
        both = {self.qualifier, other.qualifier}
        vaguest = next(q for q in (Qualifier.MORE_THAN, Qualifier.AT_LEAST, Qualifier.EXACT) if q in both)
        return Quantity(self.value + other.value, self.unit, vaguest)


T = TypeVar("T")


@dataclass(frozen=True)
class Box:
    """A sealed field as it was read from an event: ciphertext and what authenticates it.

    `event`, `type`, `schema` and `path` are those under which it was stored, kept so that it opens after upcasting.
    """

    key: UUID
    ciphertext: bytes
    tenant: str
    event: UUID
    type: str
    schema: int
    path: str


@dataclass(frozen=True, repr=False)
class Sealed(Generic[T]):
    """Personal data: readable until the person's key is destroyed.  Its repr never shows it.

    Made by a command with `clear` set; read back from an event with `box` set.  Only `kit.privacy` turns one into
    the other.  `T` must be a JSON value (str, or a dict of str).
    """

    person: PersonId
    clear: T | None = None
    box: Box | None = None

    def __repr__(self) -> str:
        return f"Sealed(person={self.person})"

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Passes an instance through as it is: the store's mapper seals and unseals, pydantic never sees inside."""
        return core_schema.is_instance_schema(cls)


def yuan(fen: int) -> str:
    """Fen as yuan with two decimals: 1234 is "12.34"."""
    sign = "-" if fen < 0 else ""
    return f"{sign}{abs(fen) // 100}.{abs(fen) % 100:02d}"


def wan(fen: int) -> str:
    """Fen as 万元, as plans print it: 16000000 is "16万元", 1500000 is "1.5万元"."""
    return f"{(Decimal(fen) / 1_000_000).normalize():f}万元"
