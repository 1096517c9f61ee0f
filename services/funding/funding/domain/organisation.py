"""An organisation as funding must know it: is it eligible, is it barred, which projects does it carry out.

Its facts come from the registry as messages and become our events, so that every selection replays on what was
known when it was made.  The stream belongs to the city.  Many projects write to it, each on its own days.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import ClassVar, Final, TypeAlias, assert_never

from contracts.values import Event, OrganisationId, ProjectId, SchemeId, TenantId
from funding.domain.growing import Growing
from funding.domain.terms import Terms
from kit.errors import NotKnownYet, Refused


@dataclass(frozen=True)
class OrganisationFacts:
    """What the registry attests of an organisation (R-LZ-05, R-LZ-06, R-LZ-37)."""

    registered_with_civil_affairs: bool
    penalised: bool
    failed_inspection: bool
    refused_inspection: bool
    sound_governance: bool
    own_bank_account: bool
    professional_team: bool


class EndReason(StrEnum):
    DISQUALIFIED = "disqualified"
    PROJECT_CLOSED = "project_closed"
    ENDED_BY_PAYER = "ended_by_payer"


class Inspection(StrEnum):
    PASSED = "passed"
    FAILED = "failed"
    REFUSED = "refused"


@dataclass(frozen=True)
class OrganisationNoted(Event):
    TOPIC: ClassVar[str] = "funding.organisation-noted"
    NAME: ClassVar[str] = "获知机构登记"
    LATE: ClassVar[bool] = True
    organisation_id: OrganisationId
    name: str
    facts: OrganisationFacts


@dataclass(frozen=True)
class OrganisationConditionsNoted(Event):
    """Attested after the registration: the three that can be, as they stand now (R-LZ-06, R-LZ-37)."""

    TOPIC: ClassVar[str] = "funding.organisation-conditions-noted"
    NAME: ClassVar[str] = "获知机构条件证明"
    RULE = "R-LZ-06"
    LATE: ClassVar[bool] = True
    organisation_id: OrganisationId
    sound_governance: bool
    own_bank_account: bool
    professional_team: bool


@dataclass(frozen=True)
class OrganisationListingElsewhereNoted(Event):
    """Whether the bureau `listed_by` of another city has it on its blacklist: a warning, not a bar (C-37)."""

    TOPIC: ClassVar[str] = "funding.organisation-listing-elsewhere-noted"
    NAME: ClassVar[str] = "获知机构在外地列入黑名单"
    RULE = "R-LZ-08"
    LATE: ClassVar[bool] = True
    organisation_id: OrganisationId
    listed_by: TenantId
    listed: bool


@dataclass(frozen=True)
class OrganisationPenaltyNoted(Event):
    TOPIC: ClassVar[str] = "funding.organisation-penalty-noted"
    NAME: ClassVar[str] = "获知机构处罚"
    RULE = "R-LZ-05"
    LATE: ClassVar[bool] = True
    organisation_id: OrganisationId


@dataclass(frozen=True)
class OrganisationInspectionNoted(Event):
    TOPIC: ClassVar[str] = "funding.organisation-inspection-noted"
    NAME: ClassVar[str] = "获知机构年检结果"
    RULE = "R-LZ-05"
    LATE: ClassVar[bool] = True
    organisation_id: OrganisationId
    result: Inspection


@dataclass(frozen=True)
class OrganisationQualificationLost(Event):
    """It may not carry out projects of this scheme any more."""

    TOPIC: ClassVar[str] = "funding.organisation-qualification-lost"
    NAME: ClassVar[str] = "机构失去承接资格"
    RULE = "R-LZ-08"
    LATE: ClassVar[bool] = True
    organisation_id: OrganisationId
    scheme_id: SchemeId


@dataclass(frozen=True)
class OrganisationBarred(Event):
    """Blacklisted: no application of its is accepted until lifted."""

    TOPIC: ClassVar[str] = "funding.organisation-barred"
    NAME: ClassVar[str] = "获知机构列入黑名单"
    RULE = "R-LZ-08"
    LATE: ClassVar[bool] = True
    organisation_id: OrganisationId


@dataclass(frozen=True)
class OrganisationBarLifted(Event):
    TOPIC: ClassVar[str] = "funding.organisation-bar-lifted"
    NAME: ClassVar[str] = "获知机构移出黑名单"
    LATE: ClassVar[bool] = True
    organisation_id: OrganisationId


@dataclass(frozen=True)
class OrganisationAssigned(Event):
    TOPIC: ClassVar[str] = "funding.organisation-assigned"
    NAME: ClassVar[str] = "机构承接试点"
    LATE: ClassVar[bool] = True
    organisation_id: OrganisationId
    project_id: ProjectId
    scheme_id: SchemeId


@dataclass(frozen=True)
class OrganisationAssignmentEnded(Event):
    TOPIC: ClassVar[str] = "funding.organisation-assignment-ended"
    NAME: ClassVar[str] = "机构承接结束"
    LATE: ClassVar[bool] = True
    organisation_id: OrganisationId
    project_id: ProjectId
    scheme_id: SchemeId
    reason: EndReason


OrganisationEvent: TypeAlias = (
    OrganisationNoted
    | OrganisationConditionsNoted
    | OrganisationListingElsewhereNoted
    | OrganisationPenaltyNoted
    | OrganisationInspectionNoted
    | OrganisationQualificationLost
    | OrganisationBarred
    | OrganisationBarLifted
    | OrganisationAssigned
    | OrganisationAssignmentEnded
)


@dataclass(frozen=True)
class Organisation:
    organisation_id: OrganisationId | None = None
    facts: OrganisationFacts | None = None
    barred: bool = False
    listings: Growing[TenantId, bool] = field(default_factory=Growing)
    """Whether the bureau of another city has it on its blacklist."""
    lost: Growing[SchemeId, bool] = field(default_factory=Growing)
    """True for the schemes whose projects it may not carry out any more."""
    assignments: Growing[ProjectId, SchemeId | None] = field(default_factory=Growing)
    """Under which scheme it carries out a project; None once that has ended."""

    @property
    def listed_elsewhere(self) -> bool:
        return any(self.listings.values())

    def carries_out(self, scheme_id: SchemeId) -> Sequence[ProjectId]:
        """The projects of a scheme that it is assigned to now."""
        return [project_id for project_id, under in self.assignments.items() if under == scheme_id]


def evolve(organisation: Organisation, event: OrganisationEvent) -> Organisation:
    match event:
        case OrganisationNoted():
            return replace(organisation, organisation_id=event.organisation_id, facts=event.facts)
        case OrganisationConditionsNoted():
            return replace(organisation, facts=organisation.facts and _attested(organisation.facts, event))
        case OrganisationListingElsewhereNoted():
            return replace(organisation, listings=organisation.listings | {event.listed_by: event.listed})
        case OrganisationPenaltyNoted():
            return replace(organisation, facts=organisation.facts and replace(organisation.facts, penalised=True))
        case OrganisationInspectionNoted():
            return replace(organisation, facts=organisation.facts and _inspected(organisation.facts, event.result))
        case OrganisationQualificationLost():
            return replace(organisation, lost=organisation.lost | {event.scheme_id: True})
        case OrganisationBarred():
            return replace(organisation, barred=True)
        case OrganisationBarLifted():
            return replace(organisation, barred=False)
        case OrganisationAssigned():
            return replace(organisation, assignments=organisation.assignments | {event.project_id: event.scheme_id})
        case OrganisationAssignmentEnded():
            return replace(organisation, assignments=organisation.assignments | {event.project_id: None})
        case _:
            assert_never(event)


CONDITIONS: Final[dict[str, Callable[[OrganisationFacts], bool]]] = {
    "registered_with_civil_affairs": lambda f: f.registered_with_civil_affairs,
    "no_penalty": lambda f: not f.penalised,
    "no_failed_inspection": lambda f: not f.failed_inspection,
    "no_refused_inspection": lambda f: not f.refused_inspection,
    "sound_governance": lambda f: f.sound_governance,
    "own_bank_account": lambda f: f.own_bank_account,
    "professional_team": lambda f: f.professional_team,
}
"""The organisation conditions that a scheme may name, each judged on the registry's facts."""


class OrganisationBlacklisted(Refused):
    code = "organisation-blacklisted"
    name = "机构在黑名单内"
    rule = "R-LZ-08"
    text = "该机构已被列入“黑名单”，在移出之前不能承接试点项目。请另选机构。"


class OrganisationNotRegisteredHere(Refused):
    """The city's own registry never told of it: it may be another city's, or its registration is on its way."""

    code = "organisation-not-registered-here"
    name = "机构未在本市登记"
    rule = "R-LZ-05"
    retryable = True
    text = "该机构未在本市登记，不能承接本市试点。请先在本市办理社工机构登记；如刚刚登记，请稍后用同一请求重试。"


class OrganisationDisqualifiedInScheme(Refused):
    code = "organisation-disqualified"
    name = "机构承接资格已取消"
    rule = "R-LZ-08"
    text = "该机构已被取消承接本方案试点项目的资格。请另选机构。"


class OrganisationNotEligible(Refused):
    code = "organisation-not-eligible"
    name = "机构不符合基本条件"
    rule = "R-LZ-05"
    text = "该机构不符合申报条件：{conditions}。请核对机构登记信息，或另选机构。"


class GovernanceNotSound(OrganisationNotEligible):
    """The internal conditions of R-LZ-06 and R-LZ-37 only, and not the team alone."""

    code = "organisation-governance-unsound"
    name = "机构治理条件不符"
    rule = "R-LZ-06"


class TeamMissing(OrganisationNotEligible):
    """The professional team alone."""

    code = "organisation-team-missing"
    name = "机构队伍条件不符"
    rule = "R-LZ-37"


def require_eligible(organisation: Organisation, terms: Terms, scheme_id: SchemeId) -> None:
    """Judged in the order of recording (R-LZ-05, R-LZ-06, R-LZ-08).  Experience is never a condition (R-LZ-07)."""
    if organisation.barred:
        raise OrganisationBlacklisted
    if scheme_id in organisation.lost:
        raise OrganisationDisqualifiedInScheme
    if organisation.facts is None:
        raise OrganisationNotRegisteredHere
    unmet = [c for c in terms.organisation_conditions if not CONDITIONS[c.code](organisation.facts)]
    if unmet:
        raise _refusal({c.code for c in unmet})(conditions="、".join(c.name for c in unmet))


def _refusal(unmet: set[str]) -> type[OrganisationNotEligible]:
    if unmet == {"professional_team"}:
        return TeamMissing
    internal = {"sound_governance", "own_bank_account", "professional_team"}
    return GovernanceNotSound if unmet <= internal else OrganisationNotEligible


def note(
    organisation: Organisation, *, organisation_id: OrganisationId, name: str, facts: OrganisationFacts
) -> Sequence[OrganisationEvent]:
    return (
        ()
        if organisation.facts == facts
        else (OrganisationNoted(organisation_id=organisation_id, name=name, facts=facts),)
    )


def note_conditions(
    organisation: Organisation,
    *,
    organisation_id: OrganisationId,
    sound_governance: bool,
    own_bank_account: bool,
    professional_team: bool,
) -> Sequence[OrganisationEvent]:
    known = organisation.facts or _missing()
    noted = OrganisationConditionsNoted(organisation_id, sound_governance, own_bank_account, professional_team)
    return () if _attested(known, noted) == known else (noted,)


def note_listing_elsewhere(
    organisation: Organisation, *, organisation_id: OrganisationId, listed_by: TenantId, listed: bool
) -> Sequence[OrganisationEvent]:
    if organisation.listings.get(listed_by, False) == listed:
        return ()
    return (OrganisationListingElsewhereNoted(organisation_id, listed_by, listed),)


def note_penalty(organisation: Organisation, *, organisation_id: OrganisationId) -> Sequence[OrganisationEvent]:
    known = organisation.facts or _missing()
    return () if known.penalised else (OrganisationPenaltyNoted(organisation_id=organisation_id),)


def note_inspection(
    organisation: Organisation, *, organisation_id: OrganisationId, result: Inspection
) -> Sequence[OrganisationEvent]:
    known = organisation.facts or _missing()
    return (
        ()
        if _inspected(known, result) == known
        else (OrganisationInspectionNoted(organisation_id=organisation_id, result=result),)
    )


def lose_qualification(
    organisation: Organisation, *, organisation_id: OrganisationId, scheme_id: SchemeId
) -> Sequence[OrganisationEvent]:
    return (
        ()
        if scheme_id in organisation.lost
        else (OrganisationQualificationLost(organisation_id=organisation_id, scheme_id=scheme_id),)
    )


def bar(organisation: Organisation, *, organisation_id: OrganisationId) -> Sequence[OrganisationEvent]:
    return () if organisation.barred else (OrganisationBarred(organisation_id=organisation_id),)


def lift_bar(organisation: Organisation, *, organisation_id: OrganisationId) -> Sequence[OrganisationEvent]:
    return (OrganisationBarLifted(organisation_id=organisation_id),) if organisation.barred else ()


def assign(
    organisation: Organisation, *, organisation_id: OrganisationId, project_id: ProjectId, scheme_id: SchemeId
) -> Sequence[OrganisationEvent]:
    if organisation.assignments.get(project_id) == scheme_id:
        return ()
    return (OrganisationAssigned(organisation_id=organisation_id, project_id=project_id, scheme_id=scheme_id),)


def end_assignment(
    organisation: Organisation, *, project_id: ProjectId, reason: EndReason
) -> Sequence[OrganisationEvent]:
    scheme_id = organisation.assignments.get(project_id)
    if scheme_id is None or organisation.organisation_id is None:
        return ()
    return (
        OrganisationAssignmentEnded(
            organisation_id=organisation.organisation_id, project_id=project_id, scheme_id=scheme_id, reason=reason
        ),
    )


def _attested(facts: OrganisationFacts, noted: OrganisationConditionsNoted) -> OrganisationFacts:
    return replace(
        facts,
        sound_governance=noted.sound_governance,
        own_bank_account=noted.own_bank_account,
        professional_team=noted.professional_team,
    )


def _inspected(facts: OrganisationFacts, result: Inspection) -> OrganisationFacts:
    """A bad inspection stays on record (不良记录); a later pass does not wipe it."""
    match result:
        case Inspection.PASSED:
            return facts
        case Inspection.FAILED:
            return replace(facts, failed_inspection=True)
        case Inspection.REFUSED:
            return replace(facts, refused_inspection=True)


def _missing() -> OrganisationFacts:
    raise NotKnownYet(what="社工机构登记信息")
