"""A message as it came: read as far as it can be trusted, so that an unfit one still has a place to be parked."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple
from uuid import NAMESPACE_URL, UUID

from pydantic import ValidationError

from contracts import envelope as wire
from contracts.messages import MAX_BODY, Message, UnknownMessage, parse
from kit import ids

MAX_DETAIL = 500
_NAME = re.compile(r"[A-Za-z0-9_]{1,40}")
_SUBJECT = re.compile(
    r"evt\.(?P<region>[a-z0-9-]+)\.(?P<tenant>[0-9]{6})\.(?P<service>[a-z]+)\.(?P<aggregate>[a-z-]+)"
    r"\.(?P<event>[a-z0-9-]+)\.v(?P<version>[0-9]+)"
)


class Source(NamedTuple):
    """The stream that a message comes from: messages of one source are handled in order.

    `service` is whose stream it came in, `tenant` the subject's: the broker lets each service write under its own name
    only.
    """

    service: str
    tenant: str
    stream: str


@dataclass(frozen=True)
class Failure:
    """Why a message is parked.  `retryable`: it is tried again without anybody asking."""

    code: str
    detail: str
    retryable: bool = False


BEHIND = Failure("behind-parked", "同一来源的前一条消息尚未处理，本条按顺序等待。", retryable=True)
GAP = Failure(
    "gap", "同一来源中本条之前有消息没有收到。请查明发送方是否跳过或遗失，收到后自动继续；确认不会再来的，由两人决定。"
)
CONTRADICTION = Failure(
    "contradiction", "同一来源的同一版本已收到过另一条消息。请查明发送方是否恢复过旧备份，或有人冒名发送。"
)
UNFIT_HEADERS = "unfit-headers"
TOO_LONG = "body-too-long"
UNKNOWN = "unknown-message"
NO_HANDLER = "no-handler"
AFTER_UPGRADE = (UNKNOWN, NO_HANDLER)
"""Codes that a newer release of ours may cure: tried again when a process starts."""


@dataclass(frozen=True)
class Letter:
    """`unfit` says why it cannot be read; else `envelope` is set.  `number`: its sequence in the publisher's stream."""

    source: Source
    event_id: UUID
    subject: str
    headers: Mapping[str, str]
    body: bytes
    envelope: wire.Envelope | None
    unfit: Failure | None = None
    number: int = 0

    @property
    def version(self) -> int:
        """Its version in its source; 0 when it says none that can be trusted."""
        return self.envelope.stream_version if self.envelope else 0


def read(
    subject: str, headers: Mapping[str, str] | None, body: bytes, place: str, number: int = 0, service: str = ""
) -> Letter:
    """The letter in a raw message; never raises.  `place` names the message in its JetStream stream.

    `service` is whose stream that is; what says another name than that is unfit.

    The broker lets a service publish its own subjects only, so headers that say otherwise than the subject are unfit:
    what a peer writes in them must neither act in another tenant nor hold up another's stream.
    """
    kept = {k.lower(): _plain(v)[: wire.LONGEST] for k, v in (headers or {}).items() if k.lower() in wire.NAMES}
    subject = _plain(subject)
    found = _SUBJECT.fullmatch(subject)
    tokens = found.groupdict() if found else {"tenant": "", "service": service, "aggregate": ""}

    def aside(why: str) -> Letter:
        source = Source(tokens["service"], tokens["tenant"], f"unfit/{tokens['aggregate']}"[: wire.LONGEST])
        anonymous = ids.derived(NAMESPACE_URL, place)
        return Letter(source, anonymous, subject, kept, body, None, Failure(UNFIT_HEADERS, why), number)

    try:
        envelope = wire.decode(headers or {})
    except wire.MalformedEnvelope as error:
        return aside(str(error))
    said = (envelope.region, envelope.tenant, envelope.type, str(envelope.version))
    if not found or said != (
        tokens["region"],
        tokens["tenant"],
        f"{tokens['service']}.{tokens['event']}",
        tokens["version"],
    ):
        return aside("headers and subject name different events")
    source = Source(envelope.service, envelope.tenant, envelope.stream)
    return Letter(source, envelope.event_id, subject, kept, body, envelope, number=number)


def message_in(letter: Letter) -> Message | Failure:
    """The message, or why it has none.  A failure never quotes what the peer sent."""
    if letter.unfit is not None or letter.envelope is None:
        return letter.unfit or Failure(UNFIT_HEADERS, "no envelope")
    kind, version = letter.envelope.type, letter.envelope.version
    if len(letter.body) > MAX_BODY:
        return Failure(TOO_LONG, f"{len(letter.body)} bytes; a body has at most {MAX_BODY}")
    try:
        return parse(kind, version, letter.body)
    except UnknownMessage:
        return Failure(UNKNOWN, f"{kind} v{version}"[:MAX_DETAIL])
    except ValidationError as error:
        return Failure("unfit-body", _where(error)[:MAX_DETAIL])
    except (ValueError, RecursionError) as error:
        return Failure("unfit-body", type(error).__name__)


def _plain(text: str) -> str:
    """ASCII without controls: all that a fit header or subject has, and what the database can store of any other."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(c if " " <= c <= "~" else "?" for c in text)


def _where(error: ValidationError) -> str:
    """Fields and kinds of error.  A name that is not like a field's is not repeated: the peer chose it."""
    found = error.errors(include_input=False, include_url=False, include_context=False)
    paths = (
        ".".join(p if _NAME.fullmatch(p) else "?" for p in map(str, e["loc"])) + f": {e['type']}" for e in found[:10]
    )
    return "; ".join(paths)
