"""One number is one number, however it was typed; and what is no number is refused with what to do."""

from __future__ import annotations

from datetime import date
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.synthetic import credit_code, identity_number

from contracts import normal

NUMBER = "62010219500101003X"


@pytest.mark.parametrize(
    "written",
    [
        NUMBER,
        "62010219500101003x",
        "620102500101003",  # as before 1999
        "620102 19500101 003X",
        "620102-19500101-003X",
        "620102－19500101－003Ｘ",
        "６２０１０２１９５００１０１００３Ｘ",
        "6201021950010\u200b1003X",
        "\ufeff62010219500101003X\u00a0",
        "62010219500101003Х",  # Cyrillic
        "62010219500101003Χ",  # Greek
        "62010219500101003×",
        "٦٢٠١٠٢١٩٥٠٠١٠١٠٠٣X",
        "\u202a62010219500101003X\u202c",
        "62010219500101003\ufe0fX",
    ],
)
def test_one_person_has_one_identity_number(written: str) -> None:
    assert normal.identity_number(written) == NUMBER


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("abc", "应为 18 位"),
        ("6201021950010100", "应为 18 位"),
        ("62010219500101003XX", "应为 18 位"),
        ("6X010219500101003X", "应为 18 位"),
        ("620102195001010031", "校验位"),
        ("62010219500101030X", "校验位"),  # two digits in each other's place
        ("620102195002310038", "出生日期"),
        ("620102189912310031", "出生日期"),
        ("620102500231003", "出生日期"),
        ("99010219500101003X", "省级"),
        ("16010219500101003X", "省级"),
        ("6.20102E+17", "科学计数"),
        ("6.2010219500101E17", "科学计数"),
        ("６．２０１０２Ｅ＋１７", "科学计数"),
    ],
)
def test_what_is_no_identity_number_is_refused_with_what_to_do(written: str, said: str) -> None:
    with pytest.raises(ValueError, match=said) as refused:
        normal.identity_number(written)
    assert "请" in str(refused.value)
    assert written not in str(refused.value)


def test_nobody_is_known_before_birth() -> None:
    born = date(1950, 1, 1)
    assert normal.identity_number(NUMBER, born) == NUMBER
    with pytest.raises(ValueError, match="晚于"):
        normal.identity_number(NUMBER, date(1949, 12, 31))


@pytest.mark.parametrize("region", ["11", "46", "54", "65", "71", "81", "83", "91"])
def test_residents_of_every_region_have_numbers(region: str) -> None:
    first = f"{region}000019900228123"
    whole = first + normal.identity_check(first)
    assert normal.identity_number(whole) == whole


@given(st.integers(0, 999), st.integers(0, 17), st.integers(1, 9))
def test_one_wrong_digit_never_passes(n: int, place: int, by: int) -> None:
    """What the check character is for."""
    number = identity_number(n)
    if place == 17:
        wrong = number[:17] + "0123456789X"[("0123456789X".index(number[17]) + by) % 11]
    else:
        wrong = number[:place] + str((int(number[place]) + by) % 10) + number[place + 1 :]
    with pytest.raises(ValueError, match="请"):
        normal.identity_number(wrong)


@pytest.mark.parametrize(
    "written",
    [
        "",
        " ",
        "无",
        "不 详",
        "暂无",
        "未知",
        "—",
        "－－",
        "/",
        "000",
        "000000000000000000",
        "111111",
        "XXX",
        "n/a",
    ],
)
def test_a_placeholder_is_no_number(written: str) -> None:
    assert normal.is_placeholder(written)


@pytest.mark.parametrize("written", [NUMBER, "0", "1", "A1", "620102500101003", "无锡001"])
def test_a_number_is_no_placeholder(written: str) -> None:
    assert not normal.is_placeholder(written)


@pytest.mark.parametrize(
    "written",
    ["DEMO-2020-77", "ｄｅｍｏ-2020- 77", "DEMO202077", "DEMO\u200b-2020-77", "DЕМО—2020—77", "（DEMO）2020.77"],
)
def test_one_certificate_has_one_licence_number(written: str) -> None:
    assert normal.licence_number(written) == "DEMO202077"


@pytest.mark.parametrize("written", ["无", "0000", "暂无", "ABCD", "A1", "9" * 3 + "1" * 38, "2.0190405E+15", "\u200b"])
def test_what_is_no_licence_number_is_refused(written: str) -> None:
    with pytest.raises(ValueError, match="请"):
        normal.licence_number(written)


def test_a_certificate_may_have_chinese_letters() -> None:
    assert normal.licence_number("甘社工证字第 0001 号") == "甘社工证字第0001号"


@pytest.mark.parametrize(
    "written",
    [
        "91350100M000100Y43",  # the standard's own example
        "91350100m000100y43",
        " 91350100 M000100Y4 3",
        "９１３５０１００Ｍ０００１００Ｙ４３",
        "91350100М000100У43",  # Cyrillic
    ],
)
def test_one_organisation_has_one_credit_code(written: str) -> None:
    assert normal.credit_code(written) == "91350100M000100Y43"


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("IIIIOOOO", "没有字母 I、O"),
        ("52620100DEMO0001XX", "没有字母 O"),
        ("91350100M000100Y44", "校验位"),
        ("91350100M000100Y4", "18 位"),
        ("9135010AM000100Y43", "18 位"),
        ("无", "18 位"),
    ],
)
def test_what_is_no_credit_code_is_refused_with_what_to_do(written: str, said: str) -> None:
    with pytest.raises(ValueError, match=said) as refused:
        normal.credit_code(written)
    assert "请" in str(refused.value)


@given(st.integers(0, 999_999), st.integers(0, 17), st.integers(1, 30))
def test_one_wrong_character_of_a_credit_code_never_passes(n: int, place: int, by: int) -> None:
    alphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY"
    code = credit_code(n)
    wrong = code[:place] + alphabet[(alphabet.index(code[place]) + by) % 31] + code[place + 1 :]
    with pytest.raises(ValueError, match="请"):
        normal.credit_code(wrong)


IDENTITY, MOBILE = "身份证号码", "手机号码"


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (NUMBER, IDENTITY),
        ("李某62010219500101003x，住演示路", IDENTITY),
        ("620102 1950 0101 003X", IDENTITY),
        ("6-2-0-1-0-2-1-9-5-0-0-1-0-1-0-0-3-X", IDENTITY),
        ("620102.19500101.003X", IDENTITY),
        ("６２０１０２１９５００１０１００３Ｘ", IDENTITY),
        ("6201\u200b0219500101\u200b003X", IDENTITY),
        ("620102\n19500101003X", IDENTITY),
        ("身份证号620102500101003", IDENTITY),
        ("a620102195001010031", IDENTITY),  # with a wrong check digit it is still somebody's
        ("620102195001010031 13800138000", IDENTITY),
        ("62010219000101146__X", IDENTITY),
        ("62010219000101146。 - （X）", IDENTITY),
        ("62010219000101146,x", IDENTITY),
        ("62010219000101146 ＊＊ Ｘ", IDENTITY),
        ("62010219000101146……×", IDENTITY),
        ("620102 - 19500101 - 003X", IDENTITY),
        ("620102【19500101】003X", IDENTITY),
        ("620102|19500101|003X", IDENTITY),
        ("620102★19500101★003X", IDENTITY),
        ("620102…19500101…003X", IDENTITY),
        ("6\ufe0f\u20e32\ufe0f\u20e30\ufe0f\u20e3102195001010031", IDENTITY),
        ("13800138000", MOBILE),
        ("(138)0013-8000", MOBILE),
        ("138 - 0013 - 8000", MOBILE),
        ("13800138000 X", MOBILE),
        ("电话：138-0013-8000", MOBILE),
        ("138 0013 8000", MOBILE),
        ("1 3 8 0 0 1 3 8 0 0 0", MOBILE),
        ("+86 13800138000", MOBILE),
        ("8613800138000", MOBILE),
        ("13800138000 13900139000", MOBILE),
        ("１３８００１３８０００", MOBILE),
        ("1380-0013-800", MOBILE),
    ],
)
def test_a_personal_number_is_found_in_a_text(text: str, kind: str) -> None:
    assert normal.personal_number_in(text) == kind


@pytest.mark.parametrize(
    "text",
    [
        "",
        "兰民发〔2022〕35号",
        "兰民发〔2022〕12号、兰民发〔2022〕35号",
        "兰党建发〔2020〕1号，甘发〔2019〕35号，中发〔2021〕16号",
        "订单号 20220531-000123、20220601-000124",
        "订单 2022053100012345678 × 2",
        "2022-05-31T22:28:30",
        "2021-12-31 2022-01-01 2023-05",
        "160,000 + 80,000 + 15,000 + 15,000 + 30,000 = 300,000",
        "130000、15000 元；160000，15000 元；150000+15000=165000",
        "￥13,800,138.00",
        "15000~150000 元，150%",
        "62010219000101146",  # no check character: the number of an order, a time
        "6201021900010114，共 6 项 X",
        "13：800：13800：0",
        "2022-09-27 至 2023-09-27，共 12 个月",
        "18/9/2022-29/10",
        "13-09-2022 2023-09-01",
        "经费 13 800 000 000 元",
        "社区代码 620102001001、街道 620102001",
        "91350100M000100Y43",
        "52620100DEM0000010",
        "0931-8888888",
        "7f6c2b9e-0d1a-4b7c-9e21-3a5b6c7d8e9f",
        "编号 202205310001234567890",
        "12345678901",
        "138001380001",
    ],
)
def test_dates_sums_and_codes_are_no_personal_numbers(text: str) -> None:
    assert normal.personal_number_in(text) is None


SIGNS = " -._·/\\*|#&@'()（）【】〔〕《》—…★\n"


@given(
    st.integers(0, 999),
    st.lists(st.text(SIGNS, max_size=3).filter(lambda gap: "…" not in gap or len(gap) == 1), min_size=1, max_size=4),
    st.lists(st.integers(1, 16), min_size=1, max_size=4),
    st.text(f"{SIGNS},，。、；：!？%+=~", max_size=6),
    st.text("甲乙，。：（）\n", max_size=5),
)
def test_an_identity_number_is_found_through_whatever_signs(
    n: int, gaps: list[str], places: list[int], last: str, around: str
) -> None:
    """Up to three between digits, where each "…" is three; any number of any before the letter at the end."""
    digits = identity_number(n)[:17]
    cuts = [0, *sorted(set(places)), 17]
    parts = [digits[a:b] for a, b in pairwise(cuts)]
    written = parts[0] + "".join(gaps[k % len(gaps)] + part for k, part in enumerate(parts[1:]))
    assert normal.personal_number_in(f"{around}{written}{last}X{around}") == IDENTITY


DAYS = st.dates(date(2000, 1, 1), date(2035, 12, 31))
WRITTEN = st.one_of(
    st.builds(lambda d: d.isoformat(), DAYS),
    st.builds(lambda d: f"{d.year}年{d.month}月{d.day}日", DAYS),
    st.builds(lambda d, n: f"兰民发〔{d.year}〕{n}号", DAYS, st.integers(1, 999)),
    st.builds(lambda d, n: f"DD{d:%Y%m%d}{n:06}", DAYS, st.integers(0, 999_999)),
    st.builds(lambda fen: f"{fen // 100:,}.{fen % 100:02} 元", st.integers(0, 10**11)),
    st.builds(lambda yuan: f"{yuan}元", st.integers(0, 10**9)),
    st.builds(lambda yuan: f"{yuan:,}", st.integers(0, 10**9)),
    st.builds(lambda n: f"{n}%", st.integers(0, 100)),
)


@given(
    st.lists(WRITTEN, min_size=1, max_size=6),
    st.sampled_from(["，", "、", "；", "：", "。", " + ", " = ", "~", " 至 "]),
)
def test_days_sums_and_numbers_of_documents_in_a_row_are_no_personal_numbers(items: list[str], mark: str) -> None:
    assert normal.personal_number_in(mark.join(items)) is None


@given(st.integers(0, 999), st.text(" -._·/", max_size=2), st.integers(1, 17), st.text("甲乙，。：（）\n", max_size=5))
def test_an_identity_number_is_found_wherever_it_is_broken(n: int, gap: str, at: int, around: str) -> None:
    number = identity_number(n)
    assert normal.personal_number_in(f"{around}{number[:at]}{gap}{number[at:]}{around}") == IDENTITY
