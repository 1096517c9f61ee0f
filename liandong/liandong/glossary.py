"""What codes are called in Chinese, for people who read figures and histories.

`glossary.json` has the words of figures; what services record is called as their own code calls it.
"""

from __future__ import annotations

import json
from functools import cache
from importlib import import_module
from importlib.resources import files


@cache
def words() -> dict[str, dict[str, str]]:
    """By kind of word: stable code to name.  `values` are those of dimensions, by `dimension.code`."""
    from contracts.values import ROLE_NAMES  # here: help names nobody's role

    found: dict[str, dict[str, str]] = json.loads((files("liandong") / "glossary.json").read_text("utf-8"))
    return {**found, "roles": {role.value: name for role, name in ROLE_NAMES.items()}}


@cache
def recorded() -> dict[str, dict[str, dict[str, str]]]:
    """By service, the types, actions, codes and rules of what it records, each with its name.

    It loads all the services, which takes seconds.
    """
    from kit.service.named import Named
    from liandong.state import SERVICES

    found = {}
    for service in SERVICES:
        named = Named(vars(import_module(f"{service}.app"))[service.upper()])
        found[service] = {
            "type": dict(named.events),
            "action": dict(named.actions),
            "code": {code: refusal.name for code, refusal in named.refusals.items()},
            "rule": {rule: rule for rule in sorted(named.rules)},
        }
    return found


def known(*kinds: str) -> dict[str, str]:
    """Every code of these kinds that some service records, with its name."""
    return {code: called for service in recorded().values() for kind in kinds for code, called in service[kind].items()}


def name(kind: str, code: str) -> str:
    """The name, or the code itself where nobody gave it one."""
    return words()[kind].get(code, code)
