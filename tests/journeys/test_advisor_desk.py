"""What an advisor reads and undoes at the desk, and two who want the same person, in Chromium."""

from __future__ import annotations

import re
import time
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Locator, Page, expect
from sqlmodel import select

from leads.database.transactions import Session, reader, transaction
from leads.database.wakeups import Wakeup, wake_after_commit
from leads.models.advisors import Advisor
from leads.models.calls import Callback, Note
from leads.models.enums import AdvisorRole
from leads.people import presence
from tests.support.chromium import choose, problems_of, sign_in, signed_in
from tests.support.running_desk import eventually, running_desk

MOVED = re.compile(r"Next call: .*8:00.* \(New York time\)\. It is outside their calling hours")
TAKE = """at => {
  const isNext = button => button.innerText.includes("Take the next one")
  const press = () => [...document.querySelectorAll("button")].find(isNext).click()
  setTimeout(press, at - Date.now())
}"""
HERE = {"name": "Jordan Reyes", "phone": "315-555-0142", "any_hour": True}


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_an_advisor_reads_what_is_true_and_takes_a_mistaken_tap_back(
    database: str, page: Page
) -> None:
    with running_desk(database) as desk:
        webhook = desk.opens(advisors=0)
        sign_in(page, desk, AdvisorRole.ADVISOR)
        expect(page.get_by_text("You are not taking calls")).to_be_visible()
        expect(page.get_by_text("Stay available")).to_have_count(0)

        # On duty by phone, put there from elsewhere: the desk says so at once, and how to end it.
        now = datetime.now(UTC)
        with transaction() as session:
            presence.put_on_duty(
                session, the_advisor(session), until=now + timedelta(hours=2), now=now
            )
        expect(page.get_by_text("On duty by phone until")).to_be_visible()
        expect(
            page.get_by_text("Your phone, (315) 557-0101, rings whether this page is open or not.")
        ).to_be_visible()
        expect(page.get_by_text("You are not taking calls")).to_have_count(0)
        press(
            page, "Work from this desk", until="Close this page and you are still on duty by phone"
        )
        press(page, "End duty by phone", until="Stay available and keep this page open")
        expect(page.get_by_text("on duty by phone")).to_have_count(0)

        assert desk.http.post(webhook, json=HERE).status_code == 200
        press(page, "Show the number", until="Call (315) 555-0142 now")
        press(page, "We talked", until="The call has ended")

        # One tap says that somebody else answered; for some seconds it is no more than said.
        press(page, "Someone else answered", until="this request is closed")
        expect(page.get_by_role("radiogroup", name="Outcome")).to_have_count(0)
        assert problems_of(page) == []
        press(page, "Undo", until="Outcome due in")

        # At night nobody is rung, whatever was asked for, and the advisor reads what will happen.
        with transaction() as session:
            session.exec(select(Callback)).one().any_hour = False
        page.get_by_text("Call again later").click()
        page.get_by_role("combobox", name="at (New York time)").fill(
            "3:00 AM"
        )  # a long list draws what is near
        choose(page, "at (New York time)", "3:00 AM")
        page.get_by_role("button", name="Finish", exact=True).click()
        expect(page.get_by_text("Not at the time you chose")).to_be_visible()
        expect(page.get_by_text(MOVED)).to_be_visible()

        # What they were told stays while others change the desk.
        assert desk.http.post(webhook, json=HERE | {"phone": "315-555-0151"}).status_code == 200
        expect(page.get_by_text("Your turn")).to_be_visible()
        expect(page.get_by_text(MOVED)).to_be_visible()


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)  # tells the desk of our writes
def test_of_two_who_want_the_same_one_gets_it_and_no_word_is_lost(
    database: str, page: Page, colleague: Page
) -> None:
    with running_desk(database) as desk:
        webhook = desk.opens(advisors=0)
        sign_in(page, desk, AdvisorRole.ADVISOR)
        signed_in(colleague, desk, "Ben")
        assert desk.http.post(webhook, json=HERE).status_code == 200
        expect(next_of(page)).to_be_enabled()
        expect(next_of(colleague)).to_be_enabled()

        # Ben looks at it, keeps it in the last seconds, and reads where it went when time is up.
        next_of(colleague).click()
        expect(colleague.get_by_text("Yours for 02:")).to_be_visible()
        lease_ends_in(20)
        expect(colleague.get_by_text("Almost out of time.")).to_be_visible()
        colleague.get_by_role("button", name="Keep").click()
        expect(colleague.get_by_text("Yours for 02:")).to_be_visible()
        expect(page.get_by_text("1 about to be called by Ben")).to_be_visible()
        lease_ends_in(-1)
        ran_out = colleague.get_by_text("Your time with Jordan R••• ran out at")
        expect(ran_out).to_be_visible()
        colleague.reload()
        expect(ran_out).to_be_visible()

        # Ben looked at it first, wrote something and gave it back; now both reach for it in the
        # same moment.
        next_of(colleague).click()
        colleague.get_by_role("textbox", name="Notes").press_sequentially("Speaks softly.")
        give_back(colleague)
        taken = first_reads_of_the_other(page, colleague)
        winner, loser = (
            (colleague, page) if taken.startswith("Assigned to Ben") else (page, colleague)
        )
        assert re.fullmatch(r"Assigned to (Ben|Advisor 1), \d+ s ago\.", taken)
        expect(winner.get_by_role("heading", name="Jordan R•••")).to_be_visible()
        expect(loser.get_by_text("1 about to be called by")).to_be_visible()
        assert eventually(words) == ["Speaks softly."]
        if winner is page:
            expect(page.get_by_text("Speaks softly.")).to_be_visible()
        else:
            expect(colleague.get_by_role("textbox", name="Notes")).to_have_value("Speaks softly.")


def lease_ends_in(seconds: int) -> None:
    with transaction() as session:
        callback = session.exec(select(Callback)).one()
        callback.lease_until = datetime.now(UTC) + timedelta(seconds=seconds)
        session.add(callback)
        wake_after_commit(session, Wakeup.DESK)


def first_reads_of_the_other(*pages: Page) -> str:
    """Both press at once; returns what the slower one reads."""
    for page in pages:
        expect(next_of(page)).to_be_enabled()
    at = (time.time() + 3) * 1000  # in each browser, however long it takes to tell the second one
    for page in pages:
        page.evaluate(TAKE, at)
    expect(
        pages[0]
        .get_by_text("Assigned to")
        .or_(pages[0].get_by_role("button", name="Return to queue"))
    ).to_be_visible()
    slower = pages[0] if pages[0].get_by_text("Assigned to").count() else pages[1]
    return slower.get_by_text("Assigned to").inner_text()


def next_of(page: Page) -> Locator:
    return page.get_by_role("button", name="Take the next one")


def give_back(page: Page) -> None:
    press(page, "Return to queue", until="1 waiting now")


def press(page: Page, name: str, *, until: str) -> None:
    page.get_by_role("button", name=name).click()
    expect(page.get_by_text(until)).to_be_visible()


def words() -> list[str]:
    with reader() as session:
        return list(session.exec(select(Note.text)))


def the_advisor(session: Session) -> Advisor:
    return session.exec(select(Advisor)).one()
