"""A field is called one thing in Chinese, and a thing by one field, in whatever a service takes or answers."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from tests.answers import document
from tests.golden.files import SERVICES
from tests.test_described import services

from kit.service import Definition
from kit.service.described import _reached

RUNNING = re.compile(r"/v1/(operations|parked|held)|/health/")
"""Routes for whoever runs the platform: how processes, queues and tables stand, in words of their own."""
WORDS = {"Words", "ServiceWords", "RefusalWords"}
"""The word list, whose fields are chapters and not facts."""
PROBLEM = {"Problem", "FieldProblem"}
"""RFC 9457 says what its fields are called."""
SAID_OF_ITS_OBJECT = {
    "name": "what its object is called",
    "title": "how its object is headed",
    "code": "by which its object is known among its kind",
    "number": "under which its object is known outside",
    "id": "of its object",
    "kind": "of which kind its object is",
    "level": "at which level its object is",
    "parent": "what its object is under",
    "stage": "of a project, or of a case",
    "version": "of its object: a row, an event, a definition",
    "unit": "a role's own, an administrative one, or one of measure",
    "opened_on": "when its object was opened: a site, a case, a finding, a conference",
    "closed_on": "when its object was closed: a site, a case, a project, a phase",
    "registered_on": "of a bureau or volunteer here, of an organisation with its authority",
    "from_day": "of a posting, a lock, a count",
    "to_day": "of a posting, a lock, a count",
    "outcome": "of a referral, or of a finding",
    "authority": "that registered, or that punished",
    "office": "a division's, or a body's",
    "evidence": "a document, a scan, or words",
    "attester": "by code, or as written on a certificate",
    "projects": "a number of places, or the projects themselves",
    "category": "of records, or of persons",
    "duty": "somebody's, or a purchased service",
    "terms": "a plan's, or local names of roles",
    "items": "what the answer lists",
    "districts": "a group's members, or each with its sums",
    "counts": "of devices, or of services",
    "staff": "how many, or who they are",
    "full_time": "how many, or whether",
    "headcount": "as it is asked, or as it is declared",
    "licensed": "whether somebody is, or how many are",
    "intermediate": "whether somebody is, or how many are",
    "locked": "whether somebody is, or how many are",
    "actor": "who did it, or the id that history is asked for",
    "tenant_id": "whose something is; of a bureau itself, its own code",
    "attested": "what is, or must be",
    "community": "where something is; in a plan, what is asked of one",
    "staffing": "how it stands; in a plan, what is asked",
    "milestones": "of a project's calendar; in a plan, its rules",
    "lines": "of an account, or of a plan",
    "total_projects": "of a plan, or of a district's part",
}
"""Fields that several things have, each of its own: why the same word means something else there."""
SEVERAL = {
    "指标编号": "of an indicator itself, its id",
    "指标": "asked for by id",
    "发生日期": "history is asked for it from a day to a day",
    "记录时刻": "history is asked for it from an instant to an instant",
    "服务领域": "a plan's list is of its own words",
    "文号": "an official document's own number; in a plan, that of another",
    "社工人数": "of a team; in a plan, what is asked",
    "办理人编号": "an actor's id, which history is asked for by actor",
    "节点": "a plan's milestone by its code",
}
"""Titles that several fields have, and why."""


def plain(schema: str) -> str:
    return schema.removesuffix("-Input").removesuffix("-Output").rpartition("__")[2]


def fields(service: Definition) -> Iterator[tuple[str, str, str]]:
    """Field, title and place, of every schema that domain routes take or answer, and of their parameters."""
    about = document(service)
    domain = {path: item for path, item in about["paths"].items() if not RUNNING.match(path)}
    for name in sorted(_reached(about, domain.values())):
        if plain(name) in WORDS | PROBLEM or name.endswith("Flags"):
            continue
        for field, one in about["components"]["schemas"][name].get("properties", {}).items():
            yield field, one.get("title", ""), f"{service.name}.{name}"
    for path, item in domain.items():
        for method, operation in item.items():
            for one in operation.get("parameters", ()):
                if one["in"] != "header":
                    # A span of days is of the day that it is named by.
                    field, title = re.sub("_(from|to)$", "", one["name"]), one["schema"].get("title", "")
                    yield field, re.sub("（[起止]）$", "", title), f"{method} {service.name}{path}"


def everywhere() -> dict[tuple[str, str], set[str]]:
    found: dict[tuple[str, str], set[str]] = defaultdict(set)
    for service in SERVICES:
        for field, title, place in fields(service):
            found[field, title].add(place)
    return found


def test_a_field_is_called_the_same_wherever_it_stands() -> None:
    titles: dict[str, dict[str, list[str]]] = defaultdict(dict)
    for (field, title), places in everywhere().items():
        titles[field][title] = sorted(places)[:3]
    several = {field: known for field, known in titles.items() if len(known) > 1}
    assert {field: known for field, known in several.items() if field not in SAID_OF_ITS_OBJECT} == {}
    assert SAID_OF_ITS_OBJECT.keys() - several.keys() == set(), "no longer needed"


def test_a_thing_has_one_name() -> None:
    """But for a list and one of it: `phases` and `phase`."""
    names: dict[str, dict[str, list[str]]] = defaultdict(dict)
    for (field, title), places in everywhere().items():
        names[title][singular(field)] = sorted(places)[:3]
    several = {title: known for title, known in names.items() if len(known) > 1}
    assert {title: known for title, known in several.items() if title not in SEVERAL} == {}
    assert SEVERAL.keys() - several.keys() == set(), "no longer needed"


def singular(field: str) -> str:
    return re.sub("s$", "", re.sub("ies$", "y", field))


@services
def test_a_record_has_what_its_list_has(service: Definition) -> None:
    """Who has read a row in a list finds all of it in the record, under the same names and of the same kinds."""
    about = document(service)
    schemas, paths = about["components"]["schemas"], about["paths"]
    seen = 0
    for path, item in paths.items():
        listed, _, key = path.rpartition("/")
        if not key.startswith("{") or "get" not in item or "items" not in answer(schemas, paths, collection(listed)):
            continue
        seen += 1
        row = schemas[answer(schemas, paths, collection(listed))["items"]["items"]["$ref"].rpartition("/")[2]]
        record = answer(schemas, paths, path)
        assert {name: record.get(name) for name in row["properties"]} == row["properties"], path
    assert seen >= 2


def collection(path: str) -> str:
    """Where all of them are listed, whosever they are."""
    return f"/v1/{path.rpartition('/')[2]}"


def answer(schemas: dict[str, Any], paths: dict[str, Any], path: str) -> dict[str, Any]:
    """The fields of what a path answers; none where there is no such path."""
    if "get" not in paths.get(path, {}):
        return {}
    schema = paths[path]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
    found: dict[str, Any] = schemas[schema["$ref"].rpartition("/")[2]]["properties"] if "$ref" in schema else {}
    return found
