"""A project under other terms than it began with: the payer moves it to a later version, or extends it.

What stands, stands; what the new terms ask for and is not there, the steps say.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from contracts.values import DocumentId
from funding.domain.contradictions import CalendarOutOfOrder
from funding.domain.project import events as e
from funding.domain.project.needs import owed, waiting_for
from funding.domain.project.situation import Actor, Situation
from funding.domain.project.stage import reached
from funding.domain.project.state import Project
from funding.domain.project.steps import EXTEND, MOVE, require
from funding.domain.project.version import terms_of
from funding.domain.scheme import Scheme
from funding.domain.terms import Calendar, Terms
from kit.errors import Refused


class SameVersion(Refused):
    code = "version-held-already"
    name = "已适用该版本"
    text = "该试点已按方案第 {version} 版办理，无需再改。请核对版次。"


class EarlierVersion(Refused):
    code = "version-earlier"
    name = "不能改回旧版本"
    text = "该试点现按方案第 {held} 版办理，不能改回第 {version} 版。请选择之后的版本。"


class VersionNotInForce(Refused):
    code = "version-not-in-force"
    name = "该版本未生效"
    text = "{day} 生效的是方案第 {current} 版，不能改按第 {version} 版办理。请填写当日生效的版次，或核对发生日期。"


class NotLater(Refused):
    code = "extension-not-later"
    name = "未延长实施期"
    status = 422
    rule = "R-LZ-28"
    text = "该试点实施期现到 {impl_to} 为止，延长后的截止日须晚于该日。请改为之后的日期。"


class AcceptanceEarlier(Refused):
    code = "extension-acceptance-earlier"
    name = "验收期提前"
    status = 422
    rule = "R-LZ-28"
    text = "该试点验收期现为 {accept_from} 至 {accept_to}，延长期限时起止日都不能提前。请改为不早于现有的日期。"


def move(
    project: Project,
    scheme: Scheme,
    *,
    version: int,
    document: DocumentId,
    reason: str,
    actor: Actor,
    occurred_on: date,
) -> Sequence[e.ProjectEvent]:
    """To a later version that is in force on the day.

    An extension stays where it ends later than the version does, with whichever acceptance ends later.  Nodes are
    planned back anew, those that were reached keep their days.  Money stays as it was allotted until the payer allots
    by the new version.
    """
    s = Situation.on(occurred_on, project, scheme)
    require(MOVE, s, actor)
    held = project.holds
    if version == held:
        raise SameVersion(version=version)
    if version < held:
        raise EarlierVersion(held=held, version=version)
    current, terms = scheme.in_force(occurred_on)
    if version != current:
        raise VersionNotInForce(day=occurred_on, current=current, version=version)
    longer = _still(project.extended, terms.calendar)
    now = terms_of(replace(project, version=version, extended=longer), scheme)
    moved = e.ProjectMoved(
        project_id=project.id,
        scheme_id=project.under,
        was=held,
        version=version,
        extended=longer,
        impl_from=now.calendar.impl_from,
        impl_to=now.calendar.impl_to,
        milestones=_planned_anew(project, s.terms, now),
        passed=_passed(s),
        document=document,
        reason=reason,
    )
    return (moved,)


def _still(extended: e.Ends | None, calendar: Calendar) -> e.Ends | None:
    if extended is None or extended.impl_to <= calendar.impl_to:
        return None
    if extended.accept_to >= calendar.accept_to:
        return extended
    return replace(extended, accept_from=calendar.accept_from, accept_to=calendar.accept_to)


def extend(
    project: Project,
    scheme: Scheme,
    *,
    ends: e.Ends,
    document: DocumentId,
    reason: str,
    actor: Actor,
    occurred_on: date,
) -> Sequence[e.ProjectEvent]:
    """The end of the term and the days of the acceptance, which no extension brings forward; nodes follow from them."""
    s = Situation.on(occurred_on, project, scheme)
    require(EXTEND, s, actor)
    days = s.terms.calendar
    was = e.Ends(days.impl_to, days.accept_from, days.accept_to)
    if ends.impl_to <= was.impl_to:
        raise NotLater(impl_to=was.impl_to)
    if ends.accept_from < was.accept_from or ends.accept_to < was.accept_to:
        raise AcceptanceEarlier(accept_from=was.accept_from, accept_to=was.accept_to)
    if ends.accept_from > ends.accept_to:
        raise CalendarOutOfOrder(first=ends.accept_from, second=ends.accept_to)
    now = terms_of(replace(project, extended=ends), scheme)
    extended = e.ProjectExtended(
        project_id=project.id,
        was=was,
        ends=ends,
        impl_from=days.impl_from,
        milestones=_planned_anew(project, s.terms, now),
        document=document,
        reason=reason,
    )
    return (extended,)


def _planned_anew(project: Project, was: Terms, now: Terms) -> tuple[e.Milestone, ...]:
    """Each node of the terms with its day: as many days before the plan's as the district had set it.

    A node that is reached is judged by the day that it had.  Nothing, where the district has planned nothing yet.
    """
    if not project.milestones:
        return ()
    own = {one.code: one.due for one in project.milestones}
    before = {rule.code: was.due(rule) for rule in was.milestones}
    planned = []
    for rule in now.milestones:
        due = now.due(rule)
        if rule.code in own and reached(project, rule.code):
            due = own[rule.code]
        elif rule.code in own:
            due -= before[rule.code] - own[rule.code]
        planned.append(e.Milestone(code=rule.code, name=rule.name, due=due))
    return tuple(planned)


def _passed(s: Situation) -> tuple[str, ...]:
    """The phases whose report has been through the whole chain."""
    if s.project.assignment is None:
        return ()
    owes = {phase.code for phase in owed(s)}
    there = (phase for phase, one in s.project.assignment.reports.items() if phase in owes and not one.returned)
    return tuple(phase for phase in there if waiting_for(s, phase) is None)
