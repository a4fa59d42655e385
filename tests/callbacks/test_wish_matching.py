"""Who rings whom by people's wishes: a better match is worth a short wait, and nothing more."""

from __future__ import annotations

import random
from typing import Any

import pytest
from sqlalchemy import event
from sqlmodel import Session

from leads.callbacks import callback_offers, queue, wish_matching
from leads.callbacks.due_order import DueCallback
from leads.callbacks.wish_matching import AdvisorWishes
from leads.contact_rules import gate
from leads.database.engine import current_engine
from leads.errors import LostRace
from leads.free_text.danger import DangerKind
from leads.i18n.translatable import translate
from leads.lead_records import advisor_wishes, lead_file
from leads.models.advisors import Advisor
from leads.models.calls import Callback
from leads.models.enums import MatchReason
from leads.models.helplines import Brand
from leads.models.requests import Lead
from leads.people import availability
from leads.people.competence import competence_of
from leads.read_models import advisor_desk, callback_board
from tests.conftest import NOW
from tests.support.people import (
    HOUR,
    MINUTE,
    a_callback,
    a_claim,
    a_lead,
    a_supervisor,
    lead_of,
    moves,
    on_duty,
)

SPANISH = {"language": "Español"}
ALLOWED = gate.Decision(True, (), None, (), gate.ContactChannel.CALL)  # noqa: FBT003 - as it says


def who(session: Session, *, idle: int = 0, **known: Any) -> Advisor:
    """Somebody on duty, idle for so many minutes, who speaks and knows this."""
    advisor = on_duty(session, idle_since=NOW - idle * MINUTE)
    for name, value in known.items():
        setattr(advisor, name, value)
    session.add(advisor)
    session.flush()
    return advisor


def wants(session: Session, wishes: dict[str, str], **changes: Any) -> Callback:
    return a_callback(session, a_lead(session, **wishes), **changes)


def offered(session: Session, now: Any = NOW) -> dict[int, int]:
    attempts = callback_offers.offer_due_callbacks(session, 25, now=now)
    return {attempt.callback_id: attempt.advisor_id for attempt in attempts}


def test_the_longest_idle_of_those_who_suit_gets_them(session: Session) -> None:
    who(session, idle=9)
    ana = who(session, idle=5, languages=["en", "es"])
    who(session, idle=1, languages=["es"])
    callback = wants(session, SPANISH)
    assert offered(session) == {callback.id: ana.id}
    assert callback.match is MatchReason.MATCHED
    claim = moves(session, callback)[0]
    assert (claim.event, claim.changes["match"]) == ("claim", "matched")


def test_whoever_is_content_leaves_the_rare_advisor_to_the_other(session: Session) -> None:
    ana, ben = who(session, idle=9, languages=["en", "es"]), who(session, idle=1)
    first, second = a_callback(session, due_at=NOW - HOUR), wants(session, SPANISH)
    assert offered(session) == {first.id: ben.id, second.id: ana.id}
    assert first.match is None


def test_somebody_waits_for_a_colleague_in_a_call_and_no_longer_than_the_patience(
    session: Session,
) -> None:
    ana, ben = who(session, idle=9, languages=["en", "es"]), who(session)
    busy = a_callback(session)
    assert offered(session) == {busy.id: ana.id}
    callback, other = wants(session, SPANISH), a_callback(session, due_at=NOW + MINUTE)
    assert offered(session) == {}
    assert offered(session, NOW + 2 * MINUTE) == {other.id: ben.id}, "who is content goes on"
    cleo = who(session)
    assert offered(session, NOW + 9 * MINUTE) == {}
    assert offered(session, NOW + 10 * MINUTE) == {callback.id: cleo.id}
    assert callback.match is MatchReason.PATIENCE_OVER


def test_nobody_is_delayed_for_a_wish_that_nobody_on_duty_could_meet(session: Session) -> None:
    ben = who(session)
    callback = wants(session, {"language": "vi", "wished_gender": "woman"})
    assert offered(session) == {callback.id: ben.id}
    assert callback.match is MatchReason.NOBODY_ON_DUTY


def test_in_danger_nobody_waits_for_a_wish_and_stays_first(session: Session) -> None:
    who(session, idle=9, languages=["es"])
    assert offered(session, NOW) == {}
    busy = a_callback(session)
    assert busy.id in offered(session)
    ben = who(session)
    a_callback(session, due_at=NOW - HOUR)
    callback = wants(session, SPANISH, danger=DangerKind.SELF)
    assert offered(session) == {callback.id: ben.id}
    assert callback.match is MatchReason.DANGER


def test_the_language_counts_more_than_the_rest(session: Session) -> None:
    who(session, idle=9, gender="woman", skills=["Veterans"])
    ana = who(session, languages=["es"], gender="man")
    callback = wants(session, {**SPANISH, "wished_gender": "woman", "wished_skill": "veterans"})
    assert offered(session) == {callback.id: ana.id}
    assert callback.match is MatchReason.MATCHED  # nobody on duty meets them better


def test_a_patience_of_nothing_never_waits(session: Session) -> None:
    who(session, idle=9, gender="woman")
    offered(session, NOW)
    busy = a_callback(session)
    assert busy.id in offered(session)
    ben, callback = who(session), wants(session, {"wished_gender": "woman"})
    session.get_one(Brand, callback.brand_id).wish_patience = 0
    assert offered(session) == {callback.id: ben.id}


def test_many_who_wait_for_one_of_us_hold_up_nobody_behind_them(session: Session) -> None:
    who(session, idle=9, languages=["es"])
    busy = a_callback(session)
    assert busy.id in offered(session)
    for _ in range(40):
        wants(session, SPANISH)
    ben = who(session)
    last = a_callback(session, due_at=NOW + MINUTE)
    assert offered(session, NOW + MINUTE) == {last.id: ben.id}


def test_whoever_wishes_for_nothing_costs_no_query(session: Session) -> None:
    asked: list[str] = []

    def note(*given: Any) -> None:
        asked.append(str(given[2]))

    who(session, idle=9, languages=["en", "es"])
    who(session)
    wants(session, {"language": "en"})
    a_callback(session)
    event.listen(current_engine(), "before_cursor_execute", note)
    try:
        assert len(offered(session)) == 2
    finally:
        event.remove(current_engine(), "before_cursor_execute", note)
    of_advisors = [one for one in asked if one.startswith("SELECT advisor")]
    assert len(of_advisors) == 1
    assert [one for one in asked if one.startswith("SELECT brand")] == []


def test_nobody_waits_for_a_colleague_whom_nothing_can_ring(session: Session) -> None:
    who(session, idle=9, languages=["es"], phone="")
    ben, callback = who(session), wants(session, SPANISH)
    assert offered(session) == {callback.id: ben.id}
    assert callback.match is MatchReason.NOBODY_ON_DUTY


def test_whatever_is_wished_nobody_is_left_out_and_nobody_asked_twice(session: Session) -> None:
    chance = random.Random(5)
    team = [who(session, idle=minutes) for minutes in range(6)]
    promises = [a_callback(session) for _ in range(8)]
    for _round in range(25):
        for one in team:
            one.languages = chance.choice(([], ["es"], ["en", "es"], ["vi"]))
            one.gender, one.skills = chance.choice(("", "woman", "man")), []
        for promise in promises:
            lead = lead_of(session, promise)
            lead.language = chance.choice(("", "en", "es", "vi", "ru"))
            lead.wished_gender = chance.choice(("", "", "woman", "man"))
            promise.danger = chance.choice((None, None, DangerKind.SELF))
        session.flush()
        due = [
            DueCallback(promise, lead_of(session, promise), ALLOWED)
            for promise in promises[: chance.randint(1, 8)]
        ]
        free = [
            availability.IdleAdvisor(one.id, one.phone, competence_of(one))
            for one in team[: chance.randint(1, 6)]
        ]
        matches, waiting = wish_matching.match_due_callbacks(session, due, free, now=NOW)
        chosen = [match.callback.id for match in matches]
        busy = [match.advisor.advisor_id for match in matches]
        assert len(busy) == len(set(busy))
        assert set(chosen).isdisjoint(waiting)
        looked_at = [one.callback.id for one in due if one.callback.id in {*chosen, *waiting}]
        assert looked_at == [one.callback.id for one in due][: len(looked_at)], "in their order"
        assert len(chosen) == min(len(free), len(due) - len(waiting))
        assert not any(one.callback.danger for one in due if one.callback.id in waiting)
        over = wish_matching.match_due_callbacks(session, due, free, now=NOW + 10 * MINUTE)
        assert over[1] == []


def test_take_next_passes_over_whoever_waits_for_a_colleague(session: Session) -> None:
    who(session, idle=9, languages=["es"])
    ben = who(session)
    spanish = wants(session, SPANISH, due_at=NOW - MINUTE)
    desk = advisor_desk.read_desk(session, ben.id, now=NOW)
    assert (desk.due, desk.first) == (1, None)
    assert queue.claim_next_callback(session, ben, now=NOW) is None
    other = a_callback(session)
    assert advisor_desk.read_desk(session, ben.id, now=NOW).first.callback_id == other.id
    assert queue.claim_next_callback(session, ben, now=NOW) is other
    assert spanish.state == "waiting"


def test_the_board_and_the_desk_say_why(session: Session) -> None:
    ana, ben = who(session, idle=9, languages=["es"]), who(session)
    boss = a_supervisor(session)
    busy = a_callback(session)
    queue.claim_callback(session, busy, ana, now=NOW)
    spanish = wants(session, SPANISH)
    rows = {
        row.callback_id: row for row in callback_board.list_open_callbacks(session, boss, now=NOW)
    }
    assert rows[spanish.id].why == "a free advisor with Spanish"
    assert translate("es", rows[spanish.id].why).endswith("español")
    late = NOW + 11 * MINUTE
    assert offered(session, late) == {spanish.id: ben.id}
    card = advisor_desk.read_desk(session, ben.id, now=late).card
    said = "They prefer: Spanish. No one matching was free for 10 minutes."
    assert card.match == said
    [row] = [r for r in callback_board.list_open_callbacks(session, boss, now=late) if r.match]
    assert (row.callback_id, row.match) == (spanish.id, said)


def test_the_advisor_in_hand_and_a_supervisor_note_wishes(session: Session) -> None:
    callback, advisor = a_claim(session)
    lead = lead_of(session, callback)
    advisor_wishes.note_advisor_wishes(
        session, callback, advisor, {"wished_gender": "woman"}, now=NOW
    )
    assert AdvisorWishes.of_lead(lead).gender == "woman"
    queue.release_callback(session, callback, advisor, now=NOW)
    with pytest.raises(LostRace):
        advisor_wishes.note_advisor_wishes(session, callback, advisor, {}, now=NOW)
    boss = a_supervisor(session)
    lead_file.correct_lead_facts(session, lead, {"language": "es"}, boss, now=NOW)
    assert AdvisorWishes.of_lead(lead).language == "es"


@pytest.mark.parametrize(
    ("reason", "said"),
    [
        (MatchReason.MATCHED, "No one on duty matches."),
        (MatchReason.NOBODY_ON_DUTY, "No one on duty matches."),
        (MatchReason.DANGER, "Because of the danger, the first free advisor got the call."),
        (MatchReason.CHOSEN, "They prefer: Russian."),
        (None, "They prefer: Russian."),
    ],
)
def test_each_reason_is_a_sentence(session: Session, reason: MatchReason, said: str) -> None:
    wishes = AdvisorWishes.of_lead(Lead(phone="+13155550142", language="ru"))
    sentence = wish_matching.match_sentence(
        reason, wishes, competence_of(on_duty(session)), 10 * MINUTE
    )
    assert str(sentence).endswith(said)
