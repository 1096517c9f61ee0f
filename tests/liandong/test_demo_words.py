"""Whatever a person reads of a code has a Chinese name: events, messages, actions, refusals, and words of figures."""

from __future__ import annotations

from typing import Any, get_type_hints

import pytest
from tests.golden.files import SERVICES

from casework.domain import stage as stages
from casework.domain.referral import ReferralKind, ReferralOutcome
from contracts.messages import MESSAGES, Message
from contracts.values import Event, Role
from funding.domain import terms as funding
from funding.domain.project.stage import STAGE_NAMES
from kit.errors import Refused
from kit.service import Definition
from kit.service.named import Named
from liandong import glossary
from registry.domain.division import UnitKind
from registry.domain.site import Device, SiteLevel

services = pytest.mark.parametrize("service", SERVICES, ids=lambda s: s.name)


def chinese(name: str) -> bool:
    """Whether a name is one: short, and not a sentence or a code."""
    return 2 <= len(name) <= 20 and any("\u4e00" <= c <= "\u9fff" for c in name) and not set(name) & set("。，{}_")


@services
def test_whatever_a_history_shows_has_a_chinese_name(service: Definition) -> None:
    named = Named(service)
    refusals = {code: refusal.name for code, refusal in named.refusals.items()}
    for names in (named.events, named.actions, refusals):
        assert names
        assert {code: name for code, name in names.items() if not chinese(name)} == {}
    for names in (named.actions, refusals):
        assert len(set(names.values())) == len(names), "two codes of one name"


@services
def test_a_message_is_called_as_the_event_that_it_tells(service: Definition) -> None:
    told = {message.TYPE: message.NAME for message in MESSAGES.values() if service.name == message.SERVICE}
    events = Named(service).events
    assert told == {topic: events[topic] for topic in told}


def test_what_nobody_has_a_name_for_cannot_be_written() -> None:
    with pytest.raises(TypeError, match="has a TOPIC and no NAME"):
        type("Nameless", (Event,), {"TOPIC": "toy.nameless"})
    with pytest.raises(TypeError, match="has a code, and no name"):
        type("Nameless", (Refused,), {"code": "nameless", "text": "无"})
    with pytest.raises(TypeError, match="has a TYPE and no NAME"):
        type("Nameless", (Message,), {"TYPE": "toy.nameless", "__module__": __name__})


def test_every_role_has_a_name() -> None:
    assert {role.value for role in Role} == glossary.words()["roles"].keys()


DIMENSIONS: dict[str, list[Any]] = {
    "device": [Device],
    "kind": [UnitKind, ReferralKind],
    "level": [SiteLevel, funding.WorkerLevel],
    "outcome": [ReferralOutcome],
    "reason": [stages.CaseEndReason],
    "stage": [stages.Stage, funding.Stage],
}


@pytest.mark.parametrize("dimension", DIMENSIONS)
def test_every_category_of_a_figure_has_a_name(dimension: str) -> None:
    codes = {f"{dimension}.{code.value}" for kind in DIMENSIONS[dimension] for code in kind}
    assert codes - glossary.words()["values"].keys() == set()


def test_stages_are_called_as_their_services_call_them() -> None:
    words = glossary.words()["values"]
    assert {stage: words[f"stage.{stage}"] for stage in stages.STAGE_NAMES} == stages.STAGE_NAMES
    assert {stage: words[f"stage.{stage}"] for stage in STAGE_NAMES} == STAGE_NAMES


@services
def test_every_sum_of_money_of_an_event_has_a_name(service: Definition) -> None:
    found = {
        name
        for category in service.categories
        for event in category.events
        for name in get_type_hints(event)
        if name.endswith("_fen")
    }
    assert found - glossary.words()["amounts"].keys() == set()


def test_what_has_no_name_shows_its_code() -> None:
    assert glossary.name("values", "stage.unheard-of") == "stage.unheard-of"
