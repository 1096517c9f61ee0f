"""`liandong rebuild`: read tables filled again from the events."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from liandong import asking, state
from liandong.asking import Service
from liandong.commands import DEFAULT_DATA, Data, Json
from liandong.failure import Misused

app = typer.Typer()
PROJECTIONS = {
    "registry": (
        "tenant", "tenant_list", "unit_list", "organisation_list", "worker_list", "staffing_list", "site_list",
        "linkage_standard", "leading_group", "conference_list", "document_list", "finding_list", "unit_spelling",
        "site_spelling", "organisation_spelling", "person-names",
    ),
    "casework": (
        "tenant", "service_catalogue", "ledger", "case_list", "referral_list", "place_list", "placement",
        "person-names",
    ),
    "funding": (
        "tenant", "scheme_version", "quota_use", "project_list", "project_phase", "budget", "organisation_standing",
        "project_spelling", "scheme_spelling",
    ),
    "volunteer": ("tenant", "volunteer_list", "activity_list", "project_list"),
}  # fmt: skip
"""As the services define them: to ask one takes seconds."""


@app.command()
def rebuild(
    service: Service,
    projection: Annotated[str | None, typer.Argument(help="Its name; all of the service when absent.")] = None,
    data: Data = DEFAULT_DATA,
    as_json: Json = False,
) -> None:
    """Fills read tables again from the events.

    The new rows are made beside those that are read, and then take their place: the service keeps running, and its
    writers wait for that last moment only.

    Exit code 0: done, 1: it failed, 2: no such service or projection, 3: nothing is up.
    """
    there = PROJECTIONS[service]
    if projection not in (None, *there):
        raise Misused(f"{service} 没有读表 {projection}。可选：{'、'.join(there)}。")
    found = state.found(data)
    (name,) = asking.services(found, service)
    from liandong.rebuilding import rebuild as rebuilt

    counts = asking.run(rebuilt(name, found.services[name], projection), "正在重建，已 {seconds} 秒")
    if as_json:
        typer.echo(json.dumps({"service": name, "rebuilt": counts}, indent=2))
        return
    for one, events in counts.items():
        typer.echo(f"{one:<20} 由 {events} 条事件重建")
