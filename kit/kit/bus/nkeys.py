"""NATS keys: the Ed25519 pair of a user, in NATS's own spelling.  The server knows the public half and asks for a
signature of what it just made up, so that nothing secret is sent or lies at the server.

Text form (base32 without padding): a prefix, 32 bytes, and their CRC-16 (XMODEM), low byte first.
"""

from __future__ import annotations

import base64
import binascii
import os
import stat
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

MODE = 0o600
USER = 20 << 3
"""Five bits that base32 spells "U"."""
SEED = bytes([18 << 3 | USER >> 5, (USER & 31) << 3])
"""Ten bits that base32 spells "SU", six of them spare."""


class SeedRefused(Exception):
    """A seed that cannot be trusted or is none.  Never holds the seed."""


class UserKey:
    """A user's pair.  `public` is what the server's configuration names: U…."""

    def __init__(self, seed: str) -> None:
        """From its text, SU….  Raises SeedRefused."""
        try:
            raw = base64.b32decode(seed.strip() + "=" * (-len(seed.strip()) % 8))
        except ValueError:
            raise SeedRefused("no NATS seed: it is not base32") from None
        if len(raw) != 36 or raw[:2] != SEED or _closed(raw[:-2]) != raw:
            raise SeedRefused("no seed of a NATS user: those begin with SU and have 58 characters")
        self._private = Ed25519PrivateKey.from_private_bytes(raw[2:-2])
        public = self._private.public_key().public_bytes_raw()
        self.public = _text(bytes([USER]) + public)

    def sign(self, nonce: str) -> bytes:
        """What a client answers to the server's nonce."""
        return base64.b64encode(self._private.sign(nonce.encode()))

    @classmethod
    def read(cls, path: Path) -> UserKey:
        """From a file that its owner alone may read.  Raises SeedRefused."""
        try:
            with os.fdopen(os.open(path, os.O_RDONLY | os.O_CLOEXEC), "rb") as file:
                status = os.fstat(file.fileno())
                text = file.read(100)
        except OSError as error:
            raise SeedRefused(f"{path} cannot be read: {error.strerror}") from None
        if not stat.S_ISREG(status.st_mode) or stat.S_IMODE(status.st_mode) != MODE:
            raise SeedRefused(f"{path} has mode {stat.S_IMODE(status.st_mode):04o}; only a file of mode 0600 will do")
        try:
            return cls(text.decode("ascii"))
        except (SeedRefused, UnicodeDecodeError):
            raise SeedRefused(f"{path} does not hold the seed of a NATS user (SU…, 58 characters)") from None


def new_seed_file(path: Path) -> UserKey:
    """Writes a new random seed to `path`, mode 0600.  FileExistsError: it never replaces one."""
    seed = _text(SEED + os.urandom(32))
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, MODE), "w") as file:
        os.fchmod(file.fileno(), MODE)  # whatever the umask says
        file.write(seed + "\n")
        file.flush()
        os.fsync(file.fileno())
    return UserKey(seed)


def _text(raw: bytes) -> str:
    return base64.b32encode(_closed(raw)).decode().rstrip("=")


def _closed(raw: bytes) -> bytes:
    return raw + binascii.crc_hqx(raw, 0).to_bytes(2, "little")
