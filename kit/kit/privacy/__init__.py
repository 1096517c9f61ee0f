"""Personal data: sealed into events, opened from them, and gone for good with the person's key.

One data key per person and tenant, wrapped by the service's key-encryption key, in a database of their own.
"""

from __future__ import annotations

from kit.privacy.kek import Kek, KekRefused, new_kek_file
from kit.privacy.sealing import DataKey, NotAuthentic, box_of, commitment_of, opened, passing_key, seal
from kit.privacy.vault import Erased, Vault

__all__ = [
    "DataKey",
    "Erased",
    "Kek",
    "KekRefused",
    "NotAuthentic",
    "Vault",
    "box_of",
    "commitment_of",
    "new_kek_file",
    "opened",
    "passing_key",
    "seal",
]
