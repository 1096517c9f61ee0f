"""The NATS users of the region: the file is what the code says, and a server takes it."""

from __future__ import annotations

import os
import signal
import subprocess
from pathlib import Path

import pytest
from tests.deploy.manifests import SERVICES, rendered
from tests.deploy.pods import of
from tests.kit.test_bus_rights import REGION, place, refused

from kit.bus import PLATFORM, connect, new_seed_file, rights, stream_of
from kit.bus.declare import declare_stream
from liandong.child import Child, free_port
from liandong.engines.nats import find_binary, greeting

FILE = Path(__file__).parents[2] / "deploy" / "nats" / "region-lanzhou.conf"


@pytest.mark.golden
def test_the_file_is_what_the_code_makes() -> None:
    region = of(rendered("region-lanzhou"), "ConfigMap")[0]["data"]["region"]
    lines = [line for line in FILE.read_text("utf-8").splitlines(keepends=True) if not line.startswith("#")]
    assert "".join(lines) == rights.configuration(rights.of_all(SERVICES, region))


async def test_a_server_takes_it_and_lets_each_do_what_is_its_own(tmp_path: Path) -> None:
    keys = {name: new_seed_file(tmp_path / name).public for name in (rights.OPERATOR, PLATFORM, *SERVICES)}
    port = free_port()
    config = tmp_path / "server.conf"
    config.write_text(f'listen: "127.0.0.1:{port}"\njetstream {{ store_dir: store }}\ninclude "users.conf"\n')
    (tmp_path / "users.conf").write_text(FILE.read_text("utf-8"))
    server = Child(tmp_path, "nats-server", polite=signal.SIGTERM, cwd=tmp_path)
    environment = {f"{name.upper()}_NKEY": key for name, key in keys.items()}
    server.start([find_binary(), "-c", config.name], {**os.environ, **environment})
    try:
        server.wait_until(lambda: greeting("127.0.0.1", port) is not None)
        client = await connect(f"nats://127.0.0.1:{port}", user=PLATFORM, seed_file=tmp_path / PLATFORM)
        for name in SERVICES:
            await declare_stream(client.jetstream(timeout=5), REGION, name)
        await client.close()
        for name in SERVICES:
            client = await connect(f"nats://127.0.0.1:{port}", user=name, seed_file=tmp_path / name)
            assert [await refused(client, place(one)) for one in SERVICES] == [one != name for one in SERVICES]
            stored = await client.jetstream(timeout=5).publish(place(name), b"{}")
            assert stored.stream == stream_of(REGION, name)
            await client.close()
    finally:
        server.stop()


def test_a_server_without_the_keys_does_not_start(tmp_path: Path) -> None:
    (tmp_path / "users.conf").write_text(FILE.read_text("utf-8"))
    done = subprocess.run(
        [find_binary(), "-t", "-c", "users.conf"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode != 0
    assert "OPERATOR_NKEY" in done.stderr
