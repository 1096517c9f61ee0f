"""The sealed field: exact bytes, pure.

AES-256-GCM over the value, bound by its additional data to one field of one event of one person in one tenant:

    stored  {"$sealed": {"key": uuid, "person": uuid, "box": base64url(nonce(12) + ciphertext + tag(16))}}
    AAD     RFC 8785 JSON of [tenant, event id, type, schema, path, person, key id]
    plain   4 bytes of length, big-endian, the value as RFC 8785 JSON, zeros up to a multiple of 32

Changing any of it makes every stored event unreadable: the golden bytes test stands guard.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import rfc8785
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from contracts.values import Box, PersonId, Sealed

NONCE = 12
TAG = 16
BLOCK = 32
"""Padding hides whether a name has two or three characters; it does not hide an essay."""


class NotAuthentic(Exception):
    """A box or key is not what was written: changed, moved, or under another key.  Never holds personal data."""


@dataclass(frozen=True, repr=False)
class DataKey:
    """A person's key in one tenant.  `commitment` binds the id to these bytes; AES-GCM alone does not."""

    key_id: UUID
    commitment: bytes
    secret: bytes

    def __repr__(self) -> str:
        return f"DataKey({self.key_id})"


def passing_key() -> DataKey:
    """A key that nobody keeps, for what is sealed only to see that it can be."""
    secret = os.urandom(32)
    return DataKey(uuid4(), commitment_of(secret), secret)


def commitment_of(secret: bytes) -> bytes:
    """HMAC-SHA256(key, "liandong/dek-commit/v1"): shows a later reader that this key, and no other, was used."""
    return hmac.digest(secret, b"liandong/dek-commit/v1", "sha256")


def seal(
    value: Any, key: DataKey, *, tenant: str, event: UUID, type: str, schema: int, path: str, person: UUID
) -> dict[str, Any]:
    """The object to store in the event's data.  ValueError for None: a closed value must be opened first."""
    if value is None:
        raise ValueError("nothing to seal: a value that was read back must be unsealed first")
    bound = additional(tenant, event, type, schema, path, person, key.key_id)
    nonce = os.urandom(NONCE)
    box = nonce + AESGCM(key.secret).encrypt(nonce, padded(value), bound)
    return {"$sealed": {"key": str(key.key_id), "person": str(person), "box": base64url(box)}}


def box_of(stored: Mapping[str, Any], *, tenant: str, event: UUID, type: str, schema: int, path: str) -> Sealed[Any]:
    """A closed `Sealed` that remembers where it was stored.  ValueError unless it has exactly the stored shape."""
    inner = stored["$sealed"]
    if set(stored) != {"$sealed"} or set(inner) != {"key", "person", "box"}:
        raise ValueError("a sealed field has a key, a person and a box, and nothing beside it")
    ciphertext = from_base64url(inner["box"])
    if len(ciphertext) < NONCE + BLOCK + TAG or (len(ciphertext) - NONCE - TAG) % BLOCK:
        raise ValueError(f"a box of {len(ciphertext)} bytes was never sealed here")
    box = Box(UUID(inner["key"]), ciphertext, tenant, event, type, schema, path)
    return Sealed(person=PersonId(UUID(inner["person"])), box=box)


def opened(box: Box, person: UUID, key: DataKey) -> Any:
    """The value in a box.  NotAuthentic if box, place, person or key is not the one it was sealed with."""
    if key.key_id != box.key or not hmac.compare_digest(commitment_of(key.secret), key.commitment):
        raise NotAuthentic(f"key {box.key} is not the key that was committed to")
    bound = additional(box.tenant, box.event, box.type, box.schema, box.path, person, box.key)
    try:
        plain = AESGCM(key.secret).decrypt(box.ciphertext[:NONCE], box.ciphertext[NONCE:], bound)
    except InvalidTag as e:
        raise NotAuthentic(f"the box at {box.path} of event {box.event} was changed or moved") from e
    return unpadded(plain)


def additional(tenant: str, event: UUID, type: str, schema: int, path: str, person: UUID, key: UUID) -> bytes:
    """What a box is bound to: it opens nowhere else."""
    return rfc8785.dumps([tenant, str(event), type, schema, path, str(person), str(key)])


def padded(value: Any) -> bytes:
    """The value's JSON with its length in front and zeros behind: only the number of 32-byte blocks shows."""
    text = rfc8785.dumps(value)
    framed = len(text).to_bytes(4, "big") + text
    return framed + bytes(-len(framed) % BLOCK)


def unpadded(plain: bytes) -> Any:
    """The value; ValueError for a frame that `padded` cannot have made."""
    length = int.from_bytes(plain[:4], "big")
    text, rest = plain[4 : 4 + length], plain[4 + length :]
    if len(text) != length or any(rest) or len(rest) >= BLOCK:
        raise ValueError("the opened box is not framed as one is")
    return json.loads(text)


def base64url(data: bytes) -> str:
    """RFC 4648 section 5, without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def from_base64url(text: str) -> bytes:
    """Only the one text that `base64url` makes: the standard decoder skips what it does not know."""
    try:
        data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except binascii.Error as e:
        raise ValueError("not base64url") from e
    if base64url(data) != text:
        raise ValueError("not base64url as it is written here")
    return data
