"""The blacklist: who lists an agency, who lifts, and what a listing elsewhere means here (R-LZ-08, C-37)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from contracts.values import AgencyId, PilotId, SchemeId, TenantId
from kit.errors import Refused, not_before
from registry.domain.agency import (
    Agency,
    AgencyBlacklisted,
    AgencyEvent,
    AgencyListedElsewhere,
    AgencyQualificationRevoked,
    BlacklistLifted,
    registered,
)


class NotBlacklisted(Refused):
    code = "agency-not-blacklisted"
    name = "机构不在黑名单内"
    text = "该机构不在黑名单内，无需移出。"


class NotListingAuthority(Refused):
    code = "not-the-listing-authority"
    name = "非列入机关"
    status = 403
    clause = "R-LZ-08"
    text = "该机构由 {authority} 列入黑名单，只能由该机关移出。"


class AgencyIsBlacklisted(Refused):
    code = "agency-blacklisted"
    name = "机构在黑名单内"
    clause = "R-LZ-08"
    text = "该机构已被 {authority} 列入黑名单，不能承接站点。请另选机构。"


def blacklist(
    agency: Agency, *, authority: TenantId, reason: str, pilot_id: PilotId | None, occurred_on: date
) -> Sequence[AgencyEvent]:
    """Lists the agency; one that is listed stays listed by whom listed it first."""
    agency_id = registered(agency, occurred_on)
    return () if agency.listed_by else (AgencyBlacklisted(agency_id, authority, reason, pilot_id, occurred_on),)


def lift_blacklist(agency: Agency, *, authority: TenantId, document: str, occurred_on: date) -> Sequence[AgencyEvent]:
    """Only who listed may lift, and not before it listed (C-37)."""
    agency_id = registered(agency, occurred_on)
    if agency.listed_by is None:
        raise NotBlacklisted
    if agency.listed_by != authority:
        raise NotListingAuthority(authority=agency.listed_by)
    not_before(occurred_on, agency.listed_on, "列入黑名单")
    return (BlacklistLifted(agency_id, authority, document),)


def note_listing_elsewhere(agency: Agency, *, authority: TenantId, listed: bool) -> Sequence[AgencyEvent]:
    """A warning while the bureau of another city lists the agency, and its end."""
    agency_id = registered(agency)
    return () if (authority in agency.elsewhere) == listed else (AgencyListedElsewhere(agency_id, authority, listed),)


def punish_impersonation(
    agency: Agency,
    *,
    authority: TenantId,
    scheme_id: SchemeId,
    pilot_id: PilotId,
    finding: UUID,
    occurred_on: date,
) -> Sequence[AgencyEvent]:
    """Revocation and blacklisting in one decision: both or neither (R-LZ-08, SG-3)."""
    agency_id = registered(agency)
    revoked = AgencyQualificationRevoked(agency_id, scheme_id, pilot_id, finding)
    listed = blacklist(
        agency,
        authority=authority,
        reason="credential-impersonation",
        pilot_id=pilot_id,
        occurred_on=occurred_on,
    )
    return listed if scheme_id in agency.revoked else (revoked, *listed)


def unlisted(agency: Agency, occurred_on: date) -> AgencyId:
    """The agency's id, or a refusal while it is blacklisted (R-LZ-08)."""
    agency_id = registered(agency, occurred_on)
    if agency.listed_by is not None:
        raise AgencyIsBlacklisted(authority=agency.listed_by)
    return agency_id
