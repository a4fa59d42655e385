"""Wake-ups: who waits for a change in this process, and how a commit wakes them."""

from __future__ import annotations

import os
import uuid
from collections.abc import Callable, Iterable
from enum import StrEnum

from sqlmodel import Session

NOTIFY_CHANNEL = "ringback"  # PostgreSQL tells other processes of wake-ups on it

_PROCESS_START_ID = uuid.uuid4().hex


class Wakeup(StrEnum):
    """What somebody may be waiting for."""

    ADMIT = "admit"  # a submission was stored
    OFFER = "offer"  # a callback or an advisor may have become free
    RELAY = "relay"  # something is to be sent
    TEXT = "text"  # somebody is to be texted
    DESK = "desk"  # only what open pages show may have changed; OFFER says so too


_listeners: list[tuple[Callable[[Wakeup], None], frozenset[Wakeup]]] = []


def list_unanswered(wakeups: set[Wakeup]) -> set[Wakeup]:
    """Return the wake-ups that no listener of this process answers.

    Other processes must hear of these.
    """
    return wakeups.difference(*(answers for _, answers in tuple(_listeners)))


def process_identity() -> str:
    """Return the identity of this process among all that share the database.

    Processes forked from one start differ, too.
    """
    return f"{_PROCESS_START_ID}-{os.getpid()}"


def wake_after_commit(session: Session, wakeup: Wakeup) -> None:
    """Wake the listeners for a change once the session's transaction is committed."""
    session.info.setdefault("wakeups", set()).add(wakeup)


def cancel_wakeup(session: Session, wakeup: Wakeup) -> None:
    """Wake nobody for what the session's transaction does itself; what it does later may again."""
    session.info.get("wakeups", set()).discard(wakeup)


def subscribe_to_wakeups(
    listener: Callable[[Wakeup], None], *, answers: Iterable[Wakeup] = ()
) -> Callable[[], None]:
    """Call `listener` after every commit that asks for a wake-up; returns a function that ends it.

    What the listener answers need not be sent to other processes; their tick finds what it leaves
    undone.
    """
    entry = (listener, frozenset(answers))
    _listeners.append(entry)
    return lambda: _listeners.remove(entry)


def notify_listeners(wakeup: Wakeup) -> None:
    """Wake this process's listeners now."""
    for listener, _ in tuple(_listeners):
        listener(wakeup)
