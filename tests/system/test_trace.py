"""One trace from a request to what another service did of it: stored with the event, carried by the message, linked."""

from __future__ import annotations

import time
from uuid import uuid4

import orjson
from tests.system import proof
from tests.system.bureau import Bureau, SignIn
from tests.system.collector import Collector
from tests.system.conftest import Played
from tests.system.programme import IT, PROVINCE
from tests.system.test_privacy import seen

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
PARENT = f"00-{TRACE}-00f067aa0ba902b7-01"
CITY = "620900"
"""Registered by the traced request alone."""


async def test_one_trace_leads_from_the_request_to_the_rows_of_another_service(
    calm: Played, collector: Collector
) -> None:
    region = calm.region
    body = {"tenant_id": CITY, "name": "演示市", "level": "city", "parent": PROVINCE, "region": region.slug}
    async with Bureau.calls(region) as bureau:
        headers = {"traceparent": PARENT, "idempotency-key": str(uuid4())}
        sent = {**body, "occurred_on": "2022-05-05"}
        answer = await bureau.ask("POST", "registry", "/v1/tenants", IT, headers=headers, json=sent)
        assert answer.status_code == 200, answer.text
        await bureau.sees("funding", SignIn(IT.role, PROVINCE), {CITY})
    await proof.settled(region)
    async with proof.database(region, "registry") as db:
        raw = await db.fetchval("select raw from event where stream = $1", f"tenant/{CITY}")
    assert orjson.loads(raw)["trace"].split("-")[1] == TRACE
    [message] = [m for m in await proof.messages(region) if m.headers["ce-subject"] == f"tenant/{CITY}"]
    assert message.headers["traceparent"].split("-")[1] == TRACE

    deadline = time.monotonic() + 30
    while not (heard := [s for s in collector.spans() if s[0] == "funding" and TRACE in (s[2], *s[3])]):
        assert time.monotonic() < deadline, collector.spans()
        time.sleep(0.1)  # noqa: ASYNC251 - nothing else runs here
    spans = collector.spans()
    assert any(s[0] == "registry" and s[2] == TRACE and s[1] == "store.change" for s in spans)
    assert any(s[0] == "registry" and TRACE in s[3] and s[1] == "relay.window" for s in spans)
    follow = {s[2] for s in heard}
    assert any(s[0] == "funding" and s[1] == "store.change" and s[2] in follow for s in spans)
    async with proof.database(region, "funding") as db:
        stored = orjson.loads(await db.fetchval("select raw from event where stream = $1", f"tenant-note/{CITY}"))
    assert stored["trace"].split("-")[1] in follow
    assert not any(seen(body) for body in collector.bodies)
