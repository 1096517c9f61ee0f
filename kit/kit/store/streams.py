"""The words of the event store: categories of streams, what an append answers, and what a projection is."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Generic, TypeVar
from uuid import UUID

from contracts.values import Event, TenantId
from kit.auth import Actor
from kit.errors import Refused
from kit.tenancy import Tx

S = TypeVar("S")
E = TypeVar("E", bound=Event)


@dataclass(frozen=True)
class Category(Generic[S]):
    """One kind of aggregate: its name (a token of subjects: lower case and hyphens), first state, fold and events."""

    name: str
    initial: S
    evolve: Callable[[S, Any], S]
    events: tuple[type[Event], ...]

    def stream(self, id: UUID | str, tenant: TenantId | None = None) -> Stream[S]:
        """The stream of one aggregate.

        With `tenant` it may be new, and belongs to that tenant; without, it must exist under exactly one tenant that
        the caller may read.  Two tenants' streams of one name are two streams.
        """
        return Stream(self, f"{self.name}/{id}", tenant)

    def anywhere(self, id: UUID | str) -> Stream[S]:
        """The stream of one aggregate under whichever tenant the caller may read; its first state if under none.

        For a fact that may not have been heard yet: what is nowhere cannot be written.
        """
        return Stream(self, f"{self.name}/{id}", None, needed=False)

    def fold(self, state: S, events: Iterable[Any]) -> S:
        """`state` after `events`."""
        for event in events:
            state = self.evolve(state, event)
        return state


@dataclass(frozen=True)
class Stream(Generic[S]):
    category: Category[S]
    name: str
    tenant: TenantId | None
    needed: bool = True


@dataclass(frozen=True)
class Meta:
    """What the envelope says about an event, without its data."""

    tenant: TenantId
    stream: str
    version: int
    event_id: UUID
    type: str
    occurred_on: date
    recorded_at: datetime
    actor: Actor
    command_id: UUID
    correlation: UUID
    trace: str | None
    clause: str | None

    @property
    def category(self) -> str:
        return self.stream.partition("/")[0]

    @property
    def stream_id(self) -> UUID:
        """The aggregate's id; ValueError for the few streams that are named by a code."""
        return UUID(self.stream.partition("/")[2])


@dataclass(frozen=True)
class Answer:
    """What a command is answered, the first time and on every repeat: the bytes are kept, so they never differ."""

    body: bytes
    stream: str
    version: int


@dataclass(frozen=True)
class Claim:
    """A natural key that only one stream of a tenant may hold; `taken` is raised when another holds it.

    `key` may be shown to nobody: for personal numbers it is a keyed HMAC (`kit.privacy`).  `fact` names what of the
    stream it guards, where the stream can have several; see `Release`.
    """

    kind: str
    key: str
    taken: type[Refused]
    fact: str = ""


@dataclass(frozen=True)
class Release:
    """Ends the claims of a kind that guarded one fact of the stream, because the fact has ended.

    It names the fact and not the key: who withdraws a licence does not hold its number in clear.
    """

    kind: str
    fact: str = ""


@dataclass(frozen=True)
class Projection:
    """Tables that are a pure function of the events of `categories`, and can be dropped and rebuilt.

    `apply` runs one statement or a few for an event; it reads no clock and no sequence, names no schema, and writes
    only `tables`.  Inline: every row is fed by one stream.  Tailed: rows may be fed by several.
    """

    name: str
    revision: int
    tables: tuple[str, ...]
    categories: tuple[str, ...]
    apply: Callable[[Tx, Any, Meta], Awaitable[None]]
