"""Holds that were prose and urgency that was one number say the same after the upgrade."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import inspect, text
from sqlmodel import Session, col, select

from leads.database.engine import current_engine
from leads.database.transactions import reader, transaction
from leads.i18n.translatable import translate
from leads.lead_records import merging
from leads.models.advisors import Advisor
from leads.models.calls import Callback, Hold
from leads.models.enums import OPEN_CALLBACK, AdvisorRole
from leads.models.requests import Lead, Merge
from leads.models.watching import Transition
from leads.read_models import advisor_desk, callback_board, wallboard
from leads.read_models.callback_board import WaitsFor
from tests.support import upgrade_fixture
from tests.support.people import held_for
from tests.support.upgrade_fixture import AtRevision

AT = datetime(2026, 11, 20, 18, 0, tzinfo=UTC)
SCREENS = json.loads((Path(__file__).parent / "holds_screens.json").read_text("utf-8"))
Screens = dict[str, dict[str, list[str]]]
TWICE = "board/callback 119"  # an older release stored one sentence twice: a reason stands once
QUIET = {
    "en": " It is outside their calling hours.",
    "es": " Está fuera de su horario de llamadas.",
}


def test_screens_say_of_holds_and_urgency_what_they_said_before(old_database: Config) -> None:
    before: Screens = SCREENS["before"]
    for language, sentence in QUIET.items():
        before[TWICE][language] = [
            line.replace(sentence * 2, sentence) for line in before[TWICE][language]
        ]
    command.upgrade(old_database, "head")
    said = _screens()
    assert {name: said[name] for name in before} == before

    _take_merges_apart()
    apart: Screens = SCREENS["apart"]
    said = _screens()
    assert {name: said[name] for name in apart} == apart


def test_rows_and_columns_say_what_prose_and_number_said(
    old_database_at: AtRevision,
) -> None:
    old_database_at("head")
    with reader() as session:
        held = {
            number: held_for(session.get_one(Callback, number))
            for number in (39, 59, 114, 115, 116, 117, 119, 120, 121, 202)
        }
        cap = select(Hold.values).where(Hold.callback_id == 115, Hold.reason == "attempt_cap")
        assert session.exec(cap).one() == {"count": 5}
        urgency = {
            number: (row.in_danger, row.asked_again, row.priority)
            for number in (47, 64, 124, 127, 139, 201)
            for row in [session.get_one(Callback, number)]
        }
        states = [
            move.changes[when]
            for move in session.exec(select(Transition).where(Transition.event == "take_over"))
            for when in ("before", "after")
        ]
        lost = select(Transition.changes).where(
            Transition.event == "hand_back", Transition.record_id == "48"
        )
        [lost_call] = session.exec(lost).one()["holds"]
        assert session.get_one(Hold, lost_call).reason == "call_lost"
        moved = select(Transition.changes).where(
            Transition.event == "move_up", Transition.record_id == "124"
        )
        assert session.exec(moved.order_by(col(Transition.id))).all() == [
            {"in_danger": False, "asked_again": 0, "priority": 1},
            {"in_danger": False, "asked_again": 0, "priority": 2},
        ]
        merged = {number for state in states for number in state["holds"]}
        reasons = session.exec(select(Hold.reason).where(col(Hold.id).in_(merged))).all()
    assert held == {
        39: ["no_consent", "not_safe_to_call", "quiet_hours", "attempt_cap"],
        59: ["no_consent"],
        114: ["They did not agree to be called. A person has to decide how to answer."],
        115: ["attempt_cap", "quiet_hours"],
        116: ["Ask Dr. Lane first! She knows them. After 5 p.m. only, please?"],
        117: [
            "They did not agree to be called. A person has to decide how to answer.",
            "call_lost",
            "Ask Dr. Lane first!",
        ],
        119: ["no_consent", "quiet_hours"],
        120: ["not_safe_to_call", "Her husband picks up."],
        121: ["held by hand"],
        202: ["entry_deleted"],
    }
    assert urgency == {
        47: (False, 1, 0),
        64: (True, 1, 1),
        124: (False, 0, 2),
        127: (False, 1, 2),
        139: (True, 2, 2),
        201: (True, 1, 1),
    }
    assert not any("hold" in state or "urgency" in state for state in states)
    assert "refused_elsewhere" in reasons


def test_the_callbacks_keep_their_triggers_and_there_is_a_way_back(old_database: Config) -> None:
    def list_triggers() -> list[Any]:
        with current_engine().connect() as connection:
            return connection.execute(text(TRIGGERS[current_engine().dialect.name])).all()

    before = list_triggers()
    command.upgrade(old_database, "head")
    assert before == list_triggers() != []
    with current_engine().connect() as connection:
        names = {column["name"] for column in inspect(connection).get_columns("callback")}
    assert not names & {"hold", "urgency"}
    with current_engine().begin() as connection:  # a hold and a reason that nobody knows
        other = connection.scalar(text("SELECT max(callback_id) FROM hold WHERE callback_id > 39"))
        named = text(
            "UPDATE hold SET reason = 'unknown', \"values\" = '{}' WHERE callback_id = :id"
        )
        connection.execute(named, {"id": other})
        connection.execute(text("UPDATE lead SET close_reason = 'unknown' WHERE id = 39"))
    command.downgrade(old_database, upgrade_fixture.REVISION)
    with current_engine().connect() as connection:
        said = "SELECT urgency, hold FROM callback WHERE id IN (39, 139) ORDER BY id"
        plain, danger = connection.execute(text(said)).all()
        held = connection.scalar(text("SELECT hold FROM callback WHERE id = :id"), {"id": other})
    assert (plain.urgency, danger.urgency) == (0, 104)
    assert plain.hold.endswith("This number was rung 3 times in the last 24 hours.")
    assert held.startswith("A person has to look: nobody knows why.")
    assert list_triggers() == before


def test_a_downgrade_puts_urgency_and_holds_back_into_the_trail(old_database: Config) -> None:
    before = _trail()
    command.upgrade(old_database, "0013")
    command.downgrade(old_database, "-1")
    assert _trail() == before


def test_on_the_way_back_nobody_comes_into_danger_and_nobody_is_let_go(
    old_database_at: AtRevision,
) -> None:
    old_database = old_database_at("0013")
    with current_engine().begin() as connection:
        [often, held] = connection.scalars(
            text("SELECT id FROM callback WHERE NOT in_danger AND NOT is_held ORDER BY id LIMIT 2")
        )
        asked = text("UPDATE callback SET asked_again = 120, priority = 3 WHERE id = :id")
        connection.execute(asked, {"id": often})
        for_nothing = text("UPDATE callback SET is_held = true WHERE id = :id")
        connection.execute(for_nothing, {"id": held})
    command.downgrade(old_database, upgrade_fixture.REVISION)
    with current_engine().connect() as connection:
        urgency, hold = (
            text("SELECT urgency FROM callback WHERE id = :id"),
            text("SELECT hold FROM callback WHERE id = :id"),
        )
        assert connection.scalar(urgency, {"id": often}) == 99
        said = connection.scalar(hold, {"id": held})
        assert said == "A person has to look: nobody knows why."
    command.upgrade(old_database, "0013")
    with current_engine().connect() as connection:
        raised = text("SELECT in_danger, asked_again FROM callback WHERE id = :id")
        assert tuple(connection.execute(raised, {"id": often}).one()) == (False, 99)
        still = text("SELECT is_held FROM callback WHERE id = :id")
        assert connection.scalar(still, {"id": held})


def _trail() -> list[Any]:
    events = ("take_over", "call", "hand_back", "reschedule", "move_up")
    moves = select(Transition.id, Transition.event, Transition.changes)
    moves = moves.where(Transition.record == "callback", col(Transition.event).in_(events))
    with reader() as session:
        return list(session.exec(moves.order_by(col(Transition.id))).all())


TRIGGERS = {
    "sqlite": (
        "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' "
        "AND tbl_name = 'callback' ORDER BY name"
    ),
    "postgresql": (
        "SELECT tgname, pg_get_triggerdef(oid) FROM pg_trigger "
        "WHERE tgrelid = 'callback'::regclass AND NOT tgisinternal ORDER BY tgname"
    ),
}


def _take_merges_apart() -> None:
    with reader() as session:
        in_force = select(Merge.lead_id).where(col(Merge.undone_at).is_(None))
        merged = session.exec(in_force.order_by(col(Merge.id))).all()
    for lead_id in merged:
        with transaction() as session:
            lead = session.get_one(Lead, lead_id)
            merging.unmerge_leads(session, lead, _supervisor(session), now=AT)


def _screens() -> Screens:
    said: Screens = {}
    with reader() as session:
        for language in ("en", "es"):
            for name, lines in _lines(session, partial(translate, language)):
                said.setdefault(name, {})[language] = lines
    return said


def _lines(session: Session, _: Callable[..., str]) -> Iterator[tuple[str, list[str]]]:
    offered = [one.id for one, _lead in session.exec(callback_board.open_callbacks_query())]
    rows = callback_board.list_open_callbacks(session, _supervisor(session), now=AT)
    rows.sort(key=lambda row: (not row.late, offered.index(row.callback_id)))
    board = callback_board.read_board(session, _supervisor(session), now=AT)
    yield "board/order", [str(row.callback_id) for row in rows]
    yield (
        "board/tiles",
        [
            f"due: {sum(r.waits_for == WaitsFor.ADVISOR for r in rows)}",
            f"in hand: {sum(bool(r.advisor) for r in rows)}",
            f"to decide: {sum(r.waits_for == WaitsFor.DECISION for r in rows)}",
            f"not in any queue: {board.limbo}",
        ],
    )
    for row in rows:
        yield f"board/callback {row.callback_id}", _board_lines(row, _)
    open_ones = select(Callback).where(col(Callback.state).in_(OPEN_CALLBACK))
    for callback in session.exec(open_ones.order_by(col(Callback.id))):
        why = advisor_desk.queue_priority_reasons(callback)
        yield f"desk/why callback {callback.id}", [_(one) for one in why]
    wall = wallboard.read_wallboard(
        session, target=timedelta(minutes=5), zone="America/New_York", now=AT
    )
    yield (
        "wall",
        [
            f"{name}: {_instant(value) if isinstance(value, datetime) else value}"
            for name, value in vars(wall).items()
        ],
    )


def _board_lines(row: callback_board.BoardRow, _: Callable[..., str]) -> list[str]:
    return [
        "overdue" if row.late else _instant(row.until),
        f"⚠ {_(row.who)}" if row.in_danger else _(row.who),
        _(row.hold or row.why),
        f"missed: {row.misses}, called: {row.rung}",
        _("Helpline: {name}", name=row.brand),
        *([_("**Held:** {reason}", reason=_(row.hold))] if row.hold else []),
        *sorted(row.events),
    ]


def _instant(at: datetime | None) -> str:
    return at.astimezone(UTC).isoformat() if at else ""


def _supervisor(session: Session) -> Advisor:
    those = select(Advisor).where(Advisor.role == AdvisorRole.SUPERVISOR).order_by(col(Advisor.id))
    return session.exec(those).first()
