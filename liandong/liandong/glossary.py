"""What codes are called in Chinese (glossary.json), for people who read figures and histories."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files


@cache
def words() -> dict[str, dict[str, str]]:
    """By kind of word: stable code to name.  `values` are those of dimensions, by `dimension.code`."""
    from contracts.values import ROLE_NAMES  # here: help names nobody's role

    found: dict[str, dict[str, str]] = json.loads((files("liandong") / "glossary.json").read_text("utf-8"))
    return {**found, "roles": {role.value: name for role, name in ROLE_NAMES.items()}}


def name(kind: str, code: str) -> str:
    """The name, or the code itself where nobody gave it one."""
    return words()[kind].get(code, code)
