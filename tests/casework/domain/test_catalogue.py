from dataclasses import replace

import pytest

from casework.domain.catalogue import (
    Catalogue,
    CatalogueAlreadyDeclared,
    CatalogueInconsistent,
    CatalogueNotDeclared,
    LedgerCategory,
    LedgerCategoryRegistered,
    Target,
    declare_catalogue,
    evolve,
    register_category,
)
from kit.testing import Spec

from .histories import CATALOGUE, CATEGORIES, CORE, DOMAINS, EXTRA, declared

catalogue = Spec(Catalogue(), evolve)
LISTS = {
    "catalogue_id": CATALOGUE,
    "title": "演示服务目录",
    "domains": DOMAINS,
    "categories": CATEGORIES,
    "core_policies": CORE,
    "extra_policies": EXTRA,
}
STREET_CHILD = LedgerCategory("scattered_orphan", "社会散居孤儿", Target.CHILD)


def test_R_LZ_19_a_catalogue_declares_the_service_domains() -> None:
    catalogue.given().when(declare_catalogue, **LISTS).then(declared)
    assert catalogue.state(declared).domains == {d.code for d in DOMAINS}


def test_R_LZ_21_eight_plus_one_is_two_lists_of_opaque_codes() -> None:
    assert (len(declared.core_policies), len(declared.extra_policies)) == (8, 1)
    assert catalogue.state(declared).policies == {*CORE, *EXTRA}


def test_declaring_twice_is_declaring_once() -> None:
    catalogue.given(declared).when(declare_catalogue, **LISTS).then_nothing()


def test_a_declared_catalogue_is_not_rewritten() -> None:
    fewer = LISTS | {"domains": DOMAINS[:4]}
    catalogue.given(declared).when(declare_catalogue, **fewer).then_refused(CatalogueAlreadyDeclared)


@pytest.mark.parametrize(
    "lists",
    [{"domains": ()}, {"categories": (*CATEGORIES, CATEGORIES[0])}, {"extra_policies": CORE[:1]}],
    ids=["none", "category twice", "policy in both"],
)
def test_lists_are_neither_empty_nor_ambiguous(lists: dict[str, object]) -> None:
    catalogue.given().when(declare_catalogue, **(LISTS | lists)).then_refused(CatalogueInconsistent)


def test_R_LZ_20_further_targets_are_registered_explicitly() -> None:
    catalogue.given(declared).when(register_category, catalogue_id=CATALOGUE, category=STREET_CHILD).then(
        LedgerCategoryRegistered(CATALOGUE, STREET_CHILD)
    )


def test_a_category_keeps_its_first_meaning() -> None:
    other = replace(CATEGORIES[0], name="其他")
    given = catalogue.given(declared)
    given.when(register_category, catalogue_id=CATALOGUE, category=CATEGORIES[0]).then_nothing()
    given.when(register_category, catalogue_id=CATALOGUE, category=other).then_refused(CatalogueInconsistent)


def test_no_category_without_a_catalogue() -> None:
    catalogue.given().when(register_category, catalogue_id=CATALOGUE, category=STREET_CHILD).then_refused(
        CatalogueNotDeclared
    )


def test_a_category_is_of_no_target_in_particular_unless_it_says_so() -> None:
    assert LedgerCategory("in_need", "困难群众").target is Target.GENERAL
