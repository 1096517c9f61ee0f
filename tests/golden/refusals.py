"""Every refusal as its users know it: code, status, rule, name, and the sentence with the names of its facts."""

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
    lines = {f"{line}\n" for package, refusal in _all() for line in _line(package.__name__, refusal)}
    return "".join(sorted(lines))


def facts() -> dict[str, bool]:
    """The names of the facts that stand in the sentences, and of each whether it is typed wherever it stands."""
    found: dict[str, bool] = {}
    for _, refusal in _all():
        for name in _names(refusal):
            found[name] = found.get(name, True) and name in refusal.typed
    return found


def _all() -> Iterator[tuple[ModuleType, type[Refused]]]:
    """Each with the package that says it, and not those that import it."""
    for package in PACKAGES:
        for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if not found.name.endswith("__main__"):
                for value in vars(import_module(found.name)).values():
                    own = isinstance(value, type) and issubclass(value, Refused) and value.__module__ == found.name
                    if own and value is not Refused:
                        yield package, value


def _names(refusal: type[Refused]) -> list[str]:
    return [name for _, name, _, _ in Formatter().parse(refusal.text if hasattr(refusal, "text") else "") if name]


def _line(package: str, refusal: type[Refused]) -> Iterator[str]:
    facts = {name: f"<{name}>" for name in _names(refusal)}
    again = " retryable" if refusal.retryable else ""
    words = f"{refusal.name}：{refusal.text.format(**facts)}"
    yield f"{package} {refusal.code} {refusal.status}{again} {refusal.rule or '-'} {words}"
