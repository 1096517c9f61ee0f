"""What may be done with a record now: how it is answered, and the door that each action has."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import lru_cache
from typing import Annotated, Any, TypeVar

from fastapi import FastAPI, Request
from fastapi.routing import APIRoute, iter_route_contexts

from kit.auth import Caller
from kit.errors import Refused
from kit.service.shapes import Shape, said
from kit.steps import Step, next_actions
from kit.store import titled

S = TypeVar("S")


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


class Actionable(Shape):
    """A record that says what may be done with it."""

    actions: Annotated[
        list[Possible],
        said("可办事项", "本岗位尚未办结的事项：现在可否办理，或不能办理的原因；查看以往时点时为空"),
    ]


def actions_of(
    request: Request, caller: Caller, steps: Sequence[Step[S]], situation: S, **ids: Any
) -> list[dict[str, Any]]:
    """The steps that the caller's role may take, as they are answered."""
    mine = {action for action, rule in caller.policy.items() if caller.actor.role in rule.roles}
    return [
        possible(request, one.act, name=one.name, of=one.of, refusal=one.refusal, due=one.due, door=one.door, **ids)
        for one in next_actions(steps, situation, mine)
    ]


def possible(
    request: Request,
    action: str,
    *,
    name: str,
    of: str,
    refusal: Refused | None,
    due: date | None,
    opens: date | None = None,
    door: str | None = None,
    **ids: Any,
) -> dict[str, Any]:
    """One action as it is answered; `ids` fill its path, and what they do not name stays a blank.

    LookupError for one that has no door, which is a bug; `door` where the address is not called as the action.
    """
    path, form = _doors(request.app)[door or action]
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
        "post_to": path.format_map(_Blanks(ids)),
        "form": form,
    }


class _Blanks(dict[str, Any]):
    def __missing__(self, name: str) -> str:
        return f"{{{name}}}"


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
