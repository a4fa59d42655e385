"""What a desk stands on goes away for a while: the network, the database, the disk, its time."""

from __future__ import annotations

import os
import resource
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import make_url

from tests.support.databases import postgresql_to_restart
from tests.support.dying import STAND_AT
from tests.support.killed_desks import Installation, People, installation
from tests.support.running_desk import eventually, free_port
from tests.support.twilio_simulator import Chaos, Fault, Phone

AWAY = 12.0  # seconds
LATE = 45.0  # seconds: later than the network is asked without news


class Always(list[Fault]):
    """A fault of every request."""

    def __bool__(self) -> bool:
        return True

    def pop(self, _index: object = -1) -> Fault:
        return self[0]


@contextmanager
def network_away(desks: Installation) -> Iterator[None]:
    door = desks.twilio.door
    kept = door.faults, door.read_faults, door.update_faults
    door.faults = door.read_faults = door.update_faults = Always([Fault.UNAVAILABLE])
    yield
    door.faults, door.read_faults, door.update_faults = kept


@contextmanager
def connections_cut(desks: Installation) -> Iterator[None]:
    """Cut every connection that a process of the desk has, again and again."""
    url = make_url(desks.desks[0].environment["DATABASE_URL"]).set(drivername="postgresql")
    cut = (
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE client_port = -1 "
        "AND pid <> pg_backend_pid() AND backend_start > %s"
    )
    with psycopg.connect(url.render_as_string(hide_password=False), autocommit=True) as own:
        until = time.monotonic() + AWAY
        while time.monotonic() < until:
            own.execute(cut, [desks.began_at])
            time.sleep(0.5)
    yield


@contextmanager
def disk_full(desks: Installation) -> Iterator[None]:
    """Let no file of the process grow: SQLite hears what it would of a full disk."""
    path = Path(str(make_url(desks.desks[0].environment["DATABASE_URL"]).database))
    process = desks.desks[0].process
    assert process is not None
    assert process.pid is not None
    sizes = [one.stat().st_size for one in path.parent.glob("ringback.db*")]
    before = resource.prlimit(process.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (max(sizes), before[1]))
    yield
    resource.prlimit(process.pid, resource.RLIMIT_FSIZE, before)


@contextmanager
def news_late(desks: Installation) -> Iterator[None]:
    """Let news come late, in any order, twice or never."""
    desks.twilio.set_fate(Chaos(7, lose=0.1, repeat=0.3, late=0.8, delay=LATE))
    yield


OUTAGES: dict[str, tuple[str, Callable[[Installation], object]]] = {
    "the network is away": ("postgresql", network_away),
    "connections to the database are cut": ("postgresql", connections_cut),
    "the disk is full": ("sqlite", disk_full),
    "the network's news are late": ("postgresql", news_late),
}


def wait_for_forms(people: People, more: int = 1) -> None:
    """Wait until so many more forms were answered with 200."""
    count = len(people.given) + more
    eventually(lambda: len(people.given) >= count, "no form is taken", within=60)


@pytest.mark.soak
@pytest.mark.parametrize(
    ("database", "outage"),
    [(engine, name) for name, (engine, _) in OUTAGES.items()],
    indirect=["database"],
)
def test_everybody_is_called_once_after_an_outage(database: str, outage: str) -> None:
    with (
        installation(database, people=200, seed=3) as desks,
        People(desks.webhook) as people,
    ):
        wait_for_forms(people)
        with OUTAGES[outage][1](desks):  # type: ignore[attr-defined]
            time.sleep(AWAY)
        wait_for_forms(people)
        people.finish()
        looked = desks.come_to_rest(people)
        assert looked.broken == []
        assert looked.figures["conversations"] > 0


@pytest.mark.soak
def test_everybody_is_called_once_while_the_database_is_restarted(tmp_path: Path) -> None:
    with (
        postgresql_to_restart(tmp_path) as (address, restart),
        installation(address, roles=("web", "worker"), people=400, seed=5) as desks,
        People(desks.webhook) as people,
    ):
        for how in ("fast", "immediate", "fast", "immediate"):
            wait_for_forms(people, 10)
            restart(how)
        wait_for_forms(people)
        people.finish()
        looked = desks.come_to_rest(people)
        assert looked.broken == []
        assert looked.figures["conversations"] > 0


@pytest.mark.soak
@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
@pytest.mark.parametrize("number", [1, 2])  # the order to ring the advisor, to dial the lead
def test_a_worker_that_stood_still_past_its_lease_calls_nobody_late(
    database: str, number: int
) -> None:
    point = f"notifications.call_relay:CallRelay._carry_out_order before {number}"
    roles = ("web", "worker")
    with installation(database, roles=roles, people=1, advisors=2, **{STAND_AT: point}) as desks:
        desks.twilio.phones["+12122000000"] = Phone(ring=0.3, talk=12.5, is_lead=True)
        with People(desks.webhook, senders=1, most=1) as people:
            worker = desks.desks[1]
            frozen = worker.process
            assert frozen is not None
            stat = Path(f"/proc/{frozen.pid}/stat")
            eventually(lambda: ") T " in stat.read_text(), "it never stood still", within=60)
            del worker.environment[STAND_AT]
            worker.environment["PORT"] = str(free_port())
            worker.http.base_url = f"http://127.0.0.1:{worker.environment['PORT']}"
            worker.begin()  # another one, in its place
            time.sleep(60)  # it takes the order for lost, and looks for its call in vain
            os.kill(frozen.pid, signal.SIGCONT)
            looked = desks.come_to_rest(people)
            frozen.kill()
        assert looked.broken == []
