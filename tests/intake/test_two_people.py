"""Two people may share a phone, and two helplines a person: nobody's request closes another's."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlmodel import Session, select

from leads.callbacks import callback_offers, completion, holds, opt_out, queue
from leads.database.transactions import reader, transaction
from leads.helplines import brands_and_sources
from leads.i18n.messages import own_words
from leads.lead_records import lead_file, merging
from leads.messaging import inbound_texts
from leads.models.calls import CallAttempt, Callback
from leads.models.enums import CallbackState, OutboxKind
from leads.models.helplines import Brand
from leads.models.requests import AlsoSaid, Lead, TextMessage
from leads.read_models import advisor_desk, lead_card
from leads.reporting import waiting_now
from tests.conftest import NOW
from tests.support.people import a_supervisor, an_accepted_call, an_advisor, held_for, orders
from tests.support.sent_forms import NIGHT, NUMBER, rows, send, the

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


@pytest.fixture
def other_helpline(source: int) -> int:
    with transaction() as session:
        options = {"operator": "Harbor Line", "caller_id": "+13155550190"}
        brands_and_sources.add_brand(session, "Other line", **options, now=NOW)
        return brands_and_sources.add_source(session, "Other", brand_name="Other line", now=NOW).id


def is_over(callback_id: int) -> None:
    """It is over for whoever this callback is to."""
    with transaction() as session:
        callback = session.get_one(Callback, callback_id)
        completion.cancel_callback(
            session, callback, a_supervisor(session), reason="helped", now=NOW + MINUTE
        )


def test_a_fuller_form_of_a_name_and_no_name_are_the_same_person(source: int) -> None:
    for name in ("Ann", "ann lee", "", "Lee, Ann M."):
        send(source, name=name)
    assert (the(Lead).name, the(Callback).asked_again) == ("Lee, Ann M.", 3)


def test_helping_one_closes_nothing_of_the_other(source: int) -> None:
    send(source, name="Mary")
    send(source, name="John")
    mary, john = rows(Callback)
    is_over(mary.id)
    assert [callback.state for callback in rows(Callback)] == ["cancelled", "waiting"]
    assert [lead.state for lead in rows(Lead)] == ["closed", "open"]
    assert rows(Callback)[1].lead_id == john.lead_id


def test_a_form_without_a_name_is_of_who_asked_last(source: int) -> None:
    send(source, name="Mary")
    send(source, name="John")
    send(source, name="Mary", message="It is me again.")
    joined = send(source, message="And again.")
    assert joined.lead_id == rows(Lead)[0].id
    assert rows(Lead)[0].name == "Mary"


def test_the_card_leads_with_who_asked_this_time(source: int) -> None:
    send(source, name="Jane Roe")
    is_over(the(Callback).id)
    send(source, name="John Roe", at=NOW + 30 * DAY)
    with transaction() as session:
        card = _card(session, rows(Callback)[1].id)
    assert card.name == "John R•••"
    assert card.other_names == ("Jane R•••",)
    assert card.messages == ()


def test_a_form_without_a_name_is_not_said_to_be_the_firsts(source: int) -> None:
    send(source, name="Jane", message="He must not know.")
    is_over(the(Callback).id)
    send(source, at=NOW + 30 * DAY)
    with transaction() as session:
        card = _card(session, rows(Callback)[1].id)
    assert (card.name, card.other_names) == ("", ("Jane",))


def test_what_one_said_is_not_safe_is_not_safe_for_the_other(source: int) -> None:
    send(source, name="Mary", safe_to_text=False, safe_to_voicemail=True)
    send(source, name="John", safe_to_text=True, safe_to_voicemail=True)
    with transaction() as session:
        card = _card(session, rows(Callback)[1].id)
    assert (card.safe_to_text, card.safe_to_voicemail) == (False, True)


@pytest.mark.parametrize(
    "warning", ["Please do not call me, e-mail only.", "He will kill me if I talk to anyone."]
)
def test_a_phone_that_one_warns_of_rings_for_nobody(
    source: int, other_helpline: int, warning: str
) -> None:
    send(other_helpline, name="Ann")
    send(source, name="John")
    send(source, name="Mary", message=warning)
    send(source, name="Zed")
    elsewhere, john, mary, zed = (held_for(callback) for callback in rows(Callback))
    assert elsewhere == []
    assert (john, zed) == (["warned_at_phone"], ["warned_at_phone"])
    assert mary
    assert set(mary) <= {"contact_limited", "harm_decide"}


@pytest.mark.parametrize(
    "said",
    [
        {"safe_to_call": False},
        {"consent": False},
        {"message": "Please do not call me, e-mail only."},
        {"message": "He will kill me if I talk to anyone."},
    ],
)
@pytest.mark.parametrize("name", ["Mary", "Zed", ""])
def test_a_form_ends_a_call_that_rings_a_phone_which_must_not(
    source: int, name: str, said: dict[str, object]
) -> None:
    send(source, name="Mary")
    with transaction() as session:
        an_accepted_call(session, session.get_one(Callback, 1))
    send(source, name=name, **said)
    mary, attempt = rows(Callback)[0], the(CallAttempt)
    assert (mary.state, attempt.state) == ("waiting", "failed")
    assert mary.misses == 0
    with transaction() as session:
        assert callback_offers.offer_next_callback(session, now=NOW + MINUTE) is None
        assert orders(session, OutboxKind.HANG_UP)


def test_a_form_brings_forward_no_call_that_a_text_from_the_phone_puts_off(source: int) -> None:
    send(source, name="Mary")
    with transaction() as session:
        inbound_texts.receive_text_message(
            session, NUMBER, "not now, call me tomorrow at 3", message_id="SM1", now=NOW + MINUTE
        )
    put_off = the(Callback).due_at
    send(source, at=NOW + 2 * MINUTE)
    send(source, name="Zed", at=NOW + 3 * MINUTE)
    mary, zed = rows(Callback)
    assert mary.due_at == put_off
    assert (held_for(mary), held_for(zed)) == ([], ["warned_at_phone"])
    with transaction() as session:
        inbound_texts.receive_text_message(
            session, NUMBER, "call me now please", message_id="SM2", now=NOW + 4 * MINUTE
        )
    assert rows(Callback)[0].due_at < put_off


def test_who_is_let_through_is_not_held_by_another_form_of_the_same_name(source: int) -> None:
    send(source, name="Mary", message="Please do not call me, e-mail only.")
    send(source, name="Zed")
    with transaction() as session:
        holds.lift_holds(session, session.get_one(Callback, rows(Callback)[1].id), by="x", now=NOW)
    send(source, name="Mary", message="Still waiting.")
    assert held_for(rows(Callback)[1]) == []


def test_a_stop_is_everybodys_at_the_number_and_so_is_its_end(source: int) -> None:
    send(source, name="Mary")
    send(source, name="John")
    with transaction() as session:
        opt_out.stop_contact(session, NUMBER, reason=own_words("text"), actor="sms", now=NOW)
    assert {callback.state for callback in rows(Callback)} == {"cancelled"}
    assert [lead.state for lead in rows(Lead)] == ["suppressed", "suppressed"]
    assert send(source, name="Third").state == "withheld"
    with transaction() as session:
        lead = session.get_one(Lead, rows(Lead)[1].id)
        opt_out.lift_stop(session, lead.phone, a_supervisor(session), now=NOW)
    assert {lead.state for lead in rows(Lead)} == {"closed"}


def test_a_text_is_of_who_asked_last(source: int) -> None:
    send(source, name="Mary")
    send(source, name="John")
    with transaction() as session:
        inbound_texts.receive_text_message(
            session, NUMBER, "Please call.", message_id="SM1", now=NOW
        )
    assert the(TextMessage).lead_id == rows(Lead)[1].id


def test_a_search_for_the_number_finds_everybody(source: int) -> None:
    send(source, name="Mary")
    send(source, name="John")
    with transaction() as session:
        sam = a_supervisor(session)
        hits = lead_file.search_lead_files(session, NUMBER, sam)
        file = lead_file.read_lead_file(session, hits[0].lead_id, sam, now=NOW)
    assert [hit.name for hit in hits] == ["John", "Mary"]
    assert file is not None
    assert list(file.neighbors.values()) == ["Mary"]


def test_a_request_to_another_helpline_is_a_callback_of_its_own(
    source: int, other_helpline: int
) -> None:
    first = send(source, name="Ann", message="Please call.")
    second = send(other_helpline, name="Ann", message="Please call.")
    assert (first.state, second.state) == ("admitted", "admitted")
    ours, theirs = rows(Callback)
    assert ours.lead_id == theirs.lead_id == the(Lead).id
    with reader() as session:
        assert session.get_one(Brand, theirs.brand_id).name == "Other line"
    assert send(other_helpline, name="Ann").callback_id == theirs.id
    assert [callback.asked_again for callback in rows(Callback)] == [0, 1]


def test_a_lead_is_closed_with_the_last_of_their_callbacks(
    source: int, other_helpline: int
) -> None:
    send(source, name="Ann")
    send(other_helpline, name="Ann")
    for callback, state in zip(rows(Callback), ("open", "closed"), strict=True):
        is_over(callback.id)
        assert the(Lead).state == state
        with reader() as session:
            assert waiting_now.list_limbo_leads(session) == []


def test_whoever_waits_for_the_day_at_one_helpline_is_not_woken_by_another(
    source: int, other_helpline: int
) -> None:
    send(source, name="Ann")
    send(other_helpline, name="Ann", any_hour=True)
    assert [callback.any_hour for callback in rows(Callback)] == [False, False]


def test_files_with_promises_of_two_helplines_keep_both_when_they_are_merged(
    source: int, other_helpline: int
) -> None:
    send(source, name="Ann")
    send(other_helpline, name="Bea")
    with transaction() as session:
        ann, bea = session.exec(select(Lead).order_by(Lead.id)).all()
        merging.merge_leads(session, bea, ann, a_supervisor(session), now=NOW)
    assert {callback.state for callback in rows(Callback)} == {CallbackState.WAITING}
    assert len({callback.lead_id for callback in rows(Callback)}) == 1


def test_a_place_that_one_names_counts_for_the_other(source: int) -> None:
    send(source, name="Mary", zip="90012")
    send(source, name="John", region="HI")
    assert [lead.further_places for lead in rows(Lead)] == [[["HI", ""]], [["", "90012"]]]
    assert all(held_for(callback) == [] for callback in rows(Callback))


def test_what_one_says_of_the_phone_shows_in_the_times_of_the_other(source: int) -> None:
    send(source, name="Mary", best_time="not before 1 pm", at=NIGHT)
    send(source, name="John", region="HI", at=NIGHT)
    mary, john = rows(Callback)
    hawaii = ZoneInfo("Pacific/Honolulu")
    assert [one.due_at.astimezone(hawaii).hour for one in (mary, john)] == [8, 13]
    send(source, name="Zed", safe_to_call=False, at=NIGHT)
    assert all("not_safe_to_call" in held_for(one) for one in rows(Callback))


def _card(session: Session, callback_id: int) -> lead_card.LeadCard:
    advisor = an_advisor(session)
    queue.claim_callback(session, session.get_one(Callback, callback_id), advisor, now=NOW)
    card = advisor_desk.read_desk(session, advisor.id, now=NOW).card
    assert card is not None
    return card


def test_another_name_wakes_nobody_who_waits_for_the_day(source: int) -> None:
    send(source, at=NIGHT, name="Mary")
    send(source, at=NIGHT, name="John", any_hour=True)
    mary, john = rows(Callback)
    assert (john.any_hour, john.due_at) == (False, mary.due_at)
    said = the(AlsoSaid)
    assert said.lead_id == mary.lead_id
    assert (said.fact, said.value) == ("any_hour", "yes")
