"""Steps 1 to 4."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from contracts.fields import Area, Code, Community, Name, Street
from contracts.values import PilotId, SchemeId
from funding.commands.streams import PILOTS, SCHEMES, in_force, matter, payer
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
        lambda pilot, scheme: (
            application.submit(
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
            (),
        ),
        PILOTS.stream(pilot_id, district),
        SCHEMES.stream(cmd.scheme_id),
        basis=in_force(cmd.scheme_id, cmd.occurred_on),
    )


async def sign_off(store: Store, caller: Caller, pilot_id: PilotId, cmd: Dated) -> Answer:
    about = await matter(store, caller, "sign-off-application", pilot_id, cmd.occurred_on)
    actor = caller.actor
    return await about.change(
        store,
        lambda pilot, _: (application.sign_off(pilot, role=actor.role, acts_for=caller.acts_for), ()),
        about.pilot,
        about.scheme,
    )


async def recommend(store: Store, caller: Caller, pilot_id: PilotId, cmd: Dated) -> Answer:
    about = await matter(store, caller, "recommend-pilot", pilot_id, cmd.occurred_on)
    return await about.change(
        store,
        lambda pilot, _: (application.recommend(pilot, district=caller.actor.tenant), ()),
        about.pilot,
        about.scheme,
    )


async def approve(store: Store, caller: Caller, pilot_id: PilotId, cmd: Dated) -> Answer:
    about = await matter(store, caller, "approve-pilot", pilot_id, cmd.occurred_on)
    return await about.change(
        store,
        lambda pilot, scheme: application.approve(pilot, scheme, by=payer(caller), occurred_on=cmd.occurred_on),
        about.pilot,
        about.scheme,
    )


async def reject(store: Store, caller: Caller, pilot_id: PilotId, cmd: RejectPilot) -> Answer:
    about = await matter(store, caller, "reject-pilot", pilot_id, cmd.occurred_on)
    return await about.change(
        store,
        lambda pilot, scheme: (
            application.reject(pilot, scheme, reason=cmd.reason, by=payer(caller), occurred_on=cmd.occurred_on),
            (),
        ),
        about.pilot,
        about.scheme,
    )
