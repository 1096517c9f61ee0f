"""How an installation is: every engine and service asked, for `liandong status`."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import asyncpg
import httpx
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.samples import Sample

from liandong import asking, standing
from liandong.commands import PROVINCE
from liandong.pasting import command
from liandong.state import Service, State

PATIENCE = 5.0
"""Seconds that anybody asked has for an answer."""
PARKED = 60.0
"""Seconds after which a parked message is not one that is about to be handled by itself."""
NOT_TAKEN = 2.0
"""Seconds for which nothing is taken of a publisher until that is said: a message is there for a moment as a rule."""
DOWN = "does not answer"
RELAY = "relay"
"""The tail that publishes; the others fill read tables."""


async def describe(found: State, token: str | None = None, tenant: str = PROVINCE) -> dict[str, Any]:
    """The document of `--json`; no secrets.  `degraded`: somebody should look.

    With `token`, or one of the development issuer for the operators of `tenant`, what each service says of how it
    runs (`operations`), or why that is not to be had (`operations_missing`): which changes nothing of `degraded`.
    """
    async with httpx.AsyncClient(trust_env=False, timeout=PATIENCE) as http:
        signed = asyncio.create_task(_token(http, found, token, tenant))
        engines = await asyncio.gather(_postgres(found), _nats(found))
        services = await asyncio.gather(*(_service(http, name, one, signed) for name, one in found.services.items()))
        issuer = await _answers(http, f"{found.issuer_url}/.well-known/jwks.json")
        await signed
    ill = [one for one in engines if not one["alive"]], [one for one in services if one["status"] != "ready"]
    return {
        "up": True,
        "degraded": bool(any(ill) or found.troubles or issuer is None or any(map(_waits, services))),
        "region": found.region,
        "pid": found.pid,
        "started_at": found.started_at,
        "issuer_url": found.issuer_url,
        "engines": engines,
        "services": services,
        "troubles": found.troubles,
    }


def _waits(service: dict[str, Any]) -> bool:
    """Whether something waits for a person: an event that is held, a message that is parked longer than by chance."""
    return bool(service["held"] or (service["parked_oldest_s"] or 0) > PARKED)


async def _postgres(found: State) -> dict[str, Any]:
    try:
        connection = await asyncpg.connect(found.postgres_url, timeout=PATIENCE)
        await connection.close()
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
        return _engine(found, "postgres", found.postgres_url, alive=False)
    return _engine(found, "postgres", found.postgres_url, alive=True)


async def _nats(found: State) -> dict[str, Any]:
    where = urlsplit(found.nats_url)
    greeted = await _greeted(where.hostname or "", where.port or 4222)
    return _engine(found, "nats", found.nats_url, alive=greeted)


async def _greeted(host: str, port: int) -> bool:
    """Whether a NATS server answers: it speaks first."""
    try:
        async with asyncio.timeout(PATIENCE):
            reader, writer = await asyncio.open_connection(host, port)
            try:
                return await reader.readexactly(4) == b"INFO"
            finally:
                writer.close()
    except (OSError, EOFError):
        return False


def _engine(found: State, name: str, url: str, *, alive: bool) -> dict[str, Any]:
    where = urlsplit(url)
    return {
        "name": name,
        "address": f"{where.hostname}:{where.port}",
        "pid": found.engine_pids.get(name),
        "alive": alive,
    }


class NotShown(Exception):
    """Why it cannot be told how a service runs."""


async def _token(http: httpx.AsyncClient, found: State, given: str | None, tenant: str) -> str | NotShown:
    if given is not None:
        return given
    try:
        answer = await http.post(f"{found.issuer_url}/token", json=asking.operator(tenant).claims)
        return str(answer.raise_for_status().json()["access_token"])
    except httpx.HTTPStatusError as error:
        return NotShown(f"签发服务不给令牌：{error.response.status_code}")
    except (httpx.HTTPError, ValueError, KeyError):
        return NotShown("签发服务没有应答，没有令牌")


async def _operations(
    http: httpx.AsyncClient, one: Service, signed: asyncio.Task[str | NotShown]
) -> tuple[dict[str, Any] | None, str | None]:
    """What the service says of how it runs, or why it does not."""
    token = await asyncio.shield(signed)
    if isinstance(token, NotShown):
        return None, str(token)
    try:
        answer = await http.get(f"{one.url}/v1/operations", headers={"authorization": f"Bearer {token}"})
        said: dict[str, Any] = answer.json()
    except UnicodeEncodeError:
        return None, "令牌含有 ASCII 以外的字符"
    except (httpx.HTTPError, ValueError) as error:
        return None, f"服务没有应答：{type(error).__name__}"
    if answer.is_success:
        return said, None
    return None, f"{answer.status_code} {said.get('code', '')} {said.get('detail', '')}".strip()


async def _service(
    http: httpx.AsyncClient, name: str, one: Service, signed: asyncio.Task[str | NotShown]
) -> dict[str, Any]:
    """`status` is the service's own word (ready, degraded, not-ready), or that it does not answer."""
    ready, metrics, (operations, missing) = await asyncio.gather(
        _answers(http, f"{one.probe_url}/health/ready"),
        _answers(http, f"{one.probe_url}/metrics"),
        _operations(http, one, signed),
    )
    said: dict[str, Any] = ready.json() if ready is not None else {}
    measured = _samples(metrics.text if metrics is not None else "")
    return {
        "name": name,
        "url": one.url,
        "pid": one.pid,
        "status": said.get("status", DOWN),
        "ready": said.get("status") in ("ready", "degraded"),
        "ill": [part for part, how in said.get("checks", {}).items() if how not in ("ok", "running")],
        **_measured(measured),
        **_told(operations),
        "not_taken": _not_taken(measured),
        "operations": operations,
        "operations_missing": missing,
        "log": one.log,
    }


async def _answers(http: httpx.AsyncClient, url: str) -> httpx.Response | None:
    try:
        return await http.get(url)
    except httpx.HTTPError:
        return None


def _samples(exposition: str) -> list[Sample]:
    return [sample for family in text_string_to_metric_families(exposition) for sample in family.samples]


def _not_taken(found: list[Sample]) -> list[dict[str, Any]]:
    """The publishers of which nothing is taken, for how long, and the message that holds what follows, if one does."""
    places = {s.labels["service"]: s for s in found if s.name == "bus_holding_tries"}
    return [
        {
            "service": (of := s.labels["service"]),
            "seconds": round(s.value, 1),
            "place": places[of].labels["place"] if of in places else None,
            "tries": int(places[of].value) if of in places else None,
        }
        for s in found
        if s.name == "bus_held_seconds" and s.value > NOT_TAKEN
    ]


def _told(operations: dict[str, Any] | None) -> dict[str, float | None]:
    """Of what the table below says too, what the table says: a gauge is a little older."""
    if operations is None:
        return {}
    database = operations["database"]
    return {
        "horizon_age_s": database["horizon"]["age_seconds"],
        "relay_lag_s": database["relay"]["lag_seconds"],
        "parked": sum(one["count"] for one in database["parked"]),
        "held": sum(one["count"] for one in database["held"]),
    }


def _measured(found: list[Sample]) -> dict[str, float | None]:
    """What waits, and for how long; None: the service does not measure it, or did not answer."""

    def values(metric: str, relay: bool | None = None) -> list[float]:
        return [s.value for s in found if s.name == metric and relay in (None, s.labels.get("tail") == RELAY)]

    def longest(seconds: list[float]) -> float | None:
        return round(max(seconds), 1) if seconds else None

    def all_of(counts: list[float]) -> float | None:
        return sum(counts) if counts else None

    return {
        "horizon_age_s": longest(values("horizon_age_seconds")),
        "relay_lag_s": longest(values("tail_lag_seconds", relay=True)),
        "tail_lag_s": longest(values("tail_lag_seconds", relay=False)),
        "parked": all_of(values("bus_parked_messages")),
        "parked_oldest_s": longest(values("bus_parked_oldest_seconds")),
        "held": all_of(values("tail_held_streams")),
    }


def text(document: dict[str, Any], data: Path) -> str:
    """The document for a person at a terminal; `data` is where the region is."""
    how = "有异常，请查看" if document["degraded"] else "一切正常"
    lines = [f"区域 {document['region']}：{how}。进程 {document['pid']}，自 {document['started_at']}"]
    for one in document["engines"]:
        whose = f"进程 {one['pid']}" if one["pid"] else "不由本命令启动" if one["alive"] else "没有在运行"
        lines.append(f"{one['name']:<11} {one['address']}  {'运行中' if one['alive'] else '没有应答'}，{whose}")
    lines.append(f"{'issuer':<11} {document['issuer_url']}")
    lines += [f"{one['name']:<11} {one['url']}  {_how(one)}" for one in document["services"]]
    lines += [_held_up(one, held) for one in document["services"] for held in one["not_taken"]]
    lines += [f"故障 {name}：{trouble}" for name, trouble in document["troubles"].items()]
    if any(map(_waits, document["services"])):
        lines.append(f"请查看 {command('parked', 'list', data=data)} 和 {command('held', 'list', data=data)}")
    for one in document["services"]:
        lines += ["", *(standing.table(one["operations"]) if one["operations"] else [_not_shown(one)])]
    return "\n".join(lines)


def _not_shown(one: dict[str, Any]) -> str:
    return f"{one['name']}：读不到运行情况（{one['operations_missing']}）"


def _held_up(service: dict[str, Any], held: dict[str, Any]) -> str:
    said = f"{service['name']} 已有 {held['seconds']:g} 秒没有收下 {held['service']} 的消息"
    if held["place"] is None:
        return f"{said}（日志：{service['log']}）"
    return f"{said}：{held['place']} 已试 {held['tries']} 次，其后的都在等它（日志：{service['log']}）"


def _how(one: dict[str, Any]) -> str:
    state = {**standing.STATUS, DOWN: "没有应答"}[one["status"]]
    ill = f"（{'、'.join(one['ill'])}）" if one["ill"] else ""
    words = {
        "horizon_age_s": "落定于 {} 秒前",
        "relay_lag_s": "未发送 {} 秒",
        "parked": "搁置 {} 条",
        "held": "暂停发送 {} 个",
    }
    shown = [how.format(f"{one[name]:g}") for name, how in words.items() if one[name] is not None]
    return f"{state}{ill}  {'，'.join(shown)}".rstrip()
