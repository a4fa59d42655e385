"""Strangers' bodies are read beside the event loop, one at a time, and limited before they cost.

Nobody keeps anybody else out.
"""

from __future__ import annotations

import asyncio
import threading
from collections import Counter

import pytest
from starlette.concurrency import run_in_threadpool

from leads.intake import hosted_form, reading_lane
from leads.intake.rate_limits import KIB_KEPT_PER_ADDRESS, QUICK_BODY
from leads.intake.reading_lane import LaneFullError, ReadingLane
from tests.support.form_doors import FORM, MIB, Site, admitted, opened, submissions

SLOW_SENDER, OTHER_SENDER = "192.0.2.1", "192.0.2.2"
LARGE = b"name=" + b"x" * (MIB - 5)


def test_one_sender_fills_a_part_of_the_lane_and_no_more() -> None:
    async def read_all() -> None:
        lane, may_end = ReadingLane(), threading.Event()
        read = [
            asyncio.create_task(lane.read(may_end.wait, address=SLOW_SENDER, size=1))
            for _ in range(reading_lane.MOST_OF_ONE_SENDER)
        ]
        await asyncio.sleep(0)
        with pytest.raises(LaneFullError):
            await lane.read(may_end.wait, address=SLOW_SENDER, size=1)
        other = asyncio.create_task(lane.read(may_end.wait, address=OTHER_SENDER, size=1))
        await run_in_threadpool(may_end.set)  # the event loop is free while the lane is not
        assert all(await asyncio.gather(*read, other))
        assert await lane.read(may_end.wait, address=SLOW_SENDER, size=1)

    asyncio.run(read_all())


def test_one_is_read_at_a_time_in_the_order_in_which_they_came() -> None:
    async def read_all() -> None:
        lane, order, at_once = ReadingLane(), list[int](), list[int]()
        running = Counter[str]()

        def read(number: int) -> None:
            running["now"] += 1
            at_once.append(running["now"])
            order.append(number)
            running["now"] -= 1

        senders = range(reading_lane.MOST_IN_LANE)
        await asyncio.gather(
            *(lane.read(lambda n=n: read(n), address=f"198.51.100.{n}", size=1) for n in senders)
        )
        assert max(at_once) == 1
        assert order == list(senders)

    asyncio.run(read_all())


def test_who_sends_little_and_once_waits_for_no_row_of_slow_bodies() -> None:
    async def read_all() -> list[str]:
        lane, may_end, order = ReadingLane(), threading.Event(), list[str]()
        first = asyncio.create_task(lane.read(may_end.wait, address="203.0.113.1", size=1))
        await asyncio.sleep(0)
        waiting = [
            asyncio.create_task(
                lane.read(lambda name=name: order.append(name), address=address, size=size)
            )
            for name, address, size in (
                ("large", "203.0.113.2", QUICK_BODY + 1),
                *((f"one of many {n}", SLOW_SENDER, 1) for n in range(3)),
                ("somebody else", OTHER_SENDER, QUICK_BODY),
            )
        ]
        gone = asyncio.create_task(lane.read(may_end.wait, address="203.0.113.3", size=1))
        await asyncio.sleep(0)
        gone.cancel()
        may_end.set()
        await asyncio.gather(first, *waiting)
        assert await lane.read(lambda: True, address=SLOW_SENDER, size=1)
        return order

    one, *more = (f"one of many {n}" for n in range(3))
    assert asyncio.run(read_all()) == [one, "somebody else", *more, "large"]


def test_what_cannot_be_read_leaves_its_place_to_others() -> None:
    async def read_all() -> None:
        lane = ReadingLane()

        def fail() -> None:
            raise LookupError

        for _ in range(2 * reading_lane.MOST_OF_ONE_SENDER):
            with pytest.raises(LookupError):
                await lane.read(fail, address=SLOW_SENDER, size=1)

    asyncio.run(read_all())


@pytest.mark.parametrize("asked", ["", "?switch"])
def test_a_hosted_form_takes_32_kib(site: Site, asked: str) -> None:
    def send(size: int) -> int:
        body = b"phone=3155550142&consent=yes&message=" + b"x" * size
        typed = {"content-type": "application/x-www-form-urlencoded"}
        return site.http.post(site.form + asked, content=body, headers=typed).status_code

    assert hosted_form.LARGEST_FORM == 32 * 1024
    assert send(31 * 1024) == (200 if asked else 303)
    assert send(32 * 1024) == 413
    assert len(submissions()) == (0 if asked else 1)


@pytest.mark.parametrize("asked", ["", "?switch"])
def test_who_sends_without_end_is_asked_to_wait_before_anything_is_read(
    site: Site, asked: str
) -> None:
    most = hosted_form.MOST_SENT.amount
    told = Counter(site.http.post(site.form + asked).status_code for _ in range(most))
    assert set(told) <= {200, 422, 429}
    over = site.http.post(site.form + asked, data=FORM)
    assert over.status_code == 429
    assert "This was not saved yet" in over.text
    assert "tel:988" in over.text
    assert not submissions()


def test_what_is_larger_than_a_form_has_a_budget_and_a_form_still_comes_in(site: Site) -> None:
    typed = {"content-type": "application/x-www-form-urlencoded"}
    most = KIB_KEPT_PER_ADDRESS.amount // 1024

    def send(body: bytes) -> int:
        return site.http.post(site.webhook, content=body, headers=typed).status_code

    told = Counter(send(LARGE[:-n]) for n in range(1, most + 4))
    assert told == {200: most, 429: 3}
    assert len(submissions()) == most
    assert send(b"phone=3155550142") == 200
    assert admitted()[-1] == "admitted"


def test_what_comes_beyond_the_limit_is_kept_while_there_is_room(database: str) -> None:
    with opened(forms_per_minute=1) as site:
        told = [site.http.post(site.webhook, content=LARGE[:-n]).status_code for n in range(1, 13)]
    assert told == [200] + [429] * 11
    assert sum(len(row.body) for row in submissions()) <= KIB_KEPT_PER_ADDRESS.amount * 1024
