"""Which bureaus of other cities have an organisation on their blacklist (C-37)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Annotated, assert_never

from contracts.values import OrganisationId, TenantId
from funding.domain import organisation as a
from funding.domain.organisation import OrganisationEvent
from kit.store import Meta, Row, View, titled


@dataclass(frozen=True)
class OrganisationRow(Row, table="organisation_standing", key=("organisation_id",)):
    organisation_id: Annotated[OrganisationId, titled("机构编号")]
    listed_by: Annotated[tuple[TenantId, ...], titled("列入黑名单的外地民政局")] = ()


def evolve(row: OrganisationRow | None, event: OrganisationEvent, _meta: Meta) -> OrganisationRow | None:
    """There from the first that is told of the organisation: a blacklist may be told of before its registration."""
    row = row or OrganisationRow(event.organisation_id)
    match event:
        case a.OrganisationListingElsewhereNoted():
            others = tuple(bureau for bureau in row.listed_by if bureau != event.listed_by)
            return replace(row, listed_by=(*others, event.listed_by) if event.listed else others)
        case (
            a.OrganisationNoted()
            | a.OrganisationConditionsNoted()
            | a.OrganisationPenaltyNoted()
            | a.OrganisationInspectionNoted()
            | a.OrganisationQualificationLost()
            | a.OrganisationBarred()
            | a.OrganisationBarLifted()
            | a.OrganisationAssigned()
            | a.OrganisationAssignmentEnded()
        ):
            return row
        case _:
            assert_never(event)


ORGANISATIONS = View("organisation_standing", 1, "organisation", (OrganisationRow,), evolve)
