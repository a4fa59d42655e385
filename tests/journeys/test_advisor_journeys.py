"""The journeys of advisors and supervisors, in real Chromium."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from sqlmodel import select

from dashboard.page_text import WORD_JOINER
from leads.database.transactions import reader
from leads.models.calls import Callback
from leads.models.enums import AdvisorRole
from leads.models.helplines import Source
from leads.models.requests import Lead
from tests.support.chromium import fill_out_the_form, press_key, problems_of, sign_in
from tests.support.running_desk import PASSWORD, Desk, eventually, running_desk
from tests.support.twilio_double import Call, TwilioDouble

AS_WRITTEN = f"![x](http://{WORD_JOINER}x.example/) "


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_newcomer_rings_somebody_by_hand_with_no_account_at_all(
    database: str, page: Page
) -> None:
    with running_desk(database) as desk:
        # The start prints a link, good once, that makes the first supervisor.
        link = re.search(r"http\S+invitation=\S+", desk.printed()).group()
        page.goto(link)
        page.get_by_label("Your name").fill("Nora Quinn")
        page.get_by_label("E-mail address").fill("nora@example.org")
        page.get_by_label("New password").fill(PASSWORD)
        page.get_by_role("button", name="Continue").click()
        expect(page.get_by_role("heading", name="My desk")).to_be_visible()
        expect(page.get_by_text("No one is waiting")).to_be_visible()
        page.get_by_role("button", name="I am available").click()
        expect(page.get_by_text("Available: your phone rings")).to_be_visible()
        assert desk.http.get(link).text.count("already been used or has expired") == 1

        # Somebody fills out the hosted form; it appears on the open desk by itself.
        visitor = page.context.new_page()
        fill_out_the_form(visitor, desk)
        visitor.close()  # the tab in front of the other would keep it from being drawn
        expect(page.get_by_role("heading", name="Jordan")).to_be_visible()
        expect(page.get_by_text("Your turn")).to_be_visible()
        assert "555-0142" not in page.content()
        page.get_by_role("button", name="Show the number").click()
        expect(page.get_by_text("Call (315) 555-0142 now")).to_be_visible()
        page.get_by_role("button", name="We talked").click()

        # The notes were there from the start, and nobody had to save them.
        page.get_by_role("textbox", name="Notes").fill("Will visit on Monday.")
        expect(page.get_by_text("The call has ended")).to_be_visible()
        page.get_by_text("Helped", exact=True).click()
        page.get_by_role("button", name="Finish", exact=True).click()
        expect(page.get_by_text("Recorded. Thank you.")).to_be_visible()
        assert ended() == ("completed", "helped", "Will visit on Monday.")

        # The report counts it, and opens the row behind the figure.
        page.get_by_role("link", name="Service report").click()
        expect(page.get_by_text("1 of 1 counted").first).to_be_visible()
        page.get_by_role("tab", name="People in a figure").click()
        expect(page.get_by_role("combobox", name="Figure")).to_have_value("Called on time: 1")
        assert page.foreign == []
        assert "Jordan" not in desk.printed()
        assert not re.search(r"555\W?01", desk.printed())  # the link may have any three digits


def knows_what_to_beware_of(page: Page) -> None:
    expect(page.get_by_text(re.compile(r"# Big .+x.example · •••\s•••\s42 ·"))).to_be_visible()
    expect(page.locator("a[href*='x.example']")).to_have_count(0)
    expect(page.get_by_text("Say first:")).to_be_visible()
    expect(page.get_by_text("Is it safe to call if your partner is home? No")).to_be_visible()


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_an_advisor_works_a_call_over_twilio_without_a_mouse(
    desk: Desk, twilio: TwilioDouble, page: Page
) -> None:
    webhook = desk.opens(advisors=0)
    sign_in(page, desk, AdvisorRole.ADVISOR)
    desk.http.post(
        webhook,
        json={
            "name": "![x](http://x.example/) Reyes",
            "phone": "315-555-0142",
            "any_hour": 1,
            "for_whom": "# Big ana@x.example www.x.example",
            "message": "He wants to die.",
            "Is it safe to call if your partner is home?": "No",
        },
    )
    expect(
        page.get_by_text("Next: They wrote about suicide or self-harm: 988. Promised for")
    ).to_be_visible()
    press_key(page, "n", "Take the next one")
    # What a stranger wrote is shown as they wrote it; more than a first name only to whoever asks
    # for it.
    expect(page.get_by_role("heading", name=AS_WRITTEN + "R•••")).to_be_visible()
    knows_what_to_beware_of(page)
    assert not re.search("Reyes|555-0142", page.content())
    press(page, "Show name and number")
    expect(page.get_by_role("heading", name=AS_WRITTEN + "Reyes")).to_be_visible()
    expect(page.get_by_text("(315) 555-0142")).to_be_visible()
    assert page.foreign == []

    # Keys are letters again where somebody types.
    page.keyboard.press("t")
    expect(page.get_by_role("textbox", name="Notes")).to_be_focused()
    page.keyboard.type("Talked, call later. ")
    page.keyboard.press("Escape")
    press_key(page, "l", "Call them")
    call = cancels_the_first(page, twilio)
    twilio.advisor_answers(call)
    expect(page.get_by_text("Calling your phone … pick up and press 1")).to_be_visible()
    page.keyboard.press("t")
    page.keyboard.type("Ringing now: ")
    twilio.presses(call, "1")
    expect(page.get_by_text("Calling them …")).to_be_visible()
    lead = twilio.lead_of(call)
    twilio.moves(lead, "in-progress")
    expect(page.get_by_text(re.compile(r"On call \d\d:\d\d"))).to_be_visible()
    page.keyboard.type("no pause in typing.")
    assert "<Hangup" in twilio.lead_ends(lead, "completed")
    expect(page.get_by_text("The call has ended")).to_be_visible()
    page.keyboard.type(" Not even here.")
    written = "Talked, call later. Ringing now: no pause in typing. Not even here."
    expect(page.get_by_role("textbox", name="Notes")).to_have_value(written)
    assert problems_of(page) == []

    # To stop is asked twice; to call again is theirs to time, and loses nothing.
    press(page, "Opted out")
    expect(page.get_by_text("No one here will contact this number again")).to_be_visible()
    press(page, "No, go back")
    expect(page.get_by_text("No one here will contact this number again")).to_have_count(0)
    page.get_by_text("Call again later").click()
    expect(page.get_by_role("button", name="Finish and break")).to_be_enabled()
    press(page, "Finish and break")
    expect(page.get_by_text("Next call: tomorrow")).to_be_visible()
    expect(page.get_by_text("Away: Break")).to_be_visible()
    assert ended() == ("waiting", "call_again", written)

    press_key(page, "a", "I am available")
    expect(page.get_by_text("Available: your phone rings")).to_be_visible()
    page.get_by_role("button", name="Away for").press("Enter")
    page.get_by_role("menuitem", name="Training").press("Enter")
    expect(page.get_by_text("Away: Training")).to_be_visible()

    board_stays_closed(desk, page)


def cancels_the_first(page: Page, twilio: TwilioDouble) -> Call:
    """Nobody answered yet: they stay in the queue, which is said."""
    call = twilio.wait_for_call()
    twilio.advisor_answers(call)
    twilio.presses(call, "1")
    lead = twilio.lead_of(call)
    press(page, "Cancel the call")
    twilio.wait_until_hung_up(lead)
    twilio.moves(lead, "canceled")
    twilio.moves(call, "completed")
    expect(page.get_by_text("You ended the call before they answered.")).to_be_visible()
    expect(page.get_by_text("1 waiting now")).to_be_visible()
    press_key(page, "n", "Take the next one")
    press_key(page, "l", "Call them")
    return twilio.wait_for_call(2)


def board_stays_closed(desk: Desk, page: Page) -> None:
    """The supervisors' pages are not an advisor's, by no address."""
    expect(page.get_by_role("link", name="Work list")).to_have_count(0)
    page.goto(f"{desk.url}/work")
    expect(page.get_by_role("heading", name="Page not found.")).to_be_visible()
    page.get_by_role("link", name="Go to the home page").click()
    expect(page.get_by_role("heading", name="My desk")).to_be_visible()


@pytest.mark.soak  # reasons: test_work_list.py; corrections: tests/intake/test_review.py
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_supervisor_sees_what_waits_and_why_and_decides(desk: Desk, page: Page) -> None:
    webhook = desk.opens(advisors=0)
    sign_in(page, desk, AdvisorRole.SUPERVISOR)
    page.get_by_role("link", name="Work list").click()
    expect(page.get_by_text("Nothing needs a decision.")).to_be_visible()
    for body in (
        {"phone": "315-555-0142", "safe_to_call": "no"},
        {"name": "Pat", "phone": "call me at work"},
    ):
        assert desk.http.post(webhook, json=body).status_code == 200
    expect(page.get_by_role("button", name="Needs a decision 2")).to_be_visible()

    # One is withdrawn with a reason, the other gets a number that can be dialed.
    page.get_by_role("button", name="not called yet").click()
    expect(page.get_by_text("Held:")).to_be_visible()
    page.get_by_role("button", name="Cancel the callback").click()
    expect(page.get_by_text("Give a reason")).to_be_visible()
    page.get_by_label("Reason to cancel the callback").fill("answered by e-mail")
    page.get_by_role("button", name="Cancel the callback").click()
    expect(page.get_by_text("The reason is on record")).to_be_visible()
    page.get_by_role("button", name="Pat · no number").click()
    expect(page.get_by_role("heading", name="The phone number cannot be dialed.")).to_be_visible()
    expect(page.get_by_label("Name", exact=True)).to_have_value("Pat")
    page.get_by_label("Phone number to call").fill("(315) 555-0143")
    page.get_by_label("E-mail address").fill("pat@example.org")
    expect(page.get_by_role("combobox", name="Safe to leave a voicemail")).to_have_value(
        "not asked"
    )
    page.get_by_role("button", name="Add to queue").click()
    expect(page.get_by_text("It is in the queue.")).to_be_visible()
    with reader() as session:
        [lead] = [one for one in session.exec(select(Lead)) if one.name == "Pat"]
        assert lead.email == "pat@example.org"
        assert lead.safe_to_voicemail is None
        assert lead.safe_to_call is None
        found = session.exec(select(Callback).order_by(Callback.id)).all()
    assert [(callback.state, callback.close_note) for callback in found] == [
        ("cancelled", "answered by e-mail"),
        ("waiting", ""),
    ]


SUBMISSION = {"field_3": "Robin Reyes", "field_7": "(315) 555-0142", "field_9": "Please call."}
LIVE = 25_000  # milliseconds: told of it, for by itself the page looks again after 30 s only


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_supervisor_sets_up_a_form_whose_fields_nobody_could_know(desk: Desk, page: Page) -> None:
    sign_in(page, desk, AdvisorRole.SUPERVISOR)
    page.get_by_role("link", name="Helpline set-up").click()
    page.get_by_text("Add a source").click()
    page.get_by_label("Name of the source").fill("Our website")
    page.get_by_role("button", name="Add the source").click()
    expect(page.get_by_text("The source is active.")).to_be_visible()
    with reader() as session:
        token = session.exec(select(Source.token).where(Source.name == "Our website")).one()
    webhook = f"{desk.url}/hooks/forms/{token}"
    expect(page.get_by_text(webhook)).to_be_visible()
    page.get_by_role("button", name="Copy").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    page.get_by_text("Last 10 deliveries").click()
    expect(page.get_by_text("Nothing received yet.")).to_be_visible()

    # A test shows what is read and rings nobody; then a real form comes whose fields have no
    # telling names.
    page.get_by_role("button", name="Send a test").click()
    expect(page.get_by_text("Received. No secret is required")).to_be_visible()
    expect(page.get_by_text("a real submission would go to the queue").first).to_be_visible()
    deliveries = page.get_by_role("region", name="Last 10 deliveries")
    expect(deliveries.get_by_text("test", exact=True)).to_be_visible()
    expect(deliveries.get_by_text("t•••@example.org")).to_be_visible()
    assert desk.http.post(webhook, json=SUBMISSION).status_code == 200
    expect(deliveries.get_by_text("to review")).to_be_visible(timeout=LIVE)
    deliveries.get_by_role("button").first.click()
    expect(
        page.get_by_text('"field_9":"Please call."')
    ).to_be_visible()  # what arrived, letter for letter
    assert desk.http.post(webhook, json={"is_test": True, "phone": "3155550143"}).status_code == 200
    expect(deliveries.get_by_text("discarded")).to_be_visible(
        timeout=LIVE
    )  # above the chosen one, which stays so
    expect(page.get_by_text('"field_9":"Please call."')).to_be_visible()
    page.get_by_role("region", name="Form fields").get_by_text("field_7").click()
    expect(page.get_by_text("“field_7”", exact=True)).to_be_visible()
    expect(page.get_by_role("combobox", name="This field is")).to_be_visible()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved for new submissions.")).to_be_visible()

    # What waited is read again, and rung.
    page.get_by_role("link", name="Work list").click()
    page.get_by_role("button", name="Process again").click()
    expect(page.get_by_text("1 processed again: 1 now in the queue,")).to_be_visible()
    with reader() as session:
        assert session.exec(select(Lead.phone)).all() == ["+13155550142"]
        assert session.exec(select(Callback.state)).all() == ["waiting"]


@pytest.mark.soak  # what each does is shown in tests/helplines and tests/intake
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_supervisor_replaces_a_secret_and_pauses_a_source(desk: Desk, page: Page) -> None:
    webhook = desk.opens(advisors=0)
    sign_in(page, desk, AdvisorRole.SUPERVISOR, at="setup?source=2")
    expect(page.get_by_role("combobox", name="Source")).to_have_value("Site")
    page.get_by_text(re.compile("Secrets: none")).click()
    page.get_by_label("New secret").fill("a long random text")
    page.get_by_role("button", name="Add the secret").click()
    expect(page.get_by_text("The earlier secrets still work")).to_be_visible()
    eventually(lambda: desk.http.post(webhook, json={"phone": "3155550142"}).status_code == 401)
    bearer = {"Authorization": "Bearer a long random text"}
    assert desk.http.post(webhook, json={"phone": "3155550143"}, headers=bearer).status_code == 200

    page.get_by_text("Name, form tool and country").click()
    page.get_by_label("Name", exact=True).fill("Our website")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("combobox", name="Source")).to_have_value("Our website")
    expect(page.get_by_text("Nothing is lost during a pause")).to_be_visible()
    page.get_by_role("button", name="Pause").click()
    expect(page.get_by_text(re.compile("Paused .* ago"))).to_be_visible()
    assert desk.http.post(webhook, json={"phone": "3155550144"}, headers=bearer).status_code == 200
    page.get_by_text("Last 10 deliveries").click()
    expect(page.get_by_text("rejected: wrong signature")).to_be_visible()
    expect(page.get_by_text("Its source is paused.")).to_be_visible()


@pytest.mark.soak  # what becomes of each row is shown in tests/intake
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_supervisor_brings_in_a_file_and_takes_the_bad_rows_home(
    desk: Desk, page: Page, tmp_path: Path
) -> None:
    desk.opens(advisors=0)
    sign_in(page, desk, AdvisorRole.SUPERVISOR, at="setup?source=2")
    page.get_by_text("Import a CSV file").click()
    file = tmp_path / "history.csv"
    file.write_text(
        "received_at,phone,name\n2026-01-05T10:00:00Z,3155550142,Ana\nyesterday,3155550143,Robin\n",
        "utf-8",
    )
    page.locator("input[type=file]").set_input_files(file)
    page.get_by_role("button", name="Import").click()
    expect(page.get_by_text("1 added, 0 already on file, 1 rejected.")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("button", name="Download the rejected rows").click()
    assert "yesterday" in Path(download.value.path()).read_text("utf-8")


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name).press("Enter")


def ended() -> tuple[str, str | None, str]:
    """How the only callback stands, once the last word has arrived."""

    def kept() -> Callback | None:
        with reader() as session:
            callback = session.exec(select(Callback)).one()
        return callback if callback.notes.endswith(".") else None

    callback = eventually(kept)
    return callback.state, callback.disposition, callback.notes
