"""Every refusal as its users know it: code, status, clause, name, and the sentence with the names of its facts."""

from __future__ import annotations

import pkgutil
from collections.abc import Iterator
from importlib import import_module
from string import Formatter
from types import ModuleType

import casework
import funding
import kit
import registry
import volunteer
from kit.errors import Refused

PACKAGES = (kit, registry, casework, funding, volunteer)


def listed() -> str:
    """A line for each, by package and code."""
    return "".join(sorted({f"{line}\n" for package in PACKAGES for line in _of(package)}))


def _of(package: ModuleType) -> Iterator[str]:
    """The lines of what the package itself says, and not what it imports."""
    for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        if not found.name.endswith("__main__"):
            for value in vars(import_module(found.name)).values():
                if isinstance(value, type) and issubclass(value, Refused) and value.__module__ == found.name:
                    yield from _line(package.__name__, value)


def _line(package: str, refusal: type[Refused]) -> Iterator[str]:
    if refusal is Refused:
        return
    facts = {name: f"<{name}>" for _, name, _, _ in Formatter().parse(refusal.text) if name}
    again = " retryable" if refusal.retryable else ""
    words = f"{refusal.name}：{refusal.text.format(**facts)}"
    yield f"{package} {refusal.code} {refusal.status}{again} {refusal.clause or '-'} {words}"
