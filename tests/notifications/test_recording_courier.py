"""Recordings over real HTTP: fetched, looked for, deleted, and what each failure comes to."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlmodel import Session, col, select

from leads.config.settings import TwilioCredentials
from leads.database.field_encryption import Vault
from leads.database.transactions import reader, transaction
from leads.errors import TelephonyError
from leads.messaging import voicemails
from leads.models.calls import Callback
from leads.models.enums import OutboxKind, OutboxState
from leads.models.inbound import InboundCall
from leads.models.outbox import Outbox
from leads.models.voicemails import Voicemail
from leads.outbox.recording_orders import FETCH_RETRIES
from notifications.recording_courier import RecordingCourier
from notifications.twilio.recordings import TwilioRecordings
from tests.conftest import NOW
from tests.support.people import NUMBER, a_callback, a_lead, an_inbound_call
from tests.support.serving import serving
from tests.support.set_clock import SetClock
from tests.support.sounds import a_voice, silence
from tests.support.twilio_double import SID, TOKEN, Recording, TwilioDouble

pytestmark = pytest.mark.usefixtures("database")
VAULT = Vault(("what seals",))
RECORDING_ID = "RE" + "1" * 32
RECORDING_PATH = f"/2010-04-01/Accounts/{SID}/Recordings/{RECORDING_ID}.wav"
CALL_ID = "CA-spoken"


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture
def courier(twilio: TwilioDouble, clock: SetClock) -> RecordingCourier:
    return a_courier(twilio, clock)


def a_courier(twilio: TwilioDouble, clock: SetClock, token: str = TOKEN) -> RecordingCourier:
    account = TwilioCredentials(SID, (token,), twilio.url)
    return RecordingCourier(TwilioRecordings(account), VAULT, now=clock)


def speaks(twilio: TwilioDouble, *, is_named: bool = True, sound: bytes = a_voice()) -> None:
    """Somebody spoke after the tone; the network may have told us."""
    twilio.recordings[RECORDING_ID] = Recording(RECORDING_ID, CALL_ID, 5, sound)
    expects(is_named=is_named)


def expects(*, is_named: bool) -> None:
    with transaction() as session:
        call = an_inbound_call(session, state="voicemail", provider_call_id=CALL_ID)
        voicemails.expect_voicemail(session, call, now=NOW)
        if is_named:
            voicemails.note_recording(
                session, call.id, RECORDING_ID, seconds=5, is_ready=True, now=NOW
            )


def only_voicemail(session: Session) -> Voicemail:
    return session.exec(select(Voicemail)).one()


def state() -> str:
    with reader() as session:
        return only_voicemail(session).state


def carry_out_for(courier: RecordingCourier, clock: SetClock, length: timedelta) -> None:
    """Let the courier work at every instant at which something is due."""
    until = clock.at + length
    while True:
        courier.carry_out_due_orders()
        with reader() as session:
            pending = select(Outbox.due_at).where(Outbox.state == OutboxState.PENDING)
            due = min(session.exec(pending), default=until)
        if due >= until:
            clock.at = until
            return
        clock.at = max(due, clock.at)


def test_what_is_stored_opens_as_what_was_said(
    courier: RecordingCourier, twilio: TwilioDouble
) -> None:
    speaks(twilio)
    courier.carry_out_due_orders()
    with reader() as session:
        voicemail = only_voicemail(session)
    assert voicemail.state == "deleted_at_provider"
    record = voicemails.content_record(voicemail.id)
    assert VAULT.unseal_content(voicemail.sealed or b"", record=record) == a_voice()
    paths = [path.rpartition("/")[2] for _, path in twilio.asked_for_recordings]
    assert paths == [f"{RECORDING_ID}.wav", f"{RECORDING_ID}.json"]


def test_a_recording_that_nobody_spoke_of_is_looked_for(
    courier: RecordingCourier, twilio: TwilioDouble, clock: SetClock
) -> None:
    speaks(twilio, is_named=False)
    carry_out_for(courier, clock, timedelta(minutes=3))
    assert twilio.asked_for_recordings == []
    carry_out_for(courier, clock, timedelta(minutes=2))
    assert state() == "deleted_at_provider"
    with reader() as session:
        assert session.exec(select(Callback.received_at)).all() == [NOW]


def test_a_recording_that_is_not_ready_when_it_is_looked_for_is_fetched_later(
    courier: RecordingCourier, twilio: TwilioDouble, clock: SetClock
) -> None:
    speaks(twilio, is_named=False)
    twilio.recordings[RECORDING_ID].status = "processing"
    twilio.recording_faults["fetch"] = ["404"] * 5
    carry_out_for(courier, clock, timedelta(minutes=10))
    assert state() == "deleted_at_provider"


def test_silence_is_kept_and_counted_and_nobody_called(
    courier: RecordingCourier, twilio: TwilioDouble
) -> None:
    speaks(twilio, sound=silence())
    courier.carry_out_due_orders()
    assert state() == "deleted_at_provider"
    with reader() as session:
        assert only_voicemail(session).is_empty
        assert session.exec(select(Callback)).all() == []


def test_who_hung_up_at_the_tone_left_nothing(
    courier: RecordingCourier, twilio: TwilioDouble, clock: SetClock
) -> None:
    expects(is_named=False)
    carry_out_for(courier, clock, timedelta(hours=1))
    assert state() == "absent"
    assert len(twilio.asked_for_recordings) == 3
    with reader() as session:
        assert session.exec(select(Callback)).all() == []


def test_who_is_safe_to_call_and_hung_up_at_the_tone_is_called_back(
    courier: RecordingCourier, clock: SetClock
) -> None:
    expects(is_named=False)
    with transaction() as session:
        lead = a_lead(session, NUMBER, safe_to_call=True)
        call = session.exec(select(InboundCall)).one()
        waited = a_callback(session, lead, state="cancelled", origin="call")
        call.lead_id, call.brand_id, call.callback_id = lead.id, waited.brand_id, waited.id
    carry_out_for(courier, clock, timedelta(hours=1))
    assert state() == "absent"
    with reader() as session:
        states = session.exec(select(Callback.state).order_by(col(Callback.id))).all()
    assert states == ["cancelled", "waiting"]


def test_a_recording_that_is_gone_at_the_network_is_deleted(
    courier: RecordingCourier, twilio: TwilioDouble, clock: SetClock
) -> None:
    speaks(twilio)
    twilio.recording_faults["delete"] = ["500"]
    courier.carry_out_due_orders()
    assert state() == "fetched"
    twilio.recordings.clear()  # somebody deleted it by hand
    carry_out_for(courier, clock, timedelta(minutes=1))
    assert state() == "deleted_at_provider"


def test_a_deletion_is_tried_for_as_long_as_it_takes(
    courier: RecordingCourier, twilio: TwilioDouble, clock: SetClock
) -> None:
    speaks(twilio)
    twilio.recording_faults["delete"] = ["401"] * (len(FETCH_RETRIES.waits) + 5)
    carry_out_for(courier, clock, timedelta(days=3))
    assert state() == "deleted_at_provider"
    assert twilio.recordings == {}


def test_what_the_network_does_not_give_is_given_up_after_a_day_and_called_back_long_before(
    twilio: TwilioDouble, clock: SetClock
) -> None:
    speaks(twilio)
    stranger = a_courier(twilio, clock, token="e" * 32)
    carry_out_for(stranger, clock, timedelta(minutes=5))
    with reader() as session:
        assert session.exec(select(Callback.received_at)).all() == [NOW]
    carry_out_for(stranger, clock, timedelta(days=3))
    assert state() == "failed"
    assert list(twilio.recordings) == [RECORDING_ID]  # the only one there is
    with reader() as session:
        kinds = session.exec(select(Outbox.kind)).all()
        assert OutboxKind.DELETE_RECORDING not in kinds


def test_a_recording_of_no_sensible_size_is_not_stored_and_its_caller_called(
    courier: RecordingCourier, twilio: TwilioDouble
) -> None:
    speaks(twilio, sound=b"x" * (17 * 1024 * 1024))
    courier.carry_out_due_orders()
    assert state() == "failed"
    with reader() as session:
        assert only_voicemail(session).callback_id is not None


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_recording_that_is_said_to_be_elsewhere_is_not_fetched_from_there(
    twilio: TwilioDouble, clock: SetClock, status: int
) -> None:
    """Neither what is said there is stored, nor is anybody there told our credentials."""
    elsewhere = TwilioDouble()
    elsewhere.recordings[RECORDING_ID] = Recording(RECORDING_ID, CALL_ID, 5, a_voice())
    speaks(twilio)
    with serving(elsewhere.app()) as url:
        twilio.recording_faults["fetch"] = [f"{status} {url}{RECORDING_PATH}"]
        a_courier(twilio, clock).carry_out_due_orders()
    assert elsewhere.asked_for_recordings == []
    assert state() == "expected"  # it is asked for again, and its caller called in time
    carry_out_for(a_courier(twilio, clock), clock, timedelta(minutes=5))
    assert state() == "deleted_at_provider"


def test_a_recording_that_drips_for_ever_is_cut_off(twilio: TwilioDouble) -> None:
    twilio.recording_faults["fetch"] = ["drip"]
    account = TwilioCredentials(SID, (TOKEN,), twilio.url)
    with pytest.raises(TelephonyError) as refused:
        TwilioRecordings(account, sending_lasts=0.2).fetch_recording(RECORDING_ID)
    assert not refused.value.permanent
