"""A working day: whoever signs in goes by what answers say, from one to the next, and by nothing else."""

from __future__ import annotations

import re
from typing import Any
from uuid import uuid4

import httpx
import pytest
from tests.system.bureau import Bureau, Json, SignIn
from tests.system.conftest import Played
from tests.system.programme import CITY

from contracts.values import Role

BEGINNINGS = ("/v1/me", "/openapi.json")
TYPED: Json = {"occurred_on": "2023-09-20", "summary": str(uuid4()), "level": "district", "text": "演示记录"}
"""What a person types, by the name of the field."""


class Desk:
    """One person at one service.  Refuses every path that no answer gave."""

    def __init__(self, bureau: Bureau, service: str, who: SignIn) -> None:
        self.bureau, self.service, self.who = bureau, service, who
        self.told = set(BEGINNINGS)

    async def read(self, path: str, **row: Any) -> Any:
        """What is there; the fields of a row fill the blanks of the path."""
        self._was_told(path)
        answer = await self.bureau.ask("GET", self.service, path.format_map(row) if row else path, self.who)
        assert answer.status_code == 200, (path, answer.text)
        if path != "/openapi.json":  # its examples are nobody's records
            self._hear(answer.json())
        return answer.json()

    async def act(self, action: Json, **known: Any) -> None:
        """Fills in the form and tries it, then does it."""
        self._was_told(action["post_to"])
        document = await self.read("/openapi.json")
        schema = document["components"]["schemas"][action["form"].rpartition("/")[2]]
        body = {name: (TYPED | known)[name] for name in schema["required"]}
        for tried in ("?dry_run=true", ""):
            answer = await self._post(f"{action['post_to']}{tried}", body)
            assert answer.status_code == 200, (action, answer.text)

    async def _post(self, path: str, body: Json) -> httpx.Response:
        headers = {"idempotency-key": str(uuid4())}
        return await self.bureau.ask("POST", self.service, path, self.who, headers=headers, json=body)

    def _was_told(self, path: str) -> None:
        assert path in self.told, f"{path}: no answer gave it"

    def _hear(self, answer: Any) -> None:
        if isinstance(answer, dict):
            for one in answer.values():
                self._hear(one)
        elif isinstance(answer, list):
            for one in answer:
                self._hear(one)
        elif isinstance(answer, str) and re.match(r"/v1/\S+$", answer):
            self.told.add(answer)


async def test_a_desk_refuses_a_path_that_no_answer_gave(calm: Played) -> None:
    async with Bureau.calls(calm.region) as bureau:
        with pytest.raises(AssertionError, match="no answer gave it"):
            await Desk(bureau, "funding", SignIn(Role.AUDITOR, CITY)).read("/v1/projects")


async def waiting(desk: Desk, action: str) -> Json | None:
    """The task of that action, found as the first page that the person may read."""
    first, *_ = (await desk.read("/v1/me"))["pages"]
    tasks = (await desk.read(first["href"]))["tasks"]
    return next((one for one in tasks if one["action"] == action), None)


async def test_a_clerk_finds_a_self_assessment_that_waits_and_files_it(calm: Played) -> None:
    async with Bureau.calls(calm.region) as bureau:
        desk = Desk(bureau, "funding", calm.projects[0].bureau)
        task = await waiting(desk, "file-self-assessment")
        assert task is not None
        (row, *_) = (await desk.read(task["rows"]))["items"]
        assert "file-self-assessment" in {one["action"] for one in row["waits_for"]}
        record = await desk.read(task["record_path"], **row)
        (action,) = [one for one in record["actions"] if one["action"] == "file-self-assessment" and one["allowed"]]
        await desk.act(action)
        left = await waiting(desk, "file-self-assessment")
        assert (left["waiting"] if left else 0) == task["waiting"] - 1


async def test_an_auditor_has_nothing_to_do_and_is_offered_nothing(calm: Played) -> None:
    async with Bureau.calls(calm.region) as bureau:
        desk = Desk(bureau, "funding", SignIn(Role.AUDITOR, CITY))
        me = await desk.read("/v1/me")
        assert not [one for one in me["actions"] if one["writes"]]
        assert (await desk.read(me["pages"][0]["href"]))["tasks"] == []


async def test_a_worker_finds_a_case_that_waits_and_takes_its_next_stage(calm: Played) -> None:
    project = calm.projects[0]
    async with Bureau.calls(calm.region) as bureau:
        opening = {**calm.said[f"{project.number}/case-open"].body, "occurred_on": "2022-12-20"}
        await bureau.do("day/open", "casework", "/cases", project.worker, "2022-12-20", opening)
        desk = Desk(bureau, "casework", project.worker)
        task = await waiting(desk, "advance-case")
        assert task is not None
        (row, *_) = (await desk.read(task["rows"]))["items"]
        record = await desk.read(task["record_path"], **row)
        allowed = [one for one in record["actions"] if one["action"] == "advance-case" and one["allowed"]]
        assert allowed, record["actions"]
        await desk.act(allowed[0], worker_id=opening["worker_id"], occurred_on="2022-12-21")
        again = await desk.read(task["record_path"], **row)
        assert again["version"] > record["version"]
