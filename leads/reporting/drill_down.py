"""Drill-down: the report's counted figures, each with the people in it.

A figure is how many they are.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlmodel import Session

from leads.i18n.translatable import Phrase
from leads.models.dispositions import DISPOSITION_TITLES
from leads.models.enums import CallbackState
from leads.reporting import close_reasons, cohort, metrics
from leads.reporting.cohort import Cohort
from leads.reporting.metrics import ServiceLevel
from leads.reporting.service_report import PeriodFigures

IN_TIME, MISSED = (
    Phrase("Called on time"),
    Phrase("Called late, or not called when the target had passed"),
)
PENDING, EXCLUDED = (
    Phrase("Still within the target"),
    Phrase("Withdrawn within the target (not counted)"),
)
ASKED, RUNG = metrics.people_received.label, metrics.people_rung.label
TALKED = metrics.people_talked_to.label
HELPED, OPEN = Phrase("Helped or referred"), metrics.people_still_open.label
NOT_RUNG, GIVEN_UP = metrics.people_not_rung.label, metrics.given_up_callbacks.label
IN_TIME_CALLABLE = Phrase("Called on time, in calling hours")
CALLABLE = {
    IN_TIME: IN_TIME_CALLABLE,
    MISSED: Phrase("Called late or not at all, in calling hours"),
    PENDING: Phrase("Still within the target, in calling hours"),
    EXCLUDED: Phrase("Withdrawn within the target, in calling hours (not counted)"),
}
BANDS = {
    "0-1 min": Phrase("Called within 0-1 min"),
    "1-5 min": Phrase("Called within 1-5 min"),
    "5-15 min": Phrase("Called within 5-15 min"),
    "15-60 min": Phrase("Called within 15-60 min"),
    "60+ min": Phrase("Called after more than 60 min"),
    "not rung": NOT_RUNG,
}
OUTCOMES = {
    **{str(word): title for word, title in DISPOSITION_TITLES.items()},
    str(CallbackState.EXHAUSTED): Phrase("Out of attempts"),
    str(CallbackState.CANCELLED): Phrase("Canceled by us"),
    cohort.ASKED_US_TO_STOP: Phrase("Opted out"),
}
CALLBACK_STATE_TITLES = {
    CallbackState.WAITING: Phrase("waiting"),
    CallbackState.CLAIMED: Phrase("with an advisor"),
    CallbackState.CALLING: Phrase("being called"),
    CallbackState.WRAP_UP: Phrase("wrap-up"),
    CallbackState.COMPLETED: Phrase("completed"),
    CallbackState.EXHAUSTED: Phrase("out of attempts"),
    CallbackState.CANCELLED: Phrase("canceled"),
}
FUNNEL = {"received": ASKED, "rung": RUNG, "reached": TALKED, "helped": HELPED}


def people_by_report_figure(standing: PeriodFigures) -> dict[str, Cohort]:
    """Return the people of every counted figure of a period."""
    people_by_figure = people_by_level_and_step(standing.people, standing.level)
    people_by_figure |= people_by_first_attempt_band(standing.people) | people_by_outcome(
        standing.people
    )
    if standing.callable_time:
        named = _people_by_standing(standing.callable_time.level)
        people_by_figure |= {CALLABLE[name]: named[name] for name in CALLABLE}
    return people_by_figure


def people_by_part_figure(people: Cohort, *, target: timedelta, now: datetime) -> dict[str, Cohort]:
    """Return the people of every counted figure of a report's part."""
    return people_by_level_and_step(people, metrics.service_level(people, target=target, now=now))


def people_by_level_and_step(people: Cohort, level: ServiceLevel) -> dict[str, Cohort]:
    """Return the people by service level, by how far they came, and those who are left."""
    steps: dict[str, Cohort] = {
        FUNNEL[name]: reached for name, reached in metrics.contact_funnel(people).items()
    }
    left = {
        figure.label: figure(people)
        for figure in (
            metrics.people_talked_to,
            metrics.people_still_open,
            metrics.people_not_rung,
            metrics.given_up_callbacks,
        )
    }
    return _people_by_standing(level) | steps | left


def people_by_first_attempt_band(people: Cohort) -> dict[str, Cohort]:
    """Return the people by the time within which they were first rung."""
    return {BANDS[name]: in_band for name, in_band in metrics.first_attempt_bands(people).items()}


def people_by_outcome(people: Cohort) -> dict[str, Cohort]:
    """Return the people whose callbacks are over, by what came of them."""
    over = people[~people.is_open]
    return {
        OUTCOMES[word]: over[over.outcome == cohort.OUTCOMES.index(word)]
        for word in metrics.outcome_counts(people)
    }


def people_by_give_up_reason(session: Session, people: Cohort) -> dict[str, Cohort]:
    """Return the people on whom we gave up by reason, the most frequent reason first."""
    ended = metrics.given_up_callbacks(people)
    tried = ended.outcome == cohort.OUTCOMES.index(CallbackState.EXHAUSTED)
    cancelled = ended[~tried]
    place = {number: at for at, number in enumerate(cancelled.callback_id.tolist())}
    given = close_reasons.callbacks_by_close_reason(session, list(place))
    people_by_reason = {
        why: cancelled[sorted(place[number] for number in numbers)]
        for why, numbers in given.items()
    }
    if tried.any():
        people_by_reason[close_reasons.TRIES_USED_UP] = ended[tried]
    return dict(sorted(people_by_reason.items(), key=lambda pair: (-len(pair[1]), pair[0])))


def _people_by_standing(level: ServiceLevel) -> dict[str, Cohort]:
    return {
        IN_TIME: level.hits,
        MISSED: level.misses,
        PENDING: level.pending,
        EXCLUDED: level.excluded,
    }
