"""Which bureaus of other cities have an agency on their blacklist (C-37)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Annotated, assert_never

from contracts.values import AgencyId, TenantId
from funding.domain import agency as a
from funding.domain.agency import AgencyEvent
from kit.store import Meta, Row, View, titled


@dataclass(frozen=True)
class AgencyRow(Row, table="agency_standing", key=("agency_id",)):
    agency_id: Annotated[AgencyId, titled("机构编号")]
    listed_by: Annotated[tuple[TenantId, ...], titled("列入黑名单的外地民政局")] = ()


def evolve(row: AgencyRow | None, event: AgencyEvent, _meta: Meta) -> AgencyRow | None:
    """There from the first that is told of the agency: what is told of a blacklist may come before its registration."""
    row = row or AgencyRow(event.agency_id)
    match event:
        case a.AgencyListingElsewhereNoted():
            others = tuple(bureau for bureau in row.listed_by if bureau != event.listed_by)
            return replace(row, listed_by=(*others, event.listed_by) if event.listed else others)
        case (
            a.AgencyNoted()
            | a.AgencyConditionsNoted()
            | a.AgencyPenaltyNoted()
            | a.AgencyInspectionNoted()
            | a.AgencyQualificationLost()
            | a.AgencyBarred()
            | a.AgencyBarLifted()
            | a.AgencyAssigned()
            | a.AgencyAssignmentEnded()
        ):
            return row
        case _:
            assert_never(event)


AGENCIES = View("agency_standing", 1, "agency", (AgencyRow,), evolve)
