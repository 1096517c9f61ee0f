"""Steps: what may be done with something, and what each needs.  One table guards commands and tells people.

A decision begins with `require`; `next_actions` reads the same rows.  What depends on a command's own payload stays in
its decision.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Generic, TypeVar

from kit.errors import Refused

S = TypeVar("S")
Need = Callable[[S, str], None]
"""Raises a Refused where a situation does not have what a step needs; the str is what of the step is meant (`of`)."""


def _once(_: object) -> Sequence[str]:
    return ("",)


def _never(_: object, __: str) -> bool:
    return False


def _no_day(_: object, __: str) -> date | None:
    return None


@dataclass(frozen=True)
class Step(Generic[S]):
    """`act` is the action's code, by which the policy says who may; `of` what it is done for, each apart."""

    act: str
    name: str
    needs: tuple[Need[S], ...]
    done: Callable[[S, str], bool] = _never
    """Its fact is there: nobody is told of it any more."""
    of: Callable[[S], Sequence[str]] = _once
    due: Callable[[S, str], date | None] = _no_day
    door: str | None = None
    """The address, where several share the action."""


@dataclass(frozen=True)
class Action:
    """`refusal` is why it may not be done now; None where it may."""

    act: str
    name: str
    of: str
    refusal: Refused | None
    due: date | None
    door: str


def require(step: Step[S], s: S, of: str = "") -> None:
    """The first line of a decision: raises why the step may not be taken."""
    for need in step.needs:
        need(s, of)


def next_actions(steps: Sequence[Step[S]], s: S, may: Collection[str]) -> Sequence[Action]:
    """What is still to be done of the steps that somebody's role `may` take, each with why not, where it cannot be."""
    return tuple(
        Action(step.act, step.name, of, _why_not(step, s, of), step.due(s, of), step.door or step.act)
        for step in steps
        if step.act in may
        for of in step.of(s)
        if not step.done(s, of)
    )


def _why_not(step: Step[S], s: S, of: str) -> Refused | None:
    try:
        require(step, s, of)
    except Refused as refused:
        return refused
    return None
