"""Voicemails: what the network says of a recording, who listens, and what is left to do."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlmodel import Session, select

from leads.alerting import conditions
from leads.errors import LostRace, NotAllowed, NotNow
from leads.messaging import voicemails
from leads.messaging.recorded_sound import HeardSound
from leads.models.enums import AlertKind, OutboxKind, VoicemailState
from leads.models.outbox import Outbox
from leads.models.voicemails import Voicemail, VoicemailPlay
from leads.outbox import recording_orders
from leads.read_models import advisor_desk
from leads.read_models.work_kinds import WorkKind
from tests.conftest import NOW
from tests.support.listed_work import listed_ids
from tests.support.people import (
    HOUR,
    MINUTE,
    a_callback,
    a_lead,
    a_supervisor,
    a_voicemail,
    an_advisor,
    an_inbound_call,
    orders,
)

SOUND = HeardSound(9, is_empty=False)
SEALED = b"sealed"


def expected(session: Session) -> Voicemail:
    call = an_inbound_call(session, state="voicemail")
    return voicemails.expect_voicemail(session, call, now=NOW)


def named(session: Session, voicemail: Voicemail, name: str = "RE1", *, ready: bool = True) -> None:
    call_id = voicemail.inbound_call_id
    voicemails.note_recording(session, call_id, name, seconds=9, is_ready=ready, now=NOW)
    session.expire_all()


def kept(session: Session) -> Voicemail:
    voicemail = expected(session)
    named(session, voicemail)
    voicemails.keep_recording(session, voicemail, SEALED, SOUND, now=NOW)
    return voicemail


def fetch_of(session: Session, voicemail: Voicemail) -> Outbox:
    [fetch] = [
        order
        for order in orders(session, OutboxKind.FETCH_RECORDING)
        if order.payload == {"voicemail_id": voicemail.id}
    ]
    return fetch


def test_a_recording_is_fetched_as_soon_as_the_network_has_it(session: Session) -> None:
    voicemail = expected(session)
    assert fetch_of(session, voicemail).due_at == NOW + 4 * MINUTE  # should nobody speak of it
    named(session, voicemail, ready=False)
    assert fetch_of(session, voicemail).due_at == NOW + timedelta(seconds=5)
    named(session, voicemail)
    named(session, voicemail, ready=False)  # which is late
    assert fetch_of(session, voicemail).due_at == NOW
    assert len(session.exec(select(Voicemail)).all()) == 1


def test_a_second_recording_of_a_call_is_a_voicemail_of_its_own(session: Session) -> None:
    voicemail = expected(session)
    for name in ("RE1", "RE2", "RE1"):
        named(session, voicemail, name)
    names = session.exec(select(Voicemail.provider_recording_id)).all()
    assert sorted(map(str, names)) == ["RE1", "RE2"]
    assert len(orders(session, OutboxKind.FETCH_RECORDING)) == 2


def test_what_was_given_up_or_found_absent_is_fetched_when_the_network_names_it(
    session: Session,
) -> None:
    voicemail = expected(session)
    assert voicemails.note_nothing_recorded(session, voicemail.id, now=NOW)
    fetch = fetch_of(session, voicemail)
    recording_orders.orders.mark_orders_sent(session, fetch.id, now=NOW)
    session.refresh(voicemail)
    assert (voicemail.state, voicemail.is_empty) == (VoicemailState.ABSENT, True)
    named(session, voicemail)
    assert fetch_of(session, voicemail).state == "pending"
    assert not voicemails.note_nothing_recorded(session, voicemail.id, now=NOW)
    voicemails.keep_recording(session, voicemail, SEALED, SOUND, now=NOW)
    assert (voicemail.state, voicemail.is_empty) == (VoicemailState.FETCHED, False)


def test_a_recording_is_deleted_at_the_network_once_it_is_here(session: Session) -> None:
    voicemail = kept(session)
    voicemails.keep_recording(session, voicemail, b"again", SOUND, now=NOW)
    assert voicemail.sealed == SEALED
    [deletion] = orders(session, OutboxKind.DELETE_RECORDING)
    assert deletion.payload == {"voicemail_id": voicemail.id, "recording_id": "RE1"}
    for _ in range(2):
        voicemails.note_deleted_at_provider(session, voicemail.id, now=NOW)
    session.refresh(voicemail)
    assert (voicemail.state, voicemail.deleted_at) == (VoicemailState.DELETED_AT_PROVIDER, NOW)


def test_only_supervisors_and_who_has_the_person_in_hand_listen(session: Session) -> None:
    lead, advisor = a_lead(session), an_advisor(session)
    call = an_inbound_call(session, state="voicemail", lead_id=lead.id)
    voicemail = a_voicemail(session, call, state="fetched", sealed=SEALED, recorded_at=NOW)

    def listen() -> bytes | None:
        return voicemails.open_recording(session, voicemail.id, advisor, from_start=True, now=NOW)

    with pytest.raises(NotAllowed):
        listen()
    assert voicemails.list_voicemails_of_leads(session, [lead.id], advisor) == []
    a_callback(session, lead, state="claimed", advisor_id=advisor.id)
    assert listen() == SEALED
    [card] = voicemails.list_voicemails_of_leads(session, [lead.id], advisor)
    assert card.plays == ((advisor.name, NOW),)


def test_who_has_a_person_in_hand_hears_what_a_merged_file_holds(session: Session) -> None:
    survivor, advisor = a_lead(session), an_advisor(session)
    merged = a_lead(session, merged_into_id=survivor.id)
    call = an_inbound_call(session, state="voicemail", lead_id=merged.id)
    voicemail = a_voicemail(session, call, state="fetched", sealed=SEALED, recorded_at=NOW)
    a_callback(session, survivor, state="claimed", advisor_id=advisor.id)
    desk = advisor_desk.read_desk(session, advisor.id, now=NOW)
    assert desk.card is not None
    assert [card.voicemail_id for card in desk.card.voicemails] == [voicemail.id]
    sealed = voicemails.open_recording(session, voicemail.id, advisor, from_start=True, now=NOW)
    assert sealed == SEALED


def test_only_what_was_given_up_is_called_undeliverable(session: Session) -> None:
    lead, sam = a_lead(session), a_supervisor(session)
    call = an_inbound_call(session, state="voicemail", lead_id=lead.id)
    voicemail = a_voicemail(session, call, recorded_at=NOW)

    def is_given_up() -> bool:
        [card] = voicemails.list_voicemails_of_leads(session, [lead.id], sam)
        return card.is_given_up

    assert not is_given_up()
    voicemails.give_up_recording(session, voicemail, now=NOW)
    session.flush()
    assert is_given_up()


def test_going_on_in_the_middle_is_no_play_unless_nobody_began(session: Session) -> None:
    voicemail, sam = kept(session), a_supervisor(session)

    def listens(*, from_start: bool, now: object = NOW) -> int:
        voicemails.open_recording(session, voicemail.id, sam, from_start=from_start, now=now)
        return len(session.exec(select(VoicemailPlay)).all())

    assert listens(from_start=False) == 1  # whoever leaves out the first byte has listened too
    assert listens(from_start=False) == 1
    assert listens(from_start=True) == 2
    assert listens(from_start=False, now=NOW + HOUR) == 3


def test_a_voicemail_waits_until_somebody_has_listened(session: Session) -> None:
    voicemail, sam = kept(session), a_supervisor(session)
    assert listed_ids(session, sam, WorkKind.VOICEMAIL) == [voicemail.id]
    card = voicemails.find_waiting_voicemail(session, voicemail.id, sam)
    assert card is not None
    assert card.is_here
    assert (card.voicemail_id, card.seconds) == (voicemail.id, 9)
    with pytest.raises(NotNow):
        voicemails.settle_voicemail(session, voicemail.id, sam, now=NOW)
    voicemails.open_recording(session, voicemail.id, sam, from_start=True, now=NOW)
    voicemails.settle_voicemail(session, voicemail.id, sam, now=NOW)
    assert listed_ids(session, sam, WorkKind.VOICEMAIL) == []
    assert voicemails.find_waiting_voicemail(session, voicemail.id, sam) is None
    with pytest.raises(LostRace):
        voicemails.settle_voicemail(session, voicemail.id, sam, now=NOW)


def test_supervisors_hear_of_what_is_unheard_not_here_or_not_deleted(session: Session) -> None:
    def alerted(now: object) -> set[tuple[AlertKind, str]]:
        kinds = (AlertKind.VOICEMAIL, AlertKind.RECORDING)
        found = conditions.current_conditions(session, now=now)
        return {(one.kind, one.about) for one in found if one.kind in kinds}

    late = a_voicemail(session, provider_recording_id="RE0", recorded_at=NOW, seconds=9)
    assert alerted(NOW + 9 * MINUTE) == set()
    assert alerted(NOW + 10 * MINUTE) == {(AlertKind.RECORDING, "fetch")}
    voicemails.give_up_recording(session, late, now=NOW)
    assert alerted(NOW + 10 * MINUTE) == {(AlertKind.RECORDING, "fetch")}
    voicemails.settle_voicemail(session, late.id, a_supervisor(session), now=NOW)
    assert alerted(NOW + HOUR) == set()

    here = kept(session)
    assert alerted(NOW + 4 * MINUTE) == set()
    assert alerted(NOW + 5 * MINUTE) == {(AlertKind.VOICEMAIL, "")}
    still_there = {(AlertKind.VOICEMAIL, ""), (AlertKind.RECORDING, "delete")}
    assert alerted(NOW + HOUR) == still_there
    voicemails.note_deleted_at_provider(session, here.id, now=NOW)
    session.expire_all()
    assert alerted(NOW + HOUR) == {(AlertKind.VOICEMAIL, "")}
