"""Looking after a child: soon at first, later each time, soon again once it has settled."""

from __future__ import annotations

from pathlib import Path

import pytest

from liandong import keeper
from liandong.child import ChildError
from liandong.keeper import FIRST, LONGEST, SETTLED, Keeper

LOOK = 0.5


class Kept:
    """A child, its keeper, and a clock that passes by looks."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now, self.ill, self.refuses = 100.0, "", None  # type: float, str, Exception | None
        self.starts: list[float] = []
        self.said: list[str] = []
        monkeypatch.setattr(keeper, "monotonic", lambda: self.now)
        self.keeper = Keeper("it", ill=lambda: self.ill or None, start=self.start, log=Path("it.log"))

    def start(self) -> None:
        self.starts.append(self.now)
        if self.refuses:
            raise self.refuses
        self.ill = ""

    def look(self, times: int = 1) -> bool:
        """Whether the last look saw a change."""
        for _ in range(times):
            changed = self.keeper.tend(self.said.append)
            self.now += LOOK
        return changed

    def until_started(self) -> float:
        """Seconds from the end of the child to its start."""
        begun, before, self.ill = self.now, len(self.starts), "ended by itself"
        while len(self.starts) == before:
            self.look()
        return self.starts[-1] - begun


@pytest.fixture
def kept(monkeypatch: pytest.MonkeyPatch) -> Kept:
    return Kept(monkeypatch)


def test_it_waits_twice_as_long_each_time_and_not_without_end(kept: Kept) -> None:
    assert [kept.until_started() for _ in range(7)] == [1, 2, 4, 8, 16, LONGEST, LONGEST]


def test_it_is_started_soon_again_when_it_had_settled(kept: Kept) -> None:
    for _ in range(4):
        kept.until_started()
    kept.look(int(SETTLED / LOOK) - 1)
    assert kept.until_started() == 16, "it had not settled yet"
    kept.look(int(SETTLED / LOOK) + 2)
    assert kept.until_started() == FIRST


@pytest.mark.parametrize("refuses", [ChildError("no port"), OSError(28, "No space left on device")])
def test_what_cannot_be_started_is_said_and_tried_again(kept: Kept, refuses: Exception) -> None:
    kept.refuses = refuses
    kept.until_started()
    assert kept.keeper.trouble == f"cannot be started: {refuses}"
    assert kept.said[-1] == f"it cannot be started: {refuses}"
    assert not kept.look(), "and it stays what is wrong"
    kept.until_started()
    assert kept.starts[1] - kept.starts[0] >= 2
    kept.refuses = None
    kept.until_started()
    assert not kept.look()
    assert kept.keeper.trouble is None, kept.said
    assert kept.said[-1] == "it was started again"


def test_a_change_is_told_once(kept: Kept) -> None:
    assert not kept.look()
    kept.ill = "is ill"
    assert [kept.look(), kept.look()] == [True, False]
    assert kept.said == ["it: is ill; starting it again in 1 s (log: it.log)"]
    kept.ill = ""
    assert [kept.look(), kept.look()] == [True, False]
    assert kept.starts == []


def test_what_got_well_by_itself_is_not_started_again(kept: Kept) -> None:
    kept.ill = "is ill"
    kept.look()
    kept.ill = ""
    kept.look(10)
    assert kept.starts == []
