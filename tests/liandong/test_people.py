"""The people whom a region's development issuer signs in: made up, one for each role, at places of the demo."""

from __future__ import annotations

import re
from uuid import UUID

import pytest
from tests.printed import ROOT

from contracts.values import Role
from kit.auth.issuer.client import Client
from kit.auth.issuer.people import Held, People, read
from kit.auth.unit import BODY
from kit.ids import derived
from liandong.demo.story import Story, key
from liandong.region import PEOPLE, PORTAL


@pytest.fixture(scope="module")
def people() -> People:
    return read(PEOPLE)


@pytest.fixture(scope="module")
def story() -> Story:
    return Story()


def held(people: People) -> list[Held]:
    return [post for person in people.values() for post in person.posts]


def test_every_role_of_a_person_can_be_signed_in_as(people: People) -> None:
    assert {post.role for post in held(people)} == {*Role} - {Role.SYSTEM}


def test_they_are_plainly_made_up(people: People) -> None:
    assert all(person.name.startswith("示例·") and person.sub.startswith("demo-") for person in people.values())


def test_some_have_several_posts_so_that_switching_can_be_seen(people: People) -> None:
    assert any(len({post.tenant for post in person.posts}) > 1 for person in people.values())


def test_their_bureaus_and_units_are_the_demo_s(people: People, story: Story) -> None:
    for post in held(people):
        assert post.tenant in story.units
        if post.unit and not BODY.match(post.unit):
            assert post.unit.startswith(post.tenant)
            assert story.units[post.unit].name in post.label


def test_their_organisations_and_workers_have_the_ids_that_the_demo_gives(people: People, story: Story) -> None:
    city = story.city.tenant
    organisations = {
        str(derived(key(f"organisation/{letter}"), f"{city}/organisation")): letter for letter in story.letters
    }
    for post in held(people):
        if post.unit and BODY.match(post.unit) and post.unit not in story.raw["third_parties"].values():
            letter = organisations[post.unit]
            assert f"演示社工机构{letter}" in post.label
            workers: list[UUID | None] = [derived(key(f"worker/{letter}0{n}"), f"{city}/worker") for n in (1, 2, 3)]
            assert post.worker in ([None] if post.role is not Role.SOCIAL_WORKER else workers)


def test_the_portal_s_addresses_are_ones_that_the_issuer_takes_and_the_page_names(people: People) -> None:
    back, out = f"{PORTAL}/sign-in/callback", f"{PORTAL}/"
    assert Client(frozenset({back}), frozenset({out}))
    page = (ROOT / "docs" / "first-project.md").read_text("utf-8")
    assert f"`{back}`" in page
    assert f"`{out}`" in page
    (hint,), (post,) = re.findall(r"login_hint=([\w-]+)", page), re.findall(r"post=([\w:-]+)", page)
    assert people[hint].at(post)
