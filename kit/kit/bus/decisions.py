"""What two persons may decide about a message that cannot be handled, or an event of ours that cannot be told.

One proposes, and another person who wants the same confirms by it.  Both steps are events, so that history shows who
took what out of the order and why; what was wanted is done in the transaction of the second.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, TypeAlias, TypeVar
from uuid import UUID

from contracts.values import Event
from kit import ids
from kit.errors import Refused
from kit.store import Category, Effect, Meta, Tx, held


class AlreadyDecided(Refused):
    code = "already-decided"
    name = "已有决定"
    text = "该条已有决定并已执行，不能再次决定。请刷新列表。"


@dataclass(frozen=True)
class AboutParked(Event):
    """What is said about one parked message, named by its place and its event's id, by whom and why."""

    parked_id: int
    tenant: str
    service: str
    stream: str
    version: int
    message_id: UUID
    reason: str
    by: str


@dataclass(frozen=True)
class ParkedMessageDiscardProposed(AboutParked):
    TOPIC: ClassVar[str] = "kit.parked-message-discard-proposed"
    NAME: ClassVar[str] = "提议丢弃消息"


@dataclass(frozen=True)
class ParkedMessageDiscarded(AboutParked):
    """It is passed over, and with it what is missing before it: what follows in its stream is handled."""

    TOPIC: ClassVar[str] = "kit.parked-message-discarded"
    NAME: ClassVar[str] = "丢弃消息"

    proposed_by: str


@dataclass(frozen=True)
class ParkedMessageReplacementProposed(AboutParked):
    TOPIC: ClassVar[str] = "kit.parked-message-replacement-proposed"
    NAME: ClassVar[str] = "提议替换消息"

    body: str


@dataclass(frozen=True)
class ParkedMessageReplaced(AboutParked):
    """`body` is what is handled at its place, whatever was missed before it."""

    TOPIC: ClassVar[str] = "kit.parked-message-replaced"
    NAME: ClassVar[str] = "替换消息"

    body: str
    proposed_by: str


@dataclass(frozen=True)
class HeldEventSkipProposed(Event):
    """To pass over the one event of ours that `tail` waits at; `stream` and `version` name it."""

    TOPIC: ClassVar[str] = "kit.held-event-skip-proposed"
    NAME: ClassVar[str] = "提议跳过事件"

    held_id: int
    tail: str
    stream: str
    version: int
    reason: str
    by: str


@dataclass(frozen=True)
class HeldEventSkipped(Event):
    TOPIC: ClassVar[str] = "kit.held-event-skipped"
    NAME: ClassVar[str] = "跳过事件"

    held_id: int
    tail: str
    stream: str
    version: int
    reason: str
    by: str
    proposed_by: str


MessageWish: TypeAlias = ParkedMessageDiscardProposed | ParkedMessageReplacementProposed
Proposal: TypeAlias = MessageWish | HeldEventSkipProposed
AboutMessage: TypeAlias = (
    ParkedMessageDiscardProposed | ParkedMessageDiscarded | ParkedMessageReplacementProposed | ParkedMessageReplaced
)
AboutEvent: TypeAlias = HeldEventSkipProposed | HeldEventSkipped
Decision: TypeAlias = AboutMessage | AboutEvent
W = TypeVar("W", bound=Proposal)
D = TypeVar("D")


@dataclass(frozen=True)
class Matter:
    """What was said so far about one message or event."""

    proposal: Proposal | None = None
    closed: bool = False


def evolve(_: Matter, event: Decision) -> Matter:
    """A proposal takes the place of another; what was replaced, or is held again by a rebuild, is decided on again."""
    match event:
        case ParkedMessageDiscardProposed() | ParkedMessageReplacementProposed() | HeldEventSkipProposed():
            return Matter(event)
        case ParkedMessageReplaced() | HeldEventSkipped():
            return Matter()
        case _:
            return Matter(closed=True)


def evolve_message(matter: Matter, event: AboutMessage) -> Matter:
    return evolve(matter, event)


def evolve_event(matter: Matter, event: AboutEvent) -> Matter:
    return evolve(matter, event)


def decide_message(matter: Matter, wish: MessageWish) -> Sequence[AboutMessage]:
    """The wish about a parked message, as `_decide` has it."""
    match wish:
        case ParkedMessageDiscardProposed():
            return _decide(matter, wish, ParkedMessageDiscarded)
        case ParkedMessageReplacementProposed():
            return _decide(matter, wish, ParkedMessageReplaced)


def decide_event(matter: Matter, wish: HeldEventSkipProposed) -> Sequence[AboutEvent]:
    """The wish about a held event, as `_decide` has it."""
    return _decide(matter, wish, HeldEventSkipped)


def _decide(matter: Matter, wish: W, done: Callable[..., D]) -> Sequence[W | D]:
    """The wish as a proposal, or as decided when another person wanted the same; nothing when nothing is new.

    Raises AlreadyDecided when it was decided for good.
    """
    if matter.closed:
        raise AlreadyDecided
    proposal = matter.proposal
    if proposal is None or type(proposal) is not type(wish) or _wanted(proposal) != _wanted(wish):
        return (wish,)
    if proposal.by == wish.by:
        return ()
    return (done(**vars(wish), proposed_by=proposal.by),)


def _wanted(proposal: Proposal) -> str | int | None:
    """What two have to agree in: a body, and a row of `held`, for one that is held again there has heard nobody yet."""
    match proposal:
        case ParkedMessageReplacementProposed():
            return proposal.body
        case HeldEventSkipProposed():
            return proposal.held_id
        case _:
            return None


MESSAGES = Category("parked-message", Matter(), evolve_message)
EVENTS = Category("held-event", Matter(), evolve_event)
CATEGORIES = (MESSAGES, EVENTS)


def matter_of(*place: object) -> UUID:
    """The id of the stream about one message or event: of its place, for ids of rows come again after a restore."""
    return ids.derived(_MATTERS, "/".join(map(str, place)))


_MATTERS = UUID("6f0f2a52-6e19-5d0c-9d4b-6d1d2d3c7a11")


async def apply(tx: Tx, event: Any, meta: Meta) -> None:
    match event:
        case ParkedMessageDiscarded():
            # The message counts as heard, so that the next of its type follows it; one that contradicts does not.
            await tx.execute(
                "with gone as (update parked set done_at = $2, decision = 'discard' where id = $1 and done_at is null"
                " returning *) insert into heard as h (consumer, service, tenant_id, stream, type, sequence, version)"
                " select consumer, service, tenant_id, stream, type, sequence, version from gone"
                " where type is not null and code <> 'contradiction'"
                " on conflict (consumer, service, tenant_id, stream, type) do update set"
                " sequence = greatest(h.sequence, excluded.sequence), version = greatest(h.version, excluded.version)",
                event.parked_id,
                meta.recorded_at,
            )
        case ParkedMessageReplaced():
            await tx.execute(
                "update parked set body = $2, decision = 'replace', retryable = true where id = $1 and done_at is null",
                event.parked_id,
                event.body.encode(),
            )
        case HeldEventSkipProposed() | HeldEventSkipped():
            await held.skip(tx, event.held_id, event.version, by=event.by, reason=event.reason)


DECIDED = Effect(("parked-message", "held-event"), apply)
"""Acts on the machine's rows in the transaction of the decision; there is nothing in it to rebuild."""
