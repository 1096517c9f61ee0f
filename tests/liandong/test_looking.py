"""What `liandong status` says of a service that does not go on."""

from __future__ import annotations

from uuid import uuid4

from kit import telemetry
from kit.bus import Down
from kit.bus.gauges import HELD, Holder
from kit.bus.letter import Letter, Source
from liandong import looking


def test_status_names_the_message_that_holds_its_publisher_and_where_the_log_is() -> None:
    names = {"consumer": "desk", "service": "elsewhere"}
    letter = Letter(Source("elsewhere", "620102", "project/7"), uuid4(), "evt.x", {}, b"", None)
    HELD.labels(**names).set(42)
    holder = Holder(names)
    assert said() == ["desk 已有 42 秒没有收下 elsewhere 的消息（日志：/there）"]
    holder.shown(Down("TimeoutError", letter, 3))
    assert said() == [
        "desk 已有 42 秒没有收下 elsewhere 的消息：620102/project/7/0 已试 3 次，其后的都在等它（日志：/there）"
    ]
    HELD.labels(**names).set(0)
    holder.gone()
    assert not said()


def said() -> list[str]:
    found = looking._not_taken(looking._samples(telemetry.exposition()[0].decode()))
    service = {"name": "desk", "log": "/there"}
    return [looking._held_up(service, one) for one in found if one["service"] == "elsewhere"]
