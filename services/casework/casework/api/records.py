"""Records of people, for those who work on them; and what they are answered as."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import Request, Response
from pydantic import create_model

from casework import lists
from casework.domain.catalogue import Target
from casework.domain.stage import Stage
from casework.projections import records
from casework.projections.records import Parts, Told
from contracts.values import UnitCode, WorkerId
from kit.auth import Caller
from kit.clock import PRESENT, Moment
from kit.service import Listing, shown
from kit.service.listed import Actions, sights_of, version_of
from kit.service.possible import Actionable
from kit.service.shapes import Shape, item_of, said
from kit.store import Store, titled


class VisitRecord(Shape):
    visit_id: Annotated[UUID, titled("走访编号")]
    place_id: Annotated[UUID, titled("试点或站点编号")]
    worker_id: Annotated[WorkerId, titled("社工编号", "走访的社工")]
    recorder: Annotated[str | None, titled("录入人")]
    findings: Annotated[str | None, titled("走访记录")]
    visited_on: Annotated[date, titled("走访日期")]


class MoveRecord(Shape):
    place_id: Annotated[UUID, titled("试点或站点编号", "转入的试点或站点")]
    community: Annotated[UnitCode, titled("社区（村）代码", "转入的社区（村）")]
    worker_id: Annotated[WorkerId, titled("社工编号", "登记变更的社工")]
    recorder: Annotated[str | None, titled("录入人")]
    moved_on: Annotated[date, titled("变更日期")]


class EntryParts(Shape):
    place_id: Annotated[UUID, titled("试点或站点编号")]
    catalogue_id: Annotated[UUID, titled("服务目录编号")]
    recorder: Annotated[str | None, titled("录入人")]
    id_number: Annotated[str | None, titled("身份证件号码")]
    address: Annotated[str | None, titled("住址")]
    visits: Annotated[list[VisitRecord], titled("入户走访")]
    moves: Annotated[list[MoveRecord], titled("社区变更")]
    erased: Annotated[bool, titled("个人信息是否已删除")]


EntryRecord = create_model("EntryRecord", __base__=(EntryParts, item_of(lists.ENTRIES)))


class Note(Shape):
    note: Annotated[UUID, said("记录编号", "据此更正或作废")]
    stage: Annotated[Stage | None, titled("环节", "提前终止的说明没有环节")]
    done_on: Annotated[date, titled("完成日期")]
    worker_id: Annotated[WorkerId, titled("社工编号")]
    recorder: Annotated[str | None, titled("录入人")]
    text: Annotated[str | None, titled("记录内容")]


class CaseParts(Shape):
    notes: Annotated[list[Note], titled("各环节记录")]
    erased: Annotated[bool, titled("个人信息是否已删除")]


CaseRecord = create_model("CaseRecord", __base__=(Actionable, CaseParts, item_of(lists.CASES)))


class Word(Shape):
    code: Annotated[str, titled("代码")]
    name: Annotated[str, titled("名称")]


class Category(Word):
    target: Annotated[Target, titled("服务对象")]


class CatalogueParts(Shape):
    domains: Annotated[list[Word], titled("服务领域")]
    categories: Annotated[list[Category], titled("服务对象类别")]
    core_policies: Annotated[list[str], titled("救助政策（“8”）")]
    extra_policies: Annotated[list[str], titled("救助政策（“1”）")]


CatalogueRecord = create_model("CatalogueRecord", __base__=(CatalogueParts, item_of(lists.CATALOGUES)))


async def opened(
    request: Request,
    caller: Caller,
    store: Store,
    listing: Listing,
    key: UUID,
    read: Callable[[Told, Moment], Parts],
    actions: Actions | None = None,
) -> Response:
    """One of a list with what is read from its events.  Another organisation's is as one that is absent."""
    async with store.reading(caller.reads("read-records")) as tx:
        found = await listing.one(tx, store, caller, sights_of(request), key)
        events = await records.told(tx, store, found["tenant_id"], found["stream"])
        version = await version_of(tx, caller, found)
    if actions is not None:
        found["actions"] = await actions(request, caller, store, key) if caller.at == PRESENT else []
    return shown({**await records.opened(store, read(events, caller.at)), **found}, version)
