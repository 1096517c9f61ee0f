"""What stands in the path of a route."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path

from contracts.fields import Code
from contracts.values import PilotId

Pilot = Annotated[PilotId, Path(description="试点编号")]
Phase = Annotated[Code, Path(description="评估阶段，如 midterm、final")]
