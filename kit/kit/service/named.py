"""What people call what a service records, each from where its code names it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from kit.bus import decisions
from kit.errors import Refused
from kit.service.access import KIT_POLICY
from kit.service.definition import Definition
from kit.service.refusals import refused
from kit.store import TENANTS
from kit.store.keys import DATA_KEYS


@dataclass(frozen=True)
class Named:
    """Chinese names by stable code: of a service's own and of what every service has."""

    definition: Definition

    @cached_property
    def events(self) -> Mapping[str, str]:
        """By topic."""
        categories = (*self.definition.categories, TENANTS, DATA_KEYS, *decisions.CATEGORIES)
        return {event.TOPIC: event.NAME for category in categories for event in category.events}

    @cached_property
    def actions(self) -> Mapping[str, str]:
        return {action: rule.name for action, rule in {**KIT_POLICY, **self.definition.policy}.items()}

    @cached_property
    def refusals(self) -> Mapping[str, type[Refused]]:
        return refused(self.definition.package)
