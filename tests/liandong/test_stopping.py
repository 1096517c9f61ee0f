"""Signals that end what a command has begun, and nothing after it."""

from __future__ import annotations

import signal

import pytest

from liandong.stopping import SIGNALS, Stopped, Stopping


@pytest.mark.parametrize("number", SIGNALS, ids=lambda one: one.name)
def test_the_first_signal_stops_later_ones_do_not_disturb_and_then_others_hear_them_again(number: int) -> None:
    before = [signal.getsignal(one) for one in SIGNALS]
    with Stopping() as stop:
        assert not stop.wait(0)
        with pytest.raises(Stopped):
            signal.raise_signal(number)
        signal.raise_signal(number)
        assert stop.wait(0)
    assert [signal.getsignal(one) for one in SIGNALS] == before
