"""What every command that arrives over HTTP has."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, GetCoreSchemaHandler
from pydantic_core import CoreSchema

from contracts.fields import Day

MAX_TEXT = 2000
"""Characters (code points) of a text field that does not say otherwise."""
MAX_DIGITS = 18
"""Digits of a decimal that does not say otherwise: "1E+999999999" is a billion digits when written out."""


def _make_exact(schema: Any) -> None:
    """Makes every int and bool of a schema strict, and every decimal short."""
    if isinstance(schema, dict):
        for inner in schema.values():
            _make_exact(inner)
        match schema.get("type"):
            case "int" | "bool":
                schema["strict"] = True
            case "decimal":
                schema.setdefault("max_digits", MAX_DIGITS)
    elif isinstance(schema, list | tuple):
        for inner in schema:
            _make_exact(inner)


class Part(BaseModel):
    """A group of fields inside a command: frozen, no unknown field, bounded texts kept as typed, exact numbers.

    Fields take their types from `contracts.fields`; nothing is stripped, since what was submitted is what is recorded.
    "12" and true are no amounts, and 1 is not true.
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

    occurred_on: Day
    """The day the fact happened, Asia/Shanghai; not after today (checked where permission is)."""
