"""Terms that contradict themselves: what a bureau cannot publish, and why."""

from __future__ import annotations

from collections.abc import Iterable

from contracts.values import yuan
from funding.domain.terms import PAYER_NAMES, Level, Payer, Terms
from kit.errors import Refused


class LinesDoNotAddUp(Refused):
    code = "lines-do-not-add-up"
    name = "经费分项合计不符"
    status = 422
    rule = "R-LZ-13"
    text = "各项经费合计 {sum} 元，与单个试点经费标准 {budget} 元不一致。请核对方案的经费分项。"


class SublinesDoNotAddUp(Refused):
    code = "sublines-do-not-add-up"
    name = "经费明细合计不符"
    status = 422
    rule = "R-LZ-15"
    text = "经费项“{line}”的明细合计 {sum} 元，与该项标准 {cap} 元不一致。请核对方案的经费明细。"


class QuotasDoNotAddUp(Refused):
    code = "quotas-do-not-add-up"
    name = "名额合计不符"
    status = 422
    rule = "R-LZ-01"
    text = "各区名额合计 {sum} 个，与试点总数 {total} 个不一致。请核对方案的名额分配。"


class CalendarOutOfOrder(Refused):
    code = "calendar-out-of-order"
    name = "时间安排矛盾"
    status = 422
    rule = "R-LZ-28"
    text = "方案的时间安排前后矛盾（{first} 晚于 {second}）。请核对准备、实施和验收的起止日期。"


class CodeTwice(Refused):
    code = "code-twice"
    name = "代码重复"
    status = 422
    text = "方案中的代码“{code}”在同一列表内重复。请改用不同的代码。"


class NotPositive(Refused):
    code = "terms-not-positive"
    name = "数值须大于零"
    status = 422
    text = "方案中的名额、经费、次数和单价都须大于零（{what}）。请核对后重新发布。"


class ChainUnknown(Refused):
    code = "report-chain-unknown"
    name = "报告流程无法办理"
    status = 422
    rule = "R-LZ-25"
    text = "报告流程中的街道环节无法办理。报告由社区确认、区民政局审核，请核对方案。"


class OwnerMismatch(Refused):
    code = "scheme-owner-mismatch"
    name = "列支单位与出资级别不符"
    status = 422
    rule = "R-LZ-33"
    text = "方案的出资级别（{source}）与经费集中列支单位（{booker}）不一致。请核对经费的列支单位。"


def check(terms: Terms) -> None:
    """Refuses terms that contradict themselves (R-LZ-01, 13, 15, 16, 28)."""
    _check_money(terms)
    if (total := sum(q.projects for q in terms.quotas)) != terms.total_projects:
        raise QuotasDoNotAddUp(sum=total, total=terms.total_projects)
    days = terms.calendar
    in_order = (("prep_due", "impl_from"), ("impl_from", "impl_to"), ("accept_from", "accept_to"))
    for first, second in (*in_order, ("impl_from", "accept_from")):
        if getattr(days, first) > getattr(days, second):
            raise CalendarOutOfOrder(first=getattr(days, first), second=getattr(days, second))
    for step in terms.report_chain:
        if step.by is Level.STREET:
            raise ChainUnknown
    _check_codes(q.district for q in terms.quotas)
    _check_codes(line.code for line in terms.lines)
    for line in terms.lines:
        _check_codes(p.code for p in line.purposes)
    for coded in (terms.phases, terms.criteria, terms.community.attested, terms.service_domains, terms.ratings):
        _check_codes(c.code for c in coded)
    _check_codes(m.code.value for m in terms.milestones)
    _check_codes(one.rule for one in terms.cites)


def _check_money(terms: Terms) -> None:
    purposes = [p for line in terms.lines for p in line.purposes]
    limits_of = [n for p in purposes for n in (p.cap_fen, p.unit_price_fen, p.times) if n is not None]
    amounts = [terms.total_projects, terms.unit_budget_fen, *(line.cap_fen for line in terms.lines), *limits_of]
    if wrong := [n for n in (*amounts, *(q.projects for q in terms.quotas)) if n <= 0]:
        raise NotPositive(what=wrong[0])
    if (total := sum(line.cap_fen for line in terms.lines)) != terms.unit_budget_fen:
        raise LinesDoNotAddUp(sum=yuan(total), budget=yuan(terms.unit_budget_fen))
    for line in terms.lines:
        if line.booked_by not in (Payer.ORGANISATION, terms.funding_source):
            raise OwnerMismatch(source=PAYER_NAMES[terms.funding_source], booker=PAYER_NAMES[line.booked_by])
        limits = [p.most_fen for p in line.purposes]
        if limits and None not in limits and (parts := sum(most or 0 for most in limits)) != line.cap_fen:
            raise SublinesDoNotAddUp(line=line.name, sum=yuan(parts), cap=yuan(line.cap_fen))


def _check_codes(codes: Iterable[str]) -> None:
    seen: set[str] = set()
    for code in codes:
        if code in seen:
            raise CodeTwice(code=code)
        seen.add(code)
