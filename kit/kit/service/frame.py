"""The frame around every request: a checked body, security headers, a metric, and an answer whatever happens.

While the database is away, that is a 503 worth retrying, whoever needed it for what; else a 500 that tells nothing.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from time import perf_counter
from typing import Any, get_args, get_origin

import structlog
from fastapi import Depends, FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Lifespan, Message, Receive, Scope, Send

from kit import telemetry
from kit.errors import NotFound, Refused, Unavailable
from kit.service.body import UNSTORABLE, Admit, CheckedBody
from kit.service.problems import InvalidRequest, internal, on_http, on_invalid, on_refused, problem
from kit.service.traces import route_of
from kit.service.wording import MOST
from kit.tenancy.pools import is_away

log = structlog.get_logger("kit.service")

SECURITY = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-resource-policy": "same-origin",
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'",
    "cache-control": "no-store",
}


class Frame:
    """ASGI middleware, outside everything that a service brings."""

    def __init__(self, app: ASGIApp, admit: Admit | None = None) -> None:
        self.app, self.admit = app, admit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started, status = perf_counter(), 0

        async def framed(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                for name, value in SECURITY.items():
                    headers.setdefault(name, value)
                if trace := telemetry.current_trace_id():
                    headers["x-trace-id"] = trace
            await send(message)

        try:
            await self.app(scope, CheckedBody(scope, receive, self.admit), framed)
        except ClientDisconnect:
            status = status or 499
        except Exception as error:
            away, facts = is_away(error), {"route": route_of(scope), "error": error, "frames": telemetry.frames(error)}
            log.error("request.unavailable" if away else "request.failed", **facts)
            if not status:
                answer = problem(Unavailable()) if away else internal(telemetry.current_trace_id())
                await answer(scope, receive, framed)
        finally:
            telemetry.observe_request(route_of(scope), scope["method"], status or 500, perf_counter() - started)


async def only_known_parameters(request: Request) -> None:
    """Refuses query parameters that the route does not have or that come twice, and text that nothing can store.

    A list may come as often as it has values.
    """
    if any(isinstance(part, str) and UNSTORABLE.search(part) for part in request.path_params.values()):
        raise NotFound
    if not request.scope["query_string"]:
        return
    dependant = getattr(request.scope.get("route"), "dependant", None)
    known = _known(dependant) if isinstance(dependant, Dependant) else {}
    given: set[str] = set()
    wrong: list[dict[str, str]] = []
    for name, value in request.query_params.multi_items():
        if problem := _parameter_problem(value, known=name in known, again=name in given and not known.get(name)):
            wrong.append({"field": f"query.{name}"[:200], "problem": problem})
        given.add(name)
    if wrong:
        raise InvalidRequest(wrong[:MOST])


def _parameter_problem(value: str, *, known: bool, again: bool) -> str | None:
    if not known:
        return "没有这个参数"
    if again:
        return "参数重复，只能给一次"
    return "含有无法保存的字符" if UNSTORABLE.search(value) else None


def _known(dependant: Dependant) -> dict[str, bool]:
    """The names of the route's parameters, and of each whether it is a list."""
    names: dict[str, bool] = {}
    for field in dependant.query_params:
        model = field.field_info.annotation
        if isinstance(model, type) and issubclass(model, BaseModel):
            inner = model.model_fields.items()
            names |= {one.alias or name: _is_list(one.annotation) for name, one in inner}
        else:
            names[field.alias] = _is_list(model)
    for depended in dependant.dependencies:
        names |= _known(depended)
    return names


def _is_list(annotation: Any) -> bool:
    return any(get_origin(one) is list for one in (annotation, *get_args(annotation)))


def framed(title: str, *, lifespan: Lifespan[Any] | None = None, admit: Admit | None = None) -> FastAPI:
    """A FastAPI application in the frame, with no route of its own yet.  `admit` judges heads before bodies are read.

    Telemetry must have been started.  Its spans carry method, route template and status; see `kit.telemetry`.
    """
    app = FastAPI(
        title=title,
        version="1",
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        redirect_slashes=False,
        default_response_class=JSONResponse,
        dependencies=[Depends(only_known_parameters)],
        generate_unique_id_function=lambda route: route.name.replace("_", "-"),
        telemetry={
            "tracer_provider": telemetry.provider(),
            "tracing": True,
            "metrics": False,
            "logs": False,
            "operation_spans": False,
            "exclude": _is_probe,
        },
    )
    handlers: dict[type[Exception], Callable[[Request, Exception], Awaitable[Any]]] = {
        Refused: on_refused,
        RequestValidationError: on_invalid,
        HTTPException: on_http,
    }
    for kind, handler in handlers.items():
        app.add_exception_handler(kind, handler)
    app.add_middleware(Frame, admit=admit)
    return app


def _is_probe(scope: Scope) -> bool:
    return scope.get("path") in ("/health/live", "/health/ready", "/metrics")
