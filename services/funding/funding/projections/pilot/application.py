"""Steps 1 to 4."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import assert_never

from funding.domain.pilot import events as e
from funding.domain.terms import Stage
from funding.projections.pilot.rows import PilotRow, PilotRows


def evolve(rows: PilotRows | None, event: e.ApplicationEvent, day: date) -> PilotRows | None:
    match event:
        case e.PilotApplicationSubmitted():
            return _applied(rows, event, day)
        case e.StreetSignOffGiven():
            return rows and rows.reaching(Stage.STREET_ENDORSED, day)
        case e.PilotRecommendedByDistrict():
            return rows and rows.reaching(Stage.RECOMMENDED, day)
        case e.PilotApproved():
            return rows and _approved(rows.reaching(Stage.APPROVED, day), day)
        case e.PilotRejected():
            return rows and rows.reaching(Stage.REJECTED, day)
        case _:
            assert_never(event)


def _applied(rows: PilotRows | None, event: e.PilotApplicationSubmitted, day: date) -> PilotRows:
    """A rejected community that applies again starts over."""
    pilot = PilotRow(
        pilot_id=event.pilot_id,
        scheme_id=event.scheme_id,
        street=event.street,
        street_name=event.street_name,
        community=event.community,
        community_name=event.community_name,
        area_m2=event.area_m2,
        stage=Stage.APPLIED,
        first_applied_on=rows.pilot.first_applied_on if rows else day,
        applied_on=day,
    )
    return PilotRows(pilot, stages={Stage.APPLIED: day})


def _approved(rows: PilotRows, day: date) -> PilotRows:
    return replace(rows, pilot=replace(rows.pilot, approved_on=day))
