"""The one way to NATS: who we are there, where our answers arrive, and what becomes of the connection.

    client = await connect(settings.nats_url, user="funding", seed_file=settings.nats_seed_file)

Answers arrive under `_INBOX_<user>`, the only subjects that a user may listen to: with the client's common `_INBOX` a
user who may hear his own answers may hear everybody's.
"""

from __future__ import annotations

import re
from math import inf
from pathlib import Path
from time import monotonic
from typing import Any

import nats.errors
import structlog
from faststream.nats import NatsBroker
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.protocol import parser
from nats.protocol.command import hpub_cmd

from kit.bus.nkeys import UserKey

log = structlog.get_logger("kit.bus")
PLATFORM = "platform"
"""The user that declares streams and consumers, in `migrate`."""
CONNECT = 5
"""Seconds that one attempt to connect may take."""
AGAIN = 0.25
"""Seconds between attempts to connect again."""
SAID = 150
"""Characters of what the server says that a log line shows."""
BETWEEN = 30.0
"""Seconds between two lines that say that the server does not let us in."""
PERMISSIONS, NOT_KNOWN = "permissions violation", "authorization violation"
DELIVERED = b"$JS.ACK."
"""What the reply of a publisher's message begins with when a consumer is given it: the server's own words have none."""
STATUS = ("Status", "Description")
"""Headers by which nats-py knows the server's own words."""

# The server ends a word at a space or tab.  nats-py ends one at any white space, so that a subject with a vertical tab
# in it, which a publisher may write, is no line of the protocol to it: it would connect again, and be given it again.
_WORD = rb"([^ \t\r\n]+)[ \t]+"
_PLACE = rb"[ \t]+" + _WORD + _WORD + rb"(" + _WORD + rb")?"
parser.MSG_RE = re.compile(rb"\AMSG" + _PLACE + rb"(\d+)\r\n")
parser.HMSG_RE = re.compile(rb"\AHMSG" + _PLACE + rb"(\d+)[ \t]+(\d+)\r\n")


class NotLetIn(nats.errors.Error):
    """The server does not know this user, or not with this seed or password."""


class OurClient(Client):
    """nats-py's client with habits of our own.

    * It signs with `key`: nats-py's way needs the package nkeys, which exists as source only.
    * It comes back, and tells what is forbidden.
    * It reads whatever a publisher wrote: an error in reading would end its task that reads, while it still counts as
      connected.  Headers that cannot be read are none, so that the message is unfit and gets parked.
    * A publisher's message is never taken for the server's word, which a fetch drops, unacknowledged, or raises.
    """

    def __init__(self, user: str, key: UserKey | None) -> None:
        super().__init__()
        self._user, self._key = user, key
        self._quiet_until = inf  # until it has been connected: before that, `connect` raises what is wrong

    def made(self, patient: bool) -> None:
        """The first attempt came through: from here on it is made again by itself, if `patient`."""
        self.options["allow_reconnect"] = patient
        self._quiet_until = 0.0

    def _setup_nkeys_seed_connect(self) -> None:
        assert self._key is not None
        self._public_nkey = self._key.public
        self._signature_cb = self._key.sign

    async def _send_publish(
        self, subject: str, reply: str, payload: bytes, payload_size: int, headers: dict[str, str] | None
    ) -> None:
        """Headers that need no cleaning are written at once: the client looks at each for itself, which costs more
        than all the rest of a message."""
        head = "".join([f"{name}: {value}\r\n" for name, value in (headers or {}).items()])
        if not headers or not head.count("\r\n") == head.count("\r") == head.count("\n") == len(headers):
            await super()._send_publish(subject, reply, payload, payload_size, headers)
            return
        written = f"NATS/1.0\r\n{head}\r\n".encode()
        self.stats["out_msgs"] += 1
        self.stats["out_bytes"] += payload_size
        await self._send_command(hpub_cmd(subject, reply, written, payload))
        if self._flush_queue is not None and self._flush_queue.empty():
            await self._flush_pending()

    async def _process_headers(self, headers: bytes | None) -> dict[str, str] | None:
        try:
            found: dict[str, str] | None = await super()._process_headers(headers)
        except (IndexError, ValueError):  # cut off within the first line, or no UTF-8 in it
            return None
        return found

    def _build_message(
        self, sid: int, subject: bytes, reply: bytes, data: bytes, headers: dict[str, str] | None
    ) -> Msg:
        if headers and reply.startswith(DELIVERED):
            for name in STATUS:
                headers.pop(name, None)
        readable = subject.decode(errors="replace").encode()
        message: Msg = super()._build_message(sid, readable, reply, data, headers)
        return message

    async def _process_err(self, err_msg: str) -> None:
        if PERMISSIONS in err_msg.lower():
            await self.tell(nats.errors.Error(err_msg))
            return
        # The server closes the connection now, for a reason that may pass: a user taken out and put back, too many
        # connections.  Its own way is never to connect again.
        log.warning("bus.put-out", name=self._user, reason=err_msg[:SAID])
        await self._process_op_err(nats.errors.StaleConnectionError())

    async def tell(self, error: Exception) -> None:
        """Logs what only an operator can mend; each failed attempt to connect again would be told here too."""
        said = str(error)
        if PERMISSIONS in said.lower():
            log.error("bus.not-permitted", name=self._user, reason=said[:SAID])
        elif NOT_KNOWN in said.lower() and monotonic() > self._quiet_until:
            self._quiet_until = monotonic() + BETWEEN
            log.error("bus.not-let-in", name=self._user)


async def connect(url: str, *, user: str, seed_file: Path | None = None, patient: bool = True, **more: Any) -> Client:
    """A connection of `user`, by the seed in `seed_file`, or by what is in `url` where there is none.

    `patient`: once made it is made again for ever; the client's own default gives up after two minutes, for good.
    The first attempt is one attempt.  `more` is nats-py's.  Raises SeedRefused, NotLetIn, nats.errors.Error, OSError.
    """
    key = UserKey.read(seed_file) if seed_file else None
    client = OurClient(user, key)
    try:
        await client.connect(
            url,
            name=user,
            inbox_prefix=inbox(user),
            error_cb=client.tell,
            connect_timeout=CONNECT,
            reconnect_time_wait=AGAIN,  # type: ignore[arg-type]  # seconds, and asyncio takes fractions
            max_reconnect_attempts=-1,
            allow_reconnect=False,
            nkeys_seed_str="see OurClient" if key else None,
            **more,
        )
    except BaseException as error:
        await client.close()
        if NOT_KNOWN in str(error).lower():
            raise NotLetIn(f"the NATS server does not let {user} in: is its seed or password another?") from None
        raise
    client.made(patient)
    return client


def inbox(user: str) -> str:
    """Where a user's answers arrive, and what it fetches."""
    return f"_INBOX_{user}"


class Broker(NatsBroker):
    """FastStream's broker on a connection of ours.  Its subscribers are to be told `inbox`: each has a default."""

    def __init__(self, url: str, *, user: str, seed_file: Path | None = None, **more: Any) -> None:
        super().__init__(url, **more)
        self._ours = {"url": url, "user": user, "seed_file": seed_file}
        self.inbox = f"{inbox(user)}.".encode()

    async def _connect(self) -> Client:
        connection = await connect(**self._ours)  # type: ignore[arg-type]  # three values of three types
        self.config.connect(connection)
        return connection
