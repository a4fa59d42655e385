"""What was said of a call can be corrected, lawfully, and every version stays."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlmodel import Session

from leads.callbacks import completion, opt_out, said_calls
from leads.callbacks.said_calls import CORRECTION_WINDOW
from leads.calls import manual_dialing, outcome_correction
from leads.database.transactions import write_deferred_inserts
from leads.errors import NotAllowed, NotNow
from leads.helplines import after_call_settings
from leads.i18n.messages import Message, MessageKey
from leads.lead_records import lead_file
from leads.models.advisors import Advisor
from leads.models.calls import Callback
from leads.models.dispositions import Disposition
from leads.models.enums import Result
from leads.read_models import advisor_desk
from tests.conftest import NOW
from tests.support import people
from tests.support.people import DAY, HOUR, MINUTE, lead_of, moves

SECOND = timedelta(seconds=1)
LATER = NOW + 10 * MINUTE


def test_another_word_is_the_one_that_counts_and_the_first_one_stays(session: Session) -> None:
    callback, advisor = a_finished_call(session, Disposition.HELPED)
    outcome_correction.correct_disposition(
        session, callback, advisor, Disposition.DECLINED, now=LATER
    )
    lead = lead_of(session, callback)
    assert (callback.state, callback.disposition) == ("completed", "declined")
    assert (callback.finished_at, callback.said_at) == (NOW, NOW)
    assert (lead.state, lead.close_reason) == ("closed", "declined")
    said = [
        (move.event, move.changes["disposition"], move.actor)
        for move in moves(session, callback)
        if move.event in ("dispose", "correct_outcome")
    ]
    actor = f"advisor:{advisor.id}"
    assert said == [("dispose", "helped", actor), ("correct_outcome", "declined", actor)]
    supervisor = people.a_supervisor(session)
    file = lead_file.read_lead_file(session, lead.id, supervisor, now=LATER)
    assert [(one.what, one.said) for one in file.entries if "declined" in one.said] == [
        ("Corrected: outcome of the call", "declined")
    ]
    assert [one.said for one in file.entries if one.what == "Finished"] == ["helped"]


def test_whoever_wanted_to_be_called_again_is_in_the_queue_again(session: Session) -> None:
    callback, advisor = a_finished_call(session, Disposition.HELPED)
    again = outcome_correction.correct_to_call_again(
        session, callback, advisor, due_at=NOW + 5 * HOUR, now=LATER
    )
    assert again.due_at == NOW + 5 * HOUR
    assert (callback.state, callback.disposition) == ("waiting", "call_again")
    assert callback.finished_at is None
    assert (callback.advisor_id, lead_of(session, callback).state) == (None, "open")
    assert callback.first_conversation_at == NOW
    assert [move.event for move in moves(session, callback)][-3:] == [
        "dispose",
        "take_back",
        "reschedule",
    ]

    # And back again: the call that was promised is not made.
    outcome_correction.correct_disposition(
        session, callback, advisor, Disposition.REFERRED, now=LATER + SECOND
    )
    lead = lead_of(session, callback)
    assert callback.state == "completed"
    assert (lead.state, lead.close_reason) == ("closed", "referred")


def test_a_machine_was_no_contact_and_a_person_was(session: Session) -> None:
    callback, advisor = a_finished_call(session, Disposition.HELPED)
    outcome_correction.correct_to_machine(session, callback, advisor, now=LATER)
    [attempt] = [one for _, one in said_calls.list_own_said_calls(session, advisor.id, now=LATER)]
    assert (callback.state, callback.misses) == ("waiting", 1)
    assert callback.first_conversation_at is None
    assert (attempt.result, lead_of(session, callback).state) == (Result.LEAD_VOICEMAIL, "open")
    with pytest.raises(NotNow, match="on record"):
        outcome_correction.correct_to_machine(session, callback, advisor, now=LATER)

    outcome_correction.correct_disposition(
        session, callback, advisor, Disposition.HELPED, now=LATER
    )
    assert (callback.state, callback.first_conversation_at) == ("completed", NOW)
    assert attempt.result == Result.CONVERSATION


def test_a_machine_by_mistake_on_the_last_try_closes_nobody(session: Session) -> None:
    callback = people.a_callback(session, misses=50)
    attempt = people.a_conversation(session, callback)
    advisor = people.advisor_of(session, attempt)
    manual_dialing.record_voicemail_reached(session, callback, advisor, now=NOW)
    assert (callback.state, lead_of(session, callback).close_reason) == ("exhausted", "unreachable")
    outcome_correction.correct_to_call_again(
        session, callback, advisor, due_at=NOW + 5 * HOUR, now=LATER
    )
    assert (callback.state, lead_of(session, callback).state) == ("waiting", "open")


def test_an_advisor_has_a_quarter_of_an_hour_and_a_supervisor_any_time(session: Session) -> None:
    callback, advisor = a_finished_call(session, Disposition.HELPED)
    colleague, supervisor = people.an_advisor(session), people.a_supervisor(session)
    last = NOW + CORRECTION_WINDOW
    assert corrected(session, callback, advisor, Disposition.REFERRED, last)
    assert not corrected(session, callback, colleague, Disposition.DECLINED, last)
    # What was corrected is no fresh quarter of an hour.
    assert not corrected(session, callback, advisor, Disposition.DECLINED, last + SECOND)
    assert corrected(session, callback, supervisor, Disposition.DECLINED, NOW + 9 * DAY)
    assert callback.finished_at == NOW
    desk = advisor_desk.read_desk(session, advisor.id, now=last - SECOND)
    assert [call.what for call in desk.said_calls] == ["Did not want help"]
    assert advisor_desk.read_desk(session, advisor.id, now=last + SECOND).said_calls == ()


def test_nobody_is_opened_again_against_their_will_or_twice(session: Session) -> None:
    stopped, advisor = a_finished_call(session, Disposition.HELPED)
    opt_out.stop_contact(
        session,
        lead_of(session, stopped).phone,
        reason=Message(MessageKey.SAID_SO),
        actor="network",
        now=NOW,
    )
    asked, other = a_finished_call(session, Disposition.HELPED)
    people.a_callback(session, lead_of(session, asked), state="waiting")
    for callback, person, why in ((stopped, advisor, "opted out"), (asked, other, "asked again")):
        with pytest.raises(NotNow, match=why):
            outcome_correction.correct_to_call_again(
                session, callback, person, due_at=NOW + HOUR, now=LATER
            )
        assert corrected(session, callback, person, Disposition.DECLINED, LATER)
    assert lead_of(session, stopped).close_reason == "opt_out"


def test_what_has_gone_on_since_is_not_corrected(session: Session) -> None:
    callback = people.callback_of(session, people.a_conversation(session))
    advisor = people.advisor_of(session, callback)
    with pytest.raises(NotNow, match="no longer be corrected"):  # nothing is said of it yet
        outcome_correction.correct_to_machine(session, callback, advisor, now=NOW)
    completion.reschedule_callback(session, callback, advisor, due_at=NOW + MINUTE, now=NOW)
    people.a_conversation(session, callback, now=NOW + MINUTE)
    with pytest.raises(NotNow, match="no longer be corrected"):
        corrected(session, callback, advisor, Disposition.HELPED, NOW + 2 * MINUTE)


def test_a_helpline_s_own_word_is_corrected_to_another(session: Session) -> None:
    callback, advisor = a_finished_call(session, Disposition.REFERRED)
    supervisor = people.a_supervisor(session)
    own = after_call_settings.add_own_disposition(
        session,
        callback.brand_id,
        supervisor,
        disposition=Disposition.REFERRED,
        english="Bed found",
        spanish="",
        now=NOW,
    )
    outcome_correction.correct_disposition(
        session, callback, advisor, Disposition.REFERRED, own_id=own.id, now=LATER
    )
    assert callback.own_disposition_id == own.id
    with pytest.raises(NotNow, match="on record"):
        outcome_correction.correct_disposition(
            session, callback, advisor, Disposition.REFERRED, own_id=own.id, now=LATER
        )
    write_deferred_inserts(session)
    file = lead_file.read_lead_file(session, callback.lead_id, supervisor, now=LATER)
    assert "referred, Bed found" in [one.said for one in file.entries]


def a_finished_call(session: Session, disposition: Disposition) -> tuple[Callback, Advisor]:
    """Somebody was talked to, and this was said of it, at NOW."""
    callback = people.callback_of(session, people.a_conversation(session))
    advisor = people.advisor_of(session, callback)
    completion.dispose_callback(session, callback, advisor, disposition, now=NOW)
    return callback, advisor


def corrected(
    session: Session, callback: Callback, person: Advisor, said: Disposition, now: datetime
) -> bool:
    try:
        outcome_correction.correct_disposition(session, callback, person, said, now=now)
    except NotAllowed:
        return False
    return callback.disposition == said
