"""The words of the event store: kinds of streams, what a decision looks at and writes, and what an effect is."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from types import UnionType
from typing import Any, Generic, TypeAlias, TypeVar, TypeVarTuple, Unpack, get_args, get_type_hints
from uuid import UUID

from contracts.values import Event, TenantId
from kit.auth import Actor, Basis
from kit.errors import Refused
from kit.tenancy import Tx

S = TypeVar("S")
T = TypeVar("T")
E = TypeVar("E")
K = TypeVar("K", bound=Hashable)
Ts = TypeVarTuple("Ts")


class Reads(Generic[*Ts]):
    """What a decision looks at and does not change: some states, in the order in which it gets them.

    `place & worker` is two; `project.then(scheme_of)` adds one that follows from those before it.  What was looked at
    still holds when the decision is written: `Store.change` decides again where a stream among them went on.
    """

    def __init__(self, parts: tuple[Part, ...]) -> None:
        self._parts = parts

    @property
    def parts(self) -> tuple[Part, ...]:
        """One state each."""
        return self._parts

    def __and__(self, other: One[T]) -> Reads[*Ts, T]:
        return Reads((*self.parts, other))

    def then(self, follow: Callable[[Unpack[Ts]], One[T]]) -> Reads[*Ts, T]:
        """These, and the one that `follow` finds by their states."""
        return Reads((*self.parts, Follows(follow, len(self.parts))))


class One(Reads[S]):
    """A single state to look at."""

    def __init__(self) -> None:
        super().__init__((self,))


@dataclass(frozen=True)
class Follows:
    """One that is known once the `after` states before it are."""

    find: Callable[..., One[Any]]
    after: int


Part: TypeAlias = One[Any] | Follows


class Look(One[S]):
    """What a query finds in the read tables, in the transaction of the change and after its streams were read.

    Nothing keeps it true until the commit: it is exact where whatever changes the rows also writes to a stream of the
    change.
    """

    def __init__(self, query: Callable[[Tx], Awaitable[S]]) -> None:
        super().__init__()
        self.query = query


class Write(One[S], ABC, Generic[S, T]):
    """Something with a state that a decision may change: it returns a `T` for it."""

    @property
    @abstractmethod
    def streams(self) -> Sequence[Stream[Any, Any]]:
        """What is read, and may be written, for it."""


@dataclass(frozen=True)
class Stream(Write[S, Sequence[E]], Generic[S, E]):
    """One aggregate, and whose it is.

    With `tenant`, or `beside` another stream whose owner is also its own, it may be new; with neither it must exist
    under exactly one tenant that the caller may read.  Two tenants' streams of one name are two streams.
    """

    category: Category[S, E]
    name: str
    tenant: TenantId | None = None
    beside: Stream[Any, Any] | None = None

    @property
    def parts(self) -> tuple[Part, ...]:
        return (self,)

    @property
    def streams(self) -> Sequence[Stream[Any, Any]]:
        return (self,)


@dataclass(frozen=True)
class Each(Write[Mapping[K, S], Mapping[K, Sequence[E]]], Generic[K, S, E]):
    """Several aggregates of one kind by their keys, such as every worker of a team.

    A decision answers events for the keys that it changes.
    """

    by_key: Mapping[K, Stream[S, E]]

    @property
    def parts(self) -> tuple[Part, ...]:
        return (self,)

    @property
    def streams(self) -> Sequence[Stream[Any, Any]]:
        return tuple(self.by_key.values())


@dataclass(frozen=True)
class Category(Generic[S, E]):
    """One kind of aggregate: its name (a token of subjects: lower case and hyphens), first state and fold.

    States are values: `evolve` makes a new one and changes none, for a state is kept and used again.  `basis` says on
    which version of a document a decision rests that looked at such a state on a day, if it is such a document.
    """

    name: str
    initial: S
    evolve: Callable[[S, E], S]
    basis: Callable[[S, date], Basis] | None = None

    @property
    def events(self) -> tuple[type[Event], ...]:
        """The classes of its events, as `evolve` is annotated."""
        *_, union, _ = get_type_hints(self.evolve).values()
        return get_args(union) if isinstance(union, UnionType) else (union,)

    def stream(
        self, id: UUID | str, tenant: TenantId | None = None, *, beside: Stream[Any, Any] | None = None
    ) -> Stream[S, E]:
        """The stream of one aggregate; see `Stream` for whose it is."""
        return Stream(self, f"{self.name}/{id}", tenant, beside)

    def fold(self, state: S, events: Iterable[E]) -> S:
        """`state` after `events`."""
        for event in events:
            state = self.evolve(state, event)
        return state


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
class Effect:
    """What `apply` does for each event of `categories` in the transaction that appends it, to the kit's own tables."""

    categories: tuple[str, ...]
    apply: Callable[[Tx, Any, Meta], Awaitable[None]]
