"""Everything that a service is, in one value: what `app.py` of a service composes and `main` runs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from fastapi import APIRouter

from kit.auth import Policy
from kit.bus import Handlers
from kit.service.figures import Indicator
from kit.service.lists import Listing
from kit.service.sight import Sight
from kit.service.tenants import learn_tenants
from kit.store import Category, Migration, People, View, view_migrations


@dataclass(frozen=True)
class Definition:
    """A service.  `title` is its Chinese name; `views` are its rows, `sights` what roles within a unit see of them, and
    `people` whom it finds by name.

    `names` are of enums, each by its values: what these are called in Chinese, for the service's own description.
    `units` is a query of the `code` and `name` of the units that the service knows, and `workers` the list in which a
    worker stands by their own id, for who asks who they are.
    """

    name: str
    title: str
    categories: tuple[Category[Any, Any], ...]
    publish: Callable[[Any, Any], Any]
    handlers: Handlers
    policy: Policy
    router: APIRouter
    indicators: tuple[Indicator, ...]
    names: tuple[Mapping[Any, str], ...] = ()
    views: tuple[View[Any, Any], ...] = ()
    sights: tuple[Sight, ...] = ()
    people: People = field(default_factory=dict)
    units: str | None = None
    workers: Listing | None = None

    @property
    def package(self) -> str:
        """Where its code is."""
        return self.publish.__module__.partition(".")[0]

    def __post_init__(self) -> None:
        learn_tenants(self.handlers, self.name)

    def to_apply(self) -> list[Migration]:
        """Its migrations: the tables of its views."""
        return view_migrations(self.views)
