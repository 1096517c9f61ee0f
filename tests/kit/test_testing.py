"""The given/when/then of domain tests says no where it should: a test that cannot fail proves nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from kit.errors import NotFound, Refused
from kit.testing import Spec


@dataclass(frozen=True)
class Raised:
    by: int


class TooHigh(Refused):
    code, name, rule, text = "too-high", "过高", "R-XX-01", "不得超过 {most}。请改小。"


counter: Spec[int] = Spec(0, lambda state, event: state + event.by)


def raise_by(state: int, by: int) -> tuple[Raised, ...]:
    if state + by > 9:
        raise TooHigh(most=9)
    return (Raised(by),) if by else ()


def when(by: int) -> Any:
    return counter.given(Raised(5)).when(raise_by, by)


def test_each_ending_holds_where_it_is_true() -> None:
    when(1).then(Raised(1))
    when(0).then_nothing()
    counter.given().when(lambda _: ((), {1: ()})).then_nothing()
    when(9).then_refused(TooHigh, "R-XX-01")
    when(9).then_refused(TooHigh, most=9)


@pytest.mark.parametrize(
    "claim",
    [
        lambda: when(1).then(Raised(2)),
        lambda: when(1).then(),
        lambda: when(1).then_nothing(),
        lambda: when(1).then_refused(TooHigh),
        lambda: when(9).then(Raised(9)),
        lambda: when(9).then_nothing(),
        lambda: when(9).then_refused(NotFound),
        lambda: when(9).then_refused(TooHigh, "R-XX-02"),
        lambda: when(9).then_refused(TooHigh, most=8),
        lambda: when(9).then_refused(TooHigh, least=9),
        lambda: when(9).then_refused(TooHigh, most=9, least=9),
        lambda: counter.given().when(lambda _: None).then_nothing(),
        lambda: counter.given().when(lambda _: ((Raised(1),), ())).then_nothing(),
        lambda: counter.given().when(lambda _: ((), {1: (Raised(1),)})).then_nothing(),
        lambda: counter.given().when(lambda _: ((), {1: None})).then_nothing(),
    ],
)
def test_each_ending_fails_where_it_is_not(claim: Callable[[], None]) -> None:
    with pytest.raises(AssertionError):
        claim()
