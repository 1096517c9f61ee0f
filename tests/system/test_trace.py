"""One trace from a request to what another service did of it: stored with the event, carried by the message, linked."""

from __future__ import annotations

import gzip
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from uuid import uuid4

import orjson
import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from tests.system import proof
from tests.system.bureau import Bureau, SignIn
from tests.system.conftest import apart
from tests.system.programme import IT, PROVINCE
from tests.system.test_privacy import seen

from liandong.region import Region

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
PARENT = f"00-{TRACE}-00f067aa0ba902b7-01"


class Collector:
    """As little of an OpenTelemetry collector as is needed: keeps what is sent to it."""

    def __init__(self) -> None:
        self.bodies: list[bytes] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                outer.bodies.append(gzip.decompress(body) if self.headers.get("content-encoding") == "gzip" else body)
                self.send_response(200)
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}"

    def spans(self) -> list[tuple[str, str, str, list[str]]]:
        """Service, name, trace id and the trace ids that it links to, of every span."""
        found = []
        for body in list(self.bodies):
            for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
                said = {a.key: a.value.string_value for a in resource.resource.attributes}
                for scope in resource.scope_spans:
                    for s in scope.spans:
                        links = [link.trace_id.hex() for link in s.links]
                        found.append((said["service.name"], s.name, s.trace_id.hex(), links))
        return found


@pytest.fixture(scope="module")
def traced(data_root: Path) -> Iterator[tuple[Region, Collector]]:
    collector = Collector()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", collector.url)
        patch.setenv("OTEL_BSP_SCHEDULE_DELAY", "200")
        with apart(data_root / f"traced-{uuid4().hex[:8]}") as region:
            yield region, collector
    collector.server.shutdown()


async def test_one_trace_leads_from_the_request_to_the_rows_of_another_service(
    traced: tuple[Region, Collector],
) -> None:
    region, collector = traced
    body = {"tenant_id": PROVINCE, "name": "甘肃省", "level": "province", "parent": None, "region": region.slug}
    async with Bureau.calls(region) as bureau:
        headers = {"traceparent": PARENT, "idempotency-key": str(uuid4())}
        sent = {**body, "occurred_on": "2022-05-05"}
        answer = await bureau.ask("POST", "registry", "/v1/tenants", IT, headers=headers, json=sent)
        assert answer.status_code == 200, answer.text
        await bureau.sees("funding", SignIn(IT.role, PROVINCE), {PROVINCE})
    await proof.settled(region)
    async with proof.database(region, "registry") as db:
        raw = await db.fetchval("select raw from event where type = 'registry.tenant-registered'")
    assert orjson.loads(raw)["trace"].split("-")[1] == TRACE
    [message] = [m for m in await proof.messages(region) if ".tenant-registered." in m.subject]
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
        stored = orjson.loads(await db.fetchval("select raw from event where stream = 'tenant-note/620000'"))
    assert stored["trace"].split("-")[1] in follow
    assert not any(seen(body) for body in collector.bodies)
