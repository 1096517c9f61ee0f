"""How a service runs, as a table that fits a terminal and a message: what GET /v1/operations answers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any
from unicodedata import east_asian_width

from liandong import asking

COLUMNS = 100
"""As wide as a line may be; a Chinese character takes two."""
LABEL = 12
Json = dict[str, Any]
STATUS = {"ready": "正常", "degraded": "有异常", "not-ready": "不能办理"}
DOING = {
    "away": "连不上数据库，不能发送",
    "standing-by": "待命",
    "connecting": "连接消息总线中",
    "missing": "消费者不存在",
    "shut-out": "停收",
    "refused": "被拒收",
    "working": "工作中",
}


def table(found: Json) -> list[str]:
    """The lines of one service, each with what it is about in front."""
    process, database = found["process"], found["database"]
    head = f"{found['service']} {found['title']}：{STATUS[process['status']]}"
    return [
        *_lines(
            head, [f"版本 {process['release']}", f"进程 {process['instance']}", f"自 {_at(process['started_at'])}"]
        ),
        *(line for label, parts in _rows(process, database) for line in _lines(_label(label), parts)),
    ]


def _rows(process: Json, database: Json) -> Iterator[tuple[str, list[str]]]:
    ill = [one for one in process["checks"] if one["found"] not in ("ok", "running")]
    if ill:
        yield "异常", [f"{one['called']}：{one['words']}" for one in ill]
    yield "落定", list(_horizon(database["horizon"]))
    yield "发送", list(_relay(process["relay"], database["relay"]))
    at = {one["publisher"]: one for one in database["consumers"]}
    for one in process["consumers"]:
        yield "收听", list(_heard(one, at[one["publisher"]]))
    yield "搁置", [_waits(one, "条") for one in database["parked"]] or ["无"]
    yield "暂停发送", [_waits(one, "个来源") for one in database["held"]] or ["无"]
    yield "变更", list(_migrations(database["migrations"]))
    yield "汇总表", list(_views(database["views"]))
    yield "进程", [_instance(one) for one in database["instances"]] or ["看不到任何进程"]


def _horizon(one: Json) -> Iterator[str]:
    yield f"{_of(one, 'age_seconds', ' 秒')}前" if one["age_seconds"] is not None else _of(one, "age_seconds")
    for writer in one["open_writers"]:
        where = f"{_of(writer, 'role')}@{_of(writer, 'database')}"
        yield f"写事务未结束：会话 {writer['pid']} {where} {writer['application']}".rstrip()
    if one["prepared"]:
        yield f"预备事务 {one['prepared']} 个"


def _relay(process: Json, one: Json) -> Iterator[str]:
    if one["lag_events"] is None:
        yield f"未发送 {_of(one, 'lag_events')}"
    else:
        age = f"，最早 {one['lag_seconds']:g} 秒前" if one["lag_events"] else ""
        yield f"未发送 {one['lag_events']} 条{'以上' if one['more'] else ''}{age}"
        told = one["last_told_at"]
        yield f"最后发送的记录于 {_at(told)}" if told else f"最后发送 {_of(one, 'last_told_at')}"
    yield f"担任 {_of(one, 'holder')}"
    yield f"本进程 {DOING[process['doing']] if process['doing'] else _of(process, 'doing')}"
    if process["refused_seconds"]:
        yield f"已被拒 {process['refused_seconds']:g} 秒"


def _heard(one: Json, at: Json) -> Iterator[str]:
    yield f"{one['publisher']} {DOING[one['doing']]}"
    if one["lag_messages"] is None:
        yield f"未确认 {_of(one, 'lag_messages')}"
    else:
        yield f"未确认 {one['lag_messages']} 条"
        yield f"落后 {_of(one, 'lag_seconds', ' 秒')}"
    yield f"位置 {_of(at, 'sequence')}"
    if at["gaps"]:
        yield f"缺口 {at['gaps']} 处"
    if one["idle_seconds"] > 1:
        yield f"已停滞 {one['idle_seconds']:g} 秒"
    if at["shut_out_since"]:
        yield f"自 {_at(at['shut_out_since'])} 停收"
    if at["unfit"]:
        yield f"只计数 {at['unfit']} 条"
    yield f"担任 {_of(at, 'holder')}"


def _waits(one: Json, unit: str) -> str:
    name = f"（{one['name']}）" if one["name"] else ""
    return f"{one['source']} {one['code']}{name} {one['count']} {unit}，最早 {one['oldest_seconds']:g} 秒前"


def _migrations(one: Json) -> Iterator[str]:
    yield f"已执行 {one['applied']}/{one['expected']}"
    for label, names in (("缺少", one["missing"]), ("本版本不认识", one["newer"])):
        if names:
            yield f"{label} {'、'.join(names)}"


def _views(views: list[Json]) -> Iterator[str]:
    yield f"{len(views)} 个"
    behind = [
        f"{one['name']}（程序 {one['revision_in_code']}，库中 {_of(one, 'revision_in_database')}）"
        for one in views
        if one["revision_in_code"] != one["revision_in_database"]
    ]
    yield f"版次不同：{'、'.join(behind)}" if behind else "版次一致"
    if due := [one["name"] for one in views if one["rebuild_due"]]:
        yield f"待重算：{'、'.join(due)}"
    rebuilt = [one for one in views if one["rebuilt_at"]]
    if rebuilt:
        last = max(rebuilt, key=lambda one: str(one["rebuilt_at"]))
        yield f"最近重算 {last['name']}，{_at(last['rebuilt_at'])}，{last['rebuilt_seconds']:g} 秒"
    else:
        yield "没有重算的记录"


def _instance(one: Json) -> str:
    parts = [("担任", one["holds"]), ("待命", one["stands_by"])]
    return f"{one['instance']} " + "，".join(f"{what} {'、'.join(roles)}" for what, roles in parts if roles)


def _of(part: Json, name: str, unit: str = "") -> str:
    """A value, or that it is not known and why."""
    value = part[name]
    if value is None:
        return f"不知（{part['unknown'][name]}）"
    return f"{value:g}{unit}" if isinstance(value, float) else f"{value}{unit}"


def _at(instant: str) -> str:
    """In China, to the second."""
    return asking.local(instant)[:19].replace("T", " ")


def _label(text: str) -> str:
    return "  " + text + " " * (LABEL - 2 - width(text))


def width(text: str) -> int:
    """The columns that it takes."""
    return sum(2 if east_asian_width(letter) in "WF" else 1 for letter in text)


def _lines(label: str, parts: Iterable[str]) -> Iterator[str]:
    """What is said after a label, on as many lines as it takes."""
    line = label if width(label) == LABEL else f"{label}  "
    empty = True
    for part in parts:
        piece = part if empty else f"；{part}"
        if not empty and width(line + piece) > COLUMNS - 2:
            yield line + "；"
            line, piece = " " * LABEL, part
        while width(line + piece) > COLUMNS - 2:
            fits = next(n for n in range(len(piece), 0, -1) if width(line + piece[:n]) <= COLUMNS - 2)
            yield line + piece[:fits]
            line, piece = " " * LABEL, piece[fits:]
        line, empty = line + piece, False
    yield line
