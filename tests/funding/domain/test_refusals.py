"""What a refusal says: what is wrong and what to do, in the user's words."""

from collections.abc import Iterator

import pytest

from funding.domain import agency, scheme, terms
from funding.domain.budget import account, allotment, expenses
from funding.domain.pilot import acceptance, application, delivery, milestones, procurement, review, state
from kit.errors import Refused

MODULES = (
    *(agency, scheme, terms, account, allotment, expenses),
    *(acceptance, application, delivery, milestones, procurement, review, state),
)


def refusals() -> Iterator[type[Refused]]:
    for module in MODULES:
        for found in vars(module).values():
            if isinstance(found, type) and issubclass(found, Refused) and found.__module__ == module.__name__:
                yield found


@pytest.mark.parametrize("refusal", list(refusals()), ids=lambda refusal: refusal.__name__)
def test_every_refusal_says_what_to_do(refusal: type[Refused]) -> None:
    assert "请" in refusal.text
    assert refusal.text.endswith("。")
