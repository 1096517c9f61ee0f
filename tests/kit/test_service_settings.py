"""What an operator sets for the front of a service."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError
from tests.kit.note_service import Settings, environment

URLS = {name: f"postgresql://toy_{name}@127.0.0.1/toy" for name in ("app", "owner", "relay", "rebuild", "keys")}


@pytest.fixture
def set_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    given = environment({**URLS, "keys_owner": URLS["owner"]}, tmp_path)
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    return monkeypatch


@pytest.mark.parametrize(
    ("said", "meant"), [("", set()), ("620000", {"620000"}), (" 620000, 630000 ,", {"620000", "630000"})]
)
def test_provinces_are_codes_with_commas(set_to: pytest.MonkeyPatch, said: str, meant: set[str]) -> None:
    set_to.setenv("TOY_PROVINCES", said)
    assert Settings().provinces == meant


@pytest.mark.parametrize("said", ["62", "gansu", "620000;630000", "620000 630000", "６２００００"])
def test_what_is_no_code_is_refused(set_to: pytest.MonkeyPatch, said: str) -> None:
    set_to.setenv("TOY_PROVINCES", said)
    with pytest.raises(ValidationError):
        Settings()


def test_unset_nobody_founds_a_province_and_there_is_no_second_port(set_to: pytest.MonkeyPatch) -> None:
    set_to.delenv("TOY_PROVINCES", raising=False)
    assert (Settings().provinces, Settings().probe_port) == (frozenset(), None)
    set_to.setenv("TOY_PROBE_PORT", "0")
    with pytest.raises(ValidationError):
        Settings()
