"""Where the story is played: commands handed in one by one, effects in other services waited for, progress told."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from liandong.demo.story import Place, Story, key
from liandong.failure import Failure
from liandong.running import Denied, Running, SignIn

PATIENCE = 90.0
"""Seconds that one service may take to hear of what another did."""
PAUSE = 0.1

Tell = Callable[[str], None]
Json = dict[str, Any]


class StoryStopped(Failure):
    """The story cannot go on: an effect did not come, or a rule that should have refused did not."""


@dataclass
class Cast:
    """Ids that the services gave, by what the story calls them."""

    scheme: str = ""
    catalogue: str = ""
    document: str = ""
    organisations: dict[str, str] = field(default_factory=dict)
    """By letter."""
    workers: dict[str, str] = field(default_factory=dict)
    """By letter and number: 甲01."""
    projects: dict[str, str] = field(default_factory=dict)
    """By community."""

    def team(self, letter: str) -> list[str]:
        """The three whom an organisation means to post: intermediate, junior, graduate of social work."""
        return [self.workers[f"{letter}{n:02}"] for n in (1, 2, 3)]


class Stage:
    """One performance.  Every command's id follows from its step, so that a repeat gets the first answer."""

    def __init__(self, running: Running, story: Story, tell: Tell) -> None:
        self.running = running
        self.story = story
        self.cast = Cast()
        self.refusals: list[Denied] = []
        self.commands = 0
        self._tell = tell

    def tell(self, place: Place | None, words: str) -> None:
        self._tell(f"  {place.label}：{words}" if place else words)

    def project(self, place: Place) -> str:
        return self.cast.projects[place.community.code]

    async def do(self, step: str, service: str, path: str, who: SignIn, on: str, body: Json | None = None) -> str:
        """Hands in a command of the day `on`; answers the id of the stream that it changed."""
        answer = await self.running.post(service, f"/v1{path}", who, {"occurred_on": on, **(body or {})}, key(step))
        self.commands += 1
        stream: str = answer["stream"]
        return stream.partition("/")[2]

    async def refused(
        self, step: str, service: str, path: str, who: SignIn, on: str, codes: Sequence[str], body: Json | None = None
    ) -> Denied:
        """Hands in a command that a rule must refuse with one of `codes`."""
        try:
            await self.do(step, service, path, who, on, body)
        except Denied as denied:
            if denied.code not in codes:
                raise
            self.refusals.append(denied)
            return denied
        raise StoryStopped(f"{step}：本应被驳回（{codes[0]}），却办理成功")

    async def happened(self, service: str, stream: str, kind: str, who: SignIn, **data: str) -> None:
        """Waits until an event of this type, with these facts, is in a stream of another service."""

        async def there() -> bool:
            async for item in self.running.pages(service, "/v1/history", who, stream=stream):
                if item.get("type") == kind and all(_holds(item["data"], k, v) for k, v in data.items()):
                    return True
            return False

        await self.until(there, f"{service} 的 {stream} 中出现 {kind}")

    async def until(self, holds: Callable[[], Awaitable[bool]], what: str) -> None:
        """Asks again and again; StoryStopped if it takes too long."""
        deadline = asyncio.get_running_loop().time() + PATIENCE
        while not await holds():
            if asyncio.get_running_loop().time() > deadline:
                logs = "、".join(one.log for one in self.running.state.services.values())
                raise StoryStopped(f"等了 {PATIENCE:.0f} 秒仍未{what}，请查看各服务的日志：{logs}")
            await asyncio.sleep(PAUSE)


def _holds(data: Json, path: str, value: str) -> bool:
    """`declaration__declaration_id` looks inside."""
    found: Any = data
    for name in path.split("__"):
        found = found.get(name) if isinstance(found, dict) else None
    return str(found) == value


async def together(plays: Iterable[Awaitable[Any]]) -> list[Any]:
    """Side by side; the first failure ends all and is raised itself."""
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(_one(play)) for play in plays]
    except BaseExceptionGroup as failed:
        raise failed.exceptions[0] from None
    return [task.result() for task in tasks]


async def _one(play: Awaitable[Any]) -> Any:
    return await play
