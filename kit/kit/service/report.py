"""What GET /v1/operations answers.  What is not known is null, never 0, and `unknown` says why."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from kit.bus.seen import DOING_NAMES, Doing
from kit.service.health import Status


@dataclass(frozen=True)
class Unknown:
    """In place of a value: why there is none."""

    reason: str


def known(value: Any, reason: str) -> Any:
    """The value, or why there is none."""
    return Unknown(reason) if value is None else value


class Found(StrEnum):
    """What a check of readiness found."""

    OK = "ok"
    NO = "no"
    RUNNING = "running"
    RESTARTING = "restarting"
    STOPPED = "stopped"


STATUS_NAMES = {Status.READY: "正常", Status.DEGRADED: "能办理，但有部分不正常", Status.NOT_READY: "不能办理"}
FOUND_NAMES = {
    Found.OK: "正常",
    Found.NO: "不正常",
    Found.RUNNING: "运行中",
    Found.RESTARTING: "出错后等待重启",
    Found.STOPPED: "已停止",
}
NAMES: tuple[dict[Any, str], ...] = (STATUS_NAMES, FOUND_NAMES, dict(DOING_NAMES))
"""What the values of each enumeration are called."""


def about(title: str, description: str) -> Any:
    return Field(title=title, description=description)


class Told(BaseModel):
    """Make it by `of`: a value that is Unknown is null, and its reason stands in `unknown`.

    ValueError for a null without a reason.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    unknown: dict[str, str] = about("空项的原因", "本对象中为空的每一项，为什么没有数值；没有空项时为空对象")

    @classmethod
    def of(cls, **values: Any) -> Self:
        reasons = {name: value.reason for name, value in values.items() if isinstance(value, Unknown)}
        return cls.model_validate({**values, **dict.fromkeys(reasons), "unknown": reasons})

    @model_validator(mode="after")
    def _reasons(self) -> Self:
        silent = [name for name, value in self if value is None and name not in self.unknown]
        if silent:
            raise ValueError(f"null without a reason: {', '.join(silent)}")
        return self


class Check(Told):
    name: str = about("检查项代码", "与 /health/ready 的 checks 相同")
    called: str = about("检查项", "检查项的中文名称")
    found: Found = about("结果", "检查项或后台任务的状态")
    words: str = about("说明", "这一结果的含义")


class Relaying(Told):
    doing: Doing | None = about("发送状态", "本进程发送消息的状态")
    refused_seconds: float | None = about("被拒秒数", "消息总线持续拒收本进程所发消息的秒数；0 为没有被拒")


class Hearing(Told):
    publisher: str = about("发布方", "收听哪个服务的消息")
    doing: Doing = about("收听状态", "本进程收听该发布方的状态")
    lag_messages: int | None = about("未确认消息数", "总线上已有而本服务尚未确认的消息数，5 秒内所见")
    lag_seconds: float | None = about("落后秒数", "手中最早一条消息发布以来的秒数；没有未确认的消息时为 0")
    in_hand: int = about("手中消息数", "本进程正在处理的一批消息的条数")
    idle_seconds: float = about("停滞秒数", "有消息而一条也没有收下的持续秒数")


class Lanes(Told):
    count: int = about("通道数", "本进程同时处理消息的通道数，各发布方共用")
    busy: int = about("占用数", "正在处理消息的通道数")
    waiting: int = about("等待数", "等待通道的消息数")


class Process(Told):
    """Of the process that was asked, and of no other."""

    instance: str = about("进程", "被询问的进程：主机名:进程号")
    release: str = about("版本", "本进程的发行版本，与 liandong --version 相同")
    started_at: datetime = about("启动时刻", "本进程启动的时刻")
    status: Status = about("总体状态", "与 /health/ready 相同")
    checks: list[Check] = about("检查项", "各项检查的结果")
    relay: Relaying = about("发送", "本进程的发送任务")
    lanes: Lanes = about("处理通道", "本进程处理消息的通道")
    consumers: list[Hearing] = about("收听", "本进程对每个发布方的收听")


class Schema(Told):
    applied: int = about("已执行", "本版本的数据库变更中已在数据库执行的个数")
    expected: int = about("应执行", "本版本的数据库变更的个数")
    missing: list[str] = about("缺少", "本版本需要而数据库没有、或内容不同的变更，最多 50 个")
    newer: list[str] = about("多出", "数据库已有而本版本不认识的变更（由其他版本执行），最多 50 个")


class ViewState(Told):
    name: str = about("汇总表", "视图的名称；tenant 为机关表，person-names 为人员姓名的检索")
    revision_in_code: int | None = about("程序版次", "本版本中该视图的版次")
    revision_in_database: int | None = about("库中版次", "数据库中该视图最新的版次")
    rebuild_due: bool | None = about("待重算", "建表时已有记录，而现版次尚未重算：旧记录尚不在表中")
    rebuilt_revision: int | None = about("重算版次", "上次重算时的版次")
    rebuilt_at: datetime | None = about("上次重算", "上次重算完成的时刻")
    rebuilt_seconds: float | None = about("重算用时", "上次重算所用的秒数")
    rebuilt_events: int | None = about("重算事件数", "上次重算所读的事件数")


class OpenWriter(Told):
    pid: int = about("会话", "PostgreSQL 的会话进程号")
    database: str | None = about("数据库", "该会话所在的数据库")
    role: str | None = about("角色", "该会话的数据库角色")
    application: str = about("程序", "该会话自报的程序名称")


class Horizon(Told):
    settled_at: datetime | None = about("落定时刻", "该时刻及以前的记录不会再增加")
    age_seconds: float | None = about("落定滞后秒数", "落定时刻至今的秒数（数据库时钟）")
    open_writers: list[OpenWriter] = about("未结束的写事务", "整个数据库集群中未结束的写事务，最早的 10 个")
    prepared: int = about("预备事务", "已预备而未结束的事务数，应为 0")


class RelayLag(Told):
    lag_events: int | None = about("未发送事件数", "发送游标之后的事件数，最多数到 10000")
    more: bool | None = about("不止此数", "未发送的事件是否已数到上限")
    lag_seconds: float | None = about("未发送秒数", "最早一条未发送事件记录以来的秒数；没有时为 0")
    last_told_at: datetime | None = about("最后发送", "发送游标所在事件的记录时刻")
    holder: str | None = about("担任进程", "正在担任发送的进程：主机名:进程号")


class Place(Told):
    publisher: str = about("发布方", "收听哪个服务的消息")
    sequence: int | None = about("位置", "已收下的最后一条消息在发布方消息流中的序号；0 为尚未收下第一条")
    stream_made_at: datetime | None = about("流的建立时刻", "该消息流建立的时刻；重建后序号另计")
    gaps: int = about("缺口数", "等待前面缺失消息的来源数")
    shut_out_since: datetime | None = about("停收时刻", "因搁置已满而停止读取该发布方的时刻")
    unfit: int = about("只计数的消息", "信封不符合格式、超出搁置上限而只计数的消息数")
    holder: str | None = about("担任进程", "正在担任收听的进程：主机名:进程号")


class Waits(Told):
    source: str = about("来源", "搁置：发布方；暂停发送：游标")
    code: str = about("原因代码", "稳定的英文代码，见运维手册")
    name: str | None = about("原因", "原因的中文名称")
    count: int = about("数量", "该原因下的条数（搁置）或来源数（暂停发送）")
    oldest_at: datetime = about("最早时刻", "其中最早一条开始等待的时刻")
    oldest_seconds: float = about("最早秒数", "其中最早一条已等待的秒数")


class Instance(Told):
    instance: str = about("进程", "主机名:进程号")
    asked: bool = about("被询问", "是否为被询问的进程")
    holds: list[str] = about("担任", "正在担任的工作：relay 为发送，bus/发布方 为收听")
    stands_by: list[str] = about("待命", "待命的工作")


class Sessions(Told):
    role: str | None = about("角色", "数据库角色")
    application: str = about("程序", "会话自报的程序名称")
    count: int = about("会话数", "以该角色和名称连接本数据库的会话数")


class Database(Told):
    """Of the service's event database, the same whichever process is asked."""

    migrations: Schema = about("数据库变更", "已执行与应执行的数据库变更")
    views: list[ViewState] = about("汇总表", "每个视图的版次与上次重算")
    horizon: Horizon = about("落定", "历史落定到何时")
    relay: RelayLag = about("发送", "事件发送到何处")
    consumers: list[Place] = about("收听", "对每个发布方收到何处")
    parked: list[Waits] = about("搁置", "搁置的消息，按发布方和原因")
    held: list[Waits] = about("暂停发送", "暂停发送的来源，按游标和原因")
    instances: list[Instance] = about(
        "进程", "在数据库中可见的 serve 与 relay 进程（以其发送、收听的会话为据），含被询问的"
    )
    sessions: list[Sessions] = about("会话", "连接本数据库的会话，按角色和程序")


class Operations(Told):
    service: str = about("服务", "服务的代码")
    title: str = about("服务名称", "服务的中文名称")
    asked_at: datetime = about("询问时刻", "数据库读数的时刻（数据库时钟）")
    process: Process = about("本进程", "只属于被询问的这一个进程的情况")
    database: Database = about("数据库", "取自本服务数据库、与询问哪个进程无关的情况，含所有租户")
