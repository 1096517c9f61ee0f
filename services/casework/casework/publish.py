"""What others are told: cases opened and closed, and totals.  Nothing about a person leaves this service."""

from __future__ import annotations

from typing import Any

from casework.domain.case import CaseClosed, CaseOpened
from casework.domain.counts import ServiceCountsPublished
from contracts.messages import Message
from contracts.messages.casework import CaseClosedV1, CaseOpenedV1, ServiceCountsPublishedV1, ServiceTotals
from kit.store import Meta


def to_contract(event: Any, _: Meta) -> Message | None:
    """The message of an event, or None where it is nobody else's business."""
    match event:
        case CaseOpened(case_id=case_id, community=community, pilot_id=pilot_id, domain=domain):
            return CaseOpenedV1(case_id=case_id, community=community, pilot_id=pilot_id, domain=domain)
        case CaseClosed(case_id=case_id, community=community, pilot_id=pilot_id, domain=domain):
            return CaseClosedV1(case_id=case_id, community=community, pilot_id=pilot_id, domain=domain)
        case ServiceCountsPublished(pilot_id=pilot_id, day=day, totals=totals):
            return ServiceCountsPublishedV1(pilot_id=pilot_id, day=day, totals=ServiceTotals(**vars(totals)))
        case _:
            return None
