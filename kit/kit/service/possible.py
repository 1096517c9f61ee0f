"""What may be done with a record now: how it is answered, and the door that each action has."""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from typing import Annotated, Any

from fastapi import FastAPI, Request
from fastapi.routing import APIRoute, iter_route_contexts

from kit.errors import Refused
from kit.service.shapes import Shape, said
from kit.store import titled


class Possible(Shape):
    """An action on a record: allowed now for whoever asks, or why not."""

    action: Annotated[str, said("办理事项", "权限表中的事项代码")]
    name: Annotated[str, titled("事项名称")]
    of: Annotated[str, said("办理对象", "如评估阶段、层级、节点、任务的代码；不分对象时为空")]
    allowed: Annotated[bool, titled("现在可否办理")]
    code: Annotated[str | None, said("不能办理的原因代码", "与办理时被驳回的代码相同")]
    rule: Annotated[str | None, said("规则编号", "如 R-LZ-14；不出自某条规则时为空")]
    clause: Annotated[str | None, said("依据条款", "方案中的条款，如 七(一)3；方案没有写明时为空")]
    detail: Annotated[str | None, said("说明", "不能办理的原因和应当如何办理")]
    opens: Annotated[date | None, said("可办起始日期", "方案规定的期限的首日；提前办理的，如实记载")]
    due: Annotated[date | None, titled("应完成日期")]
    post_to: Annotated[str, said("办理地址", "以 POST 办理；加 ?dry_run=true 只试办")]
    form: Annotated[str | None, said("填写内容", "本接口说明 /openapi.json 中的模型")]


def possible(
    request: Request,
    action: str,
    *,
    name: str,
    of: str,
    refusal: Refused | None,
    due: date | None,
    opens: date | None = None,
    **ids: Any,
) -> dict[str, Any]:
    """One action as it is answered; `ids` fill its path.  LookupError for one that has no door, which is a bug."""
    path, form = _doors(request.app)[action]
    return {
        "action": action,
        "name": name,
        "of": of,
        "allowed": refusal is None,
        "code": refusal and refusal.code,
        "rule": refusal and refusal.rule,
        "clause": refusal and refusal.clause,
        "detail": refusal and refusal.detail,
        "opens": opens,
        "due": due,
        "post_to": path.format_map(ids),
        "form": form,
    }


@lru_cache(maxsize=8)
def _doors(app: FastAPI) -> dict[str, tuple[str, str | None]]:
    """The path of each action that a POST does, and the model of its body: an endpoint is called as its action."""
    return {
        str(served.name).replace("_", "-"): (str(served.path), _body(served.original_route))
        for served in iter_route_contexts(app.routes)
        if isinstance(served.original_route, APIRoute) and "POST" in (served.methods or ())
    }


def _body(route: APIRoute) -> str | None:
    model = getattr(getattr(route.body_field, "field_info", None), "annotation", None)
    return f"#/components/schemas/{model.__name__}" if model is not None else None
