"""The ledger and its home visits."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from typing import Annotated, Any, assert_never
from uuid import UUID

from casework.domain.corrections import EntryCorrected, HomeVisitAnnulled, HomeVisitCorrected
from casework.domain.entry_events import (
    BeneficiaryEnrolled,
    CaseTakenOn,
    EntryEnded,
    EntryEndReason,
    EntryEvent,
    EntryMoved,
    EntryPassedOn,
    HomeVisitRecorded,
)
from contracts.values import EntryId, PersonId, ProjectId, TenantId, UnitCode, WorkerId
from kit.store import Meta, Row, View, titled
from kit.tenancy import Tx


@dataclass(frozen=True)
class EntryRow(
    Row,
    table="ledger_entry",
    key=("entry_id",),
    indexes=(
        ("tenant_id", "project_id", "enrolled_on"),
        ("tenant_id", "enrolled_on", "entry_id"),
        ("tenant_id", "person"),
    ),
    counted=("community", "enrolled_in", "first_visited_on", "ended_on", "end_reason"),
):
    """`community` is where the person belongs now or belonged last, `enrolled_in` and `project_id` where they were
    enrolled: by those the persons ever served add up.  `first_visited_on` is the day of the earliest visit, whenever
    it was entered: by it a person is counted once."""

    entry_id: Annotated[EntryId, titled("台账编号")]
    person: Annotated[PersonId, titled("人员编号")]
    name_event: Annotated[UUID, titled("姓名所在记录")]
    project_id: Annotated[ProjectId | None, titled("试点编号")]
    community: Annotated[UnitCode, titled("社区（村）代码", "现在或终止时所属的社区（村）")]
    enrolled_in: Annotated[UnitCode, titled("建档社区（村）代码")]
    categories: Annotated[tuple[str, ...], titled("服务对象类别")]
    worker_id: Annotated[WorkerId, titled("社工编号", "建档的社工")]
    enrolled_on: Annotated[date, titled("建立台账日期")]
    visit_count: Annotated[int, titled("走访次数")] = 0
    first_visited_on: Annotated[date | None, titled("首次走访日期")] = None
    last_visited_on: Annotated[date | None, titled("最近走访日期")] = None
    ended_on: Annotated[date | None, titled("结束日期", "台账终止的日期；在册的为空")] = None
    end_reason: Annotated[EntryEndReason | None, titled("终止原因", "台账终止的原因")] = None


@dataclass(frozen=True)
class EntryPlaceRow(Row, table="ledger_place", key=("entry_id", "place_id"), indexes=(("tenant_id", "place_id"),)):
    """A place where something of the person was recorded: who works there works with them."""

    entry_id: Annotated[EntryId, titled("台账编号")]
    place_id: Annotated[UUID, titled("试点或站点编号")]


@dataclass(frozen=True)
class VisitRow(
    Row,
    table="home_visit",
    key=("visit_id",),
    indexes=(
        ("tenant_id", "project_id", "visited_on"),
        ("tenant_id", "visited_on", "visit_id"),
        ("tenant_id", "entry_id"),
    ),
    counted=("community",),
):
    visit_id: Annotated[UUID, titled("走访编号")]
    entry_id: Annotated[EntryId, titled("台账编号")]
    place_id: Annotated[UUID, titled("试点或站点编号")]
    project_id: Annotated[ProjectId | None, titled("试点编号")]
    community: Annotated[UnitCode, titled("社区（村）代码")]
    worker_id: Annotated[WorkerId, titled("社工编号", "走访的社工")]
    visited_on: Annotated[date, titled("走访日期")]


@dataclass(frozen=True)
class Entry:
    """An entry, and where the person was served."""

    row: EntryRow
    places: tuple[UUID, ...]

    def changed(self, **columns: Any) -> Entry:
        return replace(self, row=replace(self.row, **columns))

    def rows(self) -> Iterable[Row]:
        return (self.row, *(EntryPlaceRow(self.row.entry_id, place_id) for place_id in self.places))


def evolve(entry: Entry | None, event: EntryEvent, meta: Meta) -> Entry | None:
    match event:
        case BeneficiaryEnrolled():
            row = EntryRow(
                entry_id=event.entry_id,
                person=event.name.person,
                name_event=meta.event_id,
                project_id=event.project_id,
                community=event.community,
                enrolled_in=event.community,
                categories=event.categories,
                worker_id=event.worker_id,
                enrolled_on=meta.occurred_on,
            )
            return Entry(row, (event.place_id,))
        case HomeVisitRecorded():
            return entry and _visited(entry, event.place_id, meta.occurred_on)
        case EntryMoved(place_id=place_id, community=community):
            return entry and _also_at(replace(entry, row=replace(entry.row, community=community)), place_id)
        case EntryPassedOn(community=community):
            return entry and replace(entry, row=replace(entry.row, community=community))
        case EntryEnded(reason=reason):
            return entry and replace(entry, row=replace(entry.row, ended_on=meta.occurred_on, end_reason=reason))
        case EntryCorrected(now=categories, name=name):
            named = meta.event_id if name is not None else None
            return entry and entry.changed(categories=categories, name_event=named or entry.row.name_event)
        case HomeVisitAnnulled():
            return entry and _not_visited(entry, event, meta.occurred_on)
        case CaseTakenOn() | HomeVisitCorrected():
            return entry
        case _:
            assert_never(event)


def _visited(entry: Entry, place_id: UUID, day: date) -> Entry:
    row = entry.row
    visited = replace(
        row,
        visit_count=row.visit_count + 1,
        first_visited_on=min(day, row.first_visited_on or day),
        last_visited_on=max(day, row.last_visited_on or day),
    )
    return _also_at(replace(entry, row=visited), place_id)


def _not_visited(entry: Entry, gone: HomeVisitAnnulled, day: date) -> Entry:
    """Without that visit: who was visited later by then, or before, is known from the row and from the event."""
    row = entry.row
    later = row.last_visited_on is not None and row.last_visited_on > day
    sooner = row.first_visited_on is not None and row.first_visited_on < day
    places = tuple(one for one in entry.places if not gone.elsewhere or one != gone.place_id)
    first = row.first_visited_on if sooner else gone.before or (gone.after if later else None)
    return replace(entry, places=places).changed(
        visit_count=row.visit_count - 1,
        first_visited_on=first,
        last_visited_on=row.last_visited_on if later else gone.before,
    )


def _also_at(entry: Entry, place_id: UUID) -> Entry:
    return entry if place_id in entry.places else replace(entry, places=(*entry.places, place_id))


def visits(event: EntryEvent, meta: Meta) -> Iterable[VisitRow]:
    """Each visit, for good."""
    if isinstance(event, HomeVisitRecorded):
        yield _visit(event, event.worker_id, meta)


async def at_place(tx: Tx, district: TenantId, place_id: UUID) -> list[EntryId]:
    """The entries of whom something was recorded there."""
    found = await tx.fetch(
        "select entry_id from ledger_place where tenant_id = $1 and place_id = $2", district, place_id
    )
    return [EntryId(row["entry_id"]) for row in found]


def put_right(event: EntryEvent, meta: Meta) -> Iterable[tuple[VisitRow, VisitRow | None]]:
    """Visits that another worker paid, or nobody."""
    if isinstance(event, HomeVisitCorrected):
        yield _visit(event, event.was, meta), _visit(event, event.now, meta)
    elif isinstance(event, HomeVisitAnnulled):
        yield _visit(event, event.worker_id, meta), None


def _visit(event: HomeVisitRecorded | HomeVisitCorrected | HomeVisitAnnulled, worker: WorkerId, meta: Meta) -> VisitRow:
    return VisitRow(
        visit_id=event.visit_id,
        entry_id=event.entry_id,
        place_id=event.place_id,
        project_id=event.project_id,
        community=event.community,
        worker_id=worker,
        visited_on=meta.occurred_on,
    )


LEDGER = View("ledger", 6, "entry", (EntryRow, EntryPlaceRow, VisitRow), evolve, visits, put_right)
