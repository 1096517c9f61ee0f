"""An agency as funding must know it: is it eligible, is it barred, which pilots does it carry out.

Its facts come from the registry as messages and become our events, so that every selection replays on what was
known when it was made.  The stream belongs to the city.  Many pilots write to it, each on its own days.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import ClassVar, Final, TypeAlias, assert_never

from contracts.values import AgencyId, Event, PilotId, SchemeId, TenantId
from funding.domain.growing import Growing
from funding.domain.terms import Terms
from kit.errors import NotKnownYet, Refused


@dataclass(frozen=True)
class AgencyFacts:
    """What the registry attests of an agency (R-LZ-05, R-LZ-06, R-LZ-37)."""

    registered_with_civil_affairs: bool
    penalised: bool
    failed_inspection: bool
    refused_inspection: bool
    sound_governance: bool
    own_bank_account: bool
    professional_team: bool


class EndReason(StrEnum):
    DISQUALIFIED = "disqualified"
    PILOT_CLOSED = "pilot_closed"


class Inspection(StrEnum):
    PASSED = "passed"
    FAILED = "failed"
    REFUSED = "refused"


@dataclass(frozen=True)
class AgencyNoted(Event):
    TOPIC: ClassVar[str] = "funding.agency-noted"
    NAME: ClassVar[str] = "获知机构登记"
    LATE: ClassVar[bool] = True
    agency_id: AgencyId
    name: str
    facts: AgencyFacts


@dataclass(frozen=True)
class AgencyConditionsNoted(Event):
    """Attested after the registration: the three that can be, as they stand now (R-LZ-06, R-LZ-37)."""

    TOPIC: ClassVar[str] = "funding.agency-conditions-noted"
    NAME: ClassVar[str] = "获知机构条件证明"
    CLAUSE = "R-LZ-06"
    LATE: ClassVar[bool] = True
    agency_id: AgencyId
    sound_governance: bool
    own_bank_account: bool
    professional_team: bool


@dataclass(frozen=True)
class AgencyListingElsewhereNoted(Event):
    """Whether the bureau `listed_by` of another city has it on its blacklist: a warning, not a bar (C-37)."""

    TOPIC: ClassVar[str] = "funding.agency-listing-elsewhere-noted"
    NAME: ClassVar[str] = "获知机构在外地列入黑名单"
    CLAUSE = "R-LZ-08"
    LATE: ClassVar[bool] = True
    agency_id: AgencyId
    listed_by: TenantId
    listed: bool


@dataclass(frozen=True)
class AgencyPenaltyNoted(Event):
    TOPIC: ClassVar[str] = "funding.agency-penalty-noted"
    NAME: ClassVar[str] = "获知机构处罚"
    CLAUSE = "R-LZ-05"
    LATE: ClassVar[bool] = True
    agency_id: AgencyId


@dataclass(frozen=True)
class AgencyInspectionNoted(Event):
    TOPIC: ClassVar[str] = "funding.agency-inspection-noted"
    NAME: ClassVar[str] = "获知机构年检结果"
    CLAUSE = "R-LZ-05"
    LATE: ClassVar[bool] = True
    agency_id: AgencyId
    result: Inspection


@dataclass(frozen=True)
class AgencyQualificationLost(Event):
    """It may not carry out pilots of this scheme any more."""

    TOPIC: ClassVar[str] = "funding.agency-qualification-lost"
    NAME: ClassVar[str] = "机构失去承接资格"
    CLAUSE = "R-LZ-08"
    LATE: ClassVar[bool] = True
    agency_id: AgencyId
    scheme_id: SchemeId


@dataclass(frozen=True)
class AgencyBarred(Event):
    """Blacklisted: no application of its is accepted until lifted."""

    TOPIC: ClassVar[str] = "funding.agency-barred"
    NAME: ClassVar[str] = "获知机构列入黑名单"
    CLAUSE = "R-LZ-08"
    LATE: ClassVar[bool] = True
    agency_id: AgencyId


@dataclass(frozen=True)
class AgencyBarLifted(Event):
    TOPIC: ClassVar[str] = "funding.agency-bar-lifted"
    NAME: ClassVar[str] = "获知机构移出黑名单"
    LATE: ClassVar[bool] = True
    agency_id: AgencyId


@dataclass(frozen=True)
class AgencyAssigned(Event):
    TOPIC: ClassVar[str] = "funding.agency-assigned"
    NAME: ClassVar[str] = "机构承接试点"
    LATE: ClassVar[bool] = True
    agency_id: AgencyId
    pilot_id: PilotId
    scheme_id: SchemeId


@dataclass(frozen=True)
class AgencyAssignmentEnded(Event):
    TOPIC: ClassVar[str] = "funding.agency-assignment-ended"
    NAME: ClassVar[str] = "机构承接结束"
    LATE: ClassVar[bool] = True
    agency_id: AgencyId
    pilot_id: PilotId
    scheme_id: SchemeId
    reason: EndReason


AgencyEvent: TypeAlias = (
    AgencyNoted
    | AgencyConditionsNoted
    | AgencyListingElsewhereNoted
    | AgencyPenaltyNoted
    | AgencyInspectionNoted
    | AgencyQualificationLost
    | AgencyBarred
    | AgencyBarLifted
    | AgencyAssigned
    | AgencyAssignmentEnded
)


@dataclass(frozen=True)
class Agency:
    agency_id: AgencyId | None = None
    facts: AgencyFacts | None = None
    barred: bool = False
    listings: Growing[TenantId, bool] = field(default_factory=Growing)
    """Whether the bureau of another city has it on its blacklist."""
    lost: Growing[SchemeId, bool] = field(default_factory=Growing)
    """True for the schemes whose pilots it may not carry out any more."""
    assignments: Growing[PilotId, SchemeId | None] = field(default_factory=Growing)
    """Under which scheme it carries out a pilot; None once that has ended."""

    @property
    def listed_elsewhere(self) -> bool:
        return any(self.listings.values())

    def carries_out(self, scheme_id: SchemeId) -> Sequence[PilotId]:
        """The pilots of a scheme that it is assigned to now."""
        return [pilot_id for pilot_id, under in self.assignments.items() if under == scheme_id]


def evolve(agency: Agency, event: AgencyEvent) -> Agency:
    match event:
        case AgencyNoted():
            return replace(agency, agency_id=event.agency_id, facts=event.facts)
        case AgencyConditionsNoted():
            return replace(agency, facts=agency.facts and _attested(agency.facts, event))
        case AgencyListingElsewhereNoted():
            return replace(agency, listings=agency.listings | {event.listed_by: event.listed})
        case AgencyPenaltyNoted():
            return replace(agency, facts=agency.facts and replace(agency.facts, penalised=True))
        case AgencyInspectionNoted():
            return replace(agency, facts=agency.facts and _inspected(agency.facts, event.result))
        case AgencyQualificationLost():
            return replace(agency, lost=agency.lost | {event.scheme_id: True})
        case AgencyBarred():
            return replace(agency, barred=True)
        case AgencyBarLifted():
            return replace(agency, barred=False)
        case AgencyAssigned():
            return replace(agency, assignments=agency.assignments | {event.pilot_id: event.scheme_id})
        case AgencyAssignmentEnded():
            return replace(agency, assignments=agency.assignments | {event.pilot_id: None})
        case _:
            assert_never(event)


CONDITIONS: Final[dict[str, Callable[[AgencyFacts], bool]]] = {
    "registered_with_civil_affairs": lambda f: f.registered_with_civil_affairs,
    "no_penalty": lambda f: not f.penalised,
    "no_failed_inspection": lambda f: not f.failed_inspection,
    "no_refused_inspection": lambda f: not f.refused_inspection,
    "sound_governance": lambda f: f.sound_governance,
    "own_bank_account": lambda f: f.own_bank_account,
    "professional_team": lambda f: f.professional_team,
}
"""The agency conditions that a scheme may name, each judged on the registry's facts."""


class AgencyBlacklisted(Refused):
    code = "agency-blacklisted"
    name = "机构在黑名单内"
    clause = "R-LZ-08"
    text = "该机构已被列入“黑名单”，在移出之前不能承接试点项目。请另选机构。"


class AgencyNotRegisteredHere(Refused):
    """The city's own registry never told of it: it may be another city's, or its registration is on its way."""

    code = "agency-not-registered-here"
    name = "机构未在本市登记"
    clause = "R-LZ-05"
    retryable = True
    text = "该机构未在本市登记，不能承接本市试点。请先在本市办理社工机构登记；如刚刚登记，请稍后用同一请求重试。"


class AgencyDisqualifiedInScheme(Refused):
    code = "agency-disqualified"
    name = "机构承接资格已取消"
    clause = "R-LZ-08"
    text = "该机构已被取消承接本方案试点项目的资格。请另选机构。"


class AgencyNotEligible(Refused):
    code = "agency-not-eligible"
    name = "机构不符合基本条件"
    clause = "R-LZ-05"
    text = "该机构不符合申报条件：{conditions}。请核对机构登记信息，或另选机构。"


class GovernanceNotSound(AgencyNotEligible):
    """The internal conditions of R-LZ-06 and R-LZ-37 only, and not the team alone."""

    code = "agency-governance-unsound"
    name = "机构治理条件不符"
    clause = "R-LZ-06"


class TeamMissing(AgencyNotEligible):
    """The professional team alone."""

    code = "agency-team-missing"
    name = "机构队伍条件不符"
    clause = "R-LZ-37"


def require_eligible(agency: Agency, terms: Terms, scheme_id: SchemeId) -> None:
    """Judged in the order of recording (R-LZ-05, R-LZ-06, R-LZ-08).  Experience is never a condition (R-LZ-07)."""
    if agency.barred:
        raise AgencyBlacklisted
    if scheme_id in agency.lost:
        raise AgencyDisqualifiedInScheme
    if agency.facts is None:
        raise AgencyNotRegisteredHere
    unmet = [c for c in terms.agency_conditions if not CONDITIONS[c.code](agency.facts)]
    if unmet:
        raise _refusal({c.code for c in unmet})(conditions="、".join(c.name for c in unmet))


def _refusal(unmet: set[str]) -> type[AgencyNotEligible]:
    if unmet == {"professional_team"}:
        return TeamMissing
    internal = {"sound_governance", "own_bank_account", "professional_team"}
    return GovernanceNotSound if unmet <= internal else AgencyNotEligible


def note(agency: Agency, *, agency_id: AgencyId, name: str, facts: AgencyFacts) -> Sequence[AgencyEvent]:
    return () if agency.facts == facts else (AgencyNoted(agency_id=agency_id, name=name, facts=facts),)


def note_conditions(
    agency: Agency, *, agency_id: AgencyId, sound_governance: bool, own_bank_account: bool, professional_team: bool
) -> Sequence[AgencyEvent]:
    known = agency.facts or _missing()
    noted = AgencyConditionsNoted(agency_id, sound_governance, own_bank_account, professional_team)
    return () if _attested(known, noted) == known else (noted,)


def note_listing_elsewhere(
    agency: Agency, *, agency_id: AgencyId, listed_by: TenantId, listed: bool
) -> Sequence[AgencyEvent]:
    if agency.listings.get(listed_by, False) == listed:
        return ()
    return (AgencyListingElsewhereNoted(agency_id, listed_by, listed),)


def note_penalty(agency: Agency, *, agency_id: AgencyId) -> Sequence[AgencyEvent]:
    known = agency.facts or _missing()
    return () if known.penalised else (AgencyPenaltyNoted(agency_id=agency_id),)


def note_inspection(agency: Agency, *, agency_id: AgencyId, result: Inspection) -> Sequence[AgencyEvent]:
    known = agency.facts or _missing()
    return () if _inspected(known, result) == known else (AgencyInspectionNoted(agency_id=agency_id, result=result),)


def lose_qualification(agency: Agency, *, agency_id: AgencyId, scheme_id: SchemeId) -> Sequence[AgencyEvent]:
    return () if scheme_id in agency.lost else (AgencyQualificationLost(agency_id=agency_id, scheme_id=scheme_id),)


def bar(agency: Agency, *, agency_id: AgencyId) -> Sequence[AgencyEvent]:
    return () if agency.barred else (AgencyBarred(agency_id=agency_id),)


def lift_bar(agency: Agency, *, agency_id: AgencyId) -> Sequence[AgencyEvent]:
    return (AgencyBarLifted(agency_id=agency_id),) if agency.barred else ()


def assign(agency: Agency, *, agency_id: AgencyId, pilot_id: PilotId, scheme_id: SchemeId) -> Sequence[AgencyEvent]:
    if agency.assignments.get(pilot_id) == scheme_id:
        return ()
    return (AgencyAssigned(agency_id=agency_id, pilot_id=pilot_id, scheme_id=scheme_id),)


def end_assignment(agency: Agency, *, pilot_id: PilotId, reason: EndReason) -> Sequence[AgencyEvent]:
    scheme_id = agency.assignments.get(pilot_id)
    if scheme_id is None or agency.agency_id is None:
        return ()
    return (AgencyAssignmentEnded(agency_id=agency.agency_id, pilot_id=pilot_id, scheme_id=scheme_id, reason=reason),)


def _attested(facts: AgencyFacts, noted: AgencyConditionsNoted) -> AgencyFacts:
    return replace(
        facts,
        sound_governance=noted.sound_governance,
        own_bank_account=noted.own_bank_account,
        professional_team=noted.professional_team,
    )


def _inspected(facts: AgencyFacts, result: Inspection) -> AgencyFacts:
    """A bad inspection stays on record (不良记录); a later pass does not wipe it."""
    match result:
        case Inspection.PASSED:
            return facts
        case Inspection.FAILED:
            return replace(facts, failed_inspection=True)
        case Inspection.REFUSED:
            return replace(facts, refused_inspection=True)


def _missing() -> AgencyFacts:
    raise NotKnownYet(what="社工机构登记信息")
