"""The issuer's pages for people: plain Chinese HTML without a script, every text escaped."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from hashlib import sha256
from html import escape
from typing import Final
from urllib.parse import urlencode

from fastapi.responses import HTMLResponse

from kit.auth.issuer.people import Held, People, Person

_STYLE: Final = (
    'body{font:16px/1.6 system-ui,"Noto Sans CJK SC","Microsoft YaHei",sans-serif;max-width:40rem;margin:2rem auto;'
    "padding:0 1rem;color:#1a1a1a;background:#fff}h2{margin:1.5rem 0 0;font-size:1.1rem}"
    "li{margin:.3rem 0}a{display:inline-block;padding:.5rem 0}"
)
_HASH: Final = b64encode(sha256(_STYLE.encode()).digest()).decode()

HEADERS: Final = {
    "content-security-policy": f"default-src 'none'; style-src 'sha256-{_HASH}'; form-action 'none'; "
    "frame-ancestors 'none'; base-uri 'none'",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "cache-control": "no-store",
    "pragma": "no-cache",
}
"""Of every answer; a referrer would carry the request on."""


def choice(people: People, asked: Mapping[str, str], hint: str | None) -> HTMLResponse:
    """Each post of each person is a link that signs in; the person of the hint comes first."""
    ordered = sorted(people.values(), key=lambda person: person.sub != hint)
    listed = "".join(
        f"<h2>{escape(person.name)}</h2><ul>{''.join(_link(asked, person, post) for post in person.posts)}</ul>"
        for person in ordered
    )
    nobody = "<p>开发名录中没有人员，请用 --people 指定名录文件后重新启动。</p>"
    return _page(
        "选择登录人员",
        "<p>这是开发环境的登录页，仅限本机，不核验身份。人员均为虚构。请选择以谁的哪个岗位登录。</p>"
        f"{listed or nobody}",
    )


def _link(asked: Mapping[str, str], person: Person, post: Held) -> str:
    query = urlencode({**asked, "prompt": "none", "login_hint": person.sub, "post": post.id})
    return f'<li><a href="/authorize?{escape(query)}">{escape(post.label)}</a></li>'


def halted(why: str, status: int) -> HTMLResponse:
    return _page(
        "无法继续", f"<p>{escape(why)}</p><p>请回到原来的页面重新开始；仍不成功的，请告知开发人员。</p>", status
    )


def signed_out() -> HTMLResponse:
    return _page("已退出登录", "<p>本次登录已结束，可以关闭本页。</p>")


def _page(title: str, body: str, status: int = 200) -> HTMLResponse:
    return HTMLResponse(
        f'<!doctype html><html lang="zh-CN"><head><meta charset="utf-8"><title>{title}</title>'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><style>{_STYLE}</style></head>'
        f"<body><main><h1>{title}</h1>{body}</main></body></html>",
        status,
    )
