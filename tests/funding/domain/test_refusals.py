"""What a refusal says: what is wrong and what to do, in the user's words."""

import ast
import pkgutil
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from string import Formatter
from uuid import UUID

import pytest

import funding.domain
from contracts.values import Fen
from funding.domain import scheme
from funding.domain.budget import BudgetAccount, LineAmount, account, allotment, expenses, settlement
from funding.domain.project import acceptance, milestone, procurement, review, state
from funding.domain.project import events as e
from funding.domain.project.state import Project
from funding.domain.quota import QuotaUse
from funding.domain.scheme import Scheme
from funding.domain.terms import Payer, Stage
from kit.errors import Refused
from kit.testing import Spec

from . import histories as h
from .test_scheme import WRONG

MODULES = tuple(
    import_module(found.name) for found in pkgutil.walk_packages(funding.domain.__path__, "funding.domain.")
)
"""All of them: a refusal that moves to another file is still looked at."""


def refusals() -> Iterator[type[Refused]]:
    for module in MODULES:
        for found in vars(module).values():
            if isinstance(found, type) and issubclass(found, Refused) and found.__module__ == module.__name__:
                yield found


@pytest.mark.parametrize("refusal", list(refusals()), ids=lambda refusal: refusal.__name__)
def test_every_refusal_says_what_to_do(refusal: type[Refused]) -> None:
    assert "请" in refusal.text
    assert refusal.text.endswith("。")


def tried_with_facts() -> set[str]:
    """The refusals that a test of this folder expects with their facts."""
    found: set[str] = set()
    for path in Path(__file__).parent.glob("**/test_*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            match node:
                case ast.Call(func=ast.Attribute(attr="then_refused"), args=[named, *_], keywords=[_, *_]):
                    found.add(ast.unparse(named).rpartition(".")[2])
                case ast.With(items=[ast.withitem(context_expr=ast.Call(args=[named]))]):
                    found.add(ast.unparse(named).rpartition(".")[2])
    return found | {refusal.__name__ for _, refusal, _ in WRONG}


def facts(refusal: type[Refused]) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(refusal.text) if name}


TRIED = tried_with_facts()


@pytest.mark.parametrize("refusal", [one for one in refusals() if len(facts(one)) > 1], ids=lambda one: one.__name__)
def test_what_could_be_said_with_its_facts_swapped_is_tried_with_them(refusal: type[Refused]) -> None:
    assert refusal.__name__ in TRIED


RUNNING, APPROVED, ACCEPTED = (
    Spec(Project(), state.evolve).state(*history) for history in (h.RUNNING, h.APPROVED, h.ACCEPTED)
)
PAID = Spec(BudgetAccount(), account.evolve).state(*h.PAID)
ON = {"occurred_on": h.MIDTERM}
BY = {"actor": h.CITY, **ON}
ALIEN = (e.ScopeItem("tourism", "paving"),)
BANQUET = expenses.Bill(UUID(int=1), "service", "banquet", Fen(1))
AMOUNT = (LineAmount("personnel", Fen(1)),)
MUCH = (LineAmount("personnel", Fen(16_000_001)),)
ORGANISATION_BILL = {"bill": BANQUET, "actor": h.OURS, **ON}
REPORT = {"phase": "weekly", "report": h.PAPER, "actor": h.OURS, **ON}
OTHERS = replace(h.TERMS, lines=(replace(h.TERMS.lines[0], booked_by=Payer.DISTRICT), *h.TERMS.lines[1:]))
PUBLISH = {"scheme_id": h.SCHEME_ID, "occurred_on": h.TERMS.effective_from}
MOVE = {"from_line": "service", "to_line": "management", "amount_fen": Fen(1), "reference": h.PAPER}


@pytest.mark.parametrize(
    ("decide", "states", "facts", "words"),
    [
        (scheme.publish, (Scheme(), QuotaUse()), {"terms": h.TERMS, "by": Payer.DISTRICT, **PUBLISH}, "出资级别为市级"),
        (
            scheme.publish,
            (Scheme(), QuotaUse()),
            {"terms": OTHERS, "by": Payer.CITY, **PUBLISH},
            "（市级）与经费集中列支单位（区级）",
        ),
        (
            procurement.publish_purchase,
            (APPROVED, h.SCHEME),
            {"scope": ALIEN, "actor": h.BUREAU, **ON},
            "填写：社会救助、儿童福利、养老服务、",
        ),
        (expenses.record_expense, (PAID, RUNNING, h.SCHEME), ORGANISATION_BILL, "“专业服务经费”不能用于所填的用途。"),
        (allotment.appropriate, (PAID, RUNNING, h.SCHEME), {"amounts": AMOUNT, **BY}, "“社工人力成本”"),
        (
            settlement.write_off,
            (PAID, Spec(Project(), state.evolve).state(*h.RATED), h.SCHEME),
            {"amounts": MUCH, "reason": "dissolved", "document": h.PAPER, **BY},
            "“社工人力成本”在 2023-03-20 尚有余额 160000.00 元，不能核销 160000.01 元",
        ),
        (allotment.adjust, (PAID, RUNNING, h.SCHEME), {**MOVE, **BY}, "“专业服务经费”"),
        (review.submit_report, (RUNNING, h.SCHEME), REPORT, "选择：中期、末期。"),
        (
            acceptance.rate,
            (ACCEPTED, h.SCHEME),
            {"rating": "superb", "actor": h.CITY, "occurred_on": h.AFTER},
            "选择：优秀、良好、合格、不合格。",
        ),
        (
            milestone.issue_notice,
            (RUNNING, h.SCHEME),
            {"milestone": Stage.STAFFED, "actor": h.BUREAU, **ON},
            "节点“人员已核验”",
        ),
    ],
)
def test_a_refusal_says_the_plans_words_and_no_codes(
    decide: Callable[..., object], states: tuple[object, ...], facts: dict[str, object], words: str
) -> None:
    with pytest.raises(Refused) as refused:
        decide(*states, **facts)
    assert words in refused.value.detail
    assert re.search("[a-z]", refused.value.detail) is None
