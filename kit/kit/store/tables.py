"""Tables of rows that keep their versions, in PostgreSQL: their columns, and what a command writes to them.

What a table is in SQL follows from the dataclass of its rows; migrations/0002_rows.sql says how versions are kept.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from types import NoneType, UnionType
from typing import Annotated, Any, NamedTuple, Union, get_args, get_origin, get_type_hints
from uuid import UUID

import orjson
from pydantic.fields import FieldInfo

from kit.store.migrate import Migration
from kit.store.rows import Change, Row, Span, View

COLUMNS: Mapping[type, str] = {
    str: 'text collate "C"',
    bool: "boolean",
    int: "bigint",
    UUID: "uuid",
    date: "date",
    datetime: "timestamptz",
    Decimal: "numeric",
}
ARRAYS: Mapping[type, str] = {str: 'text[] collate "C"', int: "bigint[]", UUID: "uuid[]"}


class Column(NamedTuple):
    """A field of a row as a column."""

    name: str
    type: str
    nullable: bool


def columns(row: type[Row]) -> list[Column]:
    """The columns of a table, in the order of the fields.  What is no plain value, or a list of such, is jsonb.

    TypeError for a key that may be absent: no row would ever be found by it.
    """
    hints = get_type_hints(row)
    found = [column(field.name, hints[field.name]) for field in dataclasses.fields(row)]  # type: ignore[arg-type]
    if absent := [one.name for one in found if one.nullable and one.name in row.KEY]:
        raise TypeError(f"{row.__name__}: {', '.join(absent)} may be absent, and is of its key")
    return found


def titles(row: type[Row]) -> dict[str, str]:
    """What each column of a table is called."""
    hints = get_type_hints(row, include_extras=True)
    return {field.name: title(hints[field.name], field.name) for field in dataclasses.fields(row)}  # type: ignore[arg-type]


def title(hint: Any, name: str) -> str:
    """What the field `name`, of that kind, is called."""
    told = [one.title for one in getattr(hint, "__metadata__", ()) if isinstance(one, FieldInfo) and one.title]
    return told[0] if told else name


def column(name: str, hint: Any) -> Column:
    """The field `name`, of that kind, as a column."""
    if get_origin(hint) is Annotated:
        return column(name, get_args(hint)[0])
    if get_origin(hint) in (Union, UnionType):
        inner = [one for one in get_args(hint) if one is not NoneType]
        if len(inner) == 1:
            return Column(name, column(name, inner[0]).type, True)
        return Column(name, "jsonb", NoneType in get_args(hint))
    if get_origin(hint) is tuple and (item := plain(get_args(hint)[0])) in ARRAYS:
        return Column(name, ARRAYS[item], False)
    return Column(name, COLUMNS.get(plain(hint), "jsonb"), False)


def plain(hint: Any) -> type:
    """The plain type under a NewType or an enumeration of texts."""
    while hasattr(hint, "__supertype__"):
        hint = hint.__supertype__
    if isinstance(hint, type) and issubclass(hint, Enum):
        return next((plain for plain in (str, int) if issubclass(hint, plain)), hint)
    return hint if isinstance(hint, type) else object


def view_migrations(views: Iterable[View[Any, Any]]) -> list[Migration]:
    """What makes the tables of the views; one of each view's revision, which replaces those of the one before.

    What figures count by is a migration of its own: with another column nothing has to be rebuilt.
    """
    made = []
    for view in views:
        made.append(Migration(f"views/{view.name}/{view.revision}", "\n".join(_created(row) for row in view.tables)))
        made += (
            Migration(f"counted/{view.name}/{view.revision}/{row.TABLE}/{'+'.join(row.COUNTED)}", _counted(row))
            for row in view.tables
            if row.COUNTED
        )
    return made


def _counted(row: type[Row]) -> str:
    return f"select index_counted('{row.TABLE}', '{{{','.join(row.COUNTED)}}}');"


def _created(row: type[Row]) -> str:
    lines = [f'  "{c.name}" {c.type}{"" if c.nullable else " not null"},' for c in columns(row)]
    keys = ", ".join(f"'{name}'" for name in row.KEY)
    indexes = ", ".join(f"'{', '.join(index)}'" for index in row.INDEXES)
    return "\n".join(
        [
            f"drop table if exists versions.{row.TABLE} cascade;",
            f"drop function if exists versions.write_{row.TABLE}(text, timestamptz, text, jsonb, jsonb);",
            f"create table versions.{row.TABLE} (",
            '  tenant_id text collate "C" not null,',
            *lines,
            "  day_from date not null, day_to date not null check (day_from < day_to),",
            "  rec_from timestamptz not null,",
            "  rec_to timestamptz not null default 'infinity' check (rec_from <= rec_to),",
            '  row_stream text collate "C" not null, row_version integer not null',
            ");",
            f"select keep_versions('{row.TABLE}', array[{keys}]::text[], array[{indexes}]::text[]);",
        ]
    )


class Written(NamedTuple):
    """What a command makes of a stream's rows."""

    tenant: str
    stream: str
    change: Change


def arguments(written: Iterable[Written]) -> list[list[str]]:
    """The arguments of `write_rows` but for the stamp: owners, streams, tables, what ended, what was made."""
    parts = [part for one in written for part in _by_table(one)]
    return [list(column) for column in zip(*parts, strict=True)] or [[], [], [], [], []]


def _by_table(one: Written) -> Iterator[tuple[str, str, str, str, str]]:
    tables = {type(span.row): None for span in (*one.change.ended, *one.change.made)}
    for row in tables:
        ended = [_ended(span) for span in one.change.ended if type(span.row) is row]
        made = [_made(span) for span in one.change.made if type(span.row) is row]
        yield one.tenant, one.stream, row.TABLE, json_of(ended), json_of(made)


def _ended(span: Span) -> dict[str, Any]:
    return {**{name: getattr(span.row, name) for name in span.row.KEY}, "day_from": span.day_from}


def shown(row: Row) -> dict[str, Any]:
    """A row by its columns."""
    return vars(row)


def _made(span: Span) -> dict[str, Any]:
    return {**shown(span.row), "day_from": span.day_from, "day_to": span.day_to, "row_version": span.version}


def json_of(value: Any) -> str:
    """Rows as the database takes them apart."""
    return orjson.dumps(value, default=_other, option=orjson.OPT_NON_STR_KEYS).decode()


def _other(value: Any) -> Any:
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, frozenset | set):
        return sorted(value)
    raise TypeError(f"a row cannot hold a {type(value).__name__}")
