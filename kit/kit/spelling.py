"""How people spell a Chinese name when they look for it: the name, its initials, its pinyin.  Pure.

Every reading of every character is one of its spellings (多音字: 单 is dan, chan and shan).  Of a character on its own
nobody can say which is meant, and a name is short, so no dictionary of words is asked.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from enum import StrEnum
from functools import cache, lru_cache
from itertools import combinations, islice, product
from types import ModuleType
from typing import Final
from unicodedata import category, normalize

LONGEST: Final = 100
"""Characters of a spelling that are kept; nobody types more."""
STARTS: Final = 40
"""Characters of a name at which something that is looked for may begin."""
READINGS: Final = 24
"""Ways in which one name is read aloud, at most.  Each reading of each character is among them before any two are."""
TOGETHER: Final = 6
"""Of how many of its first characters more than one is read otherwise at once."""
READ_ALOUD: Final = 16
PREFIXES: Final = 600
"""Characters of a person's name that are looked for by reading, and beginnings of one name that are kept, at most."""


class Form(StrEnum):
    """What somebody types of a name, in the order in which what it finds is shown."""

    NAME = "name"
    PART = "part"
    """The name from a later character on."""
    INITIALS = "initials"
    PINYIN = "pinyin"
    CODE = "code"


def folded(text: str) -> str:
    """Width, case and blanks do not count: "Ａ 区" is "a区".  Lossy, so it is compared and never shown."""
    plain = normalize("NFKC", text).casefold()
    return "".join(c for c in normalize("NFKC", plain) if category(c) not in ("Cc", "Cf") and not c.isspace())


def lettered(text: str) -> str:
    """As one types pinyin: ASCII letters and digits, ü as v.  Empty for what no keyboard of letters gives."""
    typed = "".join(c for c in folded(text).replace("ü", "v") if c.isalnum())
    return typed if typed.isascii() else ""


def spellings(name: str, code: str = "") -> tuple[tuple[Form, str], ...]:
    """Whatever a prefix of finds the name, each once; of the code too, where it has one."""
    text = folded(name)
    found = [(Form.NAME, text[:LONGEST])]
    found += ((Form.PART, text[at : at + LONGEST]) for at in range(1, min(len(text) - 1, STARTS)))
    found += _read(text)
    if code:
        found.append((Form.CODE, folded(code)[:LONGEST]))
    return tuple(dict.fromkeys(one for one in found if one[1]))


def prefixes(name: str) -> list[tuple[Form, str]]:
    """Every beginning of a person's name, its initials and its pinyin: what is looked for by equality alone.

    The shortest first.
    """
    text = folded(name)
    whole = {(Form.NAME, text[:LONGEST]), *_read(text[:READ_ALOUD])}
    every = {(form, said[:n]) for form, said in whole for n in range(1, len(said) + 1)}
    return sorted(every, key=lambda one: (len(one[1]), one))[:PREFIXES]


def _read(text: str) -> Iterator[tuple[Form, str]]:
    syllables = [_readings(character) for character in text[:STARTS] if character.isalnum()]
    for way in islice(_ways(syllables), READINGS):
        yield Form.INITIALS, "".join(one[0] for one in way)[:LONGEST]
        yield Form.PINYIN, "".join(way)[:LONGEST]


def _ways(syllables: Sequence[Sequence[str]]) -> Iterator[list[str]]:
    """The usual reading first, then each that differs in one character, then in more of the first ones."""
    usual = [one[0] for one in syllables]
    varied = [at for at, one in enumerate(syllables) if len(one) > 1]
    for differ in range(min(len(varied), TOGETHER) + 1):
        for places in combinations([at for at in varied if differ < 2 or at < TOGETHER], differ):
            for others in product(*(syllables[at][1:] for at in places)):
                way = list(usual)
                for at, other in zip(places, others, strict=True):
                    way[at] = other
                yield way


@lru_cache(maxsize=4096)
def _readings(character: str) -> tuple[str, ...]:
    """Without tones, the usual one first; of what is no Chinese character, itself."""
    if character.isascii():
        return (character,)
    reader = _reader()
    (read,) = reader.pinyin(character, style=reader.Style.NORMAL, heteronym=True)
    return tuple(dict.fromkeys(read))


@cache
def _reader() -> ModuleType:
    """Imported when the first name is spelled, without its dictionary of words: 13 MB instead of 59."""
    os.environ.setdefault("PYPINYIN_NO_PHRASES", "1")
    import pypinyin

    return pypinyin
