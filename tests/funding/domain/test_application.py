"""Steps 1 to 4: application, street signature, recommendation, approval."""

from dataclasses import replace
from decimal import Decimal
from uuid import UUID

import pytest

from contracts.values import ProjectId, Role, TenantId, UnitCode
from funding.domain.budget import BudgetAccount
from funding.domain.project import events as e
from funding.domain.project.application import (
    AreaTooSmall,
    ConditionsNotAttested,
    StreetNotOfCommunity,
    approve,
    recommend,
    reject,
    sign_off,
    submit,
)
from funding.domain.project.authority import NotOwnDistrict, SignerNotPrincipalLeader, WrongApprover
from funding.domain.project.needs import AlreadyApplied, StreetSignatureMissing
from funding.domain.project.situation import ProjectOver, StepDone, StepMissing
from funding.domain.project.state import Project, evolve
from funding.domain.quota import QuotaExceeded, QuotaTaken, QuotaUse
from funding.domain.quota import evolve as evolve_quota
from funding.domain.scheme import Scheme
from funding.domain.scheme import evolve as evolve_scheme
from funding.domain.terms import Payer
from kit.errors import NotYourUnit
from kit.testing import Spec

from . import histories as h

project = Spec(Project(), evolve)
NONE = BudgetAccount()
FORM = {
    "project_id": h.PROJECT,
    "district": h.DISTRICT,
    "street": h.STREET,
    "street_name": "演示街道",
    "community": h.COMMUNITY,
    "community_name": "演示社区",
    "area_m2": Decimal(320),
    "attestations": h.ATTESTED,
    "actor": h.COMMITTEE,
    "occurred_on": h.SPRING,
}


def test_a_community_applies() -> None:
    project.given().when(submit, h.SCHEME, NONE, h.HERE, **FORM).then(h.submitted)


def test_a_community_applies_once_and_again_after_a_rejection() -> None:
    project.given(h.submitted).when(submit, h.SCHEME, NONE, h.HERE, **FORM).then_refused(AlreadyApplied)
    rejected = e.ProjectRejected(h.PROJECT, "quota_used")
    project.given(h.submitted, rejected).when(submit, h.SCHEME, NONE, h.HERE, **FORM).then(h.submitted)


def test_another_community_cannot_apply_in_its_name() -> None:
    other = {**FORM, "actor": h.of("620102001002")}
    project.given().when(submit, h.SCHEME, NONE, h.HERE, **other).then_refused(NotYourUnit)


@pytest.mark.parametrize("area", ["299.99", "0"])
def test_R_LZ_03_less_than_300_square_metres_is_refused(area: str) -> None:
    small = {**FORM, "area_m2": Decimal(area)}
    project.given().when(submit, h.SCHEME, NONE, h.HERE, **small).then_refused(
        AreaTooSmall, "R-LZ-03", area=Decimal(area), least=300
    )


def test_R_LZ_03_exactly_300_square_metres_is_accepted() -> None:
    exact = {**FORM, "area_m2": Decimal(300)}
    project.given().when(submit, h.SCHEME, NONE, h.HERE, **exact).then(replace(h.submitted, area_m2=Decimal(300)))


@pytest.mark.parametrize("missing", range(5))
def test_R_LZ_04_every_condition_is_attested(missing: int) -> None:
    assert len(h.ATTESTED) == 5
    four = {**FORM, "attestations": h.ATTESTED[:missing] + h.ATTESTED[missing + 1 :]}
    project.given().when(submit, h.SCHEME, NONE, h.HERE, **four).then_refused(ConditionsNotAttested, "R-LZ-04")


def test_R_LZ_04_the_attester_is_the_community_or_its_street() -> None:
    elsewhere = tuple(replace(a, attester=UnitCode("620103001")) for a in h.ATTESTED)
    project.given().when(submit, h.SCHEME, NONE, h.HERE, **{**FORM, "attestations": elsewhere}).then_refused(
        ConditionsNotAttested
    )


def test_R_LZ_02_the_street_that_signs_is_the_communitys_own() -> None:
    other = {**FORM, "street": UnitCode("620102002")}
    refused = project.given().when(submit, h.SCHEME, NONE, h.HERE, **other)
    refused.then_refused(StreetNotOfCommunity, "R-LZ-02", community="620102001001", own="620102001", street="620102002")
    assert h.said(refused) == (
        "社区 620102001001 属于街道（乡镇）620102001，不属于所填的 620102002。"
        "请填写社区所在街道的代码，由其主要领导签字。"
    )
    project.given().when(submit, h.SCHEME, NONE, h.HERE, **{**FORM, "street": UnitCode("620102001")}).then(h.submitted)


def test_R_LZ_02_the_principal_leader_signs() -> None:
    leader = {"actor": h.LEADER, "occurred_on": h.SPRING}
    project.given(h.submitted).when(sign_off, h.SCHEME, **leader).then(h.signed_off)
    project.given(*h.ENDORSED).when(sign_off, h.SCHEME, **leader).then_nothing()


def test_R_LZ_02_an_officer_cannot_sign_for_the_leader() -> None:
    project.given(h.submitted).when(sign_off, h.SCHEME, actor=h.OFFICER, occurred_on=h.SPRING).then_refused(
        SignerNotPrincipalLeader, "R-LZ-02"
    )


def test_R_LZ_02_another_street_cannot_sign() -> None:
    project.given(h.submitted).when(
        sign_off, h.SCHEME, actor=h.who(Role.STREET_PRINCIPAL_LEADER, "620102002"), occurred_on=h.SPRING
    ).then_refused(NotYourUnit)


def test_R_LZ_02_without_the_signature_nothing_is_recommended_or_approved() -> None:
    project.given(h.submitted).when(recommend, h.SCHEME, actor=h.BUREAU, occurred_on=h.SPRING).then_refused(
        StreetSignatureMissing, "R-LZ-02"
    )
    project.given(h.submitted).when(approve, QuotaUse(), h.SCHEME, actor=h.CITY, occurred_on=h.SPRING).then_refused(
        StreetSignatureMissing, "R-LZ-02"
    )


def test_a_district_recommends_its_own_places_only() -> None:
    project.given(*h.ENDORSED).when(recommend, h.SCHEME, actor=h.BUREAU, occurred_on=h.SPRING).then(h.recommended)
    project.given(*h.ENDORSED).when(
        recommend, h.SCHEME, actor=h.who(Role.DISTRICT_BUREAU, tenant=TenantId("620103")), occurred_on=h.SPRING
    ).then_refused(NotOwnDistrict)


def test_R_LZ_01_approval_takes_the_quota_of_the_district() -> None:
    quota = QuotaTaken(h.SCHEME_ID, h.PROJECT, h.DISTRICT, 1, 1)
    project.given(*h.RECOMMENDED).when(approve, QuotaUse(), h.SCHEME, actor=h.CITY, occurred_on=h.SPRING).then(
        [h.approved], [quota]
    )


def test_R_LZ_01_a_fourth_in_one_district_is_refused() -> None:
    others = (QuotaTaken(h.SCHEME_ID, ProjectId(UUID(int=100 + n)), h.DISTRICT, n, n) for n in range(3))
    full = Spec(QuotaUse(), evolve_quota).state(*others)
    project.given(*h.RECOMMENDED).when(approve, full, h.SCHEME, actor=h.CITY, occurred_on=h.SPRING).then_refused(
        QuotaExceeded, "R-LZ-01", name="城关区", quota=3
    )


def test_R_LZ_33_only_the_payer_approves() -> None:
    project.given(*h.RECOMMENDED).when(
        approve, QuotaUse(), h.SCHEME, actor=h.BUREAU, occurred_on=h.SPRING
    ).then_refused(WrongApprover, "R-LZ-33")


REFUSAL = {"reason": "quota_used", "occurred_on": h.SPRING}


def test_R_LZ_33_only_the_payer_rejects() -> None:
    rejected = e.ProjectRejected(h.PROJECT, "quota_used")
    project.given(*h.RECOMMENDED).when(reject, h.SCHEME, actor=h.CITY, **REFUSAL).then(rejected)
    other = project.given(*h.RECOMMENDED).when(reject, h.SCHEME, actor=h.BUREAU, **REFUSAL)
    other.then_refused(WrongApprover, "R-LZ-33")
    assert h.said(other) == "该方案由市级出资，须由同级民政局确定试点社区。请由出资的民政局办理。"


def test_R_LZ_33_a_district_rejects_what_it_pays_for() -> None:
    own = evolve_scheme(Scheme(), replace(h.published, terms=replace(h.TERMS, funding_source=Payer.DISTRICT)))
    rejected = e.ProjectRejected(h.PROJECT, "quota_used")
    project.given(*h.RECOMMENDED).when(reject, own, actor=h.BUREAU, **REFUSAL).then(rejected)
    project.given(*h.RECOMMENDED).when(reject, own, actor=h.CITY, **REFUSAL).then_refused(WrongApprover, "R-LZ-33")


def test_R_LZ_02_what_is_not_signed_or_not_recommended_is_not_decided_on() -> None:
    unsigned = project.given(*h.APPLIED).when(reject, h.SCHEME, actor=h.CITY, **REFUSAL)
    unsigned.then_refused(StreetSignatureMissing, "R-LZ-02")
    assert unsigned.refused is not None
    assert (
        unsigned.refused.detail == "该申请尚未经街道主要领导签字同意，不能推荐，也不能决定是否批准。请先完成街道签批。"
    )
    for history, refusal in ((h.ENDORSED, StepMissing), (h.APPROVED, StepDone)):
        project.given(*history).when(reject, h.SCHEME, actor=h.CITY, **REFUSAL).then_refused(refusal)


def test_R_LZ_02_an_application_that_was_rejected_is_not_signed() -> None:
    leader = {"actor": h.LEADER, "occurred_on": h.SPRING}
    rejected = e.ProjectRejected(h.PROJECT, "quota_used")
    project.given(h.submitted, rejected).when(sign_off, h.SCHEME, **leader).then_refused(ProjectOver)
