"""Findings: one licence number was brought for two workers, so one of them does not hold it (R-LZ-08).

Opened when the second registration is refused, settled by the city.  Which number it was stays sealed with the holder.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import ClassVar, TypeAlias, assert_never
from uuid import UUID

from contracts.values import Event, OrganisationId, WorkerId
from kit.errors import Refused, not_before
from registry.domain.worker import LicenceTaken


class Outcome(StrEnum):
    """What the city found: whose licence it is."""

    HOLDER_RIGHT = "holder_right"
    CLAIMANT_RIGHT = "claimant_right"
    NEITHER_RIGHT = "neither_right"


OUTCOME_NAMES = {
    Outcome.HOLDER_RIGHT: "原登记人持证",
    Outcome.CLAIMANT_RIGHT: "后登记人持证",
    Outcome.NEITHER_RIGHT: "均非持证人",
}


@dataclass(frozen=True)
class LicenceFindingOpened(Event):
    """`holder` has the number on record, as `qualification_id`; it was brought for `claimant` too.

    The organisations are the employers then, None for a worker with none.  Who brought it is the event's actor.
    """

    TOPIC: ClassVar[str] = "registry.licence-finding-opened"
    NAME: ClassVar[str] = "开立资格核查"
    RULE: ClassVar[str | None] = "R-LZ-08"
    LATE: ClassVar[bool] = True

    finding_id: UUID
    holder: WorkerId
    holder_organisation: OrganisationId | None
    qualification_id: UUID
    claimant: WorkerId
    claimant_organisation: OrganisationId | None
    opened_on: date


@dataclass(frozen=True)
class LicenceFindingSettled(Event):
    """The city has looked at the certificates; `document` names what it rests on."""

    TOPIC: ClassVar[str] = "registry.licence-finding-settled"
    NAME: ClassVar[str] = "资格核查结论"
    RULE: ClassVar[str | None] = "R-LZ-08"

    finding_id: UUID
    outcome: Outcome
    document: str


FindingEvent: TypeAlias = LicenceFindingOpened | LicenceFindingSettled


@dataclass(frozen=True)
class Finding:
    opened: LicenceFindingOpened | None = None
    settled: LicenceFindingSettled | None = None


class LicenceInDispute(LicenceTaken):
    """The number is another's, and the finding about the two workers is open."""

    text = LicenceTaken.text + "已开立核查事项 {finding}。"


class LicenceRecordedAlready(Refused):
    code = "licence-recorded-already"
    name = "证书已登记在本人名下"
    text = "该证书编号已登记在本人名下。请查询已有资格记录，不要重复登记。"


class FindingUnknown(Refused):
    code = "finding-unknown"
    name = "没有该核查事项"
    status = 404
    text = "没有这一核查事项。请核对编号。"


class SettledOtherwise(Refused):
    code = "finding-settled-otherwise"
    name = "核查事项已有结论"
    rule = "R-LZ-08"
    text = "该核查事项已有结论（{outcome}）。请核对核查文书。"


def evolve(finding: Finding, event: FindingEvent) -> Finding:
    match event:
        case LicenceFindingOpened():
            return Finding(event)
        case LicenceFindingSettled():
            return replace(finding, settled=event)
        case _:
            assert_never(event)


def open_finding(finding: Finding, *, opened: LicenceFindingOpened) -> Sequence[FindingEvent]:
    """One is open for a licence and who claims it; settled, or with the licence another's now, it opens anew."""
    known = finding.opened is not None and finding.settled is None and finding.opened.holder == opened.holder
    return () if known else (opened,)


def settle(finding: Finding, *, outcome: Outcome, document: str, occurred_on: date) -> Sequence[FindingEvent]:
    if finding.opened is None:
        raise FindingUnknown
    not_before(occurred_on, finding.opened.opened_on, "开立核查")
    event = LicenceFindingSettled(finding.opened.finding_id, outcome, document)
    if finding.settled is None:
        return (event,)
    if finding.settled != event:
        raise SettledOtherwise(outcome=OUTCOME_NAMES[finding.settled.outcome])
    return ()
