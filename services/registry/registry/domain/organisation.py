"""Social-work organisations: what makes one eligible, and how it loses that (R-LZ-05, R-LZ-06, R-LZ-08, R-LZ-37).

Bureaus record an organisation's past when they learn of it, so its facts are LATE, none before it registered with
the authority.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import ClassVar, TypeAlias, assert_never
from uuid import UUID

from contracts.values import Event, OrganisationId, ProjectId, SchemeId, TenantId
from kit.errors import Refused, not_before


class InspectionResult(StrEnum):
    PASSED = "passed"
    FAILED = "failed"
    REFUSED = "refused"
    """The organisation did not accept the inspection (不接受年检)."""


RESULT_NAMES = dict(zip(InspectionResult, ("合格", "不合格", "不接受年检"), strict=True))


class Condition(StrEnum):
    """What an organisation must have, attested by a named office with evidence (R-LZ-06, R-LZ-37)."""

    SOUND_GOVERNANCE = "sound_governance"
    INTERNAL_RULES = "internal_rules"
    FINANCE_SYSTEM = "finance_system"
    OWN_BANK_ACCOUNT = "own_bank_account"
    PROFESSIONAL_TEAM = "professional_team"


RULES = {c: "R-LZ-37" if c is Condition.PROFESSIONAL_TEAM else "R-LZ-06" for c in Condition}


@dataclass(frozen=True)
class Registration:
    """Where an organisation is registered.  Only a civil-affairs authority makes it eligible (R-LZ-05)."""

    authority: str
    civil_affairs: bool
    registered_on: date
    number: str
    """The unified social credit code (统一社会信用代码)."""


@dataclass(frozen=True)
class Attestation:
    """Who says so, and on what: `attester` is an office or a body, `evidence` names the papers and their digest."""

    condition: Condition
    attester: str
    evidence: str


@dataclass(frozen=True)
class OrganisationRegistered(Event):
    TOPIC: ClassVar[str] = "registry.organisation-registered"
    NAME: ClassVar[str] = "登记机构"
    RULE: ClassVar[str | None] = "R-LZ-05"

    organisation_id: OrganisationId
    name: str
    registration: Registration
    attestations: tuple[Attestation, ...]


@dataclass(frozen=True)
class OrganisationConditionAttested(Event):
    """`attested` is every condition shown by now, this one among them."""

    TOPIC: ClassVar[str] = "registry.organisation-condition-attested"
    NAME: ClassVar[str] = "证明机构条件"
    RULE: ClassVar[str | None] = "R-LZ-06"
    LATE: ClassVar[bool] = True

    organisation_id: OrganisationId
    attestation: Attestation
    attested: tuple[Condition, ...]


@dataclass(frozen=True)
class OrganisationPenalised(Event):
    TOPIC: ClassVar[str] = "registry.organisation-penalised"
    NAME: ClassVar[str] = "登记机构处罚"
    RULE: ClassVar[str | None] = "R-LZ-05"
    LATE: ClassVar[bool] = True

    organisation_id: OrganisationId
    authority: str
    document: str


@dataclass(frozen=True)
class AnnualInspectionRecorded(Event):
    TOPIC: ClassVar[str] = "registry.annual-inspection-recorded"
    NAME: ClassVar[str] = "登记年检结果"
    RULE: ClassVar[str | None] = "R-LZ-05"
    LATE: ClassVar[bool] = True

    organisation_id: OrganisationId
    year: int
    result: InspectionResult


@dataclass(frozen=True)
class PartyOrganisationEstablished(Event):
    TOPIC: ClassVar[str] = "registry.party-organisation-established"
    NAME: ClassVar[str] = "机构建立党组织"
    LATE: ClassVar[bool] = True

    organisation_id: OrganisationId
    name: str


@dataclass(frozen=True)
class OrganisationQualificationRevoked(Event):
    """The organisation may carry no project of this scheme any more; `project_id` is where the cause was found."""

    TOPIC: ClassVar[str] = "registry.organisation-qualification-revoked"
    NAME: ClassVar[str] = "取消机构试点资格"
    RULE: ClassVar[str | None] = "R-LZ-08"
    LATE: ClassVar[bool] = True

    organisation_id: OrganisationId
    scheme_id: SchemeId
    project_id: ProjectId
    finding: UUID


@dataclass(frozen=True)
class OrganisationBlacklisted(Event):
    """Listed by `authority` for its whole area, without expiry (C-37)."""

    TOPIC: ClassVar[str] = "registry.organisation-blacklisted"
    NAME: ClassVar[str] = "机构列入黑名单"
    RULE: ClassVar[str | None] = "R-LZ-08"
    LATE: ClassVar[bool] = True

    organisation_id: OrganisationId
    authority: TenantId
    reason: str
    project_id: ProjectId | None
    listed_on: date


@dataclass(frozen=True)
class BlacklistLifted(Event):
    TOPIC: ClassVar[str] = "registry.blacklist-lifted"
    NAME: ClassVar[str] = "机构移出黑名单"
    RULE: ClassVar[str | None] = "R-LZ-08"

    organisation_id: OrganisationId
    authority: TenantId
    document: str


@dataclass(frozen=True)
class OrganisationListedElsewhere(Event):
    """Whether `authority`, the bureau of another city, has the organisation on its blacklist: a warning here (C-37)."""

    TOPIC: ClassVar[str] = "registry.organisation-listed-elsewhere"
    NAME: ClassVar[str] = "其他城市黑名单提示"
    RULE: ClassVar[str | None] = "R-LZ-08"
    LATE: ClassVar[bool] = True

    organisation_id: OrganisationId
    authority: TenantId
    listed: bool


OrganisationEvent: TypeAlias = (
    OrganisationRegistered
    | OrganisationConditionAttested
    | OrganisationPenalised
    | AnnualInspectionRecorded
    | PartyOrganisationEstablished
    | OrganisationQualificationRevoked
    | OrganisationBlacklisted
    | BlacklistLifted
    | OrganisationListedElsewhere
)


@dataclass(frozen=True)
class Organisation:
    organisation_id: OrganisationId | None = None
    number: str = ""
    registered_on: date | None = None
    civil_affairs: bool = False
    attested: frozenset[Condition] = frozenset()
    penalised: bool = False
    inspections: tuple[tuple[int, InspectionResult], ...] = ()
    party_organisation: str | None = None
    revoked: frozenset[SchemeId] = frozenset()
    listed_by: TenantId | None = None
    listed_on: date | None = None
    elsewhere: frozenset[TenantId] = frozenset()
    """Bureaus of other cities that list it."""

    @property
    def failed_inspection(self) -> bool:
        return any(result is InspectionResult.FAILED for _, result in self.inspections)

    @property
    def refused_inspection(self) -> bool:
        return any(result is InspectionResult.REFUSED for _, result in self.inspections)


@dataclass(frozen=True)
class Shortfall:
    """One reason why an organisation is not eligible: a code and the rule it comes from."""

    code: str
    rule: str


class OrganisationExists(Refused):
    code = "organisation-registered-already"
    name = "机构已登记"
    text = "该机构已登记。请查询已有机构档案，不要重复登记。"


class OrganisationNumberTaken(Refused):
    code = "organisation-number-taken"
    name = "信用代码已登记在他人名下"
    text = "该统一社会信用代码已登记在另一机构名下。请核对登记证书。"


class OrganisationUnknown(Refused):
    code = "organisation-unknown"
    name = "机构未登记"
    status = 404
    text = "机构尚未登记。请先办理机构登记。"


class RegisteredElsewhere(Refused):
    """A district bureau acts for the organisations that are registered with it, and for their workers."""

    code = "registered-elsewhere"
    name = "登记管理机关不符"
    status = 403
    rule = "R-LZ-05"
    text = (
        "该机构（或该社工的用人单位）的登记管理机关不是贵局（以统一社会信用代码第 3 至 8 位为准）。"
        "请由其登记管理机关或市民政局办理。"
    )


class InspectionBeforeRegistration(Refused):
    code = "inspection-before-registration"
    name = "年检早于登记成立"
    status = 422
    rule = "R-LZ-05"
    text = "该机构于 {registered_on} 登记成立，没有 {year} 年度的年检。请核对年检文书的年度和机构。"


class InspectionRecordedOtherwise(Refused):
    code = "inspection-recorded-otherwise"
    name = "年检已登记为其他结果"
    rule = "R-LZ-05"
    text = "{year} 年度年检结果已登记为“{result}”。请核对年检文书。"


def evolve(organisation: Organisation, event: OrganisationEvent) -> Organisation:
    match event:
        case OrganisationRegistered():
            return replace(
                organisation,
                organisation_id=event.organisation_id,
                number=event.registration.number,
                registered_on=event.registration.registered_on,
                civil_affairs=event.registration.civil_affairs,
                attested=frozenset(a.condition for a in event.attestations),
            )
        case OrganisationConditionAttested():
            return replace(organisation, attested=frozenset(event.attested))
        case OrganisationPenalised():
            return replace(organisation, penalised=True)
        case AnnualInspectionRecorded():
            return replace(organisation, inspections=(*organisation.inspections, (event.year, event.result)))
        case PartyOrganisationEstablished():
            return replace(organisation, party_organisation=event.name)
        case OrganisationQualificationRevoked():
            return replace(organisation, revoked=organisation.revoked | {event.scheme_id})
        case OrganisationBlacklisted():
            return replace(organisation, listed_by=event.authority, listed_on=event.listed_on)
        case BlacklistLifted():
            return replace(organisation, listed_by=None, listed_on=None)
        case OrganisationListedElsewhere(authority=authority, listed=listed):
            now = organisation.elsewhere | {authority} if listed else organisation.elsewhere - {authority}
            return replace(organisation, elsewhere=now)
        case _:
            assert_never(event)


def authority_of(number: str) -> TenantId | None:
    """The bureau that registers the organisation with this credit code; None where no civil-affairs bureau does.

    GB 32100: the first character is the kind of authority, 5 for civil affairs, the third to eighth its division code.
    """
    return TenantId(number[2:8]) if number.startswith("5") else None


def shortfalls(organisation: Organisation) -> tuple[Shortfall, ...]:
    """Everything that keeps an organisation from being eligible; empty means eligible (R-LZ-05, 06, 37, 08)."""
    found = [
        ("not-registered-with-civil-affairs", "R-LZ-05", not organisation.civil_affairs),
        ("penalised", "R-LZ-05", organisation.penalised),
        ("annual-inspection-failed", "R-LZ-05", organisation.failed_inspection),
        ("annual-inspection-refused", "R-LZ-05", organisation.refused_inspection),
        *((f"lacks-{c.replace('_', '-')}", RULES[c], c not in organisation.attested) for c in Condition),
        ("blacklisted", "R-LZ-08", organisation.listed_by is not None),
    ]
    return tuple(Shortfall(code, rule) for code, rule, so in found if so)


def register_organisation(
    organisation: Organisation,
    *,
    organisation_id: OrganisationId,
    name: str,
    registration: Registration,
    attestations: tuple[Attestation, ...] = (),
) -> Sequence[OrganisationEvent]:
    """Whoever exists may be registered; eligibility is judged from what was registered, not by refusing entry."""
    if organisation.organisation_id is not None:
        raise OrganisationExists
    return (OrganisationRegistered(organisation_id, name, registration, attestations),)


def attest_condition(
    organisation: Organisation, *, attestation: Attestation, occurred_on: date
) -> Sequence[OrganisationEvent]:
    """A condition shown after registration."""
    organisation_id = registered(organisation, occurred_on)
    if attestation.condition in organisation.attested:
        return ()
    attested = tuple(c for c in Condition if c in organisation.attested or c is attestation.condition)
    return (OrganisationConditionAttested(organisation_id, attestation, attested),)


def record_penalty(
    organisation: Organisation, *, authority: str, document: str, occurred_on: date
) -> Sequence[OrganisationEvent]:
    return (OrganisationPenalised(registered(organisation, occurred_on), authority, document),)


def record_inspection(
    organisation: Organisation, *, year: int, result: InspectionResult, occurred_on: date
) -> Sequence[OrganisationEvent]:
    """One result for each year, from that of the registration on."""
    organisation_id = registered(organisation, occurred_on)
    if organisation.registered_on is not None and year < organisation.registered_on.year:
        raise InspectionBeforeRegistration(registered_on=organisation.registered_on, year=year)
    known = dict(organisation.inspections).get(year)
    if known is result:
        return ()
    if known is not None:
        raise InspectionRecordedOtherwise(year=year, result=RESULT_NAMES[known])
    return (AnnualInspectionRecorded(organisation_id, year, result),)


def establish_party_organisation(
    organisation: Organisation, *, name: str, occurred_on: date
) -> Sequence[OrganisationEvent]:
    organisation_id = registered(organisation, occurred_on)
    return () if organisation.party_organisation == name else (PartyOrganisationEstablished(organisation_id, name),)


def registered(organisation: Organisation, occurred_on: date | None = None) -> OrganisationId:
    """The organisation's id, or a refusal if it was never registered, or only after that day."""
    if organisation.organisation_id is None:
        raise OrganisationUnknown
    if occurred_on is not None:
        not_before(occurred_on, organisation.registered_on, "机构登记")
    return organisation.organisation_id
