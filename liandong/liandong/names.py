"""What the codes and ids of an installation are called: by its own lists, and by the glossary."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from liandong import glossary
from liandong.running import Json, Running, SignIn

PLANS = frozenset({"scheme_id", "catalogue_id"})
"""Dimensions that tell under which plan something was counted."""
OF_SCHEMES = ("line", "purpose", "rating")
"""Dimensions whose words are a scheme's own."""


@dataclass(frozen=True)
class Names:
    """`ids`: units, projects, organisations, plans by code or id.  `words`: schemes' lines, purposes, ratings."""

    ids: Mapping[str, str]
    words: Mapping[tuple[str, str], str] = field(default_factory=dict)

    def of(self, dimension: str, code: str) -> str | None:
        """None where nobody gave it a name."""
        if dimension in OF_SCHEMES:
            return self.words.get((dimension, code))
        return glossary.words()["values"].get(f"{dimension}.{code}") or self.ids.get(code)

    def with_code(self, dimension: str, code: str) -> str:
        """For somebody who may need the code: 城关区（620102）, 岗位等级 10."""
        found = self.of(dimension, code)
        return f"{found}（{code}）" if found else f"{glossary.name('dimensions', dimension)} {code}"

    def id_with_code(self, code: str) -> str:
        """As `with_code`, of an id whose kind the place tells: without a name it stands alone."""
        return f"{self.ids[code]}（{code}）" if code in self.ids else code

    def short(self, dimension: str, code: str) -> str:
        """For somebody who only reads: 城关区, 岗位等级 10."""
        return self.of(dimension, code) or self.with_code(dimension, code)


async def names(running: Running, who: SignIn, tenants: Mapping[str, str], wanted: Iterable[str]) -> Names:
    """Of what `who` may see, as far as the dimensions `wanted` need it; `tenants` are known already."""
    asked, ids = set(wanted), dict(tenants)
    words: dict[tuple[str, str], set[str]] = {}

    async def projects() -> None:
        async for one in running.pages("funding", "/v1/projects", who):
            ids[one["street"]], ids[one["community"]] = one["street_name"], one["community_name"]
            ids[one["project_id"]] = f"{one['community_name']}试点"

    async def organisations() -> None:
        async for one in running.pages("registry", "/v1/organisations", who):
            ids[one["organisation_id"]] = one["name"]

    async def schemes() -> None:
        found = [one["scheme_id"] async for one in running.pages("funding", "/v1/schemes", who)]
        for one in await asyncio.gather(*(running.get("funding", f"/v1/schemes/{id_}", who) for id_ in found)):
            ids[one["scheme_id"]] = one["title"]
            for code, name in _words(one["terms"]).items():
                words.setdefault(code, set()).add(name)

    async def catalogues() -> None:
        for one in (await running.get("casework", "/v1/catalogues", who))["items"]:
            ids[one["catalogue_id"]] = one["title"]

    lists = {
        projects: {"project_id", "community", "street"},
        organisations: {"organisation_id"},
        schemes: {"scheme_id", *OF_SCHEMES},
        catalogues: {"catalogue_id"},
    }
    await asyncio.gather(*(read() for read, gives in lists.items() if gives & asked))
    # A code that two schemes mean something else by has no name of its own.
    return Names(ids, {code: name for code, (name, *others) in words.items() if not others})


def _words(terms: Json) -> dict[tuple[str, str], str]:
    lines = terms["lines"]
    return {
        **{("line", one["code"]): one["name"] for one in lines},
        **{("purpose", one["code"]): one["name"] for line in lines for one in line["purposes"]},
        **{("rating", one["code"]): one["name"] for one in terms["ratings"]},
    }
