"""One language for each face of the command line: the machine's is English, that of bureaus' facts Chinese."""

from __future__ import annotations

import ast
import importlib
import re
import sys
from pathlib import Path
from typing import Any

import pytest

from liandong import looking
from liandong.state import NotUp

ENGLISH = (
    "region",
    "nursery",
    "child",
    "keeper",
    "stopping",
    "commands.up",
    "commands.down",
)
CHINESE = ("running", *(f"commands.{one}" for one in ("demo", "figures", "history", "held", "parked", "rebuild")))
HAN = re.compile("[\u4e00-\u9fff]")
PHRASE = re.compile("[a-z]{3,} [a-z]{2,}")
SAID = {"echo", "Failure", "Misused", "told", "say", "run"}


def said(module: str) -> list[str]:
    """The texts that the module hands to what prints them, without what is filled in."""
    file = importlib.import_module(f"liandong.{module}").__file__
    assert file is not None
    calls = [one for one in ast.walk(ast.parse(Path(file).read_text())) if isinstance(one, ast.Call)]
    printed = [one for one in calls if getattr(one.func, "id", getattr(one.func, "attr", "")) in SAID]
    parts = [part for call in printed for given in call.args for part in ast.walk(given)]
    return [part.value for part in parts if isinstance(part, ast.Constant) and isinstance(part.value, str)]


@pytest.mark.parametrize("module", ENGLISH)
def test_the_machine_speaks_english(module: str) -> None:
    assert [text for text in said(module) if HAN.search(text)] == []


@pytest.mark.parametrize("module", CHINESE)
def test_what_shows_facts_speaks_chinese(module: str) -> None:
    texts = said(module)
    assert any(map(HAN.search, texts))
    assert [text for text in texts if PHRASE.search(text)] == []


def test_a_status_is_chinese() -> None:
    service = {
        "name": "funding", "url": "http://127.0.0.1:1", "pid": 1, "status": "degraded", "ready": True, "ill": ["bus"],
        "not_taken": [{"service": "registry", "seconds": 20.0, "place": "project/1 3", "tries": 4}],
        "horizon_age_s": 1.0, "relay_lag_s": 0.0, "tail_lag_s": 0.0, "parked": 1.0, "parked_oldest_s": 99.0,
        "held": 1.0, "log": "", "operations": None, "operations_missing": "没有令牌",
    }  # fmt: skip
    engine = {"name": "postgres", "address": "127.0.0.1:2", "pid": None, "alive": False}
    document: dict[str, Any] = {
        "degraded": True, "region": "here", "pid": 1, "started_at": "", "issuer_url": "", "engines": [engine],
        "services": [service], "troubles": {"nats": "ended by itself"},
    }  # fmt: skip
    said = looking.text(document, Path("region")).replace(sys.executable, "python")  # which may be anywhere
    ours = [line for line in said.splitlines() if line and not line.startswith("issuer")]
    assert all(map(HAN.search, ours))
    assert [line for line in ours if PHRASE.search(line.replace("ended by itself", "").partition("请查看")[0])] == []


def test_nothing_up_is_said_in_chinese() -> None:
    assert all(HAN.search(one) for one in NotUp.WORDS)
