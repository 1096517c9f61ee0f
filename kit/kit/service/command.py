"""What every command that arrives over HTTP has."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from pydantic import BaseModel, ConfigDict, GetCoreSchemaHandler
from pydantic_core import CoreSchema, core_schema

MAX_TEXT = 2000
"""Characters (code points) of a text field that does not say otherwise."""


MAX_DIGITS = 18
"""Digits of a decimal that does not say otherwise: "1E+999999999" is a billion digits when written out."""
FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(2999, 12, 31)
"""Days that a command may name: rules count years and days from them, and a calendar ends at 9999."""

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}\Z")


def iso_day(value: Any) -> Any:
    """The value, unless it is something else than YYYY-MM-DD: pydantic takes 0 and "0" for 1 January 1970."""
    if isinstance(value, date) or (isinstance(value, str) and _DAY.match(value)):
        return value
    raise ValueError("应为日期（YYYY-MM-DD）")


def _make_exact(schema: Any) -> None:
    """Makes every int and bool of a schema strict, every decimal short, and every date a written day of our times."""
    if isinstance(schema, dict):
        for inner in schema.values():
            _make_exact(inner)
        match schema.get("type"):
            case "int" | "bool":
                schema["strict"] = True
            case "decimal":
                schema.setdefault("max_digits", MAX_DIGITS)
            case "date" if not {"ge", "le"} <= schema.keys():
                day = {"ge": FIRST_DAY, "le": LAST_DAY, **schema}
                schema.clear()
                schema.update(core_schema.no_info_before_validator_function(iso_day, day))
    elif isinstance(schema, list | tuple):
        for inner in schema:
            _make_exact(inner)


class Part(BaseModel):
    """A group of fields inside a command: frozen, no unknown field, bounded texts kept as typed, exact numbers.

    A text with a narrower limit says so with `Field(max_length=…)`; nothing is stripped, since what was submitted is
    what is recorded.  "12" and true are no amounts, and 1 is not true.
    """

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        str_max_length=MAX_TEXT,
        hide_input_in_errors=True,  # an error text must not repeat what somebody typed about a person
        validate_default=True,
    )

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        schema = handler(source)
        _make_exact(schema)
        return schema


class Command(Part):
    """The body of a command."""

    occurred_on: date
    """The day the fact happened, Asia/Shanghai; not after today (checked where permission is)."""
