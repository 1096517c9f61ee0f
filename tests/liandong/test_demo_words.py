"""Every event that a service can write has a name that an auditor reads, and every action that can be refused."""

from __future__ import annotations

import importlib
from typing import Any, get_type_hints

import pytest

from casework.domain import case as casework
from casework.domain.referral import ReferralKind, ReferralOutcome
from contracts.values import Role
from funding.domain import terms as funding
from funding.domain.pilot.state import STAGE_NAMES
from kit.service import Definition
from kit.store import TENANTS
from kit.store.keys import DATA_KEYS
from liandong import glossary
from registry.domain.division import UnitKind
from registry.domain.site import Device, SiteLevel

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


DIMENSIONS: dict[str, list[Any]] = {
    "device": [Device],
    "kind": [UnitKind, ReferralKind],
    "level": [SiteLevel, funding.WorkerLevel],
    "outcome": [ReferralOutcome],
    "stage": [casework.Stage, funding.Stage],
}


@pytest.mark.parametrize("dimension", DIMENSIONS)
def test_every_category_of_a_figure_has_a_name(dimension: str) -> None:
    codes = {f"{dimension}.{code.value}" for kind in DIMENSIONS[dimension] for code in kind}
    assert codes - glossary.words()["values"].keys() == set()


def test_stages_are_called_as_their_services_call_them() -> None:
    words = glossary.words()["values"]
    assert {stage: words[f"stage.{stage}"] for stage in casework.STAGE_NAMES} == casework.STAGE_NAMES
    assert {stage: words[f"stage.{stage}"] for stage in STAGE_NAMES} == STAGE_NAMES


@pytest.mark.parametrize("service", SERVICES)
def test_every_sum_of_money_of_an_event_has_a_name(service: str) -> None:
    found = {
        name
        for category in definition(service).categories
        for event in category.events
        for name in get_type_hints(event)
        if name.endswith("_fen")
    }
    assert found - glossary.words()["amounts"].keys() == set()


def test_what_has_no_name_shows_its_code() -> None:
    assert glossary.name("events", "funding.unheard-of") == "funding.unheard-of"
