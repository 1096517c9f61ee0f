"""Publishing with the broker's word for each message: stored, or refused and why.

nats-py's `publish_async` leaves a refusal undone, so that a full broker looks like one that does not answer.
"""

from __future__ import annotations

import asyncio
from itertools import count

import orjson
from nats.aio.client import Client
from nats.aio.msg import Msg

from kit.relay.telling import Outgoing

TOO_LARGE = 10054
"""The broker's code for a message that is larger than its stream takes: its own fault, all others are the broker's."""
FULL = (10023, 10047, 10077)
"""Its codes for no room: of the account or server, of memory or disk, of the stream."""


class NotStored(Exception):
    """The broker did not store a message.  `reason` is what it said; `own`: it would refuse only this message."""

    def __init__(self, reason: str, code: int = 0) -> None:
        super().__init__(reason)
        self.reason, self.code = reason[:200], code

    @property
    def own(self) -> bool:
        return self.code == TOO_LARGE

    @property
    def full(self) -> bool:
        return self.code in FULL


class Storing:
    """Messages on their way to the service's stream, over one connection."""

    def __init__(self, client: Client, stream: str) -> None:
        self.client, self._stream = client, stream
        self._inbox = client.new_inbox()
        self._numbers = count()
        self._waiting: dict[str, asyncio.Future[None]] = {}

    async def open(self) -> None:
        """Listens for what the broker says.  Once, before the first message."""
        await self.client.subscribe(f"{self._inbox}.*", cb=self._said)

    async def put(self, message: Outgoing) -> asyncio.Future[None]:
        """Sends a message; done when it is stored, else raises NotStored.  Cancel it when waiting is no use."""
        number = str(next(self._numbers))
        waiting: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting[number] = waiting
        waiting.add_done_callback(lambda _: self._waiting.pop(number, None))
        try:
            reply = f"{self._inbox}.{number}"
            await self.client.publish(message.subject, message.body, reply=reply, headers=message.headers)
        except BaseException:
            waiting.cancel()
            raise
        return waiting

    async def store(self, message: Outgoing, seconds: float) -> None:
        """Sends a message and waits until it is stored.  Raises NotStored, nats.errors.Error or OSError."""
        waiting = await self.put(message)
        try:
            async with asyncio.timeout(seconds):
                await waiting
        except TimeoutError:
            raise NotStored("no answer") from None

    async def _said(self, answer: Msg) -> None:
        waiting = self._waiting.get(answer.subject.rpartition(".")[2])
        if waiting is None or waiting.done():
            return
        refused = self._refused(answer)
        if refused is None:
            waiting.set_result(None)
        else:
            waiting.set_exception(refused)

    def _refused(self, answer: Msg) -> NotStored | None:
        if answer.headers and answer.headers.get("Status") == "503":
            return NotStored("no stream takes the subject, or JetStream is off")
        try:
            said = orjson.loads(answer.data)
            if error := said.get("error"):
                return NotStored(str(error.get("description")), int(error.get("err_code") or 0))
        except (ValueError, TypeError, AttributeError):
            return NotStored("the answer cannot be read")
        if said.get("stream") != self._stream:
            return NotStored("another stream took it")
        if said.get("duplicate"):
            # We name no id to drop by.  If it dropped one all the same, the message is not there.
            return NotStored("dropped as a duplicate")
        return None
