"""What others are told: schemes, and a project's way from approval to closing."""

from __future__ import annotations

from datetime import date
from typing import Any

from contracts.messages import Message
from contracts.messages import funding as out
from funding.domain.project import events as e
from funding.domain.scheme import SchemePublished
from funding.domain.terms import StaffingRule
from kit.store import Meta


def to_contract(event: Any, meta: Meta) -> Message | None:
    """The message of an event, or None where it is nobody else's business."""
    match event:
        case SchemePublished():
            return _scheme(event, meta)
        case e.ProjectApproved():
            return out.ProjectApprovedV1(
                project_id=event.project_id,
                scheme_id=event.scheme_id,
                community=event.community,
                street=event.street,
                district=event.district,
            )
        case e.PurchaseAgreementSigned():
            return out.PurchaseAgreementSignedV1(
                project_id=event.project_id, organisation_id=event.organisation_id, signed_on=event.signed_on
            )
        case e.StaffingDeclared():
            return _declared(event)
        case e.ImplementationStarted():
            return out.ImplementationStartedV1(
                project_id=event.project_id,
                organisation_id=event.organisation_id,
                community=event.community,
                impl_from=event.impl_from,
                impl_to=event.impl_to,
                worker_ids=event.worker_ids,
            )
        case e.ProjectExtended():
            return out.ProjectExtendedV1(
                project_id=event.project_id, impl_from=event.impl_from, impl_to=event.ends.impl_to
            )
        case e.ProjectMoved():
            return out.ProjectMovedV1(
                project_id=event.project_id, version=event.version, impl_from=event.impl_from, impl_to=event.impl_to
            )
        case e.AssignmentEnded():
            return out.AssignmentEndedV1(project_id=event.project_id, organisation_id=event.organisation_id)
        case e.CredentialImpersonationFound():
            return out.CredentialImpersonationFoundV1(
                project_id=event.project_id,
                organisation_id=event.organisation_id,
                scheme_id=event.scheme_id,
                worker_id=event.worker_id,
            )
        case e.ProjectTerminated():
            return out.ProjectTerminatedV1(project_id=event.project_id)
        case e.ProjectPlaceMoved():
            return out.ProjectPlaceMovedV1(
                project_id=event.project_id, community=event.community, street=event.street, moved_on=event.moved_on
            )
        case e.CityOverallRatingGiven():
            return out.ProjectRatedV1(project_id=event.project_id, rating=event.rating)
        case e.ProjectClosed():
            return out.ProjectClosedV1(
                project_id=event.project_id, organisation_id=event.organisation_id, community=event.community
            )
        case _:
            return None


def _scheme(event: SchemePublished, meta: Meta) -> Message:
    terms, days = event.terms, event.terms.calendar
    return out.SchemePublishedV1(
        scheme_id=event.scheme_id,
        version=event.number,
        tenant_id=meta.tenant,
        year=terms.year,
        staffing=_staffing(terms.staffing, days.impl_from, days.impl_to),
        calendar=out.Calendar(
            prep_due=days.prep_due,
            impl_from=days.impl_from,
            impl_to=days.impl_to,
            accept_from=days.accept_from,
            accept_to=days.accept_to,
        ),
        districts=tuple(quota.district for quota in terms.quotas),
    )


def _declared(event: e.StaffingDeclared) -> Message:
    return out.StaffingDeclaredV1(
        project_id=event.project_id,
        declaration_id=event.declaration_id,
        organisation_id=event.organisation_id,
        scheme_id=event.scheme_id,
        worker_ids=event.worker_ids,
        rule=_staffing(event.rule, event.lock_from, event.lock_to),
    )


def _staffing(rule: StaffingRule, lock_from: date, lock_to: date) -> out.StaffingRule:
    return out.StaffingRule(
        headcount=rule.headcount,
        licensed_min=rule.licensed_min,
        intermediate_min=rule.intermediate_min,
        sw_graduate_min=rule.sw_graduate_min,
        full_time=rule.full_time,
        locked_min=rule.locked_min,
        lock_from=lock_from,
        lock_to=lock_to,
    )
