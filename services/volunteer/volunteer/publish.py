"""What others are told: a project's totals.  Nothing about a person leaves this service."""

from __future__ import annotations

from typing import Any

from contracts.messages import Message
from contracts.messages.volunteer import VolunteerCountsPublishedV1, VolunteerTotals
from kit.store import Meta
from volunteer.domain.counts import CountsEvent


def to_contract(event: Any, _: Meta) -> Message | None:
    """The message of an event, or None where it is nobody else's business."""
    if isinstance(event, CountsEvent):
        totals = VolunteerTotals(**vars(event.totals))
        return VolunteerCountsPublishedV1(project_id=event.project_id, day=event.day, totals=totals)
    return None  # volunteers, activities, notes of what others told, and what is the kit's own
