"""The audit trail keeps ids, numbers, instants and codes; people's words stand in their rows."""

from __future__ import annotations

import ast
import json
from dataclasses import replace
from typing import Any

import pytest
from sqlmodel import Session, select

from leads.callbacks import completion, opt_out
from leads.database.transactions import write_deferred_inserts
from leads.helplines import brands_and_sources, source_settings
from leads.i18n.messages import Message, MessageKey, own_words
from leads.intake import processing, review
from leads.lead_records import call_notes, lead_file, merging
from leads.lifecycle.audit_trail import SystemActor, record_event
from leads.messaging import inbound_texts
from leads.models.calls import Callback
from leads.models.dispositions import Disposition
from leads.models.enums import HoldReason
from leads.models.requests import Submission
from leads.models.watching import Transition
from tests.conftest import NOW
from tests.support.people import (
    HOUR,
    a_callback,
    a_conversation,
    a_lead,
    a_supervisor,
    advisor_of,
    held_for,
    hold_back,
    lead_of,
)
from tests.support.source_files import FILES, nodes_of

MARKER = "Zanzibar"


def test_no_verb_writes_a_persons_words_into_the_trail(session: Session) -> None:
    sam = a_supervisor(session)
    _work_with_callbacks(session, sam)
    _review_submissions(session, sam)
    lead = a_lead(session, name=MARKER)
    lead_file.correct_lead_facts(session, lead, {"name": f"{MARKER} Lee"}, sam, now=NOW)
    for said in (MARKER, "STOP"):
        inbound_texts.receive_text_message(session, lead.phone, said, message_id=said, now=NOW)
    why = own_words(MARKER)
    opt_out.stop_contact(
        session, lead_of(session, a_callback(session)).phone, reason=why, actor="test", now=NOW
    )
    trail = _trail(session)
    assert {"take_over", "dispose", "reschedule", "cancel", "discard", "correct", "text"} <= {
        move.event for move in trail
    }
    assert [move for move in trail if MARKER in json.dumps(move.changes)] == []


def test_unmerged_files_are_held_for_somebodys_own_words_again(session: Session) -> None:
    sam = a_supervisor(session)
    mobile, home = a_callback(session, hold=MARKER), a_callback(session, hold="Ask Dr. Lane.")
    lead = lead_of(session, mobile)
    merging.merge_leads(session, lead, lead_of(session, home), sam, now=NOW)
    merging.unmerge_leads(session, lead, sam, now=NOW + HOUR)
    assert held_for(mobile) == [MARKER]


def test_what_is_not_declared_is_refused(session: Session) -> None:
    callback = a_callback(session)
    for changes in ({"said": MARKER}, {"before": {"said": MARKER}}, {"ids": {"my sister": 1}}):
        with pytest.raises(TypeError, match="keeps no words"):
            record_event(session, callback, "test", actor="test", now=NOW, **changes)


def test_numbers_instants_codes_and_set_up_are_kept(session: Session) -> None:
    sam, callback = a_supervisor(session), a_callback(session)
    word = Message(MessageKey.TOOL_CALLS_IT, word=MARKER)
    kept: dict[str, Any] = {"at": NOW, "reason": HoldReason.OTHER, "ids": [1, 2], "is_ours": True}
    record_event(session, callback, "test", actor="test", now=NOW, word=word, **kept)
    source = brands_and_sources.add_source(session, "Spring", now=NOW)
    source_settings.rename_source(session, source, "Spring campaign", sam, now=NOW)
    named = {move.event: move.changes for move in _trail(session)}
    assert named["rename"] == {"name": "Spring campaign"}
    assert named["test"] == {
        "word": {"key": "tool_calls_it", "values": {"word": ""}},
        "at": NOW.isoformat(),
        "reason": "other",
        "ids": [1, 2],
        "is_ours": True,
    }


def _work_with_callbacks(session: Session, sam: Any) -> None:
    attempt = a_conversation(session)
    callback, advisor = session.get_one(Callback, attempt.callback_id), advisor_of(session, attempt)
    call_notes.save_note(session, callback.id, advisor.id, MARKER, now=NOW)
    completion.reschedule_callback(
        session, callback, advisor, due_at=NOW + HOUR, notes=MARKER, now=NOW
    )
    again = a_conversation(session)
    completion.dispose_callback(
        session,
        session.get_one(Callback, again.callback_id),
        advisor_of(session, again),
        Disposition.HELPED,
        notes=MARKER,
        now=NOW,
    )
    mobile, home = a_callback(session, hold=MARKER), a_callback(session, hold=f"{MARKER}!")
    merging.merge_leads(session, lead_of(session, mobile), lead_of(session, home), sam, now=NOW)
    dropped = a_callback(session)
    hold_back(session, dropped, MARKER)
    completion.cancel_callback(session, dropped, sam, reason=MARKER, now=NOW)


def _review_submissions(session: Session, sam: Any) -> None:
    source = brands_and_sources.add_source(session, MARKER, now=NOW)
    for number in (1, 2):
        one = Submission(
            source_id=source.id,
            received_at=NOW,
            content_type="application/json",
            body_sha256=f"{number}",
            body=json.dumps({"phone": f"{MARKER} {number}", "message": MARKER}).encode(),
        )
        session.add(one)
        session.flush()
        processing.process_submission(session, one, now=NOW)
        if number == 1:
            review.discard_submission(session, one, sam, reason=MARKER, now=NOW)
            continue
        right = replace(
            review.propose_correction(one.reading), phone="315 555 0142", name=f"{MARKER} Ruiz"
        )
        review.admit_corrected_submission(session, one, right, sam, now=NOW)


def _trail(session: Session) -> list[Transition]:
    write_deferred_inserts(session)
    return list(session.exec(select(Transition)).all())


def test_the_words_of_whoever_is_no_person_are_those_that_are_stored() -> None:
    words = ["network", "clock", "scheduler", "relay", "intake", "import", "erasure"]
    assert list(SystemActor) == words
    named = {
        (path.name, ast.unparse(node))
        for path in FILES
        if "migrations" not in path.parts
        for node in nodes_of(path)
        if isinstance(node, ast.keyword) and node.arg in ("actor", "requested_by")
        if isinstance(node.value, ast.Constant)
    }
    assert named == set()
