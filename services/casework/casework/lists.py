"""The lists of casework: the ledger, visits, cases, referrals and catalogues."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from casework.policy import RECORD_READERS
from casework.projections.case import CaseRow
from casework.projections.catalogue import CatalogueRow
from casework.projections.entry import EntryRow, VisitRow
from casework.projections.referral import ReferralRow
from kit.auth import Actor
from kit.service import Flag, Listing, More, Opens, Wait
from kit.store import titled


def _may_name(actor: Actor, _row: dict[str, Any]) -> bool:
    """Of what is in their sight, those who work with the people see who they are; a bureau sees pseudonyms."""
    return actor.role in RECORD_READERS


# As it is now: an entry's name stays where it is, and of another moment no index finds one entry.
WHOSE = More(
    "name_event",
    Annotated[UUID, titled("姓名所在记录")],
    "(select e.name_event from public.ledger_entry e where (e.tenant_id, e.entry_id) = (t.tenant_id, t.entry_id))",
)

ENTRY_ENDED = (
    "exists (select from ledger_entry e"
    " where (e.tenant_id, e.entry_id) = (t.tenant_id, t.entry_id) and e.ended_on is not null offset 0)"
)

ENTRIES = Listing(
    "Entry",
    EntryRow,
    action="read-entries",
    category="entry",
    flags=(
        Flag("not_visited", "尚未走访", "t.first_visited_on is null"),
        Flag("served_now", "在册", "t.ended_on is null"),
    ),
    waits=(Wait("record-home-visit", "t.first_visited_on is null and t.ended_on is null"),),
    filters=("project_id", "community", "enrolled_in", "categories", "end_reason", "worker_id"),
    spans=("enrolled_on", "last_visited_on", "ended_on"),
    sorts=("-enrolled_on",),
    without=("person",),
    opens=Opens(_may_name),
)
VISITS = Listing(
    "Visit",
    VisitRow,
    action="read-visits",
    category="entry",
    more=(WHOSE,),
    filters=("entry_id", "project_id", "community", "worker_id"),
    spans=("visited_on",),
    sorts=("-visited_on",),
    opens=Opens(_may_name),
)
CASES = Listing(
    "Case",
    CaseRow,
    action="read-cases",
    category="case",
    more=(WHOSE,),
    flags=(
        Flag("open", "未办结", "t.closed_on is null and t.ended_on is null"),
        Flag("ended_early", "提前终止", "t.ended_on is not null"),
        Flag(
            "entry_ended",
            "台账已终止而个案未办结",
            f"t.closed_on is null and t.ended_on is null and {ENTRY_ENDED}",
        ),
    ),
    waits=(
        Wait("advance-case", f"t.closed_on is null and t.ended_on is null and not {ENTRY_ENDED}"),
        Wait("end-case", f"t.closed_on is null and t.ended_on is null and {ENTRY_ENDED}"),
    ),
    filters=("stage", "end_reason", "domain", "entry_id", "place_id", "project_id", "community", "worker_id"),
    spans=("opened_on", "stage_on", "closed_on", "ended_on"),
    sorts=("opened_on",),
    opens=Opens(_may_name),
)
REFERRALS = Listing(
    "Referral",
    ReferralRow,
    action="read-referrals",
    category="referral",
    more=(WHOSE,),
    flags=(Flag("pending", "尚无结果", "t.outcome is null"),),
    waits=(Wait("record-assistance-outcome", "t.outcome is null"),),
    filters=("kind", "outcome", "policy", "entry_id", "place_id", "project_id", "community", "worker_id"),
    spans=("referred_on",),
    sorts=("-referred_on",),
    opens=Opens(_may_name),
)
CATALOGUES = Listing("Catalogue", CatalogueRow, action="read-catalogues", category="catalogue", sorts=("-declared_on",))
