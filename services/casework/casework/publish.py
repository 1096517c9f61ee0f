"""What others are told: cases opened, closed, ended early, put right, and totals.  Nothing about a person leaves us."""

from __future__ import annotations

from typing import Any, assert_never

from casework.domain.case_events import (
    CaseClosed,
    CaseEndedEarly,
    CaseEvaluated,
    CaseEvent,
    CaseOpened,
    CasePlanMade,
    CasePreAssessed,
    InterventionRecorded,
)
from casework.domain.corrections import CaseCorrected, CaseNoteAnnulled, CaseNoteCorrected
from casework.domain.counts import CountsEvent
from contracts.messages import Message
from contracts.messages.casework import (
    CaseClosedV1,
    CaseCorrectedV1,
    CaseEndedEarlyV1,
    CaseNoteAnnulledV1,
    CaseOpenedV1,
    ServiceCountsPublishedV1,
    ServiceTotals,
)
from kit.store import Meta


def to_contract(event: Any, _: Meta) -> Message | None:
    """The message of an event, or None where it is nobody else's business."""
    if isinstance(event, CaseEvent):
        return _case(event)
    if isinstance(event, CountsEvent):
        totals = ServiceTotals(**vars(event.totals))
        return ServiceCountsPublishedV1(project_id=event.project_id, day=event.day, totals=totals)
    return None  # catalogues, the ledger, referrals, notes of what others told, and what is the kit's own


def _case(event: CaseEvent) -> Message | None:
    match event:
        case CaseOpened(case_id=case_id, community=community, project_id=project_id, domain=domain):
            return CaseOpenedV1(case_id=case_id, community=community, project_id=project_id, domain=domain)
        case CaseClosed(case_id=case_id, community=community, project_id=project_id, domain=domain):
            return CaseClosedV1(case_id=case_id, community=community, project_id=project_id, domain=domain)
        case CaseEndedEarly(case_id=case_id, community=community, project_id=project_id, domain=domain):
            return CaseEndedEarlyV1(case_id=case_id, community=community, project_id=project_id, domain=domain)
        case CaseCorrected(case_id=case_id, community=community, project_id=project_id, now=domain, standing=standing):
            return CaseCorrectedV1(
                case_id=case_id, community=community, project_id=project_id, domain=domain, standing=standing
            )
        case CaseNoteAnnulled(
            case_id=case_id, community=community, project_id=project_id, domain=domain, standing=standing
        ):
            return CaseNoteAnnulledV1(
                case_id=case_id, community=community, project_id=project_id, domain=domain, standing=standing
            )
        case CasePreAssessed() | CasePlanMade() | InterventionRecorded() | CaseEvaluated() | CaseNoteCorrected():
            return None
        case _:
            assert_never(event)
