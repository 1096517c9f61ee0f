"""Steps 1 to 4."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from contracts.fields import Area, Code, Community, Name, Street
from contracts.values import PilotId, SchemeId
from funding.commands.streams import PILOTS, SCHEMES, payer, quota_of, scheme_of
from funding.domain.pilot import application
from funding.domain.pilot.events import Attestation
from kit import ids
from kit.auth import Caller
from kit.service import Command
from kit.store import Answer, Store


class SubmitApplication(Command):
    """`attestations`: one per condition of the plan, each by the community or its street."""

    scheme_id: SchemeId
    street: Street
    street_name: Name
    community: Community
    community_name: Name
    area_m2: Area
    attestations: Annotated[tuple[Attestation, ...], Field(max_length=50)]


class Dated(Command):
    """A step that needs no more than its day."""


class RejectPilot(Command):
    reason: Code


async def submit(store: Store, caller: Caller, cmd: SubmitApplication) -> Answer:
    """The pilot's id follows from scheme, district and community: a community has one application in a scheme."""
    cause = caller.may("submit-application", cmd.occurred_on)
    district = caller.actor.tenant
    pilot_id = PilotId(ids.derived(cmd.scheme_id, f"{district}/pilot/{cmd.community}"))
    return await store.change(
        cause,
        lambda pilot, scheme: application.submit(
            pilot,
            scheme,
            pilot_id=pilot_id,
            district=district,
            street=cmd.street,
            street_name=cmd.street_name,
            community=cmd.community,
            community_name=cmd.community_name,
            area_m2=cmd.area_m2,
            attestations=cmd.attestations,
            acts_for=caller.acts_for,
            occurred_on=cmd.occurred_on,
        ),
        PILOTS.stream(pilot_id, district),
        reads=SCHEMES.stream(cmd.scheme_id),
    )


async def sign_off(store: Store, caller: Caller, pilot_id: PilotId, cmd: Dated) -> Answer:
    return await store.change(
        caller.may("sign-off-application", cmd.occurred_on),
        lambda pilot, _: application.sign_off(pilot, role=caller.actor.role, acts_for=caller.acts_for),
        PILOTS.stream(pilot_id),
        reads=scheme_of,
    )


async def recommend(store: Store, caller: Caller, pilot_id: PilotId, cmd: Dated) -> Answer:
    return await store.change(
        caller.may("recommend-pilot", cmd.occurred_on),
        lambda pilot, _: application.recommend(pilot, district=caller.actor.tenant),
        PILOTS.stream(pilot_id),
        reads=scheme_of,
    )


async def approve(store: Store, caller: Caller, pilot_id: PilotId, cmd: Dated) -> Answer:
    return await store.change(
        caller.may("approve-pilot", cmd.occurred_on),
        lambda pilot, use, scheme: application.approve(
            pilot, use, scheme, by=payer(caller), occurred_on=cmd.occurred_on
        ),
        PILOTS.stream(pilot_id),
        quota_of,
        reads=lambda pilot, _: scheme_of(pilot),
    )


async def reject(store: Store, caller: Caller, pilot_id: PilotId, cmd: RejectPilot) -> Answer:
    return await store.change(
        caller.may("reject-pilot", cmd.occurred_on),
        lambda pilot, scheme: application.reject(
            pilot, scheme, reason=cmd.reason, by=payer(caller), occurred_on=cmd.occurred_on
        ),
        PILOTS.stream(pilot_id),
        reads=scheme_of,
    )
