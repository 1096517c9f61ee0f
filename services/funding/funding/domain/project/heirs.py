"""Whether somebody must say which community carries a project on."""

from __future__ import annotations

from funding.domain.project.situation import Situation
from kit.errors import Refused


class PlaceStands(Refused):
    code = "place-stands"
    name = "所在社区未拆分或撤销"
    text = "该试点所在社区没有拆分或撤销，无需确定承接社区。社区合并的，试点自动转入合并后的社区。请核对试点。"


def divided(s: Situation, _: str) -> None:
    if s.project.heirs is None:
        raise PlaceStands
