"""The sealed field: its exact bytes, and everything that must not open."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given
from hypothesis import strategies as st

from contracts.values import Box, Sealed
from kit.privacy import DataKey, NotAuthentic, box_of, commitment_of, opened, seal
from kit.privacy.sealing import additional, base64url, from_base64url, padded, unpadded

SECRET = bytes(range(32))
NONCE = bytes(range(100, 112))
KEY = DataKey(UUID("00000000-0000-4000-8000-00000000000a"), commitment_of(SECRET), SECRET)
PERSON = UUID("00000000-0000-4000-8000-000000000001")
EVENT = UUID("01930000-0000-7000-8000-000000000002")
PLACE: dict[str, Any] = {
    "tenant": "620102",
    "event": EVENT,
    "type": "casework.entry-made",
    "schema": 1,
    "path": "name",
}
NAME = "演示居民甲01"

GOLDEN_AAD = (
    b'["620102","01930000-0000-7000-8000-000000000002","casework.entry-made",1,"name",'
    b'"00000000-0000-4000-8000-000000000001","00000000-0000-4000-8000-00000000000a"]'
)
GOLDEN_PLAIN = "000000" + "13" + '"演示居民甲01"'.encode().hex() + "00" * 9
GOLDEN_COMMITMENT = "4f83045b0a6b1648062cd3621e80a133286a86e83ff0cd101b6fa2efcfd101ef"
GOLDEN_BOX = "ZGVmZ2hpamtsbW5vSBvedVsP6grZxuUNa-CMTdMlkri7XdFyp9GsSPujpUikHl1oOcnRz6fQIsUV2bH_"


def sealed(value: Any = NAME, **other: Any) -> dict[str, Any]:
    return seal(value, KEY, **{**PLACE, "person": PERSON, **other})


def box(value: Any = NAME) -> Box:
    found = box_of(sealed(value), **PLACE).box
    assert found is not None
    return found


@pytest.mark.golden
def test_a_sealed_field_has_these_bytes_for_ever() -> None:
    """Written events must open in every later release: if this fails, do not edit the constants."""
    assert padded(NAME).hex() == GOLDEN_PLAIN
    assert additional(PLACE["tenant"], EVENT, PLACE["type"], 1, "name", PERSON, KEY.key_id) == GOLDEN_AAD
    assert KEY.commitment.hex() == GOLDEN_COMMITMENT
    assert base64url(NONCE + AESGCM(SECRET).encrypt(NONCE, padded(NAME), GOLDEN_AAD)) == GOLDEN_BOX


def test_the_golden_box_opens() -> None:
    stored = {"$sealed": {"key": str(KEY.key_id), "person": str(PERSON), "box": GOLDEN_BOX}}
    closed = box_of(stored, **PLACE)
    assert closed.box is not None
    assert opened(closed.box, closed.person, KEY) == NAME


def test_a_sealed_field_is_stored_as_key_person_and_box_only() -> None:
    stored = sealed()
    assert set(stored) == {"$sealed"}
    assert set(stored["$sealed"]) == {"key", "person", "box"}
    assert "演示" not in json.dumps(stored, ensure_ascii=False)


@pytest.mark.parametrize(
    "moved",
    [
        {"tenant": "620103"},
        {"event": UUID("01930000-0000-7000-8000-000000000003")},
        {"type": "casework.entry-corrected"},
        {"schema": 2},
        {"path": "address"},
    ],
    ids=lambda moved: next(iter(moved)),
)
def test_a_box_opens_nowhere_else(moved: dict[str, Any]) -> None:
    with pytest.raises(NotAuthentic):
        opened(replace(box(), **moved), PERSON, KEY)


def test_a_box_opens_for_no_other_person() -> None:
    with pytest.raises(NotAuthentic):
        opened(box(), UUID(int=7), KEY)


def test_a_box_opens_under_no_other_key_id() -> None:
    other = UUID(int=8)
    with pytest.raises(NotAuthentic):
        opened(replace(box(), key=other), PERSON, replace(KEY, key_id=other))


def test_a_key_that_was_not_committed_to_opens_nothing() -> None:
    """AES-GCM would open it: the commitment alone refuses."""
    with pytest.raises(NotAuthentic, match="committed"):
        opened(box(), PERSON, replace(KEY, commitment=commitment_of(bytes(32))))


def test_another_key_under_the_same_id_opens_nothing() -> None:
    with pytest.raises(NotAuthentic, match="changed or moved"):
        opened(box(), PERSON, DataKey(KEY.key_id, commitment_of(bytes(32)), bytes(32)))


@given(st.integers(min_value=0), st.integers(min_value=1, max_value=255))
def test_any_changed_byte_is_noticed(at: int, by: int) -> None:
    whole = box()
    changed = bytearray(whole.ciphertext)
    changed[at % len(changed)] ^= by
    with pytest.raises(NotAuthentic):
        opened(replace(whole, ciphertext=bytes(changed)), PERSON, KEY)


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_any_text_comes_back(text: str) -> None:
    assert opened(box(text), PERSON, KEY) == text


@given(
    st.dictionaries(
        st.text(st.characters(exclude_categories=["Cs"])), st.text(st.characters(exclude_categories=["Cs"]))
    )
)
def test_any_profile_comes_back(profile: dict[str, str]) -> None:
    assert opened(box(profile), PERSON, KEY) == profile


def test_names_of_different_length_take_the_same_room() -> None:
    lengths = {len(sealed(name)["$sealed"]["box"]) for name in ("𠮷", "演示甲", "演示社工甲", "阿卜杜热合曼")}
    assert len(lengths) == 1


@given(st.integers(min_value=0, max_value=200))
def test_plaintext_is_whole_blocks_of_32_bytes(length: int) -> None:
    plain = padded("x" * length)
    assert len(plain) % 32 == 0
    assert len(plain) < 4 + length + 2 + 32
    assert unpadded(plain) == "x" * length


def test_a_nonce_is_never_used_twice() -> None:
    assert len({sealed()["$sealed"]["box"][:16] for _ in range(1000)}) == 1000


def test_nothing_cannot_be_sealed() -> None:
    with pytest.raises(ValueError, match="unsealed first"):
        sealed(None)


@pytest.mark.parametrize("frame", [b"", b"\0\0\0\x40" + b'"x"' + bytes(25), b"\0\0\0\x03" + b'"x"' + bytes(24) + b"\1"])
def test_a_wrong_frame_is_refused(frame: bytes) -> None:
    with pytest.raises(ValueError, match=r"framed|Expecting"):
        unpadded(frame)


@pytest.mark.parametrize(
    "text", ["AA==", "AB", "A", "AA A", "AA+/", "AA\n"], ids=["padded", "loose bits", "short", "blank", "plain", "line"]
)
def test_a_box_has_one_spelling(text: str) -> None:
    with pytest.raises(ValueError, match="base64url"):
        from_base64url(text)


@pytest.mark.parametrize(
    "stored",
    [
        {"$sealed": {**sealed()["$sealed"], "clear": "演示"}},
        {**sealed(), "clear": "演示"},
        {"$sealed": {"key": str(KEY.key_id), "person": str(PERSON)}},
        {"$sealed": {**sealed()["$sealed"], "box": base64url(bytes(61))}},
        {"$sealed": {**sealed()["$sealed"], "box": base64url(bytes(28))}},
    ],
    ids=["clear inside", "clear beside", "no box", "odd length", "no block"],
)
def test_only_the_stored_shape_is_read(stored: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"sealed"):
        box_of(stored, **PLACE)


def test_no_repr_shows_a_name_or_a_key() -> None:
    shown = repr((KEY, Sealed(person=PERSON, clear=NAME), box_of(sealed(), **PLACE)))  # type: ignore[arg-type]
    assert NAME not in shown
    assert repr(SECRET) not in shown
    assert SECRET.hex() not in shown
