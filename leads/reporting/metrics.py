"""Metrics: figures that count the people who are still waiting.

`COUNTS` and `SHARES` are what every report of a period lists: a figure that is put there is in the
terminal, the mail, what programs get, and the words at the end of each.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np

from leads.i18n.translatable import Phrase
from leads.models.dispositions import HELPED_OR_REFERRED
from leads.models.enums import CallbackState
from leads.reporting import survival_analysis
from leads.reporting.calendar_days import to_numpy_instant
from leads.reporting.cohort import OUTCOMES, Cohort
from leads.reporting.columnar_query import Instants, Lengths, Mask, Numbers
from leads.reporting.figure_definition import Figure, define_figure
from leads.reporting.survival_analysis import WAIT_END_CODES, Percentiles, WaitEnd, Waits

BANDS = (1, 5, 15, 60)  # minutes
HIT, MISS, PENDING, EXCLUDED = range(4)


@dataclass(frozen=True)
class ServiceLevel:
    """The people rung within the target, those who were not, and those who do not count."""

    target: timedelta
    hits: Cohort
    misses: Cohort
    pending: Cohort
    excluded: Cohort

    @property
    def share(self) -> float | None:
        """Hits / (hits + misses); None when nobody counts yet."""
        counted = len(self.hits) + len(self.misses)
        return len(self.hits) / counted if counted else None


@define_figure(
    Phrase("Requests received"),
    Phrase(
        "Everyone whose request was received in the period, called or not. A repeated form "
        "is not a new request."
    ),
    key="received",
    row=Phrase("received"),
)
def people_received(people: Cohort) -> Cohort:
    return people


@define_figure(
    Phrase("Called"),
    Phrase("People whose own phone has been dialed so far."),
    key="rung",
    row=Phrase("called"),
)
def people_rung(people: Cohort) -> Cohort:
    return people[people.rung]


@define_figure(
    Phrase("Reached"),
    Phrase("People an advisor has reached so far."),
    key="contacted",
    row=Phrase("contacted"),
)
def people_talked_to(people: Cohort) -> Cohort:
    return people[people.reached]


@define_figure(
    Phrase("Still open"),
    Phrase("People who still have an open callback."),
    key="open",
    row=Phrase("open"),
)
def people_still_open(people: Cohort) -> Cohort:
    return people[people.is_open]


@define_figure(
    Phrase("Not called yet"),
    Phrase("People whose own phone has not been dialed so far, whether or not we still plan to."),
)
def people_not_rung(people: Cohort) -> Cohort:
    return people[~people.rung]


@define_figure(
    Phrase("Median time to first call"),
    Phrase(
        "From receipt of the form to the first time the person's own phone was dialed. "
        "Calling an advisor is not an attempt. People still waiting count as waiting "
        "(Kaplan-Meier), people who opted out leave the count at that moment, and people "
        "closed without contact stay unreached."
    ),
    row=Phrase("first call"),
)
def time_to_first_attempt(people: Cohort, *, now: datetime) -> Percentiles:
    return survival_analysis.kaplan_meier_percentiles(waits_until(people, "first_rung_at", now=now))


@define_figure(
    Phrase("Median time to reach"),
    Phrase(
        "From receipt of the form to the first time a person answered and was connected "
        'with an advisor. Counted like the time to first call. "Not reached" means that '
        "too few people have been reached so far."
    ),
    row=Phrase("first contact"),
)
def time_to_first_contact(people: Cohort, *, now: datetime) -> Percentiles:
    return survival_analysis.kaplan_meier_percentiles(
        waits_until(people, "first_conversation_at", now=now)
    )


@define_figure(
    Phrase("Median, in calling hours"),
    Phrase(
        "From the promised time to the first time the person's own phone was dialed. Hours "
        "in which that phone must not be called are left out."
    ),
    row=Phrase("  in calling hours"),
)
def time_to_first_attempt_callable(people: Cohort, *, now: datetime) -> Percentiles:
    return survival_analysis.kaplan_meier_percentiles(
        Waits(people.callable_wait, waits_until(people, "first_rung_at", now=now).ends)
    )


@define_figure(
    Phrase("Chance of being reached"),
    Phrase(
        "How likely a person is to be reached within the time observed. Opt-outs are "
        "competing risks (Aalen-Johansen)."
    ),
)
def contact_probability(people: Cohort, *, now: datetime) -> float | None:
    return survival_analysis.aalen_johansen_probability(
        waits_until(people, "first_conversation_at", now=now)
    )


@define_figure(
    Phrase("Called within {target}"),
    Phrase(
        "Service level: share of people called within the target, from receipt of the "
        "form, counting all hours. It is hits / (hits + misses). A miss was called later, "
        "or not at all when the target passed or when we closed it. Withdrawn by the "
        "person within the target is excluded; still open within it is pending. Both are "
        "shown and not counted."
    ),
    row=Phrase("service level within {target}"),
)
def service_level(people: Cohort, *, target: timedelta, now: datetime) -> ServiceLevel:
    return _service_level_from_codes(
        people, target, classify_against_target(people, target=target, now=now)
    )


@define_figure(
    Phrase("In calling hours"),
    Phrase(
        "Service level counted from the promised time. Hours in which the person's phone "
        "must not be called are left out."
    ),
    row=Phrase("  in calling hours"),
)
def service_level_callable(people: Cohort, *, target: timedelta) -> ServiceLevel:
    return _service_level_from_codes(
        people, target, _classify_from_mask(people, people.callable_wait <= np.timedelta64(target))
    )


def classify_against_target(people: Cohort, *, target: timedelta, now: datetime) -> Numbers:
    """Return for each person whether they are a hit, a miss, pending or excluded, in wall time."""
    until = np.where(people.rung, people.first_rung_at, people.finished_at)
    waited = np.where(np.isnat(until), to_numpy_instant(now), until) - people.received_at
    return _classify_from_mask(people, waited <= np.timedelta64(target))


@define_figure(
    Phrase("First call after"),
    Phrase(
        "How many people were called within 0-1, 1-5, 5-15, 15-60 and more minutes, or not "
        "at all so far. A band includes its upper edge: a person called after exactly one "
        "minute was called within one minute."
    ),
    row=Phrase("minutes to the first call"),
)
def first_attempt_bands(people: Cohort) -> dict[str, Cohort]:
    edges = np.array(BANDS, dtype="timedelta64[m]")
    names = [f"{a}-{b} min" for a, b in zip((0, *BANDS), BANDS, strict=False)] + [
        f"{BANDS[-1]}+ min",
        "not rung",
    ]
    band = np.searchsorted(edges, people.first_rung_at - people.received_at, side="left")
    band = np.where(people.rung, band, len(names) - 1)
    return {name: people[band == number] for number, name in enumerate(names)}


@define_figure(
    Phrase("Reached so far"),
    Phrase("Share of the people received that an advisor has reached so far."),
    row=Phrase("contact rate"),
)
def contact_rate(people: Cohort) -> float | None:
    return int(people.reached.sum()) / len(people) if len(people) else None


@define_figure(
    Phrase("From request to help"),
    Phrase(
        "Of the people received: called, reached, helped or referred. Each step is part of "
        "the one before it."
    ),
)
def contact_funnel(people: Cohort) -> dict[str, Cohort]:
    helped = np.isin(
        people.outcome,
        [OUTCOMES.index(word) for word in HELPED_OR_REFERRED],
    )
    reached = people.rung & people.reached
    steps = {
        "received": np.full(len(people), fill_value=True),
        "rung": people.rung,
        "reached": reached,
    }
    return {name: people[which] for name, which in (steps | {"helped": reached & helped}).items()}


@define_figure(
    Phrase("Closed without contact"),
    Phrase(
        "Closed by us without ever reaching the person. We ran out of attempts, or a "
        "supervisor canceled the callback. People who opted out are not included."
    ),
)
def given_up_callbacks(people: Cohort) -> Cohort:
    ended_by_us = [
        OUTCOMES.index(word) for word in (CallbackState.EXHAUSTED, CallbackState.CANCELLED)
    ]
    return people[np.isin(people.outcome, ended_by_us) & ~people.reached]


@define_figure(
    Phrase("Most reports"),
    Phrase(
        "The median over people who were called, as if no one were still waiting. Most "
        "systems report this."
    ),
)
def naive_first_attempt(people: Cohort) -> timedelta | None:
    took = (people.first_rung_at - people.received_at)[people.rung].view(np.int64)
    middle = (len(took) - 1) // 2
    return timedelta(microseconds=int(np.partition(took, middle)[middle])) if len(took) else None


@define_figure(
    Phrase("Most reports"),
    Phrase("The share of people called who were called on time. Most systems report this."),
)
def naive_service_level(people: Cohort, *, target: timedelta) -> float | None:
    took = (people.first_rung_at - people.received_at)[people.rung]
    return int((took <= np.timedelta64(target)).sum()) / len(took) if len(took) else None


@define_figure(
    Phrase("Outcomes"),
    Phrase(
        "Outcomes of closed callbacks: the disposition, or how we or the person closed the "
        "callback without one."
    ),
)
def outcome_counts(people: Cohort) -> Counter[str]:
    counted = np.bincount(people.outcome[~people.is_open], minlength=len(OUTCOMES)).tolist()
    return Counter(
        {str(name): count for name, count in zip(OUTCOMES, counted, strict=True) if count}
    )


COUNTS: tuple[Figure[[Cohort], Cohort], ...] = (
    people_received,
    people_rung,
    people_talked_to,
    people_still_open,
)
SHARES: tuple[Figure[[Cohort], float | None], ...] = (contact_rate,)


def waits_until(people: Cohort, instant_of: str, *, now: datetime) -> Waits:
    """Return each person's wait in wall time until one of their instants, named by its column."""
    happened_at: Instants = getattr(people, instant_of)
    happened = ~np.isnat(happened_at)
    until = np.where(
        happened, happened_at, np.where(people.is_open, to_numpy_instant(now), people.finished_at)
    )
    ended = np.where(
        people.withdrawn, WAIT_END_CODES[WaitEnd.WITHDRAWN], WAIT_END_CODES[WaitEnd.NEVER]
    )
    ends = np.where(people.is_open, WAIT_END_CODES[WaitEnd.STILL_WAITING], ended)
    lengths: Lengths = np.where(np.isnat(until), to_numpy_instant(now), until) - people.received_at
    return Waits(lengths, np.where(happened, WAIT_END_CODES[WaitEnd.HAPPENED], ends))


def _classify_from_mask(people: Cohort, within: Mask) -> Numbers:
    waits_within = np.where(
        people.is_open & within, PENDING, np.where(people.withdrawn & within, EXCLUDED, MISS)
    )
    return np.where(people.rung, np.where(within, HIT, MISS), waits_within)


def _service_level_from_codes(people: Cohort, target: timedelta, codes: Numbers) -> ServiceLevel:
    return ServiceLevel(target, *(people[codes == part] for part in (HIT, MISS, PENDING, EXCLUDED)))
