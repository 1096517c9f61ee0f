"""The shapes of answers: models of what is answered, made from what was declared, for the interface's description."""

from __future__ import annotations

from decimal import Decimal
from functools import cache
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, GetJsonSchemaHandler, create_model
from pydantic_core import CoreSchema

from kit.service.lists import MOST_COUNTED, Listing, bare
from kit.store import titled
from kit.store.tables import plain


class Shape(BaseModel):
    """What is answered.  It has these fields and no others, each with its Chinese title."""

    model_config = ConfigDict(extra="forbid")

    @classmethod
    def __get_pydantic_json_schema__(cls, core: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        """Tells a decimal, which is answered as text, from other texts."""
        made = handler.resolve_ref_schema(handler(core))
        for name, field in cls.model_fields.items():
            if plain(bare(field.annotation)) is Decimal:
                about = made["properties"][name]
                for one in about.get("anyOf", [about]):
                    if one["type"] == "string":
                        one["format"] = "decimal"
        return made


def said(title: str, description: str) -> Any:
    """What a field is called, and what one must know of it: `Annotated[int, said("总数", "…")]`."""
    return Field(title=title, description=description)


@cache
def item_of(listing: Listing) -> type[BaseModel]:
    """What one of a list is answered as."""
    hidden = {*listing.without, "name_event"} if listing.opens else {*listing.without}
    shape: dict[str, Any] = {name: kind for name, kind in listing.types.items() if name not in hidden}
    if listing.opens:
        shape["name"] = Annotated[str | None, said("姓名", "无权查看、或个人信息已删除时为空")]
    if listing.flags:
        flags = {one.name: (Annotated[bool, titled(one.title)], ...) for one in listing.flags}
        shape["flags"] = Annotated[_made(f"{listing.name}Flags", flags), titled("提示")]
    if listing.category:
        shape["stream"] = Annotated[str, said("所在记录", "据此可查其历史记录：/v1/history?stream=")]
        shape["version"] = Annotated[int, said("行版本", "本行最近一次变化时，所在记录的版本")]
    return _made(listing.name, {name: (kind, ...) for name, kind in shape.items()})


@cache
def page_of(listing: Listing) -> type[BaseModel]:
    """What a page of a list is answered as."""
    return paged(listing.name, item_of(listing))


def paged(name: str, item: Any) -> type[BaseModel]:
    """A page of any items."""
    return _made(
        f"{name}Page",
        {
            "items": (Annotated[list[item], titled("本页各项")], ...),
            "total": (Annotated[int, said("总数", f"翻页期间不变，最多数到 {MOST_COUNTED}")], ...),
            "total_exceeded": (Annotated[bool, said("是否多于总数", "为 true 时，实际多于 total")], ...),
            "cursor": (Annotated[str | None, said("翻页标记", "作为 cursor 参数取下一页；没有下一页时为空")], ...),
        },
    )


def _made(name: str, shape: dict[str, Any]) -> type[BaseModel]:
    model: type[BaseModel] = create_model(name, __base__=Shape, **shape)
    return model
