"""Two web and two worker processes behind the shipped Caddyfile, of which each dies in turn.

Real processes, real TLS, one real PostgreSQL; people and phones act by themselves in the simulator
of the phone network.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime

import httpx
import pytest
from sqlmodel import col, select

from leads.database.transactions import reader, transaction
from leads.models.calls import CallAttempt, Callback
from leads.models.enums import LIVE_ATTEMPT
from leads.models.requests import Submission
from leads.people import sessions
from leads.reporting import waiting_now
from tests.support import caddy
from tests.support.deployed_desk import DeployedDesk, deployed_desk
from tests.support.form_stream import FormStream, forms_coming
from tests.support.running_desk import add_advisor, eventually
from tests.support.tabs import Tab
from tests.support.twilio_simulator import Phone

pytestmark = [
    pytest.mark.skipif(caddy.find_caddy() is None, reason=caddy.MISSING),
    pytest.mark.parametrize("database", ["postgresql"], indirect=True),
]
AT_A_DESK = 900
ROUNDS = 3
SETTLED_WITHIN = 180.0  # seconds: of a call without news the network is asked after a while


@pytest.fixture
def deployed(database: str) -> Iterator[DeployedDesk]:
    with deployed_desk(database) as desk:
        yield desk


def open_helpline(deployed: DeployedDesk, *, advisors: int) -> str:
    """Put so many advisors on duty that nobody waits for one; returns the webhook."""
    webhook = deployed.opens(advisors=advisors, new_numbers_per_hour=1_000_000)
    for number in range(1, advisors + 1):
        deployed.twilio.phones[f"+1315557{100 + number:04d}"] = Phone(keys=("1", "1"), talk=60)
    return webhook


def sign_in(deployed: DeployedDesk) -> str:
    """Let an advisor sign in; returns the cookies of their browser, which Caddy has seen."""
    with transaction() as session:
        now = datetime.now(UTC)
        secret = sessions.start_session(session, add_advisor(session, AT_A_DESK, now=now), now=now)
    seen = httpx.get(f"{deployed.caddy.url}/login", trust_env=False, verify=deployed.trusts)
    assert seen.status_code == 200
    return f"__Host-ringback={secret}; ringback-web={seen.cookies['ringback-web']}"


async def open_page(deployed: DeployedDesk, cookies: str) -> Tab:
    tab = Tab(deployed.caddy.url, cookies, deployed.trusts)
    await tab.open()
    return tab


async def kill_holder_of_page(deployed: DeployedDesk, cookies: str, *others: str) -> str:
    """Open a page, kill the process that holds it, and others; the page opens again elsewhere."""
    tab = await open_page(deployed, cookies)
    holder = await asyncio.to_thread(deployed.holder_of_open_page)
    for name in (holder, *others):
        await asyncio.to_thread(deployed.kill, name)
    await asyncio.wait_for(tab.is_cut(), 10)
    await tab.close()
    again = await open_page(deployed, cookies)
    assert await asyncio.to_thread(deployed.holder_of_open_page) != holder
    await again.close()
    return holder


def list_stored_numbers() -> list[str]:
    """Return the number in each form that is stored, as it was sent."""
    with reader() as session:
        return [json.loads(body)["phone"] for body in session.exec(select(Submission.body))]


def list_unsettled() -> list[str]:
    """Return calls that go on, and callbacks that wait for a first call and for no person."""
    with reader() as session:
        live = select(CallAttempt).where(col(CallAttempt.state).in_(LIVE_ATTEMPT))
        unrung = select(Callback).where(
            col(Callback.first_rung_at).is_(None), col(Callback.is_held).is_(False)
        )
        return [
            *(f"{one.requested_at} attempt {one.state}" for one in session.exec(live)),
            *(f"{one.due_at} callback {one.state}" for one in session.exec(unrung)),
        ]


def assert_nobody_is_lost_or_called_twice(deployed: DeployedDesk, stream: FormStream) -> None:
    with contextlib.suppress(AssertionError):
        eventually(lambda: not list_unsettled(), within=SETTLED_WITHIN)
    assert list_unsettled() == []
    deployed.twilio.settle(60)
    stored = list_stored_numbers()
    assert [number for number in stream.taken() if stored.count(number) != 1] == []
    called = {number: len(deployed.twilio.legs_to(number)) for number in stream.answers}
    assert [number for number, times in called.items() if times > 1] == []
    with reader() as session:
        assert waiting_now.list_limbo_leads(session) == []


def assert_no_secrets_are_logged(deployed: DeployedDesk, webhook: str, cookies: str) -> None:
    """The proxy has told of requests and of processes that are away, and of nothing secret."""
    printed = deployed.caddy.printed()
    assert "connection refused" in printed
    assert '"uri":"/hooks/forms"' in printed
    secrets = [webhook.rpartition("/")[2], *re.findall(r"=([^;]+)", cookies)]
    assert [secret for secret in secrets if secret in printed] == []


def test_forms_and_pages_outlive_the_processes_that_held_them(deployed: DeployedDesk) -> None:
    webhook, cookies = open_helpline(deployed, advisors=0), sign_in(deployed)

    async def die_and_come_back() -> FormStream:
        with forms_coming(webhook, deployed.trusts) as stream:
            await asyncio.to_thread(stream.wait_for_more, 3)
            await kill_holder_of_page(deployed, cookies, "worker1")
            await asyncio.to_thread(stream.wait_for_more, 3)
        return stream

    stream = asyncio.run(die_and_come_back())
    stored = list_stored_numbers()
    assert [number for number in stream.taken() if stored.count(number) != 1] == []
    assert_no_secrets_are_logged(deployed, webhook, cookies)


@pytest.mark.soak
def test_whoever_is_told_that_their_form_came_is_called_once_whichever_process_dies(
    deployed: DeployedDesk,
) -> None:
    webhook, cookies = open_helpline(deployed, advisors=60), sign_in(deployed)

    async def die_and_come_back() -> FormStream:
        with forms_coming(webhook, deployed.trusts) as stream:
            await asyncio.to_thread(stream.wait_for_more, 8)
            await kill_holder_of_page(deployed, cookies, "worker1")
            await asyncio.to_thread(stream.wait_for_more, 8)
        return stream

    stream = asyncio.run(die_and_come_back())
    assert_nobody_is_lost_or_called_twice(deployed, stream)


@pytest.mark.soak
def test_every_process_is_killed_in_turn_and_started_again_while_forms_come(
    deployed: DeployedDesk,
) -> None:
    webhook, cookies = open_helpline(deployed, advisors=300), sign_in(deployed)

    async def die_by_turns() -> FormStream:
        with forms_coming(webhook, deployed.trusts) as stream:
            for number in range(ROUNDS):
                worker = f"worker{number % 2 + 1}"
                holder = await kill_holder_of_page(deployed, cookies, worker)
                await asyncio.to_thread(stream.wait_for_more, 3)
                for name in (holder, worker):
                    await asyncio.to_thread(deployed.start, name)
        return stream

    stream = asyncio.run(die_by_turns())
    assert_nobody_is_lost_or_called_twice(deployed, stream)
    told = Counter(stream.answers.values())
    print(
        f"{2 * ROUNDS} kills, {len(stream.answers)} forms, answered {dict(told)}: 0 lost, 0 twice"
    )


@pytest.mark.soak
def test_a_form_that_comes_while_no_web_process_is_there_is_refused_and_not_half_taken(
    deployed: DeployedDesk,
) -> None:
    webhook = open_helpline(deployed, advisors=60)
    for name in ("web1", "web2"):
        deployed.parts[name].stop()
    with forms_coming(webhook, deployed.trusts) as stream:
        eventually(lambda: len(stream.answers) > 2)
        assert set(stream.answers.values()) <= {502, 503}
        deployed.start("web1")
        stream.wait_for_more(3)
    assert_nobody_is_lost_or_called_twice(deployed, stream)
    assert sorted(list_stored_numbers()) == sorted(stream.taken())
