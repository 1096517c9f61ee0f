"""Refusals: what a rule says no to, and the RFC 9457 problem it becomes.

A refusal is a class with a stable code, the rule it rests on and a Chinese sentence that says what is wrong and
what to do.  Everything else that is raised is a bug and stays a 500.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import ClassVar
from uuid import UUID


class Refused(Exception):
    """A rule said no.  Subclass it beside the rule; raise it with the facts that `text` names.

    `code` is a stable kebab-case API contract, `name` what people call it in Chinese, `status` its HTTP status,
    `rule` our id of the rule that it rests on (R-LZ-03) or None, `text` a Chinese str.format template over the facts.
    No fact may hold personal data: it is shown and stored.  But for those of `typed`, which are whatever somebody
    typed: they are shown to who did, and stored nowhere.
    """

    code: ClassVar[str]
    name: ClassVar[str]
    status: ClassVar[int] = 409
    rule: ClassVar[str | None] = None
    text: ClassVar[str]
    retryable: ClassVar[bool] = False
    typed: ClassVar[frozenset[str]] = frozenset()

    def __init_subclass__(cls) -> None:
        """TypeError for a code that people have no words for."""
        if hasattr(cls, "code") and not (hasattr(cls, "name") and hasattr(cls, "text")):
            raise TypeError(f"{cls.__name__} has a code, and no name or text beside it")

    clause: str | None = None
    """The paragraph of the plan that states the rule, as the plan numbers it (七(一)3).  None where no plan was in
    sight, or the plan names none."""
    told: bool = False
    """It told that another holds a natural key, and so of a person perhaps: a trial that hears it leaves a row too."""

    def __init__(self, **facts: object) -> None:
        self.facts = facts
        super().__init__(self.detail)

    @property
    def detail(self) -> str:
        """The Chinese sentence for a bureau user."""
        return self.text.format(**self.facts)

    @property
    def kept(self) -> str:
        """The sentence as it is stored."""
        return self.text.format(**self.facts | dict.fromkeys(self.typed, "…"))


class NotFound(Refused):
    """Absent, or another tenant's: the two are told apart by nobody."""

    code = "not-found"
    name = "没有找到"
    status = 404
    text = "没有找到该记录，或您无权查看。请核对编号。"


class Forbidden(Refused):
    """The role may not do this action at all: `called` is its name, `action` the code that the trace of it keeps."""

    code = "forbidden"
    name = "角色无权办理"
    status = 403
    text = "您的角色（{role}）无权执行该操作（{called}）。请由有权限的岗位办理。"


class NotYourUnit(Refused):
    """It belongs to another street, community, organisation or third party than the one that the token names."""

    code = "not-your-unit"
    name = "非本单位事项"
    status = 403
    text = "该事项由其他单位（{units}）负责，您登录的单位不能办理。请核对所填编号，或请该单位办理。"


ActsFor = Callable[[UUID | str | None], bool]
"""Whether what belongs to a unit is the caller's business: `kit.auth.acts_for` of one actor; rules know no actors."""


def require_unit(acts_for: ActsFor, *units: UUID | str | None) -> None:
    """Raises NotYourUnit unless the caller acts for one of the units; None is a unit that nobody has yet."""
    if not any(acts_for(unit) for unit in units):
        raise NotYourUnit(units="、".join(str(unit) for unit in units if unit is not None) or "尚未确定")


class NotKnownYet(Refused):
    """Another service's fact has not arrived; the same request may succeed in a moment."""

    code = "not-known-yet"
    name = "信息尚未同步"
    status = 409
    retryable = True
    text = "所需信息（{what}）尚未同步到本系统，请稍后用同一请求重试。"


class Ambiguous(Refused):
    """Several bureaus in the caller's sight have a record of that name, and none was named."""

    code = "ambiguous"
    name = "多个地区有同号记录"
    text = "有多个地区（{tenants}）存在该编号的记录。请写明是哪个区县的。"


class SameTwice(Refused):
    """One command names the same record in two places."""

    code = "same-record-twice"
    name = "同一记录重复填写"
    status = 422
    text = "同一条记录在一次办理中被填写了两次。请核对，换成两条不同的记录。"


class StaleVersion(Refused):
    """`If-Match` named another version than the stream's; never decided again."""

    code = "stale-version"
    name = "记录已被他人更新"
    status = 412
    text = "该记录已被他人更新（当前版本 {actual}，您依据的版本 {expected}）。请刷新后重新办理。"


class KeyReused(Refused):
    """The same Idempotency-Key came with another body."""

    code = "idempotency-key-reused"
    name = "请求编号已用于其他请求"
    status = 422
    text = "同一个 Idempotency-Key 已用于另一项内容不同的请求。请为新的请求换一个新的编号。"


class FutureDay(Refused):
    """`occurred_on` lies after today in Asia/Shanghai."""

    code = "occurred-on-in-future"
    name = "发生日期晚于今天"
    status = 422
    text = "发生日期 {occurred_on} 晚于今天（{today}）。请填写实际发生的日期。"


class EarlierThanLast(Refused):
    """`occurred_on` lies before what was last recorded of the same thing; only late-able kinds may."""

    code = "earlier-than-last"
    name = "早于上一事项"
    status = 422
    text = "发生日期 {occurred_on} 早于该记录上一事项的日期（{last}）。请核对日期，按发生的先后办理。"


class EventTooLarge(Refused):
    """What was to be recorded at once does not fit one event."""

    code = "event-too-large"
    name = "一次提交过长"
    status = 422
    text = "一次提交的内容过长，无法作为一条记录保存（上限 {most} KB）。请缩短文字、分次提交，或改为附件。"


class Unavailable(Refused):
    """The database is away, full, shutting down or too slow; the same request may succeed in a moment."""

    code = "unavailable"
    name = "数据库暂不可用"
    status = 503
    retryable = True
    text = "数据库暂不可用，不能确认本次操作已经办理。请稍后用同一请求重试，已办理的不会重复办理。"


class Busy(Refused):
    """Too many writers of one stream; the same request may succeed in a moment."""

    code = "busy"
    name = "多人同时办理"
    status = 503
    retryable = True
    text = "该记录正被多人同时办理，请稍后用同一请求重试。"


class TooEarly(Refused):
    """A fact dated before the fact that it rests on; both days are named."""

    code = "too-early"
    name = "早于所依据的事项"
    status = 422
    text = "发生日期 {day} 早于{what}的日期（{earliest}）。所依据的事项须先发生，请核对后填写实际发生的日期。"


def not_before(day: date, earliest: date | None, what: str) -> None:
    """Raises TooEarly for a day before `earliest`, the day of the fact that `what` names; None is no such fact."""
    if earliest is not None and day < earliest:
        raise TooEarly(day=day, what=what, earliest=earliest)


class Annulled(Refused):
    """The record was taken away: nothing of it can be put right, and nothing goes on with it."""

    code = "record-annulled"
    name = "记录已作废"
    text = "该记录已作废，不能再更正或办理。确有其事的，请重新登记。"


class OtherDay(Refused):
    """A correction holds from the day of what it corrects, and from no other."""

    code = "not-the-day-of-the-record"
    name = "不是原记录的日期"
    status = 422
    text = "更正、作废须填写原记录的发生日期（{recorded}）。日期登记有误的，请作废后按实际日期重新登记。"


def require_day(occurred_on: date, recorded: date) -> None:
    """Raises OtherDay unless a correction is dated as what it corrects."""
    if occurred_on != recorded:
        raise OtherDay(recorded=recorded)


class NewerThanThisRelease(Refused):
    """A record was written by a newer release than this; it waits for an instance that can read it."""

    code = "newer-than-this-release"
    name = "记录由更新版本写入"
    status = 503
    retryable = True
    text = "该记录由更新的版本写入，本机暂不能办理。请稍后用同一请求重试；若持续出现，请告知运维人员升级。"


class EraBehind(Refused):
    """The database was restored and not migrated since: what is written now would sort before what is there."""

    code = "era-behind"
    name = "数据库恢复未完成"
    status = 503
    text = "数据库恢复后尚未完成迁移，暂不能办理。请告知运维人员：先运行 migrate，再启动服务。"


class NotSettledYet(Refused):
    """The instant asked for may still be added to; the same question can be asked in a moment."""

    code = "not-settled-yet"
    name = "所查时刻未落定"
    retryable = True
    text = "所查询时刻的记录尚未全部落定，目前可查询到 {until}。请稍后重试，或查询更早的时刻。"
