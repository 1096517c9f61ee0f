"""What others are told: a pilot's totals.  Nothing about a person leaves this service."""

from __future__ import annotations

from typing import Any

from contracts.messages import Message
from contracts.messages.volunteer import VolunteerCountsPublishedV1, VolunteerTotals
from kit.store import Meta
from volunteer.domain.counts import VolunteerCountsPublished


def to_contract(event: Any, _: Meta) -> Message | None:
    """The message of an event, or None where it is nobody else's business."""
    match event:
        case VolunteerCountsPublished(pilot_id=pilot_id, day=day, totals=totals):
            return VolunteerCountsPublishedV1(pilot_id=pilot_id, day=day, totals=VolunteerTotals(**vars(totals)))
        case _:
            return None
