"""Descriptions of a service's interface: OpenAPI, AsyncAPI, and a page that lists the routes with nothing to load."""

from __future__ import annotations

from functools import cache
from html import escape
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse, JSONResponse

from kit.service.described import described
from kit.service.runtime import runtime

router = APIRouter(include_in_schema=False)

STYLE = """
body{font:16px/1.6 system-ui,"Noto Sans CJK SC","Microsoft YaHei",sans-serif;max-width:60rem;margin:2rem auto;
padding:0 1rem;color:#1a1a1a;background:#fff}
table{border-collapse:collapse;width:100%}th,td{text-align:left;vertical-align:top;padding:.4rem .6rem;
border-bottom:1px solid #ccc}code{font-family:ui-monospace,monospace;overflow-wrap:anywhere}
h2{margin-top:2rem}dt{font-weight:600}dd{margin:0 0 .5rem 1rem}
"""


@router.get("/openapi.json")
async def openapi(request: Request) -> Response:
    return JSONResponse(described(request.app))


@router.get("/asyncapi.json")
async def asyncapi(request: Request) -> Response:
    return JSONResponse(_messages(runtime(request).definition.name))


@cache
def _messages(service: str) -> dict[str, Any]:
    """Built when it is first asked for, and once: it walks every message."""
    from contracts import schema

    return schema.asyncapi(service)


@router.get("/docs")
async def docs(request: Request) -> Response:
    return HTMLResponse(page(described(request.app)))


def page(document: dict[str, Any]) -> str:
    """The routes of an OpenAPI document as one HTML page without scripts or outside references."""
    operations = [
        (method.upper(), path, operation)
        for path, item in document["paths"].items()
        for method, operation in item.items()
        if method in ("get", "post", "put", "patch", "delete")
    ]
    rows = "".join(
        f"<tr><td><code>{method}</code></td><td><code>{escape(path)}</code></td><td>{_about(operation)}</td></tr>"
        for method, path, operation in operations
    )
    title = escape(document["info"]["title"])
    return (
        f'<!doctype html><html lang="zh-CN"><head><meta charset="utf-8"><title>{title} 接口</title>'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><style>{STYLE}</style></head>'
        f"<body><h1>{title} 接口</h1>"
        '<p>机器可读的描述：<a href="/openapi.json">openapi.json</a>、<a href="/asyncapi.json">asyncapi.json</a>。'
        "每个 POST 都要带 <code>Idempotency-Key</code>（UUID）；出错时返回 RFC 9457 格式的说明。</p>"
        f"<table><thead><tr><th>方法</th><th>地址</th><th>说明</th></tr></thead><tbody>{rows}</tbody></table>"
        f"<h2>请求内容</h2>{_models(document)}</body></html>"
    )


def _about(operation: dict[str, Any]) -> str:
    about = escape(operation.get("summary", ""))
    queries = [p["name"] for p in operation.get("parameters", []) if p.get("in") == "query"]
    if queries:
        about += "<br>参数：" + "、".join(f"<code>{escape(name)}</code>" for name in queries)
    schema = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
    if "$ref" in schema:
        name = escape(schema["$ref"].rpartition("/")[2])
        about += f'<br>内容：<a href="#{name}">{name}</a>'
    return about


def _models(document: dict[str, Any]) -> str:
    parts = []
    for name, schema in document.get("components", {}).get("schemas", {}).items():
        required = set(schema.get("required", ()))
        fields = "".join(
            f"<dt><code>{escape(field)}</code>{'' if field in required else '（可省略）'}</dt><dd>{_kind(about)}</dd>"
            for field, about in schema.get("properties", {}).items()
        )
        if fields:
            parts.append(f'<h3 id="{escape(name)}">{escape(name)}</h3><dl>{fields}</dl>')
    return "".join(parts)


def _kind(about: dict[str, Any]) -> str:
    if "$ref" in about:
        name = escape(about["$ref"].rpartition("/")[2])
        return f'<a href="#{name}">{name}</a>'
    if "anyOf" in about:
        return " 或 ".join(_kind(one) for one in about["anyOf"])
    if about.get("type") == "array":
        return f"列表：{_kind(about.get('items', {}))}"
    words = [str(about.get("type", "")), str(about.get("format", "")), str(about.get("description", ""))]
    if "enum" in about:
        words.append("、".join(map(str, about["enum"])))
    return escape(" ".join(word for word in words if word))
