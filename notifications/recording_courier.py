"""The recording courier: brings voicemails here, and sees to it that none stays at the network.

No transaction is open while something is fetched or deleted. A recording is sealed before it is
stored, and deleted at the network only by an order that was committed together with it.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from sqlmodel import Session

from leads.calls import voicemail_promises
from leads.database.field_encryption import Vault
from leads.database.transactions import transaction
from leads.errors import LostRace, TelephonyError
from leads.i18n.messages import Message, MessageKey
from leads.messaging import recorded_sound, voicemails
from leads.models.enums import OutboxKind, VoicemailState
from leads.models.inbound import InboundCall
from leads.models.outbox import Outbox
from leads.outbox import orders, recording_orders
from notifications.telephony import Recordings

log = logging.getLogger(__name__)

RECORDINGS_AT_ONCE = 4
RACES = 3


@dataclass(frozen=True)
class _RecordingTask:
    """One order about a recording. `recording_id` is empty where the network has named none."""

    order_id: int
    kind: OutboxKind
    voicemail_id: int
    provider_call_id: str
    recording_id: str
    seconds: int


class RecordingCourier:
    """Carries out the orders about recordings that are due, and records what came of each."""

    def __init__(
        self, recordings: Recordings, vault: Vault, *, now: Callable[[], datetime]
    ) -> None:
        self._recordings, self._vault, self._now = recordings, vault, now

    def carry_out_due_orders(self) -> None:
        """Fetch and delete until nothing is due any more."""
        while tasks := self._take_tasks():
            for task in tasks:
                self._carry_out(task)

    def _take_tasks(self) -> list[_RecordingTask]:
        with transaction() as session:
            rows = recording_orders.take_due_recording_orders(
                session, RECORDINGS_AT_ONCE, now=self._now()
            )
            return [task for row in rows if (task := self._describe_task(session, row))]

    def _describe_task(self, session: Session, row: Outbox) -> _RecordingTask | None:
        """Return what an order asks for; None, and it is settled, where nothing is to be done."""
        voicemail = voicemails.find_voicemail(session, row.payload["voicemail_id"])
        is_fetch = row.kind == OutboxKind.FETCH_RECORDING
        if is_fetch and (voicemail is None or voicemail.state == VoicemailState.FETCHED):
            orders.mark_orders_sent(session, row.id, now=self._now())
            return None
        call = session.get_one(InboundCall, voicemail.inbound_call_id) if voicemail else None
        named = row.payload.get("recording_id") or (voicemail and voicemail.provider_recording_id)
        return _RecordingTask(
            row.id,
            row.kind,
            row.payload["voicemail_id"],
            call.provider_call_id if call else "",
            named or "",
            voicemail.seconds if voicemail else 0,
        )

    def _carry_out(self, task: _RecordingTask) -> None:
        try:
            if task.kind == OutboxKind.DELETE_RECORDING:
                self._delete(task)
            elif task.recording_id:
                self._fetch(task)
            else:
                self._look_for_unnamed(task)
        except TelephonyError as error:
            log.warning("%s %s of voicemail %s.", error, task.kind, task.voicemail_id)
            self._in_transaction(partial(self._put_off, task, error))

    def _delete(self, task: _RecordingTask) -> None:
        self._recordings.delete_recording(task.recording_id)
        now = self._now()

        def settle(session: Session) -> None:
            voicemails.note_deleted_at_provider(session, task.voicemail_id, now=now)
            orders.mark_orders_sent(session, task.order_id, now=now)

        self._in_transaction(settle)

    def _fetch(self, task: _RecordingTask) -> None:
        content = self._recordings.fetch_recording(task.recording_id)
        sound = recorded_sound.examine_recording(content, seconds=task.seconds)
        sealed = self._vault.seal_content(
            content, record=voicemails.content_record(task.voicemail_id)
        )
        now = self._now()

        def settle(session: Session) -> None:
            voicemail_promises.keep_and_promise(session, task.voicemail_id, sealed, sound, now=now)
            orders.mark_orders_sent(session, task.order_id, now=now)

        self._in_transaction(settle)

    def _look_for_unnamed(self, task: _RecordingTask) -> None:
        """Ask the network what it recorded of a call, because it has not said so itself."""
        named = self._recordings.list_recordings(task.provider_call_id)
        now = self._now()

        def settle(session: Session) -> None:
            row = session.get_one(Outbox, task.order_id)
            call_id = voicemails.call_id_of(session, task.voicemail_id)
            for one in named:
                voicemails.note_recording(
                    session,
                    call_id,
                    one.recording_id,
                    seconds=one.seconds,
                    is_ready=True,
                    now=now,
                )
            if named or row.tries < recording_orders.LOOKS_FOR_UNNAMED:
                missing = TelephonyError(Message(MessageKey.RECORDING_NOT_FOUND))
                recording_orders.retry_fetch(session, row, missing, now=now)
            elif voicemails.note_nothing_recorded(session, task.voicemail_id, now=now):
                if silent := voicemails.lock_voicemail(session, task.voicemail_id):
                    voicemail_promises.promise_for_silence(session, silent, now=now)
                orders.mark_orders_sent(session, row.id, now=now)

        self._in_transaction(settle)

    def _put_off(self, task: _RecordingTask, error: TelephonyError, session: Session) -> None:
        now = self._now()
        row = session.get_one(Outbox, task.order_id)
        if task.kind == OutboxKind.DELETE_RECORDING:
            recording_orders.retry_deletion(session, row, error, now=now)
            return
        voicemail = voicemails.lock_voicemail(session, task.voicemail_id)
        is_given_up = not recording_orders.retry_fetch(session, row, error, now=now)
        if voicemail is None:
            return
        if is_given_up:
            voicemails.give_up_recording(session, voicemail, now=now)
        voicemail_promises.promise_without_sound(session, voicemail, now=now)

    @staticmethod
    def _in_transaction(settle: Callable[[Session], None]) -> None:
        """Settle in one transaction, and again where other news moved the same records."""
        for _ in range(RACES):
            try:
                with transaction() as session:
                    settle(session)
            except LostRace:
                log.info("Other news moved the same records; looking again.")
            else:
                return
