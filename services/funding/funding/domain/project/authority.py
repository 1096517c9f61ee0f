"""Whose step it is: the community's, its street's, the district's, the payer's, the contractor's, a third party's.

Which roles may try at all, the policy says; whether it is *their* project, these do.
"""

from __future__ import annotations

from contracts.values import Role
from funding.domain.budget.account import FundsFrozen
from funding.domain.project import events as e
from funding.domain.project.situation import Actor, By, Situation
from funding.domain.project.stage import standing
from funding.domain.terms import LEVEL_NAMES, PAYER_NAMES, Level, Payer
from kit.errors import NotYourUnit, Refused, require_unit


class SignerNotPrincipalLeader(Refused):
    code = "signer-not-principal-leader"
    name = "签字人非街道主要领导"
    status = 403
    rule = "R-LZ-02"
    text = "书面申请须由街道主要领导签字同意。请由街道主要领导办理。"


class NotOwnDistrict(Refused):
    code = "not-own-district"
    name = "非本辖区试点"
    status = 403
    text = "该试点不在本辖区，不能办理该事项。请由试点所在的区民政局办理。"


class WrongApprover(Refused):
    code = "wrong-approver"
    name = "不由本局确定"
    status = 403
    rule = "R-LZ-33"
    text = "该方案由{payer}出资，须由同级民政局确定试点社区。请由出资的民政局办理。"


class WrongPayer(Refused):
    code = "wrong-payer"
    name = "不由本局出资"
    status = 403
    rule = "R-LZ-33"
    text = "该方案由{payer}出资，须由同级民政局办理。请联系出资的民政局。"


class SamePerson(Refused):
    code = "same-person"
    name = "须由另一人办理"
    status = 403
    text = "该事项由您本人提出，须由出资的民政局另一名工作人员确认。请由另一人办理。"


class ThirdPartyNotNamed(Refused):
    code = "third-party-not-named"
    name = "第三方机构未确定"
    rule = "R-LZ-16"
    text = "该事项须由市民政局确定的第三方机构办理。请先确定第三方机构。"


class NotTheThirdParty(Refused):
    code = "not-the-third-party"
    name = "非本试点第三方机构"
    status = 403
    rule = "R-LZ-16"
    text = "您所在的机构不是市民政局为本试点确定的第三方机构。请由已确定的第三方机构办理，或由市民政局改定。"


class ProjectIsClosed(Refused):
    code = "project-closed"
    name = "试点终结后不得登记收支"
    text = "该试点{stage}，不能再登记收支。确需补记的，请由出资的民政局注明“补记”后办理。"


def applicant(s: Situation, actor: Actor, _: str) -> None:
    """The community that applied; of a first application the command itself names it."""
    if s.project.community is not None:
        require_unit(actor.acts_for, s.project.community)


def community(s: Situation, actor: Actor, _: str) -> None:
    require_unit(actor.acts_for, s.project.community)


def street_leader(s: Situation, actor: Actor, _: str) -> None:
    if actor.role is not Role.STREET_PRINCIPAL_LEADER:
        raise SignerNotPrincipalLeader
    require_unit(actor.acts_for, s.project.street)


def district(s: Situation, actor: Actor, _: str) -> None:
    if actor.tenant != s.project.district:
        raise NotOwnDistrict


def payer(s: Situation, actor: Actor, _: str) -> None:
    if actor.pays is not s.terms.funding_source:
        raise WrongPayer(payer=PAYER_NAMES[s.terms.funding_source])


def another_payer(s: Situation, actor: Actor, _: str) -> None:
    """The payer's, by another officer than who proposed."""
    payer(s, actor, _)
    if s.project.reopening is not None and actor.id == s.project.reopening.proposed_by:
        raise SamePerson


def approver(s: Situation, actor: Actor, _: str) -> None:
    """The payer decides (R-LZ-33, C-43)."""
    if actor.pays is not s.terms.funding_source:
        raise WrongApprover(payer=PAYER_NAMES[s.terms.funding_source])


def district_or_approver(s: Situation, actor: Actor, _: str) -> None:
    """The district until it recommends, and who decides at any time: so nobody's silence keeps an application open."""
    if s.project.recommended or actor.pays is s.terms.funding_source:
        approver(s, actor, _)
    else:
        district(s, actor, _)


def payer_or_district(s: Situation, actor: Actor, _: str) -> None:
    """Either: the one pays, the other knows its communities."""
    if actor.tenant != s.project.district:
        payer(s, actor, _)


def contractor(s: Situation, actor: Actor, _: str) -> None:
    require_unit(actor.acts_for, s.project.carried_out_by)


def booker(s: Situation, actor: Actor, _: str) -> None:
    """A bureau that pays or books, or the contractor: another organisation learns nothing of how the money stands."""
    if actor.pays is None:
        raise NotYourUnit(units="出资的民政局或承接机构")
    if actor.pays is Payer.ORGANISATION:
        contractor(s, actor, _)
        if s.project.over or s.project.reopened:
            raise ProjectIsClosed(stage=standing(s.project))
        if s.project.assigned.number in s.account.frozen:
            raise FundsFrozen


LEVELS = {
    Role.COMMUNITY_COMMITTEE: Level.COMMUNITY,
    Role.STREET_OFFICER: Level.STREET,
    Role.STREET_PRINCIPAL_LEADER: Level.STREET,
    Role.DISTRICT_BUREAU: Level.DISTRICT,
}
"""Who assesses for which level: the actor's own."""


def assessor(s: Situation, actor: Actor, level: str) -> None:
    """Each of the three files its own summary report (R-LZ-26)."""
    if LEVELS.get(actor.role) is not Level(level):
        raise NotYourUnit(units=LEVEL_NAMES[Level(level)])
    match Level(level):
        case Level.COMMUNITY:
            require_unit(actor.acts_for, s.project.community)
        case Level.STREET:
            require_unit(actor.acts_for, s.project.street)
        case Level.DISTRICT:
            district(s, actor, level)


def third_party(task: e.Task) -> By:
    """Whom the payer named for the task (R-LZ-16)."""

    def named(s: Situation, actor: Actor, _: str) -> None:
        third = s.project.third_parties.get(task)
        if third is None:
            raise ThirdPartyNotNamed
        if not actor.acts_for(third):
            raise NotTheThirdParty

    return named


def bureau_or_third_party(s: Situation, actor: Actor, _: str) -> None:
    if actor.pays not in (Payer.CITY, Payer.DISTRICT) and not any(
        actor.acts_for(named) for named in s.project.third_parties.values()
    ):
        raise NotTheThirdParty
