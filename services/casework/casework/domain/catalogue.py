"""The service catalogue (服务目录): what a bureau calls its service domains, ledger categories and assistance policies.

Lists differ between bureaus and plans, so they are declared, never coded: Lanzhou's plan has five domains, four child
and four elderly targets, and "8+1" assistance policies whose content it does not print.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import ClassVar, TypeAlias, assert_never
from uuid import UUID

from contracts.values import Event
from kit.errors import Refused


class Target(StrEnum):
    """Whom a ledger category is about.  R-LZ-20 names visits to children and to the elderly apart."""

    CHILD = "child"
    ELDERLY = "elderly"
    GENERAL = "general"


@dataclass(frozen=True)
class Term:
    """A declared word: a stable code and what the bureau calls it."""

    code: str
    name: str


@dataclass(frozen=True)
class LedgerCategory:
    """A kind of beneficiary that the ledger may register."""

    code: str
    name: str
    target: Target = Target.GENERAL


@dataclass(frozen=True)
class ServiceCatalogueDeclared(Event):
    """Source prints "8+1" as a number only: `core_policies` and `extra_policies` are opaque codes."""

    TOPIC: ClassVar[str] = "casework.service-catalogue-declared"
    NAME: ClassVar[str] = "发布服务目录"
    RULE: ClassVar[str | None] = "R-LZ-19"

    catalogue_id: UUID
    title: str
    domains: tuple[Term, ...]
    categories: tuple[LedgerCategory, ...]
    core_policies: tuple[str, ...]
    extra_policies: tuple[str, ...]


@dataclass(frozen=True)
class LedgerCategoryRegistered(Event):
    """The category list is open (等困难群体), but only by an explicit registration."""

    TOPIC: ClassVar[str] = "casework.ledger-category-registered"
    NAME: ClassVar[str] = "登记服务对象类别"
    RULE: ClassVar[str | None] = "R-KL-05"

    catalogue_id: UUID
    category: LedgerCategory


CatalogueEvent: TypeAlias = ServiceCatalogueDeclared | LedgerCategoryRegistered


@dataclass(frozen=True)
class Catalogue:
    declared: ServiceCatalogueDeclared | None = None
    categories: tuple[LedgerCategory, ...] = ()
    domains: frozenset[str] = frozenset()
    policies: frozenset[str] = frozenset()

    @property
    def domain_names(self) -> str:
        return "、".join(d.name for d in self.declared.domains) if self.declared else "无"

    def require_declared(self, categories: Sequence[str]) -> None:
        """Refuses any category that was not declared."""
        unknown = sorted(set(categories) - {c.code for c in self.categories})
        if unknown or not categories:
            raise CategoryNotDeclared(codes="、".join(unknown) or "未填写")


class CatalogueInconsistent(Refused):
    code = "catalogue-inconsistent"
    name = "服务目录内容有误"
    status = 422
    text = "服务目录的{what}不能为空，也不能有重复编码。请核对后重新提交。"


class CatalogueAlreadyDeclared(Refused):
    code = "catalogue-already-declared"
    name = "服务目录已发布"
    text = "该服务目录已发布，内容不能改写。新增人群类别请办理类别登记，其他调整请发布新的服务目录。"


class CatalogueNotDeclared(Refused):
    code = "catalogue-not-declared"
    name = "服务目录未发布"
    text = "该服务目录尚未发布。请先由民政部门发布服务目录。"


class CategoryNotDeclared(Refused):
    code = "category-not-declared"
    name = "服务对象类别不在目录"
    status = 422
    rule = "R-KL-05"
    text = "服务对象类别（{codes}）不在已公布的类别目录中。请改选目录内的类别，或先由民政部门登记新类别。"


class DomainNotDeclared(Refused):
    code = "domain-not-declared"
    name = "服务领域不在目录"
    status = 422
    rule = "R-LZ-19"
    text = "所选的服务领域不在已公布的服务目录中。请从以下领域中选择：{domains}。"


class PolicyNotDeclared(Refused):
    code = "policy-not-declared"
    name = "救助政策不在目录"
    status = 422
    rule = "R-LZ-21"
    text = "救助政策（{policy}）不在已公布的“8+1”政策目录中。请从服务目录中选择。"


def declare_catalogue(
    catalogue: Catalogue,
    *,
    catalogue_id: UUID,
    title: str,
    domains: tuple[Term, ...],
    categories: tuple[LedgerCategory, ...],
    core_policies: tuple[str, ...],
    extra_policies: tuple[str, ...],
) -> Sequence[CatalogueEvent]:
    """Declares the lists once; the same lists again are nothing new, other lists need a new catalogue."""
    lists = {
        "服务领域": [d.code for d in domains],
        "服务对象类别": [c.code for c in categories],
        "救助政策": [*core_policies, *extra_policies],
    }
    for what, codes in lists.items():
        if not codes or len(codes) != len(set(codes)):
            raise CatalogueInconsistent(what=what)
    declared = ServiceCatalogueDeclared(catalogue_id, title, domains, categories, core_policies, extra_policies)
    if catalogue.declared is None:
        return (declared,)
    if catalogue.declared != declared:
        raise CatalogueAlreadyDeclared
    return ()


def register_category(
    catalogue: Catalogue, *, catalogue_id: UUID, category: LedgerCategory
) -> Sequence[CatalogueEvent]:
    """Opens the list by one category; a code keeps its first meaning."""
    if catalogue.declared is None:
        raise CatalogueNotDeclared
    known = next((c for c in catalogue.categories if c.code == category.code), None)
    if known is not None and known != category:
        raise CatalogueInconsistent(what="服务对象类别")
    return () if known else (LedgerCategoryRegistered(catalogue_id, category),)


def evolve(catalogue: Catalogue, event: CatalogueEvent) -> Catalogue:
    match event:
        case ServiceCatalogueDeclared():
            return Catalogue(
                declared=event,
                categories=event.categories,
                domains=frozenset(d.code for d in event.domains),
                policies=frozenset((*event.core_policies, *event.extra_policies)),
            )
        case LedgerCategoryRegistered(category=category):
            return replace(catalogue, categories=(*catalogue.categories, category))
        case _:
            assert_never(event)
