"""The development directory: made-up people and the posts they have, from a JSON file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, model_validator

from kit.auth.tokens import MOST_POSTS, Post, Subject

MOST_PEOPLE = 200
"""On one page, to choose from."""

Label = Annotated[str, Field(min_length=1, max_length=60)]


class Held(Post):
    """A post with what people call it, in Chinese."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    label: Label

    @property
    def id(self) -> str:
        """What the parameter `post` calls it: role:tenant, and :unit where it has one."""
        return ":".join(part for part in (self.role.value, self.tenant, self.unit) if part)

    @property
    def claims(self) -> dict[str, str]:
        return self.model_dump(mode="json", exclude={"label"}, exclude_none=True)


class Person(BaseModel):
    """`sub` is the opaque subject of tokens, and what a `login_hint` names."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    sub: Annotated[str, Subject.model_fields["sub"]]
    name: Label
    posts: Annotated[tuple[Held, ...], Field(min_length=1, max_length=MOST_POSTS)]

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        if len({post.id for post in self.posts}) < len(self.posts):
            raise ValueError("a post twice")
        return self

    def at(self, post: str | None) -> Held | None:
        """The post of that id, the first for None; None for one that they do not have."""
        if post is None:
            return self.posts[0]
        return next((held for held in self.posts if held.id == post), None)


People = dict[str, Person]
"""By subject."""

_FILE = TypeAdapter(Annotated[list[Person], Field(max_length=MOST_PEOPLE)])


def read(path: Path) -> People:
    """ValueError for a file that is no list of people; OSError if there is none."""
    listed = _FILE.validate_json(path.read_bytes())
    people = {person.sub: person for person in listed}
    if len(people) < len(listed):
        raise ValueError("a subject twice")
    return people
