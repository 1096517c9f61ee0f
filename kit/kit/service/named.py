"""What people call what a service records, each from where its code names it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from kit.bus import decisions
from kit.errors import Refused
from kit.service.access import KIT_POLICY
from kit.service.definition import Definition
from kit.service.refusals import refused
from kit.store import TENANTS, Category
from kit.store.keys import DATA_KEYS


@dataclass(frozen=True)
class Named:
    """Chinese names by stable code: of a service's own and of what every service has."""

    definition: Definition

    @cached_property
    def _categories(self) -> Sequence[Category[Any, Any]]:
        return (*self.definition.categories, TENANTS, DATA_KEYS, *decisions.CATEGORIES)

    @cached_property
    def categories(self) -> Set[str]:
        """What names of streams begin with."""
        return {category.name for category in self._categories}

    @cached_property
    def events(self) -> Mapping[str, str]:
        """By topic."""
        return {event.TOPIC: event.NAME for category in self._categories for event in category.events}

    @cached_property
    def rules(self) -> Set[str]:
        """What an event or a refusal may rest on."""
        told = [event.RULE for category in self._categories for event in category.events]
        return {rule for rule in (*told, *(one.rule for one in self.refusals.values())) if rule}

    @cached_property
    def actions(self) -> Mapping[str, str]:
        return {action: rule.name for action, rule in {**KIT_POLICY, **self.definition.policy}.items()}

    @cached_property
    def refusals(self) -> Mapping[str, type[Refused]]:
        return refused(self.definition.package)
