"""Who is asked for, before there is anybody: a region without tenants, and an issuer that does not take a claim."""

from __future__ import annotations

import os
import shlex
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.liandong.asked import asked

from liandong import asking, state
from liandong.failure import Failure
from liandong.running import Denied, Running
from liandong.state import Service, State

REGISTRY = Service("http://registry", "http://registry", 1, "log", {"REGISTRY_PROVINCES": "620000,630000"})
FOUND = State(
    pid=1, region="here", started_at="", postgres_url="", nats_url="", issuer_url="http://issuer",
    services={"registry": REGISTRY}, engine_pids={}, troubles={},
)  # fmt: skip


def running(tenants: dict[str, list[str]]) -> Running:
    """An installation that has told of `tenants` to whoever asks, by the asker's own tenant."""

    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.host == "issuer":
            tenant = httpx.Response(200, content=request.content).json()["tenant"]
            if len(tenant) != 6:
                problem: dict[str, Any] = {"detail": [{"loc": ["body", "tenant"], "msg": "six digits"}]}
                return httpx.Response(422, json=problem)
            return httpx.Response(200, json={"access_token": tenant})
        who = request.headers["authorization"].partition(" ")[2]
        items = [{"tenant_id": code, "name": f"N{code}"} for code in tenants.get(who, [])]
        return httpx.Response(200, json={"items": items, "cursor": None})

    return Running(FOUND, httpx.AsyncClient(transport=httpx.MockTransport(answer)))


async def test_a_bureau_is_named_with_those_on_its_line() -> None:
    known = running({"620100": ["620000", "620100"]})
    assert await asking.names_of(known, "620100") == {"620000": "N620000", "620100": "N620100"}


async def test_where_nobody_is_registered_it_is_not_the_codes_fault() -> None:
    with pytest.raises(
        Failure, match=r"还没有登记任何租户：先由 620000、630000 的 province_it 登记本省.*/v1/tenants"
    ) as none:
        await asking.names_of(running({}), "620100")
    assert none.value.exit_code == 1


async def test_a_code_that_is_nobodys_is_the_codes_fault() -> None:
    with pytest.raises(Failure, match=r"^没有登记租户 620199。请核对六位行政区划代码。$"):
        await asking.names_of(running({"630000": ["630000"]}), "620199")


def test_a_service_that_gives_no_answer_is_told_with_the_command_that_looks(tmp_path: Path) -> None:
    data = tmp_path / "数据 目录"
    with state.held(data):
        state.write(data, replace(FOUND, pid=os.getpid(), issuer_url="http://127.0.0.1:1"))
        status, said = asked("figures", "--tenant", "620100", "--data", data)
    assert (status, len(said.splitlines())) == (1, 1)
    assert said.startswith("服务没有应答（")
    assert shlex.split(said.partition("请查看：")[2])[-3:] == ["status", "--data", str(data)]


async def test_a_claim_that_the_issuer_does_not_take_is_named() -> None:
    with pytest.raises(Denied, match=r"^sign-in as auditor of 62010: 422 no-token tenant: six digits$"):
        await asking.names_of(running({}), "62010")
