"""What every command that arrives over HTTP has."""

from __future__ import annotations

from datetime import date

from pydantic import BaseModel, ConfigDict

MAX_TEXT = 2000
"""Characters (code points) of a text field that does not say otherwise."""


class Command(BaseModel):
    """A command's body: frozen, no unknown field, bounded texts, kept as typed.

    A field with a narrower limit says so with `Field(max_length=…)`; `str` stays as written (no stripping), since
    what was submitted is what is recorded.
    """

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        str_max_length=MAX_TEXT,
        hide_input_in_errors=True,  # an error text must not repeat what somebody typed about a person
        validate_default=True,
    )

    occurred_on: date
    """The day the fact happened, Asia/Shanghai; not after today (checked where permission is)."""
