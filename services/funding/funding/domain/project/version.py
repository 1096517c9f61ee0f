"""The terms that a project is under: the version that it took, with its extension laid over (there is no other way)."""

from __future__ import annotations

from dataclasses import replace

from funding.domain.project.state import Project
from funding.domain.scheme import Scheme
from funding.domain.terms import Terms


def terms_of(project: Project, scheme: Scheme) -> Terms:
    """Whatever was published since, and whatever the day; raises NoSuchProject where nobody applied."""
    terms = scheme.version(project.holds)
    if project.extended is None:
        return terms
    return replace(terms, calendar=replace(terms.calendar, **vars(project.extended)))
