"""Every message that crosses a service border, by type and version.

Publishing is `subject(...)` and `message.body()`; receiving is `parse(...)`.  Nothing here knows a broker.
"""

from __future__ import annotations

import re
from functools import lru_cache

from contracts.messages import casework, funding, registry, volunteer
from contracts.messages.message import Message
from contracts.values import TenantId

__all__ = ["MESSAGES", "Message", "UnknownMessage", "casework", "funding", "parse", "registry", "subject", "volunteer"]

MAX_BODY = 65_536
"""Bytes; the bound that events have."""

_CLASSES: tuple[type[Message], ...] = (
    registry.TenantRegisteredV1,
    registry.UnitToldV1,
    registry.OrganisationRegisteredV1,
    registry.OrganisationConditionAttestedV1,
    registry.OrganisationPenalisedV1,
    registry.AnnualInspectionRecordedV1,
    registry.OrganisationQualificationRevokedV1,
    registry.OrganisationBlacklistedV1,
    registry.BlacklistLiftedV1,
    registry.OrganisationListedElsewhereV1,
    registry.StaffingVerifiedV1,
    registry.StaffingRejectedV1,
    registry.PostingLockedV1,
    registry.WorkerLeftPostingV1,
    registry.PostingEndedV1,
    registry.WorkerEmploymentRecordedV1,
    registry.WorkerEmploymentEndedV1,
    registry.WorkerPlacementEndedV1,
    registry.WorkerUnassignedV1,
    registry.WorkerReleasedV1,
    registry.LockedWorkerMovedV1,
    registry.SiteOpenedV1,
    registry.SiteClosedV1,
    registry.SitePassedOnV1,
    registry.SiteGivenUpV1,
    registry.WorkerPlacedV1,
    funding.SchemePublishedV1,
    funding.ProjectApprovedV1,
    funding.PurchaseAgreementSignedV1,
    funding.StaffingDeclaredV1,
    funding.ImplementationStartedV1,
    funding.ProjectExtendedV1,
    funding.ProjectMovedV1,
    funding.CredentialImpersonationFoundV1,
    funding.ProjectPlaceMovedV1,
    funding.ProjectRatedV1,
    funding.AssignmentEndedV1,
    funding.ProjectTerminatedV1,
    funding.ProjectClosedV1,
    casework.CaseOpenedV1,
    casework.CaseClosedV1,
    casework.CaseEndedEarlyV1,
    casework.CaseCorrectedV1,
    casework.CaseNoteAnnulledV1,
    casework.ServiceCountsPublishedV1,
    volunteer.VolunteerCountsPublishedV1,
)

MESSAGES: dict[tuple[str, int], type[Message]] = {(m.TYPE, m.VERSION): m for m in _CLASSES}


class UnknownMessage(LookupError):
    """A type or version that this release does not know: a newer peer's, to be parked until this side is upgraded."""


def parse(type: str, version: int, body: bytes) -> Message:
    """The message in `body`.

    Raises UnknownMessage for a type and version that is not ours, and ValueError (pydantic's ValidationError among
    them) for a body that is too long, no JSON, or not of the declared shape.
    """
    known = MESSAGES.get((type, version))
    if known is None:
        raise UnknownMessage(f"{type[:128]} v{version}")
    if len(body) > MAX_BODY:
        raise ValueError(f"body of {len(body)} bytes is over {MAX_BODY}")
    return known.model_validate_json(body)


def subject(region: str, tenant: TenantId, message: Message | type[Message]) -> str:
    """`evt.<region>.<tenant>.<service>.<aggregate>.<event>.v<n>`; raises ValueError for an unfit region or tenant."""
    return _subject(region, tenant, message if isinstance(message, type) else type(message))


@lru_cache(maxsize=4096)
def _subject(region: str, tenant: TenantId, message: type[Message]) -> str:
    if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", region):
        raise ValueError(f"not a region slug: {region!r}")
    if not re.fullmatch(r"[0-9]{6}", tenant):
        raise ValueError(f"not a tenant code: {tenant!r}")
    event = message.TYPE.partition(".")[2]
    return f"evt.{region}.{tenant}.{message.SERVICE}.{message.AGGREGATE}.{event}.v{message.VERSION}"
