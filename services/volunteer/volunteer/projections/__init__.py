"""Read tables, and which projections fill them: every row is fed by one stream."""

from __future__ import annotations

from kit.store import Projection
from volunteer.projections import activity, volunteer

INLINE: tuple[Projection, ...] = (volunteer.VOLUNTEERS, activity.ACTIVITIES)
TAILED: tuple[Projection, ...] = ()
