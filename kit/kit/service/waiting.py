"""What it is called for which a message is parked or an event is held, where that is no refusal's code."""

from __future__ import annotations

from collections.abc import Mapping

from kit.errors import Refused

WAITING_NAMES: Mapping[str, str] = {
    "behind-parked": "等待前一条",
    "gap": "前面有消息未收到",
    "contradiction": "与已收到的消息矛盾",
    "removed": "未读的消息已被删除",
    "unfit-headers": "信封不符合格式",
    "unfit-body": "内容不符合格式",
    "body-too-long": "内容过长",
    "unknown-message": "不认识的消息",
    "no-handler": "无人处理的消息",
    "handler-too-slow": "处理超时",
    "order-broken": "次序断裂",
    "cannot-be-told": "内容不能写成消息",
    "refused-by-broker": "消息总线拒收",
    "bug": "程序错误",
}


def name_of(code: str, refusals: Mapping[str, type[Refused]]) -> str | None:
    """In Chinese; None for a code that this release does not know."""
    return refusals[code].name if code in refusals else WAITING_NAMES.get(code)
