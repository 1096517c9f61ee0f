"""What is said of a field of an answer, by its kind, where its model says nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Schemas = Mapping[str, Any]
"""The schemas of an OpenAPI document by name."""
FORMATS = {
    "date": "日期，YYYY-MM-DD（亚洲/上海）",
    "date-time": "时刻，UTC（RFC 3339）",
    "uuid": "编号（UUID）",
    "decimal": "十进制数，以文字表示",
}
TYPES = {"boolean": "true 为是，false 为否", "integer": "整数", "number": "数", "string": "文字", "object": "按名称"}
CODES = {
    "tenant": "行政区划代码，六位",
    "tenant_id": "行政区划代码，六位",
    "district": "行政区划代码，六位",
    "street": "行政区划代码，九位",
    "community": "行政区划代码，十二位",
    "stream": "类别/编号",
}
"""Texts of one form, by the name of their field."""
ABSENT = "；没有时为空（null）"


def kind_of(field: str, about: Mapping[str, Any], schemas: Schemas) -> str:
    """In Chinese: how the value of `field` is written, and that it may be null."""
    match about:
        case {"anyOf": [*some]}:
            known = [one for one in some if one.get("type") != "null"]
            words = dict.fromkeys(kind_of(field, one, schemas) for one in known)
            return " 或 ".join(words) + (ABSENT if len(known) < len(some) else "")
        case {"$ref": ref}:
            return _named(ref.rpartition("/")[2], schemas)
        case {"enum": [*values]}:
            return "、".join(map(str, values))
        case {"const": value}:
            return f"总是 {value}"
        case {"type": "array", "items": items}:
            return f"列表，每项：{kind_of(field, items, schemas)}"
        case {"type": "string", "format": form} if form in FORMATS:
            return FORMATS[form]
        case {"type": "integer"} if field.endswith("_fen"):
            return "整数，单位为分"
        case {"type": "string"} if field in CODES:
            return CODES[field]
        case {"type": kind} if kind in TYPES:
            return TYPES[kind]
    return "任意内容"


def _named(name: str, schemas: Schemas) -> str:
    """An enum by what its values are called, anything else by the name under which its fields are described."""
    schema = schemas[name]
    if "enum" not in schema:
        return f"见 {name}"
    names = schema.get("x-names", {})
    return "，".join(f"{value} {names.get(str(value), '')}".rstrip() for value in schema["enum"])
