"""Read tables: what their rows say, and the queries over them."""

from __future__ import annotations

from typing import Any

from kit.store import View
from volunteer.projections import activity, project, volunteer

VIEWS: tuple[View[Any, Any], ...] = (
    volunteer.VOLUNTEERS,
    activity.ACTIVITIES,
    project.PROJECTS,
)
