"""What roles within a unit see: what their tenant's line has on record of sites, agencies and workers is public in it.

Names are not: they are opened for who works with the person (`policy.may_name`).  Findings, and which certificates were
rejected, are for bureaus.
"""

from __future__ import annotations

from kit.service import Sight
from registry.policy import READERS

SIGHTS = (
    Sight(
        (
            "tenant",
            "division",
            "agency",
            "worker",
            "staffing",
            "site",
            "standard",
            "leading-group",
            "conference",
            "document",
        ),
        READERS,
    ),
)
