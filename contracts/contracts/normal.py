"""Numbers that people have, in the one form that is compared: what typing, copying and spreadsheets change is undone.

Pure, text in and text out.  A function that refuses raises ValueError, whose words are Chinese and are shown to the
sender: what is wrong, and what to do.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from functools import lru_cache
from typing import Final
from unicodedata import category, decimal, normalize

IGNORABLE: Final = "\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0"
"""Letters and marks that show nothing, although their category says otherwise; variation selectors are beside them."""

_LOOK_ALIKES = str.maketrans("АВЕКМНОРСТУХІЈЅΑΒΕΖΗΙΚΜΝΟΡΤΥΧ×", "ABEKMHOPCTYXIJSABEZHIKMNOPTYXX")
_SCIENTIFIC = re.compile(r"[0-9]([.,][0-9]+)?E\+?[0-9]+", re.ASCII)
_PLACEHOLDER = re.compile(
    r"|[/?空缺无]|无证|没有|不详|不明|不清楚|暂无|暂缺|未知|未提供|未办理|未登记|保密|N/?A|NONE|NULL|NIL|TEST|(.)\1+"
)
_REGION = re.compile("1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[1-3]|9[1-6]")
"""First two digits: a province (GB/T 2260), residents of Taiwan, Hong Kong and Macao, and 9 for foreigners."""

FIRST_BIRTH: Final = date(1900, 1, 1)


def folded(text: str) -> str:
    """Upper case without width, blanks, hyphens and what cannot be seen; look-alikes become what they look like.

    Digits of other scripts become 0 to 9, Cyrillic and Greek capitals the Latin ones that they cannot be told from.
    """
    return "".join(c for c in _flat(text) if c not in " -")


def is_placeholder(text: str) -> bool:
    """Whether somebody filled a field in only to say that there is nothing: 无, 不详, 暂无, -, 000000."""
    return bool(_PLACEHOLDER.fullmatch(folded(text)))


def identity_number(text: str, on: date | None = None) -> str:
    """A citizen's number (GB 11643) as 18 characters; 15 digits of before 1999 get their century and check character.

    `on` is a day on which the person was born already.
    """
    kept = folded(text)
    if _SCIENTIFIC.fullmatch(kept):
        raise ValueError("号码被表格软件改成了科学计数，末几位已丢失：请把单元格设为文本，按证件重新填写完整号码")
    if re.fullmatch("[0-9]{15}", kept):
        kept = f"{kept[:6]}19{kept[6:]}"
        kept += identity_check(kept)
    if not re.fullmatch("[0-9]{17}[0-9X]", kept):
        raise ValueError("居民身份证号码应为 18 位（前 17 位为数字，末位为数字或 X）：请按证件核对；没有的请留空")
    if not _REGION.match(kept):
        raise ValueError("身份证号码的前两位不是省级行政区划代码：请按证件核对")
    born = _born(kept)
    if born is None or born < FIRST_BIRTH:
        raise ValueError("身份证号码第 7 至 14 位不是有效的出生日期：请按证件核对")
    if on is not None and born > on:
        raise ValueError("身份证号码中的出生日期晚于发生日期：请按证件核对号码和发生日期")
    if kept[-1] != identity_check(kept[:17]):
        raise ValueError("身份证号码的校验位不对，可能有一位填错：请按证件逐位核对")
    return kept


def identity_check(first: str) -> str:
    """The 18th character of an identity number whose first 17 digits these are (GB 11643, ISO 7064 MOD 11-2)."""
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    return "10X98765432"[sum(w * int(c) for w, c in zip(weights, first, strict=True)) % 11]


def licence_number(text: str) -> str:
    """The number of a certificate, letters and digits alone: marks and blanks do not make another certificate."""
    kept = "".join(c for c in _flat(text) if category(c)[0] in "LN")
    if is_placeholder(text) or not re.search("[0-9]", kept):
        raise ValueError("证书编号至少含有一位数字：请按证书填写；没有证书的不必登记")
    if _SCIENTIFIC.fullmatch(folded(text)):
        raise ValueError("编号被表格软件改成了科学计数：请把单元格设为文本，按证书重新填写完整编号")
    if not 4 <= len(kept) <= 40:
        raise ValueError("证书编号应为 4 至 40 位字母或数字：请按证书核对")
    return kept


_CREDIT = "0123456789ABCDEFGHJKLMNPQRTUWXY"


def credit_code(text: str) -> str:
    """A unified social credit code (GB 32100-2015), 18 characters."""
    kept = folded(text)
    if strange := sorted(set(kept) & set("IOSVZ")):
        letters = "、".join(strange)
        raise ValueError(f"统一社会信用代码中没有字母 {letters}：请核对是否为数字 1、0、5、2")
    if not re.fullmatch(f"[{_CREDIT}]{{2}}[0-9]{{6}}[{_CREDIT}]{{10}}", kept):
        raise ValueError("统一社会信用代码应为 18 位数字或大写字母，第 3 至 8 位为行政区划代码：请按登记证书核对")
    if kept[-1] != credit_check(kept[:17]):
        raise ValueError("统一社会信用代码的校验位不对，可能有一位填错：请按登记证书逐位核对")
    return kept


def credit_check(first: str) -> str:
    """The 18th character of a credit code whose first 17 these are (GB 32100-2015)."""
    total = sum(pow(3, n, 31) * _CREDIT.index(c) for n, c in enumerate(first))
    return _CREDIT[-total % 31]


def personal_number_in(text: str) -> str | None:
    """What kind of personal number is written in a text, 身份证号码 or 手机号码; None if there is none.

    However it is written: in full width, or with up to three blanks, signs or brackets between two digits, and any
    before the X.  A wrong check digit makes it no less personal.
    """
    flat = _flat(text)
    if not _ENOUGH.search(flat):
        return None
    for run in _RUNS.findall("".join("-" if _joins(c) else c for c in flat)):
        for groups in _windows(_APART.split(run)):
            number = "".join(groups)
            if _is_identity(number, groups):
                return "身份证号码"
            if _is_mobile(number, groups):
                return "手机号码"
    return None


_ENOUGH = re.compile(r"(?:[0-9][^0-9]*){11}")
"""A telephone number has the fewest digits, and most texts have fewer still."""
_RUNS = re.compile(r"[0-9]+(?:-{1,3}[0-9]+)*(?:[\W_]*X)?")
_APART = re.compile(r"[\W_]+")
_SEPARATING = ",、;:。!?%"
"""Marks that stand between two numbers, or end one; so do signs of arithmetic and of currencies."""
LONGEST = 18
NEVER_BORN = date(2100, 1, 1)
"""Days in a row can be read as a number of somebody who is not born yet."""


def _joins(c: str) -> bool:
    """Whether a number goes on behind a mark: a blank, hyphen, dot, slash, bracket, star or keycap, but no comma."""
    kind = category(c)
    return c == "|" or (kind[0] in "PZMS" and kind not in ("Sm", "Sc") and c not in _SEPARATING)


def _windows(groups: list[str]) -> Iterator[list[str]]:
    """Every few groups of digits in a row that could be one number."""
    for start in range(len(groups)):
        length = 0
        for end in range(start, len(groups)):
            length += len(groups[end])
            if length > LONGEST:
                break
            yield groups[start : end + 1]


def _is_identity(number: str, groups: list[str]) -> bool:
    if len(number) == 15 and number.isdecimal():
        return _evenly(groups) and bool(_REGION.match(number)) and _born(f"{number[:6]}19{number[6:]}") is not None
    born = _born(number) if len(number) == 18 else None
    return born is not None and FIRST_BIRTH <= born < NEVER_BORN and bool(_REGION.match(number))


def _is_mobile(number: str, groups: list[str]) -> bool:
    if groups == [number]:
        number = re.sub("^(00)?86(?=.{11}$)", "", number)
    return bool(re.fullmatch("1[3-9][0-9]{9}", number)) and _evenly(groups)


def _evenly(groups: list[str]) -> bool:
    """As numbers are spaced: days, sums and counts in a row have groups of one or two digits among others."""
    return all(len(g) > 2 for g in groups) or all(len(g) == 1 for g in groups)


def _born(number: str) -> date | None:
    try:
        return date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return None


def _flat(text: str) -> str:
    """One width and case, seen characters only; every blank is " " and every dash "-"."""
    return "".join(_one(c) for c in normalize("NFKC", text).upper()).translate(_LOOK_ALIKES)


@lru_cache(maxsize=4096)
def _one(c: str) -> str:
    kind = category(c)
    if kind[0] == "Z" or c in "\t\n\r\v\f":
        return " "
    if kind in ("Cf", "Cc") or is_ignorable(c):
        return ""
    if kind == "Pd" or c == "\u2212":
        return "-"
    return str(decimal(c)) if kind == "Nd" else c


def is_ignorable(c: str) -> bool:
    """Whether a character outside the categories of controls and blanks shows nothing."""
    return c in IGNORABLE or "\u180b" <= c <= "\u180f" or "\ufe00" <= c <= "\ufe0f" or "\U000e0100" <= c <= "\U000e01ef"
