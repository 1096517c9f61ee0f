"""Looking after a child: soon at first, later each time, soon again once it has settled."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from liandong import keeper
from liandong.child import ChildError
from liandong.keeper import Keeper


class Sick:
    """A child that is ill as long as `cure` does not help."""

    def __init__(self) -> None:
        self.ill: str | None = None
        self.starts: list[float] = []
        self.refuses: Exception | None = None

    def start(self) -> None:
        self.starts.append(time.monotonic())
        if self.refuses:
            raise self.refuses
        self.ill = None


@pytest.fixture
def sick(monkeypatch: pytest.MonkeyPatch) -> Sick:
    for name, seconds in (("FIRST", 0.05), ("LONGEST", 0.2), ("SETTLED", 0.4)):
        monkeypatch.setattr(keeper, name, seconds)
    return Sick()


def kept(sick: Sick) -> tuple[Keeper, list[str]]:
    return Keeper("it", ill=lambda: sick.ill, start=sick.start, log=Path("it.log")), []


def until(one: Keeper, said: list[str], holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not holds():
        assert time.monotonic() < deadline
        one.tend(said.append)
        time.sleep(0.005)


def test_it_waits_longer_each_time_and_not_without_end(sick: Sick) -> None:
    one, said = kept(sick)
    waited = []
    for times in range(1, 6):
        begun, sick.ill = time.monotonic(), "ended by itself"
        until(one, said, lambda times=times: len(sick.starts) == times)  # type: ignore[misc]
        waited.append(sick.starts[-1] - begun)
    assert waited == sorted(waited) or waited[3] == pytest.approx(waited[4], abs=0.1)
    assert waited[0] < 0.1 < waited[2]
    assert all(seconds < 0.4 for seconds in waited)


def test_it_is_started_soon_again_when_it_had_settled(sick: Sick) -> None:
    one, said = kept(sick)
    for times in (1, 2, 3):
        sick.ill = "ended by itself"
        until(one, said, lambda times=times: len(sick.starts) == times)  # type: ignore[misc]
    time.sleep(0.5)
    one.tend(said.append)
    begun, sick.ill = time.monotonic(), "ended by itself"
    until(one, said, lambda: len(sick.starts) == 4)
    assert sick.starts[-1] - begun < 0.15


@pytest.mark.parametrize("refuses", [ChildError("no port"), OSError(28, "No space left on device")])
def test_what_cannot_be_started_is_said_and_tried_again(sick: Sick, refuses: Exception) -> None:
    one, said = kept(sick)
    sick.ill, sick.refuses = "ended by itself", refuses
    until(one, said, lambda: len(sick.starts) == 2)
    assert one.trouble is not None
    assert one.trouble.startswith("cannot be started: ")
    sick.refuses = None
    until(one, said, lambda: one.trouble is None)
    assert said[-1] == "it was started again"


def test_a_change_is_told_once(sick: Sick) -> None:
    one, said = kept(sick)
    assert not one.tend(said.append)
    sick.ill = "is ill"
    assert [one.tend(said.append), one.tend(said.append)] == [True, False]
    assert said == ["it: is ill; starting it again in 0 s (log: it.log)"]
    sick.ill = None
    assert [one.tend(said.append), one.tend(said.append)] == [True, False]
    assert sick.starts == []
