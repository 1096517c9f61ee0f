"""Every event that a service can write has a name that an auditor reads, and every action that can be refused."""

from __future__ import annotations

import importlib

import pytest

from contracts.values import Role
from kit.service import Definition
from kit.store import TENANTS
from kit.store.keys import DATA_KEYS
from liandong import glossary

SERVICES = ("registry", "casework", "funding", "volunteer")


def definition(service: str) -> Definition:
    found = vars(importlib.import_module(f"{service}.app"))[service.upper()]
    assert isinstance(found, Definition)
    return found


@pytest.mark.parametrize("service", SERVICES)
def test_every_event_has_a_name(service: str) -> None:
    categories = (*definition(service).categories, TENANTS, DATA_KEYS)
    topics = {event.TOPIC for category in categories for event in category.events}
    assert topics - glossary.words()["events"].keys() == set()


@pytest.mark.parametrize("service", SERVICES)
def test_every_action_of_a_person_has_a_name(service: str) -> None:
    rules = definition(service).policy.items()
    asked = {name for name, rule in rules if rule.writes is not None and rule.roles != {Role.SYSTEM}}
    assert asked - glossary.words()["actions"].keys() == set()


def test_every_role_has_a_name() -> None:
    assert {role.value for role in Role} == glossary.words()["roles"].keys()


def test_what_has_no_name_shows_its_code() -> None:
    assert glossary.name("events", "funding.unheard-of") == "funding.unheard-of"
