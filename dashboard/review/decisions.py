"""A supervisor's decision about one record: the verb is run, its end is told, the page is new."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlmodel import SQLModel

from dashboard import page_actions, viewer


def decide_about_record(
    verb: Callable[..., None],
    model: type[SQLModel],
    record_id: int,
    done: str,
    *,
    undo: Callable[..., None] | None = None,
    **decision: Any,
) -> None:
    """Run a verb on a record, as the supervisor who is signed in, and draw the page anew.

    `done` is shown if nothing refuses it, with the button of what takes it back, if anything does;
    `decision` is what else the verb takes by keyword.
    """
    page_actions.act_and_redraw(
        _act_on_record(verb, model, record_id, **decision),
        done,
        undo=_act_on_record(undo, model, record_id) if undo else None,
    )


def _act_on_record(
    verb: Callable[..., None], model: type[SQLModel], record_id: int, **decision: Any
) -> page_actions.Act:
    return lambda session, supervisor: verb(
        session,
        session.get_one(model, record_id),
        supervisor=supervisor,
        now=viewer.read_utc_clock(),
        **decision,
    )
