"""A scheme: a bureau's programme as a versioned, effective-dated document."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import ClassVar, TypeAlias

from contracts.values import Event, SchemeId
from funding.domain import organisation, quota
from funding.domain.contradictions import check
from funding.domain.quota import QuotaUse
from funding.domain.terms import PAYER_NAMES, Payer, Terms
from kit.errors import Refused


@dataclass(frozen=True)
class SchemePublished(Event):
    """Version `number` of the scheme; in force from `terms.effective_from` until a later one is."""

    TOPIC: ClassVar[str] = "funding.scheme-published"
    NAME: ClassVar[str] = "发布实施方案"
    scheme_id: SchemeId
    number: int
    terms: Terms


SchemeEvent: TypeAlias = SchemePublished


@dataclass(frozen=True)
class Scheme:
    scheme_id: SchemeId | None = None
    versions: tuple[Terms, ...] = ()

    def in_force(self, day: date) -> tuple[int, Terms]:
        """Number and terms of the version in force on a day; raises if none is."""
        for number, terms in reversed(list(enumerate(self.versions, start=1))):
            if terms.effective_from <= day:
                return number, terms
        raise NoSchemeInForce(day=day)

    def terms(self, day: date) -> Terms:
        return self.in_force(day)[1]


def evolve(scheme: Scheme, event: SchemeEvent) -> Scheme:
    return Scheme(scheme_id=event.scheme_id, versions=(*scheme.versions, event.terms))


class NoSchemeInForce(Refused):
    code = "no-scheme-in-force"
    name = "没有生效的方案"
    text = "{day} 没有生效的实施方案。请先发布方案，或核对发生日期。"


class EffectiveTooEarly(Refused):
    code = "effective-too-early"
    name = "生效日期早于现行版本"
    text = "新版本的生效日期 {day} 早于现行版本的生效日期 {current}。请改为之后的日期。"


class EffectiveBeforePublication(Refused):
    code = "effective-before-publication"
    name = "生效日期早于发布日期"
    status = 422
    text = (
        "方案的生效日期 {day} 早于发布日期 {published_on}，方案不能适用于发布之前的事项。"
        "请把生效日期改为发布当日或之后，或核对发布日期。"
    )


class UnknownCondition(Refused):
    code = "unknown-organisation-condition"
    name = "无法核对的机构条件"
    status = 422
    rule = "R-LZ-05"
    text = "机构条件“{condition}”不是系统能够核对的条件。请改用：{known}。"


class StandardMissing(Refused):
    code = "standard-missing"
    name = "未注明参照的市级方案"
    status = 422
    rule = "R-LZ-33"
    text = "区级出资的方案须注明所参照的市级方案。请补充参照的方案编号。"


class StandardNotKept(Refused):
    code = "standard-not-kept"
    name = "与市级标准不一致"
    status = 422
    rule = "R-LZ-33"
    text = "区级出资的试点须参照市级试点标准，以下内容不一致：{what}。请按市级标准调整。"


class WrongPublisher(Refused):
    code = "wrong-publisher"
    name = "发布机关与出资级别不符"
    status = 403
    rule = "R-LZ-33"
    text = "该方案的出资级别为{source}，须由同级民政局发布。请核对出资级别，或由出资的民政局发布。"


def publish(
    scheme: Scheme,
    use: QuotaUse,
    standard: Scheme | None = None,
    *,
    scheme_id: SchemeId,
    terms: Terms,
    by: Payer,
    occurred_on: date,
) -> Sequence[SchemeEvent]:
    """A first or a further version, which counts for no day before this one.

    `standard` is the city scheme that a district-funded one follows (R-LZ-33).
    """
    if by is not terms.funding_source:
        raise WrongPublisher(source=PAYER_NAMES[terms.funding_source])
    check(terms)
    for condition in terms.organisation_conditions:
        if condition.code not in organisation.CONDITIONS:
            raise UnknownCondition(condition=condition.code, known="、".join(organisation.CONDITIONS))
    if terms.funding_source is Payer.DISTRICT:
        _keeps_standard(terms, standard, occurred_on)
    if scheme.versions:
        current = scheme.versions[-1]
        if current == terms:
            return ()
        if terms.effective_from < current.effective_from:
            raise EffectiveTooEarly(day=terms.effective_from, current=current.effective_from)
        quota.require_covered(use, terms)
    if terms.effective_from < occurred_on:
        raise EffectiveBeforePublication(day=terms.effective_from, published_on=occurred_on)
    return (SchemePublished(scheme_id=scheme_id, number=len(scheme.versions) + 1, terms=terms),)


def _keeps_standard(terms: Terms, standard: Scheme | None, day: date) -> None:
    if terms.standard is None or standard is None or not standard.versions:
        raise StandardMissing
    city = standard.terms(day)
    different = []
    if terms.unit_budget_fen != city.unit_budget_fen:
        different.append("单个试点经费")
    if [(a.code, a.cap_fen) for a in terms.lines] != [(a.code, a.cap_fen) for a in city.lines]:
        different.append("经费分项")
    if terms.staffing != city.staffing:
        different.append("社工配备")
    if terms.community != city.community:
        different.append("社区条件")
    if different:
        raise StandardNotKept(what="、".join(different))
