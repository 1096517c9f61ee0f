"""Organisations and their standing."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from contracts.fields import Code, CreditCode, Name, PastDay, PastYear, Title
from contracts.values import OrganisationId, ProjectId
from kit.auth import Caller
from kit.errors import require_unit
from kit.service import Command, Part
from kit.store import Answer, Claim, Store
from registry.commands.streams import ORGANISATIONS, city_of, require_authority
from registry.domain import blacklist, organisation
from registry.domain.organisation import (
    Attestation,
    Condition,
    InspectionResult,
    Organisation,
    OrganisationNumberTaken,
    Registration,
)


class AttestationGiven(Part):
    """`attester` names an office or body, `evidence` the papers it rests on."""

    condition: Condition
    attester: Name
    evidence: Title


class RegisterOrganisation(Command):
    """`number` is the unified social credit code."""

    name: Name
    authority: Name
    civil_affairs: bool
    registered_on: PastDay
    number: CreditCode
    attestations: Annotated[tuple[AttestationGiven, ...], Field(max_length=20)] = ()


class AttestCondition(Command):
    attestation: AttestationGiven


class RecordPenalty(Command):
    authority: Name
    document: Title


class RecordInspection(Command):
    year: PastYear
    result: InspectionResult


class EstablishPartyOrganisation(Command):
    name: Name


class BlacklistOrganisation(Command):
    reason: Code
    project_id: ProjectId | None = None


class LiftBlacklist(Command):
    document: Title


def _attestation(given: AttestationGiven) -> Attestation:
    return Attestation(given.condition, given.attester, given.evidence)


def _its(caller: Caller, state: Organisation) -> Organisation:
    """The organisation, if it was registered and the bureau that asks is its authority or the city."""
    organisation.registered(state)
    require_authority(caller, state.number)
    return state


async def register_organisation(store: Store, caller: Caller, cmd: RegisterOrganisation) -> Answer:
    """Registered with the city, so that every district of it may choose the organisation."""
    cause = caller.may("register-organisation", cmd.occurred_on)
    require_authority(caller, cmd.number)
    organisation_id = OrganisationId(caller.new_id("organisation"))
    registration = Registration(cmd.authority, cmd.civil_affairs, cmd.registered_on, cmd.number)
    return await store.change(
        cause,
        lambda state: organisation.register_organisation(
            state,
            organisation_id=organisation_id,
            name=cmd.name,
            registration=registration,
            attestations=tuple(_attestation(a) for a in cmd.attestations),
        ),
        ORGANISATIONS.stream(organisation_id, tenant=city_of(caller, caller.actor.tenant)),
        claims=[Claim("organisation-number", cmd.number, OrganisationNumberTaken)],
    )


async def attest_condition(
    store: Store, caller: Caller, organisation_id: OrganisationId, cmd: AttestCondition
) -> Answer:
    cause = caller.may("attest-organisation-condition", cmd.occurred_on)
    attestation = _attestation(cmd.attestation)
    return await store.change(
        cause,
        lambda state: organisation.attest_condition(
            _its(caller, state), attestation=attestation, occurred_on=cmd.occurred_on
        ),
        ORGANISATIONS.stream(organisation_id),
    )


async def record_penalty(store: Store, caller: Caller, organisation_id: OrganisationId, cmd: RecordPenalty) -> Answer:
    cause = caller.may("record-organisation-penalty", cmd.occurred_on)
    return await store.change(
        cause,
        lambda state: organisation.record_penalty(
            _its(caller, state), authority=cmd.authority, document=cmd.document, occurred_on=cmd.occurred_on
        ),
        ORGANISATIONS.stream(organisation_id),
    )


async def record_inspection(
    store: Store, caller: Caller, organisation_id: OrganisationId, cmd: RecordInspection
) -> Answer:
    cause = caller.may("record-annual-inspection", cmd.occurred_on)
    return await store.change(
        cause,
        lambda state: organisation.record_inspection(
            _its(caller, state), year=cmd.year, result=cmd.result, occurred_on=cmd.occurred_on
        ),
        ORGANISATIONS.stream(organisation_id),
    )


async def establish_party_organisation(
    store: Store, caller: Caller, organisation_id: OrganisationId, cmd: EstablishPartyOrganisation
) -> Answer:
    cause = caller.may("establish-party-organisation", cmd.occurred_on)
    require_unit(caller.acts_for, organisation_id)
    return await store.change(
        cause,
        lambda state: organisation.establish_party_organisation(
            _its(caller, state), name=cmd.name, occurred_on=cmd.occurred_on
        ),
        ORGANISATIONS.stream(organisation_id),
    )


async def blacklist_organisation(
    store: Store, caller: Caller, organisation_id: OrganisationId, cmd: BlacklistOrganisation
) -> Answer:
    """By the city, for the whole city (C-37)."""
    cause = caller.may("blacklist-organisation", cmd.occurred_on)
    return await store.change(
        cause,
        lambda state: blacklist.blacklist(
            state,
            authority=caller.actor.tenant,
            reason=cmd.reason,
            project_id=cmd.project_id,
            occurred_on=cmd.occurred_on,
        ),
        ORGANISATIONS.stream(organisation_id),
    )


async def lift_blacklist(store: Store, caller: Caller, organisation_id: OrganisationId, cmd: LiftBlacklist) -> Answer:
    cause = caller.may("lift-blacklist", cmd.occurred_on)
    return await store.change(
        cause,
        lambda state: blacklist.lift_blacklist(
            state, authority=caller.actor.tenant, document=cmd.document, occurred_on=cmd.occurred_on
        ),
        ORGANISATIONS.stream(organisation_id),
    )
