"""The blacklist: who lists an organisation, who lifts, and what a listing elsewhere means here (R-LZ-08, C-37)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from contracts.values import OrganisationId, ProjectId, SchemeId, TenantId
from kit.errors import Refused, not_before
from registry.domain.organisation import (
    BlacklistLifted,
    Organisation,
    OrganisationBlacklisted,
    OrganisationEvent,
    OrganisationListedElsewhere,
    OrganisationQualificationRevoked,
    registered,
)


class NotBlacklisted(Refused):
    code = "organisation-not-blacklisted"
    name = "机构不在黑名单内"
    text = "该机构不在黑名单内，无需移出。"


class NotListingAuthority(Refused):
    code = "not-the-listing-authority"
    name = "非列入机关"
    status = 403
    rule = "R-LZ-08"
    text = "该机构由 {authority} 列入黑名单，只能由该机关移出。"


class OrganisationIsBlacklisted(Refused):
    code = "organisation-blacklisted"
    name = "机构在黑名单内"
    rule = "R-LZ-08"
    text = "该机构已被 {authority} 列入黑名单，不能承接站点。请另选机构。"


def blacklist(
    organisation: Organisation, *, authority: TenantId, reason: str, project_id: ProjectId | None, occurred_on: date
) -> Sequence[OrganisationEvent]:
    """Lists the organisation; one that is listed stays listed by whom listed it first."""
    organisation_id = registered(organisation, occurred_on)
    return (
        ()
        if organisation.listed_by
        else (OrganisationBlacklisted(organisation_id, authority, reason, project_id, occurred_on),)
    )


def lift_blacklist(
    organisation: Organisation, *, authority: TenantId, document: str, occurred_on: date
) -> Sequence[OrganisationEvent]:
    """Only who listed may lift, and not before it listed (C-37)."""
    organisation_id = registered(organisation, occurred_on)
    if organisation.listed_by is None:
        raise NotBlacklisted
    if organisation.listed_by != authority:
        raise NotListingAuthority(authority=organisation.listed_by)
    not_before(occurred_on, organisation.listed_on, "列入黑名单")
    return (BlacklistLifted(organisation_id, authority, document),)


def note_listing_elsewhere(
    organisation: Organisation, *, authority: TenantId, listed: bool
) -> Sequence[OrganisationEvent]:
    """A warning while the bureau of another city lists the organisation, and its end."""
    organisation_id = registered(organisation)
    return (
        ()
        if (authority in organisation.elsewhere) == listed
        else (OrganisationListedElsewhere(organisation_id, authority, listed),)
    )


def punish_impersonation(
    organisation: Organisation,
    *,
    authority: TenantId,
    scheme_id: SchemeId,
    project_id: ProjectId,
    finding: UUID,
    occurred_on: date,
) -> Sequence[OrganisationEvent]:
    """Revocation and blacklisting in one decision: both or neither (R-LZ-08, SG-3)."""
    organisation_id = registered(organisation)
    revoked = OrganisationQualificationRevoked(organisation_id, scheme_id, project_id, finding)
    listed = blacklist(
        organisation,
        authority=authority,
        reason="credential-impersonation",
        project_id=project_id,
        occurred_on=occurred_on,
    )
    return listed if scheme_id in organisation.revoked else (revoked, *listed)


def unlisted(organisation: Organisation, occurred_on: date) -> OrganisationId:
    """The organisation's id, or a refusal while it is blacklisted (R-LZ-08)."""
    organisation_id = registered(organisation, occurred_on)
    if organisation.listed_by is not None:
        raise OrganisationIsBlacklisted(authority=organisation.listed_by)
    return organisation_id
