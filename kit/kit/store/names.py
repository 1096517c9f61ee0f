"""Names that are looked for: in the open as rows of a view, and persons' as keyed HMACs that end with their key.

A name in the open has a row for each of its spellings (`kit.spelling`), and a prefix of one finds it in a range of the
primary index.  Nothing of a person's name is ever in the event database but what is sealed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Final

from contracts.values import Event, Sealed
from kit.privacy import Vault
from kit.spelling import Form, prefixes
from kit.store.rows import titled
from kit.store.sealing import Keys, Pending

SPELLED: Final = ("form", "spelling", "id")
"""The key of rows of spellings: in this order its index serves prefixes, of any day."""
People = Mapping[type[Event], str]
"""Events that may name a person who is looked for, each with the field that holds the sealed name."""


@dataclass(frozen=True)
class Spelling:
    """What rows of spellings have in common: `class SiteSpelling(Spelling, Row, table="site_spelling", key=SPELLED)`
    adds the `id` of what is so called.  It is made of `kit.spelling.spellings`."""

    form: Annotated[Form, titled("写法种类")]
    spelling: Annotated[str, titled("写法")]


def token(form: Form, text: str) -> str:
    """What is made an HMAC of: initials that read as somebody's pinyin are not the same."""
    return f"{form}:{text}"


async def know_names(vault: Vault | None, people: People, keys: Keys, pending: Iterable[Pending]) -> None:
    """Has the persons found whom these events name, before the events are written: none is ever without.

    What they say of an event that in the end is not written finds nothing, for a name is shown from its event.
    """
    named = [(one, getattr(one.event, people[type(one.event)])) for one in pending if type(one.event) in people]
    found = [(one, sealed) for one, sealed in named if sealed is not None]
    if found and vault is not None:
        await vault.know_names(
            (one.tenant, keys[one.tenant, sealed.person].key_id, _tokens(sealed.clear)) for one, sealed in found
        )


async def know_again(vault: Vault, sealed: Sequence[Sealed[str]]) -> None:
    """The same of names that are sealed, of persons whose keys are there."""
    names = await vault.unseal_many(sealed)
    await vault.know_names(
        (one.box.tenant, one.box.key, _tokens(name))
        for one, name in zip(sealed, names, strict=True)
        if name is not None and one.box is not None
    )


def _tokens(name: str | None) -> list[str]:
    return [token(form, text) for form, text in prefixes(name or "")]
