"""The kinds of streams that volunteering keeps."""

from __future__ import annotations

from kit.store import Category
from volunteer.domain import activity, counts, project, volunteer

VOLUNTEERS = Category("volunteer", volunteer.Volunteer(), volunteer.evolve)
ACTIVITIES = Category("activity", activity.Activity(), activity.evolve)
PROJECTS = Category("project", project.Project(), project.evolve)
COUNTS = Category("counts", counts.Counts(), counts.evolve)

CATEGORIES = (VOLUNTEERS, ACTIVITIES, PROJECTS, COUNTS)
