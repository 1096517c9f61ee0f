"""Declaring the lists that everything else is recorded under."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from pydantic import Field

from casework.commands.streams import CATALOGUES
from casework.domain import catalogue
from casework.domain.catalogue import LedgerCategory, Target, Term
from contracts.fields import Code, Name
from kit.auth import Caller
from kit.service import Command, Part
from kit.store import Answer, Store


class Domain(Part):
    code: Code
    name: Name


class Beneficiaries(Part):
    """A category of beneficiaries; `target` says whether it is about children or the elderly (R-LZ-20)."""

    code: Code
    name: Name
    target: Target = Target.GENERAL

    @property
    def category(self) -> LedgerCategory:
        return LedgerCategory(self.code, self.name, self.target)


class DeclareServiceCatalogue(Command):
    """`core_policies` and `extra_policies` are the "8+1" assistance policies, as codes of the bureau's own choice."""

    title: Name
    domains: Annotated[tuple[Domain, ...], Field(min_length=1, max_length=50)]
    categories: Annotated[tuple[Beneficiaries, ...], Field(min_length=1, max_length=200)]
    core_policies: Annotated[tuple[Code, ...], Field(min_length=1, max_length=50)]
    extra_policies: Annotated[tuple[Code, ...], Field(max_length=50)]


class RegisterLedgerCategory(Command):
    category: Beneficiaries


async def declare_catalogue(store: Store, caller: Caller, cmd: DeclareServiceCatalogue) -> Answer:
    cause = caller.may("declare-service-catalogue", cmd.occurred_on)
    catalogue_id = caller.new_id("catalogue")
    return await store.change(
        cause,
        lambda state: catalogue.declare_catalogue(
            state,
            catalogue_id=catalogue_id,
            title=cmd.title,
            domains=tuple(Term(d.code, d.name) for d in cmd.domains),
            categories=tuple(one.category for one in cmd.categories),
            core_policies=cmd.core_policies,
            extra_policies=cmd.extra_policies,
        ),
        CATALOGUES.stream(catalogue_id, caller.actor.tenant),
    )


async def register_category(store: Store, caller: Caller, catalogue_id: UUID, cmd: RegisterLedgerCategory) -> Answer:
    cause = caller.may("register-ledger-category", cmd.occurred_on)
    return await store.change(
        cause,
        lambda state: catalogue.register_category(state, catalogue_id=catalogue_id, category=cmd.category.category),
        CATALOGUES.stream(catalogue_id),
    )
