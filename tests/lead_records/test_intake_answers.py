"""What advisors hear on a call is kept with who heard it, and shown the next time."""

from __future__ import annotations

import functools
from dataclasses import replace

import pytest
from sqlmodel import Session, select

from leads.call_questions import WORDINGS, IntakeQuestion
from leads.callbacks import queue
from leads.errors import BadSubmission, LostRace, NotAllowed
from leads.helplines import intake_settings
from leads.lead_records import intake_answers, lead_file
from leads.lead_records.intake_answers import AskedQuestion, HeardAnswer
from leads.models.advisors import Advisor
from leads.models.calls import Callback, IntakeAnswer
from leads.read_models import advisor_desk
from tests.conftest import NOW
from tests.support.people import HOUR, MINUTE, a_claim, a_supervisor, an_advisor

NEED, COVER, PLACE, CARE = IntakeQuestion


def test_an_answer_is_chosen_typed_in_two_tabs_and_taken_back(session: Session) -> None:
    callback, ana = a_claim(session)
    choose(session, callback, ana, "private")
    assert type_words(session, callback, ana, "Blue Cross", base="") == "Blue Cross"
    assert type_words(session, callback, ana, "PPO", base="") == "Blue Cross\nPPO"
    asked = on_card(session, ana)[COVER]
    assert (asked.choice, asked.words) == ("private", "Blue Cross\nPPO")
    assert asked.before is None
    choose(session, callback, ana, "")
    assert on_card(session, ana)[COVER].choice == ""
    with pytest.raises(BadSubmission):
        choose(session, callback, ana, "gold")
    with pytest.raises(NotAllowed):
        choose(session, callback, an_advisor(session), "medicaid")
    assert len(session.exec(select(IntakeAnswer)).all()) == 1


def test_what_was_heard_stays_with_its_source_and_is_shown_next_time(session: Session) -> None:
    callback, ana = a_claim(session)
    choose(session, callback, ana, "medicaid")
    type_words(session, callback, ana, "Molina", base="")
    queue.release_callback(session, callback, ana, now=NOW + MINUTE)
    ben = an_advisor(session)
    queue.claim_callback(session, callback, ben, now=NOW + MINUTE)
    asked = on_card(session, ben)[COVER]
    assert (asked.choice, asked.words) == ("", "")
    assert asked.before is not None
    assert (asked.before.by, asked.before.sentence) == (ana.name, "Medicaid: Molina")
    choose(session, callback, ben, "none", now=NOW + HOUR)
    file = lead_file.read_lead_file(session, callback.lead_id, a_supervisor(session), now=NOW)
    heard = [(one.by, one.said) for one in file.entries if "as heard on a call" in one.what]
    assert heard == [(ben.name, "No insurance"), (ana.name, "Medicaid: Molina")]


def test_a_helpline_asks_what_it_likes_in_its_order(session: Session) -> None:
    callback, ana = a_claim(session)
    assert list(on_card(session, ana)) == [NEED, COVER, PLACE, CARE]
    boss = a_supervisor(session)
    [helpline] = [
        one
        for one in intake_settings.list_helpline_questions(session, boss)
        if one.brand_id == callback.brand_id
    ]
    put = functools.partial(
        intake_settings.set_intake_questions, session, callback.brand_id, now=NOW
    )
    seen = helpline.asked
    for asked in (helpline.moved_up(CARE), (CARE, NEED), ()):
        put(boss, asked, seen=seen)
        assert tuple(on_card(session, ana)) == asked
        seen = asked
    assert helpline.moved_up(CARE) == (NEED, COVER, CARE, PLACE)
    with pytest.raises(LostRace, match="just changed"):
        put(boss, (NEED,), seen=helpline.asked)
    with pytest.raises(NotAllowed):
        intake_settings.list_helpline_questions(session, ana)
    with pytest.raises(NotAllowed):
        put(ana, (), seen=())


def test_an_answer_that_no_version_offers_any_more_is_still_read() -> None:
    heard = HeardAnswer(COVER, "tricare_prime", "", "Ana", NOW)
    assert heard.sentence == "tricare_prime"
    assert replace(heard, words="since May").sentence == "tricare_prime: since May"


def test_every_question_can_be_answered() -> None:
    assert set(WORDINGS) == set(IntakeQuestion)


def choose(
    session: Session, callback: Callback, advisor: Advisor, choice: str, now: object = NOW
) -> None:
    intake_answers.choose_answer(session, callback.id, advisor.id, COVER, choice, now=now)


def type_words(
    session: Session, callback: Callback, advisor: Advisor, words: str, *, base: str
) -> str:
    return intake_answers.merge_answer_words(
        session, callback.id, advisor.id, COVER, words, base=base, now=NOW
    )


def on_card(session: Session, advisor: Advisor) -> dict[IntakeQuestion, AskedQuestion]:
    session.flush()
    card = advisor_desk.read_desk(session, advisor.id, now=NOW).card
    return {one.question: one for one in card.intake}
