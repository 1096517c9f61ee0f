"""What the rules answer with, as callers and the store hold on to it: refusals, and the events that may come late."""

from __future__ import annotations

import importlib
import json
import pkgutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from contracts.values import Event
from kit import errors
from kit.errors import Refused

FILE = Path(__file__).with_name("vocabulary.json")
SERVICES = ("casework", "funding", "registry", "volunteer")


def vocabulary() -> str:
    """Of each service the status, clause and promise of a retry of its refusals by code, and its late events."""
    said: dict[str, Any] = {"kit": {"refusals": _refusals([vars(errors)])}}
    for service in SERVICES:
        modules = list(_modules(service))
        events = {one.TOPIC for one in _classes(modules, Event) if one.LATE and hasattr(one, "TOPIC")}
        said[service] = {"refusals": _refusals(modules), "late": sorted(events)}
    return json.dumps(said, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def _refusals(modules: list[dict[str, Any]]) -> dict[str, str]:
    found = [one for one in _classes(modules, Refused) if hasattr(one, "code")]
    again = {one: " again" if one.retryable else "" for one in found}
    return {one.code: f"{one.status} {one.clause or '-'}{again[one]}" for one in found}


def _modules(service: str) -> Iterator[dict[str, Any]]:
    top = importlib.import_module(f"{service}.domain")
    for found in pkgutil.walk_packages(top.__path__, f"{service}.domain."):
        yield vars(importlib.import_module(found.name))


def _classes(modules: list[dict[str, Any]], above: type[Any]) -> Iterator[type[Any]]:
    """Those that are made in one of the modules, not those that it imports."""
    for module in modules:
        for found in module.values():
            if isinstance(found, type) and issubclass(found, above) and found.__module__ == module["__name__"]:
                yield found
