"""GET /v1/operations: how a service runs, for whoever runs the platform; of all tenants, and without a word of any.

Each number is asked of where it is kept: the database, in one snapshot, or what this process does at this moment.
Nothing is asked of NATS, so that it is answered while that is away.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from importlib import metadata
from typing import Any

from fastapi import APIRouter, Request, Response

from kit.bus import parking, places, room, sole
from kit.bus.hearing import Hearing
from kit.bus.letter import GAP
from kit.bus.places import Place
from kit.bus.seen import Doing
from kit.bus.sole import There, instance
from kit.service import report
from kit.service.definition import Definition
from kit.service.health import rebuilds_due, verdict
from kit.service.http import AsksNow
from kit.service.report import Operations, Unknown, known
from kit.service.runtime import Runtime, runtime
from kit.service.waiting import name_of
from kit.store import BUREAUS, PEOPLE, kit_migrations, standing
from kit.store.standing import Applied, HeldBack, Lag, Rebuilt, Settled
from kit.tenancy import Tx

router = APIRouter(prefix="/v1", tags=["operations"])
LISTED = 50
"""Names of migrations that are listed at most."""
BEHIND = Unknown("数据库尚未执行本版本的变更（migrate），无从读取")
NEVER = Unknown("没有重算过，或重算早于此项记录")
UNVERSIONED = Unknown("没有版次")
NOBODY = "没有进程担任"
CHECKS = {
    "database": ("数据库", "数据库有应答", "数据库没有应答"),
    "migrations": ("数据库变更", "本版本的变更都已执行", "本版本的变更未全部执行，请运行 migrate"),
    "era": ("恢复后的纪元", "可以写入", "数据库恢复后尚未运行 migrate，不能写入"),
    "bus": ("收听消息", "各发布方的消息都在收听", "有发布方的消息没有在收听：消息总线不可用、停收或停滞"),
    "held": ("可发送", "没有暂停发送的记录", "有记录暂停发送，见 /v1/held"),
    "rows": ("汇总表", "各汇总表都有全部记录", "有汇总表缺少旧记录，清单、检索和指标不全，请运行 rebuild"),
    "broker": ("消息总线", "收下所发的消息，或没有要发的", "持续没有收下所发的消息"),
    "own-messages": ("已发消息", "最近发出的消息都是本数据库的", "最近发出的消息中有本数据库没有的，或无从核对"),
    "horizon": ("落定", "历史正常落定", "历史没有落定，或发送游标不在任何事件上"),
}
"""Of each check its name, and what it means that all is well, or not."""
TASKS = {"relay": "发送任务", "horizon": "落定任务"}


@router.get(
    "/operations",
    summary="本服务的运行情况",
    description="process 为应答进程的情况，database 为本服务数据库的情况。"
    "为空的项，其原因在同一对象的 unknown 中。只计数，不涉及任何租户。",
    response_model=Operations,
)
async def read_operations(request: Request, caller: AsksNow) -> Response:
    """What is of the process that was asked is in `process`, what is of the service's database in `database`.

    Every null has its reason in `unknown` beside it.  It counts what belongs to all tenants, and names none.
    """
    caller.reads("read-operations")
    held = runtime(request)
    found = await request.app.state.readiness.now()
    async with held.pools.reads.acquire() as tx, tx.transaction(isolation="repeatable_read", readonly=True):
        now, database = await _database(tx, held)
    told = Operations.of(
        service=held.definition.name,
        title=held.definition.title,
        asked_at=now,
        process=_process(held, found, now),
        database=database,
    )
    return Response(told.model_dump_json(), media_type="application/json")


def _process(held: Runtime, found: Mapping[str, str], now: datetime) -> report.Process:
    lanes = held.subscriber.intake.lanes
    absent = Unknown("本进程不发送：没有发送角色的数据库地址")
    return report.Process.of(
        instance=instance(),
        release=metadata.version("liandong-kit"),
        started_at=held.started_at,
        status=verdict(found),
        checks=[_check(name, state) for name, state in found.items()],
        relay=report.Relaying.of(
            doing=held.relay.doing if held.relay else absent,
            refused_seconds=_rounded(held.relay.refused_for()) if held.relay else absent,
        ),
        lanes=report.Lanes.of(count=lanes.count, busy=lanes.busy, waiting=lanes.waiting),
        consumers=[_hearing(one, now) for one in held.subscriber.hearings],
    )


def _check(name: str, state: str) -> report.Check:
    found = report.Found(state)
    kind, _, task = name.partition(".")
    if kind == "task":
        called = TASKS.get(task) or f"收听任务 {task.removeprefix('hear-')}"
        words = report.FOUND_NAMES[found]
    else:
        called, well, ill = CHECKS[name]
        words = well if found is report.Found.OK else ill
    return report.Check.of(name=name, called=called, found=found, words=words)


def _hearing(one: Hearing, now: datetime) -> report.Hearing:
    shown = one.shown()
    if shown.doing is Doing.STANDING_BY:
        unseen = Unknown("本进程待命，由担任的进程（database.consumers.holder）得知")
    else:
        unseen = Unknown("最近几秒没有见到消费者：消息总线不可用，或刚刚开始收听")
    lag: Any = unseen
    if shown.oldest is not None:
        lag = _seconds(now, shown.oldest)
    elif shown.waiting is not None:
        lag = Unknown("未确认的消息还没有取到手中，不知其发布时刻") if shown.waiting else 0.0
    return report.Hearing.of(
        publisher=one.service,
        doing=shown.doing,
        lag_messages=unseen if shown.waiting is None else shown.waiting,
        lag_seconds=lag,
        in_hand=shown.in_hand,
        idle_seconds=_rounded(shown.idle),
    )


async def _database(tx: Tx, held: Runtime) -> tuple[datetime, report.Database]:
    definition, consumer = held.definition, held.definition.handlers.consumer
    publishers = [one.service for one in held.subscriber.hearings]
    relaying, hearing = f"relay/{definition.name}", {one: sole.taking(consumer, one) for one in publishers}
    wanted = [*kit_migrations(), *definition.to_apply()]
    schema, settled = await standing.applied(tx, wanted), await standing.horizon(tx)
    there = await sole.there(tx, [relaying, *hearing.values()])
    holders = {one.role: one.instance for one in there if one.holds}
    parked = await parking.by_code(tx, consumer)
    rebuilt = await standing.rebuilt(tx) if schema.complete else None
    lag = await standing.relay_lag(tx) if schema.complete else None
    at, shut, unfit = (
        await places.of_each(tx, consumer),
        await room.shut_out(tx, consumer),
        await room.unfit(tx, consumer),
    )
    now = settled.now
    return now, report.Database.of(
        migrations=report.Schema.of(
            applied=schema.applied,
            expected=len(wanted),
            missing=schema.missing[:LISTED],
            newer=schema.newer[:LISTED],
        ),
        views=_views(definition, schema, rebuilt, await rebuilds_due(tx, definition) if schema.complete else None),
        horizon=_horizon(settled),
        relay=_relay(lag, now, holders.get(sole.role_of(relaying))),
        consumers=[
            _place(
                publisher,
                at.get(publisher),
                gaps=sum(one.count for one in parked if (one.service, one.code) == (publisher, GAP.code)),
                since=next((one.since for one in shut if one.service == publisher), None),
                unfit=sum(one.count for one in unfit if one.service == publisher),
                holder=holders.get(sole.role_of(name)),
            )
            for publisher, name in hearing.items()
        ],
        parked=[_waits(held, one.service, one, now) for one in parked],
        held=[_waits(held, one.tail, one, now) for one in await standing.held_back(tx)],
        instances=_instances(there),
        sessions=[report.Sessions.of(**{**vars(one), "role": known(one.role, "后台会话没有角色")})
                  for one in await standing.connections(tx)],
    )  # fmt: skip


def _views(
    definition: Definition, schema: Applied, rebuilt: Mapping[str, Rebuilt] | None, due: Sequence[str] | None
) -> list[report.ViewState]:
    waits: Any = {name: BEHIND if due is None else name in due for name in (*schema.revisions, PEOPLE)}
    absent = Unknown("数据库中还没有这个视图")
    return [
        _view(BUREAUS, UNVERSIONED, UNVERSIONED, UNVERSIONED, rebuilt),
        *(
            _view(
                one.name,
                one.revision,
                had[-1] if (had := schema.revisions.get(one.name)) else absent,
                waits.get(one.name, absent),
                rebuilt,
            )
            for one in definition.views
        ),
        *([_view(PEOPLE, UNVERSIONED, UNVERSIONED, waits[PEOPLE], rebuilt)] if definition.people else ()),
    ]


def _view(name: str, code: Any, there: Any, due: Any, rebuilt: Mapping[str, Rebuilt] | None) -> report.ViewState:
    last = rebuilt.get(name) if rebuilt is not None else None
    absent = NEVER if rebuilt is not None else BEHIND
    return report.ViewState.of(
        name=name,
        revision_in_code=code,
        revision_in_database=there,
        rebuild_due=due,
        rebuilt_revision=known(last.revision, UNVERSIONED.reason) if last else absent,
        rebuilt_at=last.finished if last else absent,
        rebuilt_seconds=_seconds(last.finished, last.started) if last else absent,
        rebuilt_events=last.events if last else absent,
    )


def _horizon(settled: Settled) -> report.Horizon:
    unsettled = Unknown("还没有任何时刻落定")
    return report.Horizon.of(
        settled_at=unsettled if settled.instant is None else settled.instant,
        age_seconds=unsettled if settled.instant is None else _seconds(settled.now, settled.instant),
        open_writers=[
            report.OpenWriter.of(
                pid=one.pid,
                database=known(one.database, "后台会话不在任何数据库"),
                role=known(one.role, "后台会话没有角色"),
                application=one.application,
            )
            for one in settled.writers
        ],
        prepared=settled.prepared,
    )


def _relay(lag: Lag | None, now: datetime, holder: str | None) -> report.RelayLag:
    held = known(holder, NOBODY)
    unread: Any = BEHIND
    if lag is None or lag.astray:
        if lag is not None:
            unread = Unknown("发送游标不在任何已落定的事件上，无从得知发到何处，见运维手册 tail.astray")
        return report.RelayLag.of(lag_events=unread, more=unread, lag_seconds=unread, last_told_at=unread, holder=held)
    return report.RelayLag.of(
        lag_events=lag.waiting,
        more=lag.waiting >= standing.COUNTED,
        lag_seconds=0.0 if lag.oldest is None else _seconds(now, lag.oldest),
        last_told_at=known(lag.passed, "还没有发送过"),
        holder=held,
    )


def _place(
    publisher: str, place: Place | None, *, gaps: int, since: datetime | None, unfit: int, holder: str | None
) -> report.Place:
    never = Unknown("还没有收下过该发布方的消息")
    return report.Place.of(
        publisher=publisher,
        sequence=place.sequence if place else never,
        stream_made_at=place.born if place else never,
        gaps=gaps,
        shut_out_since=known(since, "没有停收"),
        unfit=unfit,
        holder=known(holder, NOBODY),
    )


def _waits(held: Runtime, source: str, one: parking.Waiting | HeldBack, now: datetime) -> report.Waits:
    return report.Waits.of(
        source=source,
        code=one.code,
        name=known(name_of(one.code, held.named.refusals), "本版本不认识这个代码"),
        count=one.count,
        oldest_at=one.oldest,
        oldest_seconds=_seconds(now, one.oldest),
    )


def _instances(there: Sequence[There]) -> list[report.Instance]:
    return [
        report.Instance.of(
            instance=name,
            asked=name == instance(),
            holds=sorted({one.role for one in there if one.instance == name and one.holds}),
            stands_by=sorted({one.role for one in there if one.instance == name and not one.holds}),
        )
        for name in sorted({one.instance for one in there})
    ]


def _seconds(now: datetime, since: datetime) -> float:
    """Never below 0: clocks of two machines differ."""
    return _rounded(max((now - since).total_seconds(), 0.0))


def _rounded(seconds: float) -> float:
    return round(seconds, 3)
