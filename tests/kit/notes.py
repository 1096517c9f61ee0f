"""A toy aggregate that the kit is tried on: notes, which are written, signed and struck."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any, ClassVar, assert_never
from uuid import UUID, uuid4

from contracts.values import Event, Fen, Role, Sealed, TenantId
from kit import clock
from kit.auth import Actor, Cause, Scope
from kit.errors import Refused
from kit.store import Category, Meta, Row, View, view_migrations

HERE = TenantId("620102")
THERE = TenantId("620103")
DAY = date(2022, 9, 27)


@dataclass(frozen=True)
class NoteWritten(Event):
    TOPIC: ClassVar[str] = "toy.note-written"
    NAME: ClassVar[str] = "写便条"
    RULE: ClassVar[str | None] = "R-LZ-01"

    text: str
    worth: Fen = Fen(0)  # noqa: RUF009 - a NewType makes nothing


@dataclass(frozen=True)
class NoteSigned(Event):
    TOPIC: ClassVar[str] = "toy.note-signed"
    NAME: ClassVar[str] = "签便条"

    signer: Sealed[str]


@dataclass(frozen=True)
class NoteRemarked(Event):
    """May be entered late."""

    TOPIC: ClassVar[str] = "toy.note-remarked"
    NAME: ClassVar[str] = "批便条"
    LATE: ClassVar[bool] = True

    remark: str


@dataclass(frozen=True)
class NoteStruck(Event):
    TOPIC: ClassVar[str] = "toy.note-struck"
    NAME: ClassVar[str] = "划去便条"


NoteEvent = NoteWritten | NoteSigned | NoteRemarked | NoteStruck


@dataclass(frozen=True)
class Note:
    lines: int = 0
    remarks: int = 0
    struck: bool = False


class NoteIsStruck(Refused):
    code = "note-is-struck"
    name = "便条已划去"
    rule = "R-LZ-99"
    text = "便条已作废。请另写一张。"


class NameTaken(Refused):
    code = "name-taken"
    name = "名称已占用"
    text = "名称已被占用。请换一个。"


def evolve(note: Note, event: NoteEvent) -> Note:
    match event:
        case NoteWritten():
            return replace(note, lines=note.lines + 1)
        case NoteRemarked():
            return replace(note, remarks=note.remarks + 1)
        case NoteSigned():
            return note
        case NoteStruck():
            return replace(note, struck=True)
        case _:
            assert_never(event)


def write(note: Note) -> Sequence[NoteEvent]:
    if note.struck:
        raise NoteIsStruck
    return (NoteWritten(text=f"第{note.lines + 1}行"),)


def remark(note: Note) -> Sequence[NoteEvent]:
    return (NoteRemarked(remark=f"第{note.remarks + 1}条"),)


def strike(note: Note) -> Sequence[NoteEvent]:
    return () if note.struck else (NoteStruck(),)


NOTES = Category("note", Note(), evolve)


@dataclass(frozen=True)
class NoteRow(Row, table="note_list", key=("note",)):
    note: UUID
    lines: int
    last: str


def list_note(row: NoteRow | None, event: NoteEvent, meta: Meta) -> NoteRow | None:
    if isinstance(event, NoteWritten):
        return NoteRow(meta.stream_id, row.lines + 1 if row else 1, event.text)
    return row


LIST = View("note_list", 1, "note", (NoteRow,), list_note)
MIGRATIONS = view_migrations([LIST])


def cause(tenant: TenantId = HERE, *, command: UUID | None = None, **fields: Any) -> Cause:
    """A cause of one acting tenant that reads and writes its own, now, unless said otherwise."""
    actor = Actor(id="tester", role=Role.CITY_BUREAU, tenant=tenant, unit=None)
    given: dict[str, Any] = {
        "command_id": command or uuid4(),
        "actor": actor,
        "occurred_on": DAY,
        "now": clock.now(),
        "scope": Scope(reads=(tenant,), writes=(tenant,)),
        "digest": b"\1" * 32,
        "expected": None,
        "correlation": uuid4(),
        "causation": None,
        "trace": None,
        "basis": None,
        "action": "write-note",
    }
    return Cause(**{**given, **fields})


def days(count: int) -> date:
    """DAY and so many days."""
    return DAY + timedelta(days=count)
