"""The desk as `deploy/` sets it up: Caddy, two web and two worker processes, one PostgreSQL."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import psutil

from leads.database.engine import open_database
from leads.database.opening import open_data_keys
from tests.support.caddy import Caddy, caddy_environment, running_caddy
from tests.support.running_desk import Desk, eventually, free_port
from tests.support.twilio_double import CALLER_ID, SID, TOKEN
from tests.support.twilio_simulator import Number, Settings, Simulator, running_simulator

PATIENCE = 90  # seconds: four processes start at once
KEY = "a key that is only used by tests"


class DeployedDesk:
    """All of its processes, by their names, behind one address."""

    def __init__(self, caddy: Caddy, twilio: Simulator, parts: dict[str, Desk]) -> None:
        self.caddy, self.twilio, self.parts = caddy, twilio, parts
        self.trusts = caddy.authority()

    def opens(self, **helpline: int) -> str:
        """Open a helpline, as `Desk.opens` does; returns the webhook at the public address."""
        public = self.caddy.url
        return self.parts["web1"].opens(**helpline).replace(self.parts["web1"].url, public)

    def kill(self, name: str) -> None:
        """End a process without a word, as the power or the kernel does."""
        self.parts[name].stop(kill=True)

    def start(self, name: str) -> None:
        """Start it again, as systemd does, and wait until it is ready."""
        self.parts[name].begin()
        self.parts[name].wait_until_ready(within=PATIENCE)

    def holder_of_open_page(self) -> str:
        """Return which web process holds a page: its connections stay, others are answered."""
        kept = self._list_connections()

        def find_only_holder() -> str:
            kept.intersection_update(self._list_connections())
            holders = {name for name, _address in kept}
            assert holders, "no page is open"
            return holders.pop() if len(holders) == 1 else ""

        return eventually(find_only_holder, "more than one holds connections")

    def _list_connections(self) -> set[tuple[str, Any]]:
        found = set()
        for name in ("web1", "web2"):
            process, port = self.parts[name].process, int(self.parts[name].environment["PORT"])
            if process is None:  # it was killed
                continue
            found |= {
                (name, one.raddr)
                for one in psutil.Process(process.pid).net_connections("tcp")
                if one.laddr.port == port and one.status == "ESTABLISHED"
            }
        return found


@contextmanager
def deployed_desk(database: str, speed: float = 10) -> Iterator[DeployedDesk]:
    """Start everything on one machine, at ports of its own."""
    open_database(database)
    open_data_keys((KEY,))
    ports = {name: free_port() for name in ("web1", "web2", "worker1", "worker2")}
    https, http, admin = free_port(), free_port(), free_port()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        environment = caddy_environment(
            folder, https=https, http=http, admin=admin, web=[ports["web1"], ports["web2"]]
        )
        with running_caddy(environment) as caddy:
            eventually(lambda: _has_authority(caddy), "Caddy made no certificate")
            settings = Settings(
                speed=speed, calls_per_second=100, is_hurried=False, trusts=caddy.authority()
            )
            with running_simulator(settings, {CALLER_ID: Number()}) as twilio:
                parts = {
                    role: Desk(
                        f"http://127.0.0.1:{port}",
                        _environment(role, port, database, caddy.url, twilio.url),
                        folder / f"{role}.txt",
                    )
                    for role, port in ports.items()
                }
                try:
                    for part in parts.values():
                        part.begin()
                    for part in parts.values():
                        part.wait_until_ready(within=PATIENCE)
                    yield DeployedDesk(caddy, twilio, parts)
                finally:
                    for part in parts.values():
                        part.stop(kill=True)
                        part.http.close()


def _has_authority(caddy: Caddy) -> bool:
    try:
        return (
            httpx.get(f"{caddy.url}/metrics", trust_env=False, verify=caddy.authority()).status_code
            == 404
        )
    except (OSError, httpx.TransportError):
        return False


def _environment(role: str, port: int, database: str, public: str, twilio: str) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "ROLE": role.rstrip("0123456789"),
        "PORT": str(port),
        "DATABASE_URL": database,
        "PUBLIC_URL": public,
        "SECRET_KEY": KEY,
        "REQUIRE_TOTP": "off",
        "TWILIO_ACCOUNT_SID": SID,
        "TWILIO_AUTH_TOKEN": TOKEN,
        "TWILIO_API_URL": twilio,
        "PYTHONWARNINGS": "default",
    }
