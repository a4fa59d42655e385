"""What a message says of when a call may be made, in English and Spanish."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leads.free_text.call_time_statements import find_call_time_statements
from leads.free_text.call_times import read_call_time
from tests.support.form_answers import GIVEN, NUMBER, read
from tests.support.processor_time import READ_AT_ONCE, least_processor_seconds

BOUND = (
    # Said beside a call, and what the hours are.
    ("quiero que me llamen pero no en la noche", 19, 10),
    ("call me but never before 10", 9, 11),
    ("me pueden marcar pero no de noche", 19, 10),
    ("you may call but no evenings", 19, 10),
    ("I need help for my son. You can call, just not in the mornings", 9, 14),
    ("fine to call just no mornings", 9, 14),
    ("You can ring me but avoid mornings", 9, 14),
    ("please call, but I'm at school till 3", 11, 16),
    ("no calls after 7pm", 20, 10),
    ("call me after 5 please", 10, 18),
    ("call after 6, thanks", 10, 19),
    ("please wait to call until 5", 10, 18),
    ("give me a ring after 5", 10, 18),
    ("I'd like to hear from someone after 5pm", 10, 18),
    ("I work till 5, call after that", 10, 18),
    ("I get off work at 4 so any time after that is good to call", 10, 17),
    ("I can't talk during the day", 10, 18),
    ("I'm not available 9-5", 10, 18),
    ("Call me at work, 9 to 5", 18, 10),
    ("llámeme, menos en la mañana", 10, 14),
    ("no puedo contestar de 9 a 5", 10, 18),
    ("pueden marcar después de las 3, antes no", 10, 16),
    ("esperen hasta las 5 para llamar", 10, 18),
    ("me gustaría una llamada por la tarde", 9, 13),
    ("soy mamá de dos niños y tomo mucho, pueden marcarme en la tarde", 9, 13),
    ("You may ring but nothing before noon", 9, 13),
    ("please no morning calls", 9, 14),
    ("call or text after 5", 10, 18),
    ("I would prefer to talk after 6pm", 10, 19),
    ("me pueden hablar después de las 6", 10, 19),
    ("llámenme pero que no sea temprano", 9, 11),
    ("que no sea en la noche la llamada por favor", 19, 10),
    ("Can you call me back after 3, I work at the school", 10, 16),
    ("call after 3, I work at night", 10, 16),
    # Said by itself.
    ("Evenings are out", 19, 10),
    ("I'm home after 6", 10, 19),
    ("Hi, my son is using again. No evenings please.", 19, 10),
    ("My mornings are bad, I have two kids and a job, call me", 9, 14),
    ("Need a bed for my brother. Not before 10am please", 9, 11),
    ("need help with drinking, mornings only", 14, 9),
    ("Call me! Just not during the day.", 10, 18),
)


@pytest.mark.parametrize(("message", "refused", "wished"), BOUND)
def test_when_a_message_says_to_call_counts_as_the_best_time(
    message: str, refused: int, wished: int
) -> None:
    request = read({"name": "Ana", "phone": GIVEN, "message": message})
    assert request.limits == []
    assert not _may_ring_at(refused, request.best_time)
    assert _may_ring_at(wished, request.best_time)


def _may_ring_at(hour: int, best_time: str) -> bool:
    wish = read_call_time(best_time)
    assert wish is not None, best_time
    return wish.is_met(datetime(2026, 3, 3, hour, 15, tzinfo=UTC), ["UTC"])


@pytest.mark.parametrize(
    "message",
    [
        "pueden llamar menos los lunes",
        "You can call except Mondays",
        "nunca los lunes, por favor llámenme",
    ],
)
def test_a_day_that_a_message_refuses_is_refused(message: str) -> None:
    wish = read_call_time(read({"name": "Ana", "phone": GIVEN, "message": message}).best_time)
    assert wish
    assert not wish.is_met(datetime(2026, 3, 2, 12, tzinfo=UTC), ["UTC"])
    assert wish.is_met(datetime(2026, 3, 3, 12, tzinfo=UTC), ["UTC"])


@pytest.mark.parametrize(
    "message",
    [
        "please call in 2 weeks",
        "call me after the holidays",
        "you can call anytime except when I'm at work 9-5",
        "call me after my daughter is in bed around 8",
        "The kids go to bed at 8, call after",
        "please don't call too early",
        "call me after 5. mornings are best to call",
        "no me llamen hasta la quincena",
        "Im okay with calls as long as its not after dark",
        "Can someone call on my days off which are tues and wed",
    ],
)
def test_what_nobody_can_plan_by_is_asked_about(message: str) -> None:
    request = read({"name": "Ana", "phone": GIVEN, "message": message})
    assert request.limits


@pytest.mark.parametrize(
    "message",
    [
        "I got out of detox at 5 am",
        "call me anytime",
        "call me day or night",
        "I overdosed last night please call me",
        "I drink every night. Please call",
        "my mom died this morning please call me",
        "he gets violent at night, please call me asap",
        "I have been drinking since monday call me",
        "call me, he drinks every night",
        "I was sober for 9 days then relapsed at 3 am on sunday",
        "We need a program that starts Monday. Can someone call me?",
        "My appointment with the doctor is at 3 tomorrow and they want me in detox",
        "visiting hours at the jail are 9 to 5, he gets out friday",
        "I take my meds in the morning and drink at night",
        "I have court monday and need an evaluation",
        "who do I call after hours",
        "my ex used to call at night",
        "they said to call back in a month",
        "I called you friday at 3 and nobody answered",
        "do you take calls on weekends",
        "¿Se puede hablar con la familia los domingos?",
        "El domingo recayó, por favor llámenme",
        "les llamé ayer en la tarde y no me contestaron",
        "trabajo de noche y no duermo bien",
        "No dude en llamar, aunque sea tarde",
        "porfa márquenme hoy mismo, ya no aguanto",
    ],
)
def test_a_time_of_anything_else_bounds_no_call(message: str) -> None:
    request = read({"name": "Ana", "phone": GIVEN, "message": message})
    assert request.phone == NUMBER
    assert request.best_time == ""
    assert request.limits == []


@pytest.mark.parametrize(
    ("field", "message", "expected"),
    [
        ("Any time", "call me but never before 10", "call me but never before 10"),
        ("evenings", "call me after 6", "evenings, call me after 6"),
        ("after 6", "evenings are good to call", "after 6, evenings are good to call"),
        ("9am-5pm", "no calls on Mondays please", "9am-5pm, no calls on Mondays please"),
        ("evenings", "please call", "evenings"),
    ],
)
def test_a_message_and_the_field_for_it_bound_a_call_together(
    field: str, message: str, expected: str
) -> None:
    request = read({"name": "A", "phone": GIVEN, "best_time": field, "message": message})
    wish = read_call_time(request.best_time)
    wishes = [read_call_time(said) for said in (field, message)]
    assert wish
    for hour in range(24):
        at = datetime(2026, 3, 3, hour, 15, tzinfo=UTC)
        suits = all(one.is_met(at, ["UTC"]) for one in wishes if one)
        assert not wish.is_met(at, ["UTC"]) or suits
    assert request.limits == []
    assert request.best_time == expected


def test_two_times_that_never_meet_are_asked_about() -> None:
    fields = {"name": "A", "phone": GIVEN, "best_time": "mornings", "message": "call me after 5"}
    assert read(fields).limits == ["message: call me after 5"]


AGREED = (
    "you can call me, but {}",
    "please call. {}.",
    "I need help with my drinking, call me but {} please",
    "My brother uses. Fine to call, just {}",
    "ok to call me but {}, thank you",
)
REFUSED = (
    ("no evenings", 17, 21),
    ("not at night", 17, 21),
    ("not in the mornings", 8, 12),
    ("never before {}", 8, None),
    ("not available 9-5", 9, 17),
    ("not between 1 and 4", 13, 16),
    ("I'm in class 9-11", 9, 11),
    ("my shift is 7am-3pm", 8, 15),
)
AGREED_IN_SPANISH = (
    "pueden llamarme, pero {}",
    "quiero que me llamen pero {}",
    "necesito ayuda con mi hijo, llámenme pero {} por favor",
    "me pueden marcar pero {}",
)
REFUSED_IN_SPANISH = (
    ("no en la noche", 17, 21),
    ("no por la mañana", 8, 12),
    ("nunca antes de las {}", 8, None),
    ("no estoy disponible de 9 a 5", 9, 17),
    ("tengo clase de 9 a 11", 9, 11),
    ("no de 1 a 4", 13, 16),
)


@given(
    said=st.one_of(
        st.tuples(st.sampled_from(AGREED), st.sampled_from(REFUSED)),
        st.tuples(st.sampled_from(AGREED_IN_SPANISH), st.sampled_from(REFUSED_IN_SPANISH)),
    ),
    first=st.integers(9, 11),
    at=st.integers(0, 24 * 60 - 1),
)
def test_no_message_is_rung_in_the_hours_that_it_refuses(
    said: tuple[str, tuple[str, int, int | None]], first: int, at: int
) -> None:
    agreed, (refused, opens, closes) = said
    message = agreed.format(refused.format(first))
    request = read({"name": "Ana", "phone": GIVEN, "message": message})
    if request.limits or request.is_refused or not opens * 60 <= at < (closes or first) * 60:
        return
    wish = read_call_time(request.best_time)
    assert wish, message
    local = datetime(2026, 3, 3, at // 60, at % 60, tzinfo=UTC)
    assert not wish.is_met(local, ["UTC"]), message


@pytest.mark.parametrize("told", ["It began on a Monday. ", "He called me at 5 that day. "])
@pytest.mark.parametrize(
    "said", ["Please only call after 6 pm.", "Nunca me llamen antes de las 6."]
)
@pytest.mark.parametrize("before", [0, 200, 400])
def test_a_time_is_read_wherever_it_stands_in_a_long_message(
    told: str, said: str, before: int
) -> None:
    whole_story = told * before + said + " " + told * (400 - before)
    assert find_call_time_statements(whole_story) == find_call_time_statements(said)


@pytest.mark.parametrize(
    "repeated", ["call me after ", "no evenings, ", "you can call but ", "i can talk, ", "at 5 "]
)
def test_a_long_message_is_read_at_once(repeated: str) -> None:
    text = (repeated * 20_000)[:20_000]
    assert least_processor_seconds(lambda: find_call_time_statements(text)) < READ_AT_ONCE
