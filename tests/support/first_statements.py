"""What every desk asks its database first: put into words once, where desks are forked from.

An engine keeps the words of each statement; to find them takes a desk half a second anew.
"""

from __future__ import annotations

import itertools
import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import event

from leads.alerting import escalation
from leads.callbacks import callback_offers, due_order, queue, unplaced_calls
from leads.database.engine import open_session
from leads.helplines import first_start
from leads.intake import rejected_signatures
from leads.outbox import call_orders
from leads.people import presence, sessions, shift_duty
from leads.reporting import cohort
from tests.support import people
from tests.support.old_databases import open_as_of_old
from tests.support.screens import ScreenReader


def compile_first_statements(template: Path, address: str) -> None:
    """Ask an empty SQLite database what desks ask, by the engine that they will have.

    It is a copy of the template: the one at the address belongs to a test.
    """
    asked = template.with_name("asked.db")
    shutil.copy(template, asked)
    engine = open_as_of_old(address)

    def connect_elsewhere(_dialect: Any, _record: Any, place: list[str], _options: Any) -> None:
        place[0] = str(asked)

    event.listen(engine, "do_connect", connect_elsewhere)
    try:
        _ask(datetime.now(UTC))
    finally:
        event.remove(engine, "do_connect", connect_elsewhere)
        engine.dispose()


def _ask(now: datetime) -> None:
    with open_session() as session:
        first_start.prepare_first_start(session, now=now)
        people.a_supervisor(session)
        people.a_submission(session)
        people.a_callback(session, received_at=now, promised_at=now, due_at=now)
        people.a_call(session)
        screens = ScreenReader(session, "en", now=now)
        every_screen = itertools.chain(
            screens.read_review(),
            screens.read_lead_files(),
            screens.read_colleagues(),
            screens.read_desks(),
            screens.read_alerts(),
        )
        list(every_screen)
        escalation.evaluate_alerts(session, ways=(), now=now)
        queue.expire_leases(session, now=now)
        callback_offers.offer_due_callbacks(session, 1, by_hand=False, now=now)
        presence.expire_stale_presence(session, now=now)
        presence.end_rests(session, now=now)
        shift_duty.apply_shift_duties(session, now=now)
        unplaced_calls.lift_mended_faults(session, now=now)
        rejected_signatures.delete_expired_rejections(session, now=now)
        sessions.delete_expired_sign_ins(session, now=now)
        cohort.days_to_snapshot(session, now=now)
        due_order.next_callback_due_at(session, now=now)
        call_orders.next_order_due_at(session, now=now)
        session.rollback()
