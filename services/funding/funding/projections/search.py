"""What is found by name: projects by that of their community, and schemes by each title that they ever had."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated, Any

from contracts.values import ProjectId, SchemeId
from funding.domain.project.events import ProjectApplicationSubmitted, ProjectEvent, ProjectPlaceMoved
from funding.domain.scheme import SchemeEvent, SchemePublished
from kit.service.search import Named
from kit.spelling import Form, spellings
from kit.store import SPELLED, Meta, Row, Spelling, View, titled


@dataclass(frozen=True)
class ProjectSpelling(Spelling, Row, table="project_spelling", key=SPELLED):
    id: Annotated[ProjectId, titled("试点编号")]


@dataclass(frozen=True)
class SchemeSpelling(Spelling, Row, table="scheme_spelling", key=("form", "spelling", "id", "number")):
    id: Annotated[SchemeId, titled("方案编号")]
    number: Annotated[int, titled("版次")]


@dataclass(frozen=True)
class Spelled:
    """A project as its last application called it, and as its community was called since."""

    id: ProjectId
    spellings: tuple[tuple[Form, str], ...]

    def rows(self) -> Iterable[ProjectSpelling]:
        return (ProjectSpelling(form, text, self.id) for form, text in self.spellings)


def evolve(state: Spelled | None, event: ProjectEvent, _meta: Meta) -> Spelled | None:
    """By the name of its community, and by those that it had before."""
    if not isinstance(event, ProjectApplicationSubmitted | ProjectPlaceMoved):
        return state
    new = spellings(event.community_name, event.community)
    if state is None or isinstance(event, ProjectApplicationSubmitted):
        return Spelled(event.project_id, new)
    return Spelled(state.id, tuple(dict.fromkeys((*state.spellings, *new))))


def unchanged(_state: None, _event: SchemeEvent, _meta: Meta) -> None:
    """A version that is published keeps its title."""


def of_version(event: SchemeEvent, _meta: Meta) -> Iterable[SchemeSpelling]:
    if isinstance(event, SchemePublished):
        for form, text in spellings(event.terms.title):
            yield SchemeSpelling(form, text, event.scheme_id, event.number)


SPELLINGS: tuple[View[Any, Any], ...] = (
    View("project_spelling", 2, "project", (ProjectSpelling,), evolve),
    View[Any, SchemeEvent]("scheme_spelling", 1, "scheme", (SchemeSpelling,), unchanged, of_version),
)
LATEST = "(select distinct on (tenant_id, scheme_id) * from scheme_version order by tenant_id, scheme_id, number desc)"

NAMED = (
    Named(
        kind="project",
        title="试点",
        action="read-projects",
        category="project",
        spellings=ProjectSpelling,
        table="project_list",
        key="project_id",
        columns="p.community_name as name, p.community as code, p.street_name as place",
        path="/v1/projects/{id}",
    ),
    Named(
        kind="scheme",
        title="方案",
        action="read-schemes",
        category="scheme",
        spellings=SchemeSpelling,
        table=LATEST,
        key="scheme_id",
        columns="p.title as name, null as code, p.year || '年' as place",
        path="/v1/schemes/{id}",
    ),
)
