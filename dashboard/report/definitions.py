"""Definitions: what each figure means, in words that a screen can translate.

They are the docstrings of the functions that compute the figures.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from leads.i18n.translatable import Phrase
from leads.read_models import system_status
from leads.reporting import breakdowns, call_statistics, close_reasons, drill_down, metrics
from leads.reporting.call_statistics import AdvisorCalls, ContactAttempts
from leads.reporting.service_report import CallableTimeFigures

DEFINITIONS: dict[Any, Phrase] = {
    metrics.service_level: Phrase(
        "Share first rung within the target, from the form's receipt, in wall time. It is "
        "hits / (hits + misses). A miss was rung later, or not at all when the target "
        "passed or when we ended it. Withdrawn by the person within the target is excluded; "
        "still open within it is pending. Both are shown and not counted."
    ),
    metrics.service_level_callable: Phrase(
        "Share first rung within the target, counted from the time we promised. The hours "
        "in which the person's phone must not ring are left out."
    ),
    metrics.time_to_first_attempt: Phrase(
        "From the form's receipt to the first time the person's own phone was dialled. "
        "Ringing an advisor is not an attempt. Those still waiting count as waiting "
        "(Kaplan-Meier), those who asked us "
        "to stop leave the count at that moment, those we gave up on stay unreached."
    ),
    metrics.time_to_first_contact: Phrase(
        "From the form's receipt to the first time a person answered and was joined with an "
        "advisor. "
        'Counted like the time to first attempt. "Not reached" means that too few have been '
        "talked to yet."
    ),
    CallableTimeFigures: Phrase(
        "From the time we promised to the first time the person's own phone was dialled. "
        "The hours in which that phone must not ring are left out."
    ),
    metrics.contact_rate: Phrase(
        "Share of the people received whom an advisor has talked to so far."
    ),
    metrics.contact_probability: Phrase(
        "How likely a person is to be talked to within the time observed. Opt-outs are "
        "competing risks (Aalen-Johansen)."
    ),
    metrics.first_attempt_bands: Phrase(
        "How many were first rung within 0-1, 1-5, 5-15, 15-60 and more minutes, or not at "
        "all so far. A band includes its upper edge: whoever was rung after exactly one "
        "minute was rung within one minute."
    ),
    metrics.contact_funnel: Phrase(
        "Of the people received: whose phone was rung, who was talked to, who was helped or "
        "referred. "
        "Each step is a part of the one before it."
    ),
    metrics.given_up_callbacks: Phrase(
        "Ended by us without our ever having talked. The tries were used up, or a "
        "supervisor withdrew our promise. Those who asked us to stop are not among them."
    ),
    metrics.naive_first_attempt: Phrase(
        "The median over those who were rung, as if nobody were still waiting. Most systems "
        "report this."
    ),
    metrics.naive_service_level: Phrase(
        "The share of those rung who were rung in time. Most systems report this."
    ),
    metrics.outcome_counts: Phrase(
        "What came of the callbacks that are over. It is the disposition, or how we or the "
        "person ended the callback without one."
    ),
    system_status.count_limbo_leads: Phrase(
        "Open leads in no queue. Always 0: anything else is a person forgotten."
    ),
    drill_down.people_received: Phrase(
        "Everybody whose request was received in the period, rung or not. A repeated form is no "
        "new request."
    ),
    drill_down.people_still_open: Phrase("Whose promise is still to be kept."),
    drill_down.people_not_rung: Phrase(
        "Whose own phone was not dialled so far, whether we still mean to or not."
    ),
    call_statistics.read_contact_attempts: Phrase(
        "Every time the own phone of somebody who asked in the period was dialled. Ringing an "
        "advisor is not a try."
    ),
    call_statistics.read_advisor_calls: Phrase(
        "Offers made to advisors in the period. They are shown for everybody together, and "
        "for each advisor in order of their names."
    ),
    ContactAttempts.connect_rate: Phrase(
        "Share of the tries that rang a person's own phone in which they were talked to."
    ),
    ContactAttempts.median_tries_to_contact: Phrase(
        "How many times a phone was rung until its owner was talked to. It is the median of "
        "those who were talked to."
    ),
    AdvisorCalls.handle_time: Phrase(
        "Average time of a conversation. It runs from the offer to the hang-up, with the "
        "wrap-up that ended the callback."
    ),
    AdvisorCalls.occupancy: Phrase(
        "Share of the time from each day's first offer to the end of its last that offers "
        "took. Time on duty before the first offer is not recorded and does not count."
    ),
    AdvisorCalls.missed_share: Phrase(
        "Share of the offers that the advisor did not answer or passed on."
    ),
    AdvisorCalls.dispositions: Phrase(
        "What came of the conversations that ended a callback. Helped and referred are one figure."
    ),
    close_reasons.read_opt_outs: Phrase(
        'From "stop" until the last call to that number was over: 0 unless a call was under way. '
        "The number is suppressed in the same transaction in which it is heard. Rung after it: "
        "always 0 while it is in "
        "force. A cut counts whoever had asked there before; a number that never asked is "
        "counted in the whole alone."
    ),
    breakdowns.label_by_source: Phrase(
        "By source, named with its helpline where there are several."
    ),
    breakdowns.label_by_helpline: Phrase("By helpline."),
    breakdowns.label_by_campaign: Phrase('By campaign; "none" for who came without one.'),
    breakdowns.label_by_weekday: Phrase(
        "By the day of the week on which they asked, where the viewer is."
    ),
    breakdowns.label_by_hour: Phrase(
        "By the hour of the day in which they asked, where the viewer is."
    ),
    breakdowns.label_by_advisor: Phrase(
        "By the advisor who was the first to ring the person's phone. "
        "Who was not rung yet is nobody's, and stands in a line of their own: an advisor's waits "
        "are only of people "
        "who were rung. For coaching, in order of names."
    ),
}


def figure_definition(figure: Callable[..., object] | property) -> Phrase:
    """Return what a figure means."""
    return DEFINITIONS[figure]
