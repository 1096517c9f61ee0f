"""What a service does about other services' messages: one handler per message class."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

from contracts import envelope as wire
from contracts.messages import Message
from kit import clock, ids
from kit.auth import Caller, LastWord, Policy, Tree, always
from kit.telemetry import current_traceparent

if TYPE_CHECKING:
    from kit.store import Store

M = TypeVar("M", bound=Message)


@dataclass(frozen=True)
class Envelope(wire.Envelope):
    """Where a message comes from, and who we are when we act on it."""

    consumer: str = ""
    policy: Policy = field(default_factory=dict)
    tree: Tree = field(default_factory=lambda: Tree({}))
    last_word: LastWord = always

    def caller(self, name: str) -> Caller:
        """The service itself, acting in the message's tenant.

        The command id is made of the consumer, `name` and the message's place and id, so acting twice is acting once,
        and a message of another service that bears the same id is another; a handler that runs two commands names
        them differently.
        """
        place = f"{self.service}/{self.tenant}/{self.stream}/{self.stream_version}"
        return Caller.system(
            self.tenant,
            name=self.consumer,
            command_id=ids.derived(self.event_id, f"{self.consumer}/{name}/{place}"),
            now=clock.now(),
            tree=self.tree,
            policy=self.policy,
            correlation=self.correlation,
            causation=self.event_id,
            trace=current_traceparent() or self.trace,
            last_word=self.last_word,
        )


Handler = Callable[["Store", Any, Envelope], Awaitable[None]]


class Handlers:
    """The handlers of one consumer, which is called as the service is.

    A handler runs commands whose ids come from the envelope; it may run again for the same event at any time.  It
    raises NotKnownYet to be called again later, another Refused to have the message parked; a refusal that is part of
    the process is turned into an event of ours by the handler's command.  Handlers of messages of different streams run
    at the same time, unless they are `in_order`: for who decides for good on what streams share (a verdict on staff
    that another stream's message may bar), and so must decide in the order in which a publisher told.
    """

    def __init__(self, consumer: str, *, in_order: bool = False) -> None:
        self.consumer, self.in_order = consumer, in_order
        self._by_class: dict[type[Message], Handler] = {}

    def on(
        self, message: type[M]
    ) -> Callable[[Callable[[Store, M, Envelope], Awaitable[None]]], Callable[[Store, M, Envelope], Awaitable[None]]]:
        """Registers a handler of `message`; ValueError if it has one."""

        def register(
            handler: Callable[[Store, M, Envelope], Awaitable[None]],
        ) -> Callable[[Store, M, Envelope], Awaitable[None]]:
            if message in self._by_class:
                raise ValueError(f"{message.__name__} already has a handler")
            self._by_class[message] = handler
            return handler

        return register

    def of(self, message: type[Message]) -> Handler | None:
        return self._by_class.get(message)

    def messages(self) -> tuple[type[Message], ...]:
        return tuple(self._by_class)

    def publishers(self) -> tuple[str, ...]:
        """The services whose messages are handled."""
        return tuple(sorted({m.SERVICE for m in self._by_class}))

    def subjects(self, region: str) -> tuple[str, ...]:
        """The subjects of the handled messages, of every tenant: what the consumers are declared with."""
        return tuple(
            sorted(
                f"evt.{region}.*.{m.SERVICE}.{m.AGGREGATE}.{m.TYPE.partition('.')[2]}.v{m.VERSION}"
                for m in self._by_class
            )
        )
