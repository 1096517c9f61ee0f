"""What a model is made of, down to the types that hold one value."""

from __future__ import annotations

import dataclasses
import types
from collections.abc import Iterator
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

from pydantic import BaseModel

from contracts import fields
from contracts.values import Quantity

KINDS: dict[str, Any] = {
    name: kind
    for name, kind in vars(fields).items()
    if get_origin(kind) is Annotated and name[0].isupper() and name not in ("Some", "Several")
}
"""Every type of the published language by its name."""


def kind_of(hint: Any) -> str | None:
    """The name of the type that this is, whatever a route adds to it."""
    if get_origin(hint) is not Annotated:
        return None
    said = [n for n, k in KINDS.items() if hint.__origin__ == k.__origin__ and _begins(hint, k.__metadata__)]
    return max(said, key=lambda name: len(KINDS[name].__metadata__), default=None)


def _begins(hint: Any, known: tuple[Any, ...]) -> bool:
    return bool(hint.__metadata__[: len(known)] == known)


def leaves(hint: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Path and type of each value: `terms.quotas.district`.  A quantity is one: its unit has a shape of its own."""
    if kind_of(hint) is not None or _origin(hint) is Quantity:
        yield path, hint
        return
    hint = _origin(hint)
    if get_origin(hint) in (tuple, list, dict, Union, types.UnionType):
        for inner in get_args(hint):
            if inner is not Ellipsis:
                yield from leaves(inner, path)
    elif isinstance(hint, type) and (issubclass(hint, BaseModel) or dataclasses.is_dataclass(hint)):
        for name, inner in members(hint).items():
            yield from leaves(inner, f"{path}.{name}" if path else name)
    else:
        yield path, hint


def _origin(hint: Any) -> Any:
    return hint.__origin__ if get_origin(hint) is Annotated else hint


def members(kind: Any) -> dict[str, Any]:
    """The fields of a model or a dataclass, with all that their types say."""
    hints = get_type_hints(kind, include_extras=True)
    named = kind.model_fields if issubclass(kind, BaseModel) else {f.name: f for f in dataclasses.fields(kind)}
    return {name: hints[name] for name in named}
