"""How long the proofs that repeat themselves go on.

Each of them can fail in its first round; more rounds find what is rarer.  `make soak` plays many.
"""

from __future__ import annotations

import os

SOAK = int(os.environ.get("LIANDONG_SOAK", "1"))
"""Rounds."""
