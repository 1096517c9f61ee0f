"""Descriptions of a service's interface: OpenAPI, AsyncAPI, and a page to make calls from, with nothing to load."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from html import escape
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse, JSONResponse

from contracts.values import ROLE_NAMES, Role
from kit.service.described import told_whole
from kit.service.runtime import runtime

router = APIRouter(include_in_schema=False)

STYLE = """
body{font:16px/1.6 system-ui,"Noto Sans CJK SC","Microsoft YaHei",sans-serif;max-width:60rem;margin:2rem auto;
padding:0 1rem;color:#1a1a1a;background:#fff}
table{border-collapse:collapse;width:100%}th,td{text-align:left;vertical-align:top;padding:.4rem .6rem;
border-bottom:1px solid #ccc}code,pre{font-family:ui-monospace,monospace;overflow-wrap:anywhere}
pre{white-space:pre-wrap;background:#f4f4f4;padding:.6rem}
h2{margin-top:2rem}h3{margin-bottom:.2rem}dt{font-weight:600}dd{margin:0 0 .5rem 1rem}
"""
CALL = """curl -X POST '<本服务地址><接口地址>' \\
  -H 'Authorization: Bearer <访问令牌>' \\
  -H 'Idempotency-Key: <新生成的 UUID>' \\
  -H 'Content-Type: application/json' \\
  --data '<请求内容>'"""


@router.get("/openapi.json")
async def openapi(request: Request) -> Response:
    return JSONResponse(told_whole(request.app, runtime(request).definition))


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
    return HTMLResponse(page(told_whole(request.app, runtime(request).definition)))


def page(document: dict[str, Any]) -> str:
    """An OpenAPI document as one HTML page without scripts or outside references."""
    title = escape(document["info"]["title"])
    return (
        f'<!doctype html><html lang="zh-CN"><head><meta charset="utf-8"><title>{title} 接口</title>'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><style>{STYLE}</style></head>'
        f"<body><h1>{title} 接口</h1>"
        '<p>机器可读的描述：<a href="/openapi.json">openapi.json</a>、<a href="/asyncapi.json">asyncapi.json</a>。'
        '本页：<a href="#tokens">访问令牌</a>、<a href="#operations">接口</a>、'
        '<a href="#models">请求和回答的内容</a>、<a href="#refusals">驳回代码</a>。</p>'
        f'<h2 id="tokens">访问令牌</h2>{_tokens(document)}'
        "<p>每个 POST 都要带 <code>Idempotency-Key</code>（UUID），重试同一请求时沿用；"
        f"出错时返回 RFC 9457 格式的说明。</p><pre>{escape(CALL)}</pre>"
        f'<h2 id="operations">接口</h2>{_contents(document)}{_operations(document)}'
        f'<h2 id="models">请求和回答的内容</h2>{_models(document)}'
        f'<h2 id="refusals">驳回代码</h2>{_refusals(document)}</body></html>'
    )


def _tokens(document: dict[str, Any]) -> str:
    (scheme,) = document["components"]["securitySchemes"].values()
    return "".join(f"<p>{escape(part)}</p>" for part in scheme["description"].split("\n\n"))


def _all(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Method, path and operation."""
    for path, item in document["paths"].items():
        for method, operation in item.items():
            yield method.upper(), path, operation


def _contents(document: dict[str, Any]) -> str:
    rows = "".join(
        f'<tr><td><code>{method}</code></td><td><a href="#op-{escape(operation["operationId"])}">'
        f"<code>{escape(path)}</code></a></td><td>{escape(operation.get('summary', ''))}</td></tr>"
        for method, path, operation in _all(document)
    )
    return f"<table><thead><tr><th>方法</th><th>地址</th><th>说明</th></tr></thead><tbody>{rows}</tbody></table>"


def _usual(document: dict[str, Any]) -> set[str]:
    """The codes that any operation of its method may answer: said once, and not at each."""
    by_method: dict[str, list[set[str]]] = {}
    for method, _, operation in _all(document):
        if "x-action" in operation:
            by_method.setdefault(method, []).append(set(operation.get("x-refusals", ())))
    return {code for each in by_method.values() for code in set.intersection(*each)}


def _refused(operation: dict[str, Any], usual: set[str]) -> str:
    own = [code for code in operation.get("x-refusals", ()) if code not in usual]
    links = "、".join(f'<a href="#no-{escape(code)}"><code>{escape(code)}</code></a>' for code in own)
    return f"<dt>可能的驳回</dt><dd>{links}（以及各接口都有的）</dd>" if own else ""


def _operations(document: dict[str, Any]) -> str:
    usual = _usual(document)
    return "".join(
        f'<h3 id="op-{escape(operation["operationId"])}">{escape(operation.get("summary", ""))}</h3>'
        f"<p><code>{method} {escape(path)}</code></p><dl>{_permitted(operation)}{_parameters(operation)}"
        f"{_body(operation)}{_answer(operation)}{_refused(operation, usual)}</dl>"
        for method, path, operation in _all(document)
    )


def _permitted(operation: dict[str, Any]) -> str:
    if "x-action" not in operation:
        return "<dt>权限</dt><dd>无须登录</dd>"
    roles = "、".join(f"{ROLE_NAMES[Role(role)]}（<code>{role}</code>）" for role in operation["x-roles"])
    return f"<dt>权限</dt><dd><code>{escape(operation['x-action'])}</code>：{roles}</dd>"


def _parameters(operation: dict[str, Any]) -> str:
    """Without the headers, which are the same everywhere."""
    shown = [_parameter(one) for one in operation.get("parameters", ()) if one["in"] != "header"]
    return f"<dt>参数</dt><dd>{'<br>'.join(shown)}</dd>" if shown else ""


def _parameter(one: dict[str, Any]) -> str:
    words = escape(one.get("description", one["schema"].get("description", "")))
    kind = _kind({**one["schema"], "description": words})
    about = kind if words in kind else f"{kind} {words}"
    return f"<code>{escape(one['name'])}</code>{'' if one['required'] else '（可省略）'} {about}{_like(one)}"


def _like(one: dict[str, Any]) -> str:
    return f" 例：<code>{escape(str(one['example']))}</code>" if "example" in one else ""


def _body(operation: dict[str, Any]) -> str:
    content = operation.get("requestBody", {}).get("content", {}).get("application/json")
    if content is None:
        return ""
    about = f"<dt>内容</dt><dd>{_kind(content['schema'])}"
    if "example" in content:
        shown = escape(json.dumps(content["example"], ensure_ascii=False, indent=1))
        about += f"。示例（只含必填字段）：<pre>{shown}</pre>"
    return about + "</dd>"


def _answer(operation: dict[str, Any]) -> str:
    content = operation["responses"].get("200", {}).get("content", {}).get("application/json", {})
    return f"<dt>回答</dt><dd>{_kind(content['schema'])}</dd>" if content.get("schema") else ""


def _models(document: dict[str, Any]) -> str:
    return "".join(
        f'<h3 id="{escape(name)}">{escape(name)}</h3><dl>{_parts(schema)}</dl>'
        for name, schema in document["components"]["schemas"].items()
    )


def _parts(schema: dict[str, Any]) -> str:
    return _values(schema) if "enum" in schema else _fields(schema)


def _values(schema: dict[str, Any]) -> str:
    """Of an enum, with what they are called where somebody gave them names."""
    names = schema.get("x-names", {})
    return "".join(
        f"<dt><code>{escape(str(v))}</code></dt><dd>{escape(names.get(str(v), ''))}</dd>" for v in schema["enum"]
    )


def _fields(schema: dict[str, Any]) -> str:
    required = set(schema.get("required", ()))
    return "".join(
        f"<dt><code>{escape(field)}</code> {escape(about.get('title', ''))}"
        f"{'' if field in required else '（可省略）'}</dt><dd>{_described(about)}</dd>"
        for field, about in schema.get("properties", {}).items()
    )


def _described(about: dict[str, Any]) -> str:
    kind, words = _kind(about), escape(about.get("description", ""))
    return kind if words in kind else f"{kind} {words}"


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


def _refusals(document: dict[str, Any]) -> str:
    rows = "".join(
        f'<tr id="no-{escape(code)}"><td><code>{escape(code)}</code></td><td>{escape(one["name"])}</td>'
        f"<td>{one['status']}</td><td>{escape(one['rule'] or '')}</td><td>{escape(one['detail'])}</td></tr>"
        for code, one in document["x-refusals"].items()
    )
    head = "<tr><th>代码</th><th>名称</th><th>状态</th><th>规则</th><th>说明（花括号中为当时的事实）</th></tr>"
    return f"<table><thead>{head}</thead><tbody>{rows}</tbody></table>"
