"""A mapping that is a value and may grow long: what a state keeps of every booking, worker or assignment."""

from __future__ import annotations

from collections.abc import ItemsView, Iterator, Mapping, ValuesView
from typing import TypeVar

K = TypeVar("K")
V = TypeVar("V")


class Growing(Mapping[K, V]):
    """`growing | {key: value}` is another one with that entry; this one stays as it is, and is not copied for it.

    The entries lie in layers, younger above older, each at least twice as long as the one above it: a new layer that
    would break this takes in those below it.  So n entries are copied some n log n times in all, where a dict that is
    copied for each makes n².
    """

    __slots__ = ("_layers",)

    def __init__(self, layers: tuple[dict[K, V], ...] = ()) -> None:
        self._layers = layers

    def __or__(self, entries: Mapping[K, V]) -> Growing[K, V]:
        below, top = list(self._layers), dict(entries)
        while below and len(below[-1]) < 2 * len(top):
            top = below.pop() | top
        return Growing((*below, top)) if top else self

    def __getitem__(self, key: K) -> V:
        for layer in reversed(self._layers):
            if key in layer:
                return layer[key]
        raise KeyError(key)

    def __iter__(self) -> Iterator[K]:
        return iter(self._whole())

    def __len__(self) -> int:
        return len(self._whole())

    def __bool__(self) -> bool:
        return bool(self._layers)

    def __repr__(self) -> str:
        return f"Growing({self._whole()!r})"

    def items(self) -> ItemsView[K, V]:
        return self._whole().items()

    def values(self) -> ValuesView[V]:
        return self._whole().values()

    def _whole(self) -> dict[K, V]:
        whole: dict[K, V] = {}
        for layer in self._layers:
            whole |= layer
        return whole
