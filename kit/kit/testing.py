"""Given, when, then: tests that state history, act, and state the outcome."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import reduce
from typing import Any, Generic, TypeVar

from kit.errors import Refused

S = TypeVar("S")


@dataclass(frozen=True)
class Spec(Generic[S]):
    """How one aggregate is tested: `project = Spec(Project(), evolve)`; `project.given(...).when(...).then(...)`."""

    initial: S
    evolve: Callable[[S, Any], S]

    def state(self, *events: Any) -> S:
        """The state after a history."""
        return reduce(self.evolve, events, self.initial)

    def given(self, *events: Any) -> Given[S]:
        return Given(self.state(*events))


@dataclass(frozen=True)
class Given(Generic[S]):
    state: S

    def when(self, decide: Callable[..., Any], *others: Any, **arguments: Any) -> Outcome:
        """Calls `decide(state, *others, **arguments)`; `others` are the states of further streams."""
        try:
            return Outcome(decide(self.state, *others, **arguments), None)
        except Refused as refused:
            return Outcome(None, refused)


@dataclass(frozen=True)
class Outcome:
    events: Any
    refused: Refused | None

    def then(self, *expected: Any) -> None:
        """Exactly these events; for a decision over several streams, one sequence of events per stream."""
        assert self.refused is None, f"refused: {self.refused!r}"
        assert _plain(self.events) == _plain(expected)

    def then_nothing(self) -> None:
        """Accepted, and nothing new happened: an empty sequence, or one per stream.  None is a forgotten return."""
        assert self.refused is None, f"refused: {self.refused!r}"
        parts = self.events if isinstance(self.events, tuple) else (self.events,)
        each = [one for part in parts for one in (part.values() if isinstance(part, Mapping) else (part,))]
        assert all(isinstance(one, list | tuple) for one in each), f"decided no sequence: {self.events!r}"
        assert not any(each), f"happened: {self.events!r}"

    def then_refused(self, refusal: type[Refused], rule: str | None = None, /, **facts: object) -> None:
        """Refused so; under that rule, and with exactly those facts, where they are named."""
        assert self.refused is not None, f"not refused, but {self.events!r}"
        assert type(self.refused) is refusal, f"refused otherwise: {self.refused!r}"
        assert self.refused.detail, "a refusal says what is wrong"
        codes = [name for name, fact in self.refused.facts.items() if isinstance(fact, Enum)]
        assert not codes, f"shown as a code, and not as people call it: {codes}"
        if rule is not None:
            assert self.refused.rule == rule
        if facts:
            assert self.refused.facts == facts


def _plain(events: Sequence[Any]) -> list[Any]:
    return [_plain(e) if isinstance(e, list | tuple) else e for e in events]
