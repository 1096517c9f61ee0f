"""What is wrong with a field, in Chinese, from pydantic's error types.  Never the value: the sender has it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

MOST = 50
"""Errors listed in one answer."""

WORDS = {
    "missing": "缺少该字段",
    "extra_forbidden": "没有这个字段",
    "string_type": "应为文字",
    "string_too_short": "至少 {min_length} 个字",
    "string_too_long": "最多 {max_length} 个字",
    "string_pattern_mismatch": "格式不符",
    "int_type": "应为整数",
    "int_parsing": "应为整数",
    "int_from_float": "应为整数",
    "int_parsing_size": "整数过大",
    "bool_type": "应为 true 或 false",
    "bool_parsing": "应为 true 或 false",
    "decimal_type": "应为十进制数",
    "decimal_parsing": "应为十进制数",
    "decimal_max_digits": "最多 {max_digits} 位数字",
    "decimal_max_places": "最多 {decimal_places} 位小数",
    "decimal_whole_digits": "小数点前最多 {whole_digits} 位",
    "finite_number": "应为有限的数",
    "date_type": "应为日期（YYYY-MM-DD）",
    "date_parsing": "应为日期（YYYY-MM-DD）",
    "date_from_datetime_parsing": "应为日期（YYYY-MM-DD）",
    "date_from_datetime_inexact": "应为日期（YYYY-MM-DD），不带时刻",
    "datetime_type": "应为时刻（ISO 8601，带时区）",
    "datetime_parsing": "应为时刻（ISO 8601，带时区）",
    "datetime_from_date_parsing": "应为时刻（ISO 8601，带时区）",
    "timezone_aware": "时刻须带时区",
    "uuid_type": "应为 UUID 编号",
    "uuid_parsing": "应为 UUID 编号",
    "enum": "只能是：{expected}",
    "literal_error": "只能是：{expected}",
    "greater_than": "应大于 {gt}",
    "greater_than_equal": "不得小于 {ge}",
    "less_than": "应小于 {lt}",
    "less_than_equal": "不得大于 {le}",
    "too_short": "至少 {min_length} 项",
    "too_long": "最多 {max_length} 项",
    "list_type": "应为列表",
    "tuple_type": "应为列表",
    "set_type": "应为列表",
    "dict_type": "应为对象",
    "model_type": "应为对象",
    "model_attributes_type": "应为对象",
    "dataclass_type": "应为对象",
}


def field_errors(errors: Sequence[Mapping[str, Any]]) -> list[dict[str, str]]:
    """Field path and what is wrong with it, for each of the first errors."""
    return [{"field": _path(one["loc"]), "problem": _words(one)} for one in errors[:MOST]]


def _path(loc: Sequence[int | str]) -> str:
    """("body", "items", 0, "name") is body.items[0].name, cut at 200 characters."""
    path = ""
    for part in loc:
        path += f"[{part}]" if isinstance(part, int) else f".{part}" if path else str(part)
    return path[:200]


def _words(error: Mapping[str, Any]) -> str:
    context = dict(error.get("ctx") or {})
    if "expected" in context:  # 'a', 'b' or 'c'
        context["expected"] = "、".join(re.findall(r"'([^']*)'", context["expected"])) or context["expected"]
    if error["type"] == "value_error":  # a validator of ours: its words are written for the sender
        return str(context.get("error", "内容不符合要求"))[:200]
    try:
        return WORDS.get(error["type"], "内容不符合要求").format(**context)
    except KeyError:
        return "内容不符合要求"
