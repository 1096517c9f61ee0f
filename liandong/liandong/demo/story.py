"""What is played: story.json, the divisions of the five districts and the scheme, read into plain values."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from importlib.resources import files
from typing import Any
from uuid import UUID, uuid5

from contracts.values import Role
from liandong.running import SignIn

STORY = UUID("5a6f4a52-5f0c-5b0f-9d5c-6f6c616e7a68")
"""Under which every command of the demo has its id, so that playing it again repeats and never doubles."""

HERE = files("liandong.demo")


@dataclass(frozen=True)
class Unit:
    level: str
    code: str
    name: str
    parent: str


@dataclass(frozen=True)
class Place:
    """A community that applies, with its street and district."""

    community: Unit
    street: Unit
    district: Unit
    area_m2: str
    organisation: str
    """The letter of the organisation that will carry the project out; empty where none will."""

    @property
    def label(self) -> str:
        return f"{self.district.name}·{self.community.name}"

    @property
    def committee(self) -> SignIn:
        return SignIn(Role.COMMUNITY_COMMITTEE, self.district.code, self.community.code)

    @property
    def leader(self) -> SignIn:
        return SignIn(Role.STREET_PRINCIPAL_LEADER, self.district.code, self.street.code)

    @property
    def officer(self) -> SignIn:
        return SignIn(Role.STREET_OFFICER, self.district.code, self.street.code)

    @property
    def bureau(self) -> SignIn:
        return SignIn(Role.DISTRICT_BUREAU, self.district.code)


class Story:
    """The files, read once."""

    def __init__(self) -> None:
        self.raw: dict[str, Any] = json.loads(_text("story.json"))
        self.terms: dict[str, Any] = json.loads(_text("lanzhou-2022.json"))
        self.units = {row["code"]: Unit(**row) for row in csv.DictReader(_text("divisions.csv").splitlines())}

    def day(self, step: str) -> str:
        """The plan's day of a step, ISO 8601."""
        day: str = self.raw["days"][step]
        return day

    @cached_property
    def places(self) -> tuple[Place, ...]:
        """The ten that will be projects, in the order of the plan's districts."""
        return tuple(self._place(one) for one in self.raw["projects"])

    @cached_property
    def fourth(self) -> Place:
        """The one more community of the first district, for which there is no place left."""
        return self._place(self.raw["fourth"])

    @cached_property
    def withdrawn(self) -> Place:
        """One that applies and takes its application back."""
        return self._place(self.raw["withdrawn"])

    @cached_property
    def terminated(self) -> Place:
        """One that is approved in the plan's smallest district, and ended before the plan's own comes."""
        return self._place(self.raw["terminated"])

    @cached_property
    def districts(self) -> tuple[Unit, ...]:
        return tuple(self.units[quota["district"]] for quota in self.terms["quotas"])

    @cached_property
    def letters(self) -> tuple[str, ...]:
        """Of the organisations: one for each project, the replacement, and the one that declines."""
        return (
            *(place.organisation for place in self.places),
            self.raw["replacement"],
            self.raw["declined"]["organisation"],
        )

    @property
    def it(self) -> SignIn:
        return SignIn(Role.PROVINCE_IT, self.raw["province"]["code"])

    @property
    def city(self) -> SignIn:
        return SignIn(Role.CITY_BUREAU, self.raw["city"]["code"])

    def below(self, district: Unit) -> Iterator[Unit]:
        """Streets and townships of a district, then their communities and villages: parents before children."""
        streets = [unit for unit in self.units.values() if unit.parent == district.code]
        yield from streets
        codes = {street.code for street in streets}
        yield from (unit for unit in self.units.values() if unit.parent in codes)

    def _place(self, one: dict[str, str]) -> Place:
        community = self.units[one["community"]]
        street = self.units[community.parent]
        return Place(community, street, self.units[street.parent], one["area_m2"], one.get("organisation", ""))


def key(step: str) -> UUID:
    """The command id of a step."""
    return uuid5(STORY, step)


def paper(step: str) -> str:
    """The id of a document that a step refers to; the demo keeps no papers."""
    return str(uuid5(STORY, f"paper/{step}"))


def _text(name: str) -> str:
    return (HERE / name).read_text("utf-8")
