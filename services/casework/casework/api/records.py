"""Records of people, for those who work on them; and what they are answered as."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import Request, Response

from casework.domain.case import Stage
from casework.domain.catalogue import Target
from casework.projections import records
from casework.projections.records import Record, Told
from contracts.values import CaseId, EntryId, PilotId, UnitCode, WorkerId
from kit.auth import Caller
from kit.clock import PRESENT, Moment
from kit.errors import NotFound
from kit.service import shown
from kit.service.listed import in_sight_of
from kit.service.shapes import Shape
from kit.store import Store, titled


class Recorded(Shape):
    """Where a record is kept, and who wrote it."""

    stream: Annotated[str, titled("所在记录")]
    version: Annotated[int, titled("记录版本")]


class VisitRecord(Shape):
    visit_id: Annotated[UUID, titled("走访编号")]
    place_id: Annotated[UUID, titled("试点或站点编号")]
    worker_id: Annotated[WorkerId, titled("走访社工编号")]
    recorder: Annotated[str | None, titled("录入人")]
    findings: Annotated[str | None, titled("走访记录")]
    visited_on: Annotated[date, titled("走访日期")]


class EntryRecord(Recorded):
    entry_id: Annotated[EntryId, titled("台账编号")]
    place_id: Annotated[UUID, titled("试点或站点编号")]
    pilot_id: Annotated[PilotId | None, titled("试点编号")]
    community: Annotated[UnitCode, titled("社区代码")]
    catalogue_id: Annotated[UUID, titled("服务目录编号")]
    categories: Annotated[list[str], titled("服务对象类别")]
    worker_id: Annotated[WorkerId, titled("建档社工编号")]
    recorder: Annotated[str | None, titled("录入人")]
    enrolled_on: Annotated[date, titled("建立台账日期")]
    name: Annotated[str | None, titled("姓名")]
    id_number: Annotated[str | None, titled("身份证件号码")]
    address: Annotated[str | None, titled("住址")]
    visits: Annotated[list[VisitRecord], titled("入户走访")]
    erased: Annotated[bool, titled("个人信息是否已删除")]


class Note(Shape):
    stage: Annotated[Stage, titled("环节")]
    done_on: Annotated[date, titled("完成日期")]
    worker_id: Annotated[WorkerId, titled("社工编号")]
    recorder: Annotated[str | None, titled("录入人")]
    text: Annotated[str | None, titled("记录内容")]


class CaseRecord(Recorded):
    case_id: Annotated[CaseId, titled("个案编号")]
    entry_id: Annotated[EntryId, titled("台账编号")]
    place_id: Annotated[UUID, titled("试点或站点编号")]
    pilot_id: Annotated[PilotId | None, titled("试点编号")]
    community: Annotated[UnitCode, titled("社区代码")]
    domain: Annotated[str, titled("服务领域")]
    opened_on: Annotated[date, titled("接案日期")]
    stage: Annotated[Stage, titled("最近完成的环节")]
    closed_on: Annotated[date | None, titled("结案日期")]
    notes: Annotated[list[Note], titled("各环节记录")]
    erased: Annotated[bool, titled("个人信息是否已删除")]


class Word(Shape):
    code: Annotated[str, titled("代码")]
    name: Annotated[str, titled("名称")]


class Category(Word):
    target: Annotated[Target, titled("服务对象")]


class CatalogueRecord(Recorded):
    catalogue_id: Annotated[UUID, titled("服务目录编号")]
    title: Annotated[str, titled("目录名称")]
    domains: Annotated[list[Word], titled("服务领域")]
    categories: Annotated[list[Category], titled("服务对象类别")]
    core_policies: Annotated[list[str], titled("救助政策（“8”）")]
    extra_policies: Annotated[list[str], titled("救助政策（“1”）")]


async def opened(
    request: Request, caller: Caller, store: Store, stream: str, read: Callable[[Told, Moment], Record | None]
) -> Response:
    """Another agency's record is not told apart from one that is not there."""
    cause = caller.reads("read-records")
    events = await records.told(store, cause, stream)
    record = read(events, cause.at)
    if record is None or not await in_sight_of(request, caller, store, cause, record.tenant, stream):
        raise NotFound
    return shown(await records.opened(store, record), record.version if cause.at == PRESENT else None)
