"""What the values of enumerations are called in Chinese."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from contracts.messages.registry import TENANT_LEVEL_NAMES
from contracts.values import QUALIFIER_NAMES, ROLE_NAMES, UNIT_NAMES
from kit.service import report
from kit.service.definition import Definition
from kit.service.figures import KIND_NAMES, TOTAL_NAMES

COMMON: Final[tuple[Mapping[Any, str], ...]] = (
    ROLE_NAMES,
    TENANT_LEVEL_NAMES,
    QUALIFIER_NAMES,
    UNIT_NAMES,
    KIND_NAMES,
    TOTAL_NAMES,
    *report.NAMES,
)
"""Of those that every service has."""


def values_of(definition: Definition) -> tuple[Mapping[Any, str], ...]:
    """Of each enumeration its names by its values: the common ones, and the service's own."""
    return (*COMMON, *definition.names)
