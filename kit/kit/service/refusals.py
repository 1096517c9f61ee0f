"""Every refusal that a service can answer, as a client may read of them beforehand."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from kit.errors import Refused


def refused(package: str) -> dict[str, type[Refused]]:
    """By code: those of the package's modules that are imported, and those of kit."""
    known = {one.code: one for one in _below(Refused) if hasattr(one, "code") and _belongs(one, package)}
    return dict(sorted(known.items()))


def refusals(package: str) -> dict[str, dict[str, Any]]:
    """Of each its name, status, rule, whether to retry, and the Chinese sentence, in which `{tenant}` is a blank."""
    return {
        code: {
            "name": one.name,
            "status": one.status,
            "rule": one.rule,
            "retryable": one.retryable,
            "detail": one.text,
        }
        for code, one in refused(package).items()
    }


def _below(kind: type[Refused]) -> Iterator[type[Refused]]:
    for one in kind.__subclasses__():
        yield one
        yield from _below(one)


def _belongs(refused: type[Refused], package: str) -> bool:
    return refused.__module__.partition(".")[0] in ("kit", package)
