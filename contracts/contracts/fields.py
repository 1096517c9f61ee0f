"""The types of fields, for commands, messages and the documents in them: one for each kind of thing that is written.

Commands and messages take a word, a count or a name as the same type, so that what was recorded can always be told.
A type may be widened and never narrowed, for kept messages and documents are read through it: what must be narrower is
a type of its own.  A refusal says in Chinese what is wrong and what to do, and never repeats what was sent.  Each type
has one example, plainly made up, of which the services' descriptions compose bodies that fit.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Final, TypeVar
from unicodedata import category, normalize

from pydantic import AfterValidator, BeforeValidator, Field, GetCoreSchemaHandler, GetJsonSchemaHandler, ValidationInfo
from pydantic_core import CoreSchema, core_schema

from contracts import normal
from contracts.values import Fen, TenantId, UnitCode

T = TypeVar("T")

FIRST_DAY: Final = date(1900, 1, 1)
LAST_DAY: Final = date(2999, 12, 31)
"""Days that may be named: rules count years and days from them, and a calendar ends at 9999."""


WORD: Final = "demo"
"""The example of a Code.  Words that stand at several places of one body differ: see `kit.service.examples`."""


def like(example: Any) -> Any:
    """Another example than that of the type, where this does not do: `Annotated[Tenant, like("620100")]`."""
    return Field(examples=[example])


@dataclass(frozen=True)
class Shape:
    """All of a text must match; `words` say how it should look."""

    pattern: str
    words: str
    longest: int
    example: str
    personal: bool = False
    """Whether a number of a person may be in it: one that no pattern keeps out is refused, unless it may."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_after_validator_function(self.fits, handler(source))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        shape = {"pattern": f"^{self.pattern}$", "maxLength": self.longest, "examples": [self.example]}
        return {**handler(schema), **shape, "description": self.words}

    def fits(self, text: str) -> str:
        if len(text) > self.longest or not re.fullmatch(self.pattern, text):
            raise ValueError(self.words)
        return text if self.personal else _impersonal(text)


def _impersonal(text: str) -> str:
    if kind := normal.personal_number_in(text):
        raise ValueError(f"此处会以明文长期保存，不得填写{kind}：请改填在密封字段（姓名、证件号码、走访记录等）或删除")
    return text


# Codes and places

_WORD = "([a-z][a-z0-9]*|[0-9]{1,4})"
Code = Annotated[
    str,
    Shape(
        f"{_WORD}([-_]{_WORD})*",
        "应为小写字母开头的代码，可用 - 或 _ 连接，数字每段最多 4 位，全长最多 64 个字符",
        64,
        WORD,
    ),
]
"""A word of a vocabulary, never a sentence, and never a long number, which could be someone's."""
Region = Annotated[str, Shape("[a-z0-9]+(-[a-z0-9]+)*", "应为区域代号：小写字母、数字，用 - 连接", 60, "demo")]
"""The slug of a region, as subjects name it."""
RuleId = Annotated[str, Shape("R-[A-Z]{2}-[0-9]{2}", "应为规则编号，如 R-LZ-08", 7, "R-LZ-08")]
"""The rule that a verdict rests on."""
Tenant = Annotated[TenantId, Shape("[0-9]{6}", "应为 6 位行政区划代码", 6, "620102")]
Street = Annotated[UnitCode, Shape("[0-9]{9}", "应为 9 位街道（乡镇）代码", 9, "620102001")]
Community = Annotated[UnitCode, Shape("[0-9]{12}", "应为 12 位社区（村）代码", 12, "620102001001")]
Place = Annotated[
    UnitCode, Shape("[0-9]{9}([0-9]{3})?", "应为 9 位街道（乡镇）代码或 12 位社区（村）代码", 12, "620102001001")
]
"""A street or township, or a community."""
Division = Annotated[
    UnitCode,
    Shape("[0-9]{6}([0-9]{3}){0,2}", "应为 6 位县区、9 位街道（乡镇）或 12 位社区（村）代码", 12, "620102001001"),
]
Sha256 = Annotated[
    str, Shape("[0-9a-f]{64}", "应为文件的 SHA-256 摘要（64 位小写十六进制）", 64, "de" * 32, personal=True)
]
ThirdParty = Annotated[
    str,
    Shape(
        "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}",
        "应为第三方机构的编号（UUID，小写）",
        36,
        "00000000-0000-4000-8000-00000000de50",
        personal=True,
    ),
]
"""The unit in a third party's token."""


# Numbers

Count = Annotated[int, Field(strict=True, ge=0, lt=2**31, examples=[1])]
Positive = Annotated[int, Field(strict=True, ge=1, lt=2**31, examples=[1])]
Pieces = Annotated[int, Field(strict=True, ge=1, le=1000, examples=[1])]
"""Of one kind of equipment."""
Crowd = Annotated[int, Field(strict=True, ge=0, lt=10**6, examples=[12])]
"""Persons on one occasion; a project's thousand such occasions still make a total that can be told."""

Year = Annotated[int, Field(strict=True, ge=1949, le=2999, examples=[2022])]
Tier = Annotated[int, Field(strict=True, ge=1, le=4, examples=[1])]
PostGrade = Annotated[int, Field(strict=True, ge=1, le=13, examples=[10])]
"""Of a professional post (专业技术岗位等级)."""
Percent = Annotated[int, Field(strict=True, ge=0, le=100, examples=[80])]
DaysBefore = Annotated[int, Field(strict=True, ge=-3660, le=3660, examples=[30])]
"""Negative for after."""
Amount = Annotated[Fen, Field(strict=True, ge=1, lt=10**13, examples=[10_000])]
"""Fen; the bound is 1000 亿 yuan, far above any budget and far below 2^53."""
Money = Annotated[Fen, Field(strict=True, ge=0, lt=10**13, examples=[10_000])]
"""Fen, or nothing."""
Area = Annotated[Decimal, Field(gt=0, lt=10**7, decimal_places=2, examples=["300"])]
"""Square metres."""
LeastArea = Annotated[Decimal, Field(ge=0, lt=10**7, decimal_places=2, examples=["300"])]


# Days

_DAY = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}")


def iso_day(value: Any) -> Any:
    """The value, unless it is something else than YYYY-MM-DD: pydantic takes 0 and "0" for 1 January 1970."""
    if isinstance(value, date) or (isinstance(value, str) and _DAY.fullmatch(value)):
        return value
    raise ValueError("应为日期（YYYY-MM-DD）")


def _of_our_times(day: date) -> date:
    if not FIRST_DAY <= day <= LAST_DAY:
        raise ValueError("应为 1900 年至 2999 年之间的日期")
    return day


def _happened(info: ValidationInfo) -> date | None:
    """The day of the command that the field belongs to, which stands first in it."""
    return (info.data or {}).get("occurred_on")


def _past(day: date, info: ValidationInfo) -> date:
    happened = _happened(info)
    if happened is not None and day > happened:
        raise ValueError("不得晚于发生日期（occurred_on）：请核对两个日期")
    return day


def _past_year(year: int, info: ValidationInfo) -> int:
    happened = _happened(info)
    if happened is not None and year > happened.year:
        raise ValueError("不得晚于发生日期（occurred_on）所在年份：请核对")
    return year


def _printed(text: str, info: ValidationInfo) -> str:
    try:
        day = date.fromisoformat(text[:10])
    except ValueError:
        raise ValueError("没有这一天：请按文件上印的日期填写") from None
    _past(day, info)
    return text


Day = Annotated[
    date,
    Field(strict=False, examples=["2022-04-01"]),
    BeforeValidator(iso_day),
    AfterValidator(_of_our_times),
]
PastDay = Annotated[Day, AfterValidator(_past)]
"""Of something that is past: not after the command's `occurred_on`.  Only directly in a command."""
PastYear = Annotated[Year, AfterValidator(_past_year)]
"""Not after the year of the command's `occurred_on`.  Only directly in a command."""
Printed = Annotated[
    str,
    Shape(
        "[0-9]{4}-[0-9]{2}-[0-9]{2}(T([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9])?)?",
        "应为文件上印的日期或时间，如 2022-05-31 或 2022-05-31T22:28:30",
        19,
        "2022-04-01T09:30",
    ),
    AfterValidator(_printed),
]
"""A time as printed, whose zone the source does not give, or a day alone; past, as PastDay is."""
Month = Annotated[str, Shape("[12][0-9]{3}-(0[1-9]|1[0-2])", "应为月份（YYYY-MM）", 7, "2022-04")]


# Texts

_BIDI = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""They turn what stands after them around, so that a text reads as another than it is."""
_BREAKS = frozenset("\n\r\t\u2028\u2029")
_JOINERS = frozenset("\u200c\u200d")
"""Without width, but part of how Mongolian, Uyghur and emoji are written."""


def _wrong(c: str, *, lines: bool) -> str | None:
    """What is wrong with a character in a text of one line, or of lines."""
    kind = category(c)
    if c in _BIDI:
        return "控制文字方向的字符"
    if c in _BREAKS:
        return None if lines else "换行或制表符"
    if kind == "Cf":
        return None if lines or c in _JOINERS else "看不见的字符"
    return {"Cc": "控制字符", "Co": "自造字", "Cn": "未定义的字符", "Cs": "不成对的代理码"}.get(kind)


def _shows(c: str) -> bool:
    return category(c)[0] not in "ZC" and not normal.is_ignorable(c)


def written(text: str, *, lines: bool) -> str:
    """The text in NFC, else as it was written.  Raises ValueError for what cannot be read as it stands there."""
    text = normalize("NFC", text)
    if not any(map(_shows, text)):
        raise ValueError("没有任何看得见的字：请填写内容")
    for c in text:
        if what := _wrong(c, lines=lines):
            raise ValueError(f"含有{what}（U+{ord(c):04X}）：请删去后重新填写")
    return text


def _line(text: str) -> str:
    return written(text, lines=False)


def _lines(text: str) -> str:
    return written(text, lines=True)


def _remark(text: str) -> str:
    return written(text, lines=True) if text else text


_OPEN = "明文保存，不得含身份证号码或手机号码"

Name = Annotated[
    str,
    Field(min_length=1, max_length=100, description=_OPEN, examples=["演示名称"]),
    AfterValidator(_line),
    AfterValidator(_impersonal),
]
"""Of an organisation, an office or a thing.  One line."""
Title = Annotated[
    str,
    Field(min_length=1, max_length=300, description=_OPEN, examples=["演示标题"]),
    AfterValidator(_line),
    AfterValidator(_impersonal),
]
"""Of a document or a target, as printed.  One line."""
Text = Annotated[
    str,
    Field(min_length=1, max_length=2000, description=_OPEN, examples=["演示内容"]),
    AfterValidator(_lines),
    AfterValidator(_impersonal),
]
"""Free and kept in clear."""
Remark = Annotated[
    str,
    Field(max_length=2000, description=_OPEN, examples=["演示备注"]),
    AfterValidator(_remark),
    AfterValidator(_impersonal),
]
"""A Text that may be empty."""

PersonName = Annotated[str, Field(min_length=1, max_length=60, examples=["演示人员"]), AfterValidator(_line)]
"""Sealed."""
Address = Annotated[str, Field(min_length=1, max_length=200, examples=["演示地址"]), AfterValidator(_line)]
"""Sealed."""
SealedText = Annotated[str, Field(min_length=1, max_length=2000, examples=["演示记录"]), AfterValidator(_lines)]
"""Sealed, so that it may say anything about a person."""


# Registered numbers

LONGEST_TYPED: Final = 80
"""Characters of a number with all that may stand between its digits."""


def _identity(text: str, info: ValidationInfo) -> str:
    return normal.identity_number(text, _happened(info))


def _unless_placeholder(value: Any) -> Any:
    return None if isinstance(value, str) and normal.is_placeholder(value) else value


def _checked(check: Callable[[str], str]) -> AfterValidator:
    """Refuses as `check` does, and keeps what was written."""

    def kept(text: str) -> str:
        check(text)
        return normalize("NFC", text)

    return AfterValidator(kept)


_BORN_BEFORE_ANYBODY: Final = "62010219000101000"
_IDENTITY: Final = _BORN_BEFORE_ANYBODY + normal.identity_check(_BORN_BEFORE_ANYBODY)
_NO_ORGANISATION: Final = "52620100DEM000000"
_CREDIT: Final = _NO_ORGANISATION + normal.credit_check(_NO_ORGANISATION)
"""Examples that are nobody's, and whose last characters are right."""

IdentityNumber = Annotated[str, Field(max_length=LONGEST_TYPED, examples=[_IDENTITY]), AfterValidator(_identity)]
"""Sealed; its normal form.  Nobody is born after the command's `occurred_on`."""
MaybeIdentityNumber = Annotated[IdentityNumber | None, BeforeValidator(_unless_placeholder)]
"""A placeholder (无, 不详, 000…) is no number, and so never the same as another person's."""
LicenceNumber = Annotated[
    str,
    Field(min_length=1, max_length=LONGEST_TYPED, examples=["DEMO-0001"]),
    AfterValidator(_line),
    _checked(normal.licence_number),
]
"""Sealed; as written.  Two are compared by their normal form."""
CreditCode = Annotated[
    str, Field(min_length=1, max_length=LONGEST_TYPED, examples=[_CREDIT]), AfterValidator(normal.credit_code)
]
"""A unified social credit code, its normal form."""


# Lists in a document

Some = Annotated[tuple[T, ...], Field(min_length=1, max_length=200)]
Several = Annotated[tuple[T, ...], Field(max_length=200)]
"""Or none."""
