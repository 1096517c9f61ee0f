"""Errors as RFC 9457 problems: a stable code, a Chinese sentence, and nothing of what went wrong inside."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar

import orjson
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from kit.errors import NotFound, Refused
from kit.service.traces import traced
from kit.service.wording import field_errors

MEDIA_TYPE = "application/problem+json"
RETRY_AFTER_SECONDS = "1"


class Malformed(Refused):
    code, status = "malformed-json", 400
    name = "请求内容不是合法 JSON"
    text = "请求内容不是合法的 JSON（UTF-8 编码、无重复字段、无 NaN）。请检查后重新提交。"


class TooDeep(Refused):
    code, status = "json-too-deep", 400
    name = "嵌套层数过多"
    text = "请求内容的嵌套层数超过 {most} 层。请简化后重新提交。"


class TooMany(Refused):
    code, status = "json-too-many-parts", 413
    name = "条目过多"
    text = "请求内容的条目过多（总共最多 {most} 项，每个对象最多 {keys} 个字段）。请分次提交。"


class TooLarge(Refused):
    code, status = "body-too-large", 413
    name = "请求内容过大"
    text = "请求内容超过 {most} KB。请精简内容或分次提交。"


class TooSlow(Refused):
    code, status, retryable = "body-too-slow", 408, True
    name = "请求内容传送超时"
    text = "请求内容未能在 {seconds} 秒内传完。请检查网络后重试。"


class NotJson(Refused):
    code, status = "unsupported-media-type", 415
    name = "内容格式不支持"
    text = "只接受 application/json（UTF-8）格式的请求内容。"


class InvalidRequest(Refused):
    """`errors` is a list of {"field", "problem"}; it goes to the sender and is stored nowhere."""

    code, status = "invalid-request", 422
    name = "请求内容不符合要求"
    text = "请求内容有 {count} 处不符合要求，请按 errors 中的说明修改后重新提交。"

    def __init__(self, errors: list[dict[str, str]]) -> None:
        self.errors = errors
        super().__init__(count=len(errors))


class NoRoute(Refused):
    code, status = "no-such-route", 404
    name = "没有该接口地址"
    text = "没有这个接口地址。请对照 /docs 核对。"


class NoMethod(Refused):
    code, status = "method-not-allowed", 405
    name = "请求方法不支持"
    text = "该接口地址不支持这种请求方法。请对照 /docs 核对。"


class Internal(Refused):
    code, status = "internal-error", 500
    name = "系统内部错误"
    text = "系统内部发生错误，本次操作没有办理。请稍后重试；若仍失败，请把追踪编号（trace）告诉运维人员。"


class FieldProblem(BaseModel):
    """一处不符合要求的内容。"""

    field: Annotated[str, Field(title="字段", description="所在位置，如 body.items[0].name、query.limit")]
    problem: Annotated[str, Field(title="问题", description="哪里不符合要求")]


class Problem(BaseModel):
    """出错或被驳回时的回答（RFC 9457）。"""

    type: Annotated[str, Field(title="错误类型", description="urn:liandong:problem: 后接驳回代码")]
    title: Annotated[str, Field(title="错误名称", description="同一代码总是相同")]
    status: Annotated[int, Field(title="HTTP 状态", description="与回答的状态相同")]
    code: Annotated[str, Field(title="驳回代码", description="各接口的 x-refusals 和 /v1/words 的 refusals 中所列")]
    detail: Annotated[str, Field(title="说明", description="哪里不对、应当怎样办，可以直接显示给办理人")]
    rule: Annotated[str | None, Field(title="规则编号", description="如 R-LZ-14；不出自某条规则时为空")]
    clause: Annotated[str | None, Field(title="依据条款", description="方案中的条款，如 七(一)3；方案没有写明时为空")]
    retryable: Annotated[bool, Field(title="可否重试", description="true 为稍后用同一请求重试可能办成")]
    errors: Annotated[
        list[FieldProblem] | None, Field(title="各处问题", description="只在 code 为 invalid-request 时有，最多 50 处")
    ] = None
    trace: Annotated[str | None, Field(title="追踪编号", description="只在系统内部错误时有，请告知运维人员")] = None


class BodyRefused(HTTPException):
    """Carries a refusal out of the reading of a body, where FastAPI lets nothing but an HTTPException pass."""

    def __init__(self, refused: Refused) -> None:
        super().__init__(refused.status)
        self.refused = refused


class _Plain(Refused):
    """An HTTP error that no refusal of ours stands for."""

    code: ClassVar[str] = "http-error"
    name = "请求未被接受"
    text = "请求没有被接受。请检查后重试。"


def problem(refused: Refused, *, headers: dict[str, str] | None = None, status: int | None = None) -> Response:
    """The refusal as a response."""
    status = status or refused.status
    body: dict[str, Any] = {
        "type": f"urn:liandong:problem:{refused.code}",
        "title": refused.name,
        "status": status,
        "code": refused.code,
        "detail": refused.detail,
        "rule": refused.rule,
        "clause": refused.clause,
        "retryable": refused.retryable,
    }
    if isinstance(refused, InvalidRequest):
        body["errors"] = refused.errors
    sent = dict(headers or {})
    if refused.retryable:
        sent.setdefault("retry-after", RETRY_AFTER_SECONDS)
    if status == 401:
        sent.setdefault("www-authenticate", "Bearer")
    return Response(orjson.dumps(body), status, sent, MEDIA_TYPE)


def internal(trace: str | None) -> Response:
    """A bug, as the client sees it: only the trace id."""
    body = orjson.loads(problem(Internal()).body)
    return Response(orjson.dumps({**body, "trace": trace}), 500, None, MEDIA_TYPE)


async def on_refused(request: Request, error: Exception) -> Response:
    """The problem; and a trace of who was refused, if nobody could see that otherwise."""
    assert isinstance(error, Refused)
    answer = problem(error)
    answer.background = traced(request.scope, error)
    return answer


async def on_invalid(_: Request, error: Exception) -> Response:
    """Fields that do not fit: 422; but an id in the path that is none is simply not found."""
    assert isinstance(error, RequestValidationError)
    found = error.errors()
    if any(one["loc"][:1] == ("path",) for one in found):
        return problem(NotFound())
    if any(one["type"] == "json_invalid" for one in found):
        return problem(Malformed())
    return problem(InvalidRequest(field_errors(found)))


async def on_http(request: Request, error: Exception) -> Response:
    """What the framework itself says no to."""
    assert isinstance(error, HTTPException)
    headers = {key.lower(): value for key, value in (error.headers or {}).items()}
    if isinstance(error, BodyRefused):
        return await on_refused(request, error.refused)
    known = {400: Malformed, 404: NoRoute, 405: NoMethod}.get(error.status_code, _Plain)
    return problem(known(), headers=headers, status=error.status_code)
