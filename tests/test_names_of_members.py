"""A table of Chinese names has one for every member of its enumeration: a refusal never stops at a missing word."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from importlib import import_module
from pathlib import Path

import pytest

SERVICES = Path(__file__).parents[1] / "services"


def tables() -> Iterator[tuple[str, dict[StrEnum, str]]]:
    """Module-level tables of the rules from members of one enumeration to texts."""
    for path in sorted(SERVICES.glob("*/*/domain/**/*.py")):
        module = import_module(".".join(path.relative_to(SERVICES).with_suffix("").parts[1:]).removesuffix(".__init__"))
        for name, value in vars(module).items():
            if not isinstance(value, dict) or not value or name.startswith("__"):
                continue
            if {type(key) for key in value} == {type(next(iter(value)))} and all(
                isinstance(key, StrEnum) and type(text) is str and not text.isascii() for key, text in value.items()
            ):
                yield f"{module.__name__}.{name}", value


@pytest.mark.parametrize(("name", "table"), list(tables()))
def test_every_member_has_a_name_of_its_own(name: str, table: dict[StrEnum, str]) -> None:
    assert set(table) == set(type(next(iter(table))))
    assert len(set(table.values())) == len(table)
