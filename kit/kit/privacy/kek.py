"""The key-encryption key: 32 bytes in a file that only its owner may read, wrapping every other key."""

from __future__ import annotations

import hashlib
import os
import re
import stat
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.keywrap import InvalidUnwrap, aes_key_unwrap, aes_key_wrap

MODE = 0o600
_LINE = re.compile(rb"[0-9a-f]{64}\n?")


class KekRefused(Exception):
    """The key-encryption key cannot be trusted or is not the one that wrapped a key.  Never holds key bytes."""


@dataclass(frozen=True, repr=False)
class Kek:
    """Wraps keys by AES-KW (RFC 3394).  `id` names it without telling it."""

    id: str
    secret: bytes

    def __repr__(self) -> str:
        return f"Kek({self.id})"

    @classmethod
    def of(cls, secret: bytes) -> Kek:
        """Named by the first 8 bytes of its SHA-256, in hex."""
        return cls(hashlib.sha256(secret).digest()[:8].hex(), secret)

    @classmethod
    def read(cls, path: Path | str) -> Kek:
        """From a file of 64 hex digits.  KekRefused unless it is a regular file of mode 0600."""
        try:
            with os.fdopen(os.open(path, os.O_RDONLY | os.O_CLOEXEC), "rb") as file:
                status = os.fstat(file.fileno())
                line = file.read(66)
        except OSError as e:
            raise KekRefused(f"{path} cannot be read: {e.strerror}") from e
        if not stat.S_ISREG(status.st_mode) or stat.S_IMODE(status.st_mode) != MODE:
            raise KekRefused(f"{path} has mode {stat.S_IMODE(status.st_mode):04o}; only a file of mode 0600 will do")
        if not _LINE.fullmatch(line):
            raise KekRefused(f"{path} does not hold 64 hex digits")
        return cls.of(bytes.fromhex(line.decode()))

    def wrap(self, key: bytes) -> bytes:
        return aes_key_wrap(self.secret, key)

    def unwrap(self, wrapped: bytes, kek_id: str) -> bytes:
        """KekRefused when `kek_id` is another key's, or the bytes were changed."""
        if kek_id != self.id:
            raise KekRefused(f"wrapped under key-encryption key {kek_id}; this one is {self.id}")
        try:
            return aes_key_unwrap(self.secret, wrapped)
        except InvalidUnwrap as e:
            raise KekRefused(f"a wrapped key does not unwrap under {self.id}: it was changed") from e


def new_kek_file(path: Path | str) -> Kek:
    """Writes a new random key to `path`, mode 0600, flushed to disk.  FileExistsError: it never replaces one."""
    secret = os.urandom(32)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, MODE), "wb") as file:
        os.fchmod(file.fileno(), MODE)  # whatever the umask says
        file.write(secret.hex().encode() + b"\n")
        file.flush()
        os.fsync(file.fileno())
    return Kek.of(secret)
