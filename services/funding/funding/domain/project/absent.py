"""What a project may lack altogether."""

from __future__ import annotations

from kit.errors import Refused


class NoSuchProject(Refused):
    code = "not-found"
    name = "没有找到"
    status = 404
    text = "没有找到该试点项目。请核对编号。"


class NoOrganisation(Refused):
    code = "no-organisation"
    name = "没有承接机构"
    text = "该试点目前没有承接机构。请先完成机构选定。"


class UnknownAssignment(Refused):
    code = "unknown-assignment"
    name = "没有该承接任期"
    status = 422
    text = "该试点没有序号为 {number} 的承接任期。请核对承接任期序号。"
