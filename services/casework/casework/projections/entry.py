"""The ledger and its home visits."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from typing import Annotated, assert_never
from uuid import UUID

from casework.domain.entry import BeneficiaryEnrolled, EntryEvent, HomeVisitRecorded
from contracts.values import EntryId, PilotId, UnitCode
from kit.store import Meta, Row, View, titled


@dataclass(frozen=True)
class EntryRow(Row, table="ledger_entry", key=("entry_id",), indexes=(("tenant_id", "pilot_id", "enrolled_on"),)):
    """`first_visited_on` is the day of the earliest visit, whenever it was entered: by it a person is counted once."""

    entry_id: Annotated[EntryId, titled("台账编号")]
    pilot_id: Annotated[PilotId | None, titled("试点编号")]
    community: Annotated[UnitCode, titled("社区代码")]
    enrolled_on: Annotated[date, titled("建立台账日期")]
    first_visited_on: Annotated[date | None, titled("首次走访日期")] = None


@dataclass(frozen=True)
class VisitRow(
    Row,
    table="home_visit",
    key=("visit_id",),
    indexes=(("tenant_id", "pilot_id", "visited_on"), ("tenant_id", "visited_on")),
):
    visit_id: Annotated[UUID, titled("走访编号")]
    entry_id: Annotated[EntryId, titled("台账编号")]
    pilot_id: Annotated[PilotId | None, titled("试点编号")]
    community: Annotated[UnitCode, titled("社区代码")]
    visited_on: Annotated[date, titled("走访日期")]


def evolve(row: EntryRow | None, event: EntryEvent, meta: Meta) -> EntryRow | None:
    match event:
        case BeneficiaryEnrolled():
            return EntryRow(
                entry_id=event.entry_id,
                pilot_id=event.pilot_id,
                community=event.community,
                enrolled_on=meta.occurred_on,
            )
        case HomeVisitRecorded():
            return row and _visited(row, meta.occurred_on)
        case _:
            assert_never(event)


def _visited(row: EntryRow, day: date) -> EntryRow:
    first = row.first_visited_on
    return row if first is not None and first <= day else replace(row, first_visited_on=day)


def visits(event: EntryEvent, meta: Meta) -> Iterable[VisitRow]:
    """Each visit, for good."""
    if isinstance(event, HomeVisitRecorded):
        yield VisitRow(event.visit_id, event.entry_id, event.pilot_id, event.community, meta.occurred_on)


LEDGER = View("ledger", 1, "entry", (EntryRow, VisitRow), evolve, visits)
