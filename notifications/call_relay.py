"""The call relay: carries orders from the outbox to the phone network.

No transaction is open while something is being sent.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from queue import SimpleQueue
from threading import BoundedSemaphore
from typing import Any, TypeVar

from sqlmodel import Session

from leads.calls import (
    attempt_steps,
    caller_joining,
    callers,
    conference_news,
    inbound_news,
    legs,
    outcomes,
    placement,
    progress,
)
from leads.calls.legs import LegReport, SilentAttempt
from leads.contact_rules import gate
from leads.database.transactions import reader, retry_transaction, transaction
from leads.database.wakeups import Wakeup, notify_listeners
from leads.errors import TelephonyError
from leads.i18n.messages import Message, MessageKey
from leads.models.enums import (
    LIVE_ATTEMPT,
    SENT_ONCE_ORDER_KINDS,
    AttemptState,
    CallbackState,
    HoldReason,
    LegStatus,
    OutboxKind,
    OutboxState,
    Party,
)
from leads.models.outbox import Outbox
from leads.outbox import call_orders, orders
from leads.outbox.call_orders import CallOrder, OutboxItem
from notifications.manual_phone import LogPhone
from notifications.telephony import FetchedLeg, Phone, require_fresh_order

log = logging.getLogger(__name__)

ORDERS_AT_ONCE = 32
GIVE_UP_AFTER = timedelta(minutes=5)  # an attempt that nobody can ask about any more

Done = TypeVar("Done")

OrderOutcome = tuple[CallOrder, str | TelephonyError | None]
"""An order that came back with the id of its call, with nothing, or with what went wrong."""


class CallRelay:
    """Carries out the outbox's orders, several at once, each at most once.

    `has_missed_news`: nobody may have been there lately, whom the network told what happened.
    """

    def __init__(
        self,
        phone: Phone,
        *,
        ring_seconds: int,
        now: Callable[[], datetime],
        has_missed_news: bool = False,
    ) -> None:
        self.phone, self._now, self._has_missed_news = phone, now, has_missed_news
        self._ring_time = timedelta(seconds=ring_seconds)
        self._pool = ThreadPoolExecutor(ORDERS_AT_ONCE, thread_name_prefix="relay")
        self._free = BoundedSemaphore(ORDERS_AT_ONCE)
        self._finished: SimpleQueue[OrderOutcome] = SimpleQueue()
        self._senders: Mapping[OutboxKind, Callable[[CallOrder], None]] = {
            OutboxKind.CHANGE_LEG: phone.change_leg,
            OutboxKind.LEAVE_CALL: phone.leave_call,
            OutboxKind.RETURN_ADVISOR: phone.return_advisor,
            OutboxKind.JOIN_CALLER: phone.join_caller,
            OutboxKind.RETURN_CALLER: phone.return_caller,
            OutboxKind.ASK_OUTCOME: phone.ask_outcome,
        }
        self.by_hand = isinstance(phone, LogPhone)

    def settle_and_dispatch(self) -> None:
        """Settle the orders that came back and take those that are due, in one transaction.

        One thread at a time may call this or `dispatch_after`.
        """
        back = self._collect_finished()
        try:
            self.dispatch_after(lambda session: self._settle_outcomes(session, back))
            back = []
        finally:
            for unsettled in back:  # nothing was written: the next time, then
                self._finished.put(unsettled)

    def dispatch_after(self, act: Callable[[Session], Done]) -> Done:
        """Do something and take the orders that are due after it, in one transaction.

        Returns what `act` returns; it is done again as by `retry_transaction`. The orders taken go
        to free workers. An order that is due and finds no worker waits for one: the relay is woken
        whenever a worker is done.
        """
        free = 0
        while free < ORDERS_AT_ONCE and self._free.acquire(blocking=False):
            free += 1
        taken_at = self._now()
        dispatched: list[CallOrder] = []
        try:
            done, dispatched = retry_transaction(
                lambda session: (act(session), self._take_wanted_orders(session, free))
            )
        finally:
            for _ in range(free - len(dispatched)):
                self._free.release()
        for order in dispatched:
            sending = self._pool.submit(self._carry_out_order, order, taken_at)
            sending.add_done_callback(self._release_worker)
        return done

    def reconcile_with_network(self) -> None:
        """Ask the network what became of orders in doubt and of attempts without news."""
        now = self._now()
        with transaction() as session:
            if self._has_missed_news:
                conference_news.doubt_conversations(session, now=now)
            items = call_orders.collect_doubtful_orders(
                session, has_missed_news=self._has_missed_news, now=now
            )
            doubtful, bringing = [item.order for item in items], []
            if self._has_missed_news:  # whoever was bringing a caller may have died just now
                bringing = call_orders.list_joins_being_sent(session, now=now)
        self._has_missed_news = False
        for order in doubtful:
            self._search_lost_call(order)
        for order in bringing:
            self._look_for_caller(order)
        with reader() as session:
            silent = placement.find_silent_attempts(session, ring_time=self._ring_time, now=now)
        for attempt in silent:
            self._fetch_silent_call(attempt, asked_at=now)
        with reader() as session:
            silent_calls = inbound_news.find_silent_calls(session, now=now)
        for call_id in silent_calls:
            self._fetch_silent_caller(call_id)

    def close(self) -> None:
        """Send what was taken, settle it, and take no more orders.

        An order that was taken and not sent would be looked for in vain, and its call given up.
        """
        self._pool.shutdown(wait=True)
        back = self._collect_finished()
        retry_transaction(lambda session: self._settle_outcomes(session, back))

    def _take_wanted_orders(self, session: Session, most: int) -> list[CallOrder]:
        now = self._now()
        taken: list[CallOrder] = []
        while wanted := most - len(taken):
            items = call_orders.take_due_orders(session, wanted, now=now)
            taken += [
                item.order for item in items if _confirm_or_end_attempt(session, item, now=now)
            ]
            if len(items) < wanted:
                break
        return taken

    def _carry_out_order(self, order: CallOrder, taken_at: datetime) -> None:
        try:
            require_fresh_order(taken_at, now=self._now())
            self._finished.put((order, self._send_order(order)))
        except TelephonyError as error:
            log.warning("%s %s of attempt %s", error, order.kind, order.attempt_id)
            self._finished.put((order, error))

    def _send_order(self, order: CallOrder) -> str | None:
        if order.kind == OutboxKind.PLACE_CALL:
            return self.phone.place_call(order)
        if order.kind == OutboxKind.DIAL_LEG:
            return self.phone.dial_leg(order)
        if order.kind in (OutboxKind.HANG_UP, OutboxKind.HANG_UP_LEG):
            self._hang_up_all(order.calls_to_hang_up)
        else:
            self._senders[order.kind](order)
        return None

    def _hang_up_all(self, call_ids: Sequence[str]) -> None:
        """Hang up each call, and then raise the last failure: nobody waits for another's."""
        failure: TelephonyError | None = None
        for call_id in call_ids:
            try:
                self.phone.hang_up(call_id)
            except TelephonyError as error:
                failure = error
        if failure:
            raise failure

    def _collect_finished(self) -> list[OrderOutcome]:
        finished = []
        while not self._finished.empty():
            finished.append(self._finished.get())
        return finished

    def _settle_outcomes(self, session: Session, finished: Sequence[OrderOutcome]) -> None:
        now, placed = self._now(), {}
        done: list[int] = []
        for order, result in finished:
            if isinstance(result, TelephonyError):
                _record_order_failure(session, order, result, now=now)
                continue
            done.append(order.id)
            if result and order.kind == OutboxKind.PLACE_CALL:
                placed[order.attempt_id] = result
            elif result:
                _record_answered_order(session, order, result, now=now)
            elif order.kind == OutboxKind.CHANGE_LEG and order.leg:
                placement.repeat_overtaken_change(session, order.attempt_id, order.leg, now=now)
        orders.mark_orders_sent(session, *done, now=now)
        _attach_placed_calls(session, placed, now=now)

    def _search_lost_call(self, order: CallOrder) -> None:
        try:
            candidates = self.phone.find_calls(order)
        except TelephonyError as error:
            log.warning("%s Looked for attempt %s.", error, order.attempt_id)
            candidates = None
        now = self._now()
        with transaction() as session:
            row = _lock_order(session, order)
            if row.state != OutboxState.UNKNOWN:  # a webhook was faster
                return
            if candidates is None and now - order.requested_at < GIVE_UP_AFTER:
                call_orders.postpone_order_lookup(session, row, now=now)
                return
            call_id = _choose_lost_call(session, order, candidates or ())
            if call_orders.find_ordered_call_id(session, row):
                orders.mark_orders_sent(session, order.id, now=now)
            elif call_id:
                _record_lost_call(session, order, row, call_id, now=now)
            elif not call_orders.record_failed_lookup(session, row, now=now):
                call_orders.mark_order_failed(
                    session, row, problem=Message(MessageKey.CALL_NOT_FOUND), now=now
                )
                _lose_what_was_ordered(session, order, now=now)

    def _look_for_caller(self, order: CallOrder) -> None:
        """Look whether a caller is with the advisor to whom they were to be brought.

        If so, that is true whoever sent the order, who may be alive. If not, it stays as it is.
        """
        try:
            seen = self.phone.find_calls(order)
        except TelephonyError as error:
            log.warning("%s Looked for a caller in attempt %s.", error, order.attempt_id)
            return
        if seen:
            with transaction() as session:
                _record_seen_caller(session, order, _lock_order(session, order), now=self._now())

    def _fetch_silent_call(self, silent: SilentAttempt, *, asked_at: datetime) -> None:
        if not silent.legs and silent.age < GIVE_UP_AFTER:
            return  # its order is still on the way, or being looked for
        try:
            fetched = self.phone.fetch_legs(silent)
        except TelephonyError as error:
            log.warning("%s Asked about attempt %s.", error, silent.attempt_id)
            fetched = []  # ask again after another while
        now = self._now()
        with transaction() as session:
            if fetched is None:
                placement.lose_attempt(session, silent.attempt_id, now=now)
                return
            for leg in sorted(fetched, key=_when_ended):
                report = _leg_report_of_fetched(silent.attempt_id, leg)
                progress.apply_leg_report(session, report, now=now)
            placement.mark_alive(session, silent.attempt_id, asked_at=asked_at, now=now)

    def _fetch_silent_caller(self, call_id: str) -> None:
        try:
            status = self.phone.fetch_status(call_id)
        except TelephonyError as error:
            log.warning("%s Asked about a call that came in.", error)
            return
        with transaction() as session:
            inbound_news.apply_fetched_status(session, call_id, status, now=self._now())

    def _release_worker(self, future: Future[None]) -> None:
        self._free.release()
        notify_listeners(Wakeup.RELAY)
        if error := future.exception():
            # The order stays marked as being sent; the reconciler finds it there.
            log.error("The relay failed while it carried out an order.", exc_info=error)


def _lock_order(session: Session, order: CallOrder) -> Outbox:
    """Return an order's row as it is by now, locked after its attempt, as webhooks do it."""
    attempt_steps.lock_attempt(session, order.attempt_id)
    return session.get_one(Outbox, order.id, with_for_update=True, populate_existing=True)


def _record_order_failure(
    session: Session, order: CallOrder, error: TelephonyError, *, now: datetime
) -> None:
    row = _lock_order(session, order)
    if row.state not in (OutboxState.SENDING, OutboxState.UNKNOWN):
        return  # it took so long that it was looked for, and a webhook was faster
    cause: dict[str, Any] = {"problem": error.sentence, "failure": error.failure, "now": now}
    if error.unknown and order.kind in SENT_ONCE_ORDER_KINDS:
        call_orders.mark_order_unknown(session, row, **cause)
        return
    is_ours = bool(error.fault) and order.kind == OutboxKind.PLACE_CALL  # not the advisor's phone
    is_refused = error.permanent and not is_ours
    is_final = is_refused or (error.unknown and order.kind == OutboxKind.ASK_OUTCOME)
    if not is_final and call_orders.retry_order_later(session, row, **cause):
        if order.leg and order.kind == OutboxKind.DIAL_LEG:
            placement.record_postponed_dial(session, order.attempt_id, order.leg.party, now=now)
    else:
        call_orders.mark_order_failed(session, row, **cause)
        if order.kind == OutboxKind.PLACE_CALL:
            placement.record_placement_failure(
                session,
                order.attempt_id,
                problem=error.sentence,
                blame_advisor=is_refused,
                now=now,
            )
        elif order.kind == OutboxKind.JOIN_CALLER and order.caller:
            if error.permanent:
                gone = order.caller.provider_call_id
                inbound_news.apply_call_report(session, gone, LegStatus.COMPLETED, now=now)
            caller_joining.record_failed_join(session, order.attempt_id, now=now)
        elif order.kind == OutboxKind.DIAL_LEG and order.leg:
            placement.record_dial_failure(
                session, order.attempt_id, order.leg.leg_id, fault=_fault_of(error), now=now
            )


def _fault_of(error: TelephonyError) -> HoldReason | None:
    """Return what on our side kept a leg from being dialed; None where it is the number."""
    if error.fault:
        return HoldReason(error.fault)
    return None if error.permanent else HoldReason.CALL_NOT_PLACED


def _confirm_or_end_attempt(session: Session, item: OutboxItem, *, now: datetime) -> bool:
    """Whether an order's attempt is still wanted and the gate allows it; if not, it ends here."""
    row, attempt, leg = item.row, item.attempt, item.order.leg
    is_wanted = _is_still_wanted(item)
    if row.kind == OutboxKind.RETURN_CALLER:
        is_wanted = is_wanted and callers.waits_for_nobody(session, attempt)
    elif row.kind == OutboxKind.HANG_UP_LEG:
        is_wanted = is_wanted and not callers.is_any_waiting(session, item.order.calls_to_hang_up)
    if not is_wanted:
        call_orders.mark_order_failed(
            session, row, problem=Message(MessageKey.OVER_BEFORE_SENT), now=now
        )
        return False
    is_to_lead = leg is not None and leg.party == Party.LEAD
    if row.kind != OutboxKind.PLACE_CALL and not (row.kind == OutboxKind.DIAL_LEG and is_to_lead):
        return True
    decision = gate.decide_and_record(
        session,
        item.callback,
        item.lead,
        gate.GateMoment.RELAY,
        now=now,
        attempt=attempt,
        on_file=item.on_file,
    )
    if not decision.allowed:
        call_orders.mark_order_failed(session, row, problem=decision.refusal, now=now)
        outcomes.end_attempt_refused_by_gate(session, attempt, decision, now=now)
        attempt_steps.return_advisor(session, attempt, now=now)
    elif is_to_lead:
        attempt_steps.mark_lead_dialed(session, attempt, now=now)
    return decision.allowed


def _is_still_wanted(item: OutboxItem) -> bool:
    """Whether what an order is for has not ended since it was put."""
    kind, attempt = item.row.kind, item.attempt
    if kind == OutboxKind.PLACE_CALL:
        return attempt.state == AttemptState.REQUESTED
    if kind == OutboxKind.ASK_OUTCOME:
        is_in_hand = item.callback.advisor_id == attempt.advisor_id
        return is_in_hand and item.callback.state == CallbackState.WRAP_UP
    if kind == OutboxKind.JOIN_CALLER:
        return attempt.state == AttemptState.RINGING_LEAD
    if kind == OutboxKind.RETURN_CALLER:
        return attempt.state not in LIVE_ATTEMPT
    leg = item.order.leg
    if kind == OutboxKind.DIAL_LEG:
        return attempt.state in LIVE_ATTEMPT and leg is not None and not leg.is_over
    return leg is None or not leg.is_over


def _attach_placed_calls(session: Session, placed: dict[str, str], *, now: datetime) -> None:
    """Record the calls that were placed, and order the end of those whose attempt is over."""
    call_orders.enqueue_call_orders(
        session,
        OutboxKind.HANG_UP,
        *placement.record_placed_calls(session, placed, now=now),
        now=now,
    )


def _choose_lost_call(session: Session, order: CallOrder, candidates: Sequence[str]) -> str | None:
    """Return which of these calls an order has led to: one that no leg is, or the caller's own."""
    own = order.caller.provider_call_id if order.caller else None
    return next(
        (
            call
            for call in candidates
            if call == own or not legs.is_known_provider_call(session, call)
        ),
        None,
    )


def _record_seen_caller(session: Session, order: CallOrder, row: Outbox, *, now: datetime) -> None:
    call_orders.confirm_caller_brought(session, row, now=now)
    conference_news.note_caller_seen(session, order.attempt_id, now=now)


def _record_lost_call(
    session: Session, order: CallOrder, row: Outbox, call_id: str, *, now: datetime
) -> None:
    if order.kind == OutboxKind.JOIN_CALLER:
        _record_seen_caller(session, order, row, now=now)
        return
    orders.mark_orders_sent(session, order.id, now=now)
    if order.leg:
        _record_answered_order(session, order, call_id, now=now)
    else:
        _attach_placed_calls(session, {order.attempt_id: call_id}, now=now)


def _record_answered_order(
    session: Session, order: CallOrder, call_id: str, *, now: datetime
) -> None:
    if order.leg:
        placement.record_dialed_leg(session, order.attempt_id, order.leg.leg_id, call_id, now=now)


def _lose_what_was_ordered(session: Session, order: CallOrder, *, now: datetime) -> None:
    if order.kind == OutboxKind.JOIN_CALLER:
        caller_joining.record_failed_join(session, order.attempt_id, now=now)
    elif order.leg:
        placement.lose_leg(session, order.attempt_id, order.leg.leg_id, now=now)
    else:
        placement.lose_attempt(session, order.attempt_id, now=now)


def _when_ended(fetched: FetchedLeg) -> datetime:
    """Return when a leg ended, for the order in which things happened; never is last."""
    return fetched.ended_at or datetime.max.replace(tzinfo=UTC)


def _leg_report_of_fetched(attempt_id: str, fetched: FetchedLeg) -> LegReport:
    return LegReport(
        attempt_id=attempt_id,
        party=fetched.leg.party,
        provider_call_id=fetched.leg.provider_call_id,
        status=fetched.status,
        kind=legs.FETCHED_REPORT,
        sequence=list(LegStatus).index(fetched.status),
        seconds=fetched.seconds,
        happened_at=fetched.ended_at,
        leg_id=fetched.leg.leg_id,
    )
