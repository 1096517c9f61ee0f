"""How a history tells apart what was done, what a person was refused, and what a service could not take in yet."""

from __future__ import annotations

from typing import Any

import pytest

from liandong.commands import history
from liandong.names import Names

NAMES = Names({"620102": "城关区"})


def shown(kind: str, role: str = "district_bureau", **more: Any) -> dict[str, Any]:
    item = {
        "kind": kind,
        "recorded_at": "2022-09-27T00:30:00.000000Z",
        "occurred_on": "2022-09-27",
        "rule": None,
        "clause": None,
        "actor": {"id": "demo", "role": role, "tenant": "620102", "unit": None},
        **more,
    }
    return history._named("funding", item)


def refused(role: str, *, retryable: bool) -> dict[str, Any]:
    return shown(
        "refusal",
        role,
        streams=["tenant/620102"],
        action="note-tenant",
        action_name="获知租户登记",
        code="not-known-yet",
        code_name="信息尚未同步",
        retryable=retryable,
        detail="所需信息尚未同步。",
    )


DONE = shown("event", stream="project/1", version=1, type="toy.done", name="办理", data={})
WAITS, STOPPED = refused("system", retryable=True), refused("system", retryable=False)
DENIED = refused("district_bureau", retryable=True)


@pytest.mark.parametrize(("item", "word"), [(WAITS, "消息待重试"), (STOPPED, "消息未处理"), (DENIED, "驳回")])
def test_only_a_person_is_refused(item: dict[str, Any], word: str) -> None:
    said = history._line(item, NAMES)
    assert f"  {word}：获知租户登记：信息尚未同步（not-known-yet）  tenant/620102（城关区）  所需信息尚未同步。" in said


@pytest.mark.parametrize(
    ("items", "count"),
    [
        ([DONE, DENIED], "共 2 条，其中驳回 1 条。"),
        ([DONE, WAITS, WAITS], "共 3 条，其中驳回 0 条、消息待重试 2 条。"),
        ([STOPPED, WAITS, DENIED], "共 3 条，其中驳回 1 条、消息待重试 1 条、消息未处理 1 条。"),
    ],
)
def test_a_count_of_refusals_has_none_of_a_service(items: list[dict[str, Any]], count: str) -> None:
    assert history._count(items) == count
