"""The service report's calls: what it took to reach people, and advisors' work.

They are for coaching, in order of names.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import streamlit as st

from dashboard import page_text, plain_table, widgets
from dashboard.language import _, translate_count
from dashboard.plain_table import PressableCell
from dashboard.report import tables
from dashboard.report.tables import ReportContext
from dashboard.report.tiles import delta_in_number, delta_in_points, delta_in_time, draw_report_tile
from leads.i18n.translatable import Phrase
from leads.models.dispositions import DISPOSITION_TITLES, HELPED_OR_REFERRED, Disposition
from leads.models.labels import CALL_DOUBT_SENTENCES, CALL_DOUBT_TITLES
from leads.reporting import call_statistics, close_reasons, own_disposition_counts
from leads.reporting.call_statistics import AdvisorCalls, ContactAttempts
from leads.reporting.drill_down import OUTCOMES
from leads.reporting.own_disposition_counts import OwnDispositionCount
from leads.reporting.service_report import CallStatistics

DISPOSITION_COLUMNS = {
    str(word): OUTCOMES[word] for word in Disposition if word not in HELPED_OR_REFERRED
}
DISPOSITION_COLUMNS = {str(Disposition.HELPED): Phrase("Helped or referred"), **DISPOSITION_COLUMNS}
NOT_TAKEN, TAKES = AdvisorCalls.missed_share.label, AdvisorCalls.handle_time.label
BUSY = AdvisorCalls.occupancy.label


def draw_call_statistics(
    calls: CallStatistics, before: CallStatistics, context: ReportContext
) -> None:
    """Draw what it took to reach people, how fast "stop" is, and advisors in order of names."""
    first, second = st.columns(3), st.columns(3)
    with first[0]:
        _draw_tries_tile(calls.reaching, before.reaching, context)
    with first[1]:
        _draw_answered_tile(calls.reaching, before.reaching, context)
    with first[2]:
        _draw_missed_offers_tile(calls.everybody, before.everybody, context)
    with second[0]:
        _draw_handle_time_tile(calls.everybody, before.everybody, context)
    with second[1]:
        _draw_occupancy_tile(calls.everybody, before.everybody, context)
    with second[2]:
        _draw_opt_out_tile(calls, before, context)
    _draw_calls_in_doubt(calls.reaching, before.reaching, context)
    _draw_own_disposition_counts(calls.own_dispositions)
    if calls.each:
        _draw_advisor_table(
            [*calls.each, calls.everybody], [*before.each, before.everybody], context
        )
    st.caption(
        _(
            "For coaching. Listed by name: advisors are not ranked, and admissions and "
            "referrals are not counted by advisor. Click a figure to see its calls."
        )
    )
    st.caption(
        " ".join(
            _(figure.definition)
            for figure in (call_statistics.read_advisor_calls, AdvisorCalls.dispositions)
        )
    )


@widgets.in_stable_container
def _draw_calls_in_doubt(
    tries: ContactAttempts, before: ContactAttempts, context: ReportContext
) -> None:
    """Draw how many tries were in doubt, by the reason, and in how many somebody was talked to."""
    if not tries.in_doubt:
        return
    st.subheader(_(ContactAttempts.in_doubt.label), anchor=False)
    st.caption(_(ContactAttempts.in_doubt.definition))
    for why, calls in tries.in_doubt.items():
        then = len(before.in_doubt.get(why, ()))
        text = _(
            "{name}: **{count}** (previously {then}), {talked} of them conversations",
            name=_as_title(_(CALL_DOUBT_TITLES[why])),
            count=len(calls),
            then=then,
            talked=int(calls.talked.sum()),
        )
        if st.button(text, key=f"doubt {why}", type="tertiary", help=_(CALL_DOUBT_SENTENCES[why])):
            tables.open_calls_dialog(CALL_DOUBT_TITLES[why], calls, context)


def _as_title(words: str) -> str:
    return words[:1].upper() + words[1:]


@widgets.in_stable_container
def _draw_own_disposition_counts(outcomes: Sequence[OwnDispositionCount]) -> None:
    """Draw how often each helpline's own words were chosen, under the outcomes that they are."""
    if not outcomes:
        return
    st.subheader(_(own_disposition_counts.count_own_dispositions.label), anchor=False)
    st.caption(_(own_disposition_counts.count_own_dispositions.definition))
    lines = [
        {
            _("Helpline"): one.helpline,
            _("Counts as"): _(DISPOSITION_TITLES[one.disposition]),
            _("Outcome"): _(one.label),
            _("People"): one.people,
        }
        for one in outcomes
    ]
    plain_table.draw_plain_table(_(own_disposition_counts.count_own_dispositions.label), lines)


def _draw_tries_tile(
    tries: ContactAttempts, before: ContactAttempts, context: ReportContext
) -> None:
    draw_report_tile(
        ContactAttempts.median_tries_to_contact,
        _("none yet")
        if tries.median_tries_to_contact is None
        else f"{tries.median_tries_to_contact:g}",
        note=translate_count(len(tries.first_talks), "{count} person", "{count} people"),
        opens=lambda: tables.open_calls_dialog(
            ContactAttempts.median_tries_to_contact.label, tries.first_talks, context
        ),
        **delta_in_number(
            tries.median_tries_to_contact, before.median_tries_to_contact, colour="inverse"
        ),
    )


def _draw_answered_tile(
    tries: ContactAttempts, before: ContactAttempts, context: ReportContext
) -> None:
    draw_report_tile(
        call_statistics.connect_rate,
        page_text.share_text(call_statistics.connect_rate(tries.made)),
        note=_("{some} of {all} attempts", some=tries.answered, all=tries.tries),
        opens=lambda: tables.open_calls_dialog(
            call_statistics.connect_rate.label, tries.made[tries.made.talked], context
        ),
        **delta_in_points(
            call_statistics.connect_rate(tries.made), call_statistics.connect_rate(before.made)
        ),
    )


def _draw_missed_offers_tile(
    everybody: AdvisorCalls, before: AdvisorCalls, context: ReportContext
) -> None:
    draw_report_tile(
        AdvisorCalls.missed_share,
        page_text.share_text(everybody.missed_share),
        note=_("{some} of {all} calls offered", some=everybody.missed, all=everybody.offers),
        opens=lambda: tables.open_calls_dialog(
            NOT_TAKEN, everybody.calls[everybody.calls.missed], context
        ),
        **delta_in_points(everybody.missed_share, before.missed_share, colour="inverse"),
    )


def _draw_handle_time_tile(
    everybody: AdvisorCalls, before: AdvisorCalls, context: ReportContext
) -> None:
    draw_report_tile(
        AdvisorCalls.handle_time,
        _handle_time_text(everybody.handle_time),
        note=translate_count(
            everybody.conversations, "{count} conversation", "{count} conversations"
        ),
        opens=lambda: tables.open_calls_dialog(
            TAKES, everybody.calls[everybody.calls.talked], context
        ),
        **delta_in_time(everybody.handle_time, before.handle_time, colour="off"),
    )


def _draw_occupancy_tile(
    everybody: AdvisorCalls, before: AdvisorCalls, context: ReportContext
) -> None:
    draw_report_tile(
        AdvisorCalls.occupancy,
        page_text.share_text(everybody.occupancy),
        note=translate_count(everybody.offers, "{count} call offered", "{count} calls offered"),
        opens=lambda: tables.open_calls_dialog(BUSY, everybody.calls, context),
        **delta_in_points(everybody.occupancy, before.occupancy, colour="off"),
    )


def _draw_opt_out_tile(
    calls: CallStatistics, before: CallStatistics, context: ReportContext
) -> None:
    stops = calls.opt_outs
    said = len(stops.each)
    draw_report_tile(
        close_reasons.read_opt_outs,
        page_text.duration_text(stops.longest_until_silent),
        note=_("{count} opted out, {after} called afterward", count=said, after=stops.rung_after),
        opens=lambda: tables.open_opt_outs_dialog(
            close_reasons.read_opt_outs.label, stops, context
        ),
        **delta_in_time(stops.longest_until_silent, before.opt_outs.longest_until_silent),
    )


def _draw_advisor_table(
    each: Sequence[AdvisorCalls], before: Sequence[AdvisorCalls], context: ReportContext
) -> None:
    then = {one.advisor_id: one for one in before}
    words = {word for one in each for word in one.dispositions}
    shown = {word: name for word, name in DISPOSITION_COLUMNS.items() if word in words}
    lines = [_advisor_table_row(one, then.get(one.advisor_id), shown) for one in each]
    columns = list(lines[0])
    pressable = [
        {
            name: PressableCell(figure, f"{row}-{column}")
            for column, (name, figure) in enumerate(line.items())
        }
        for row, line in enumerate(lines)
    ]
    pressed = plain_table.draw_pressable_table(
        "advisors", _("Calls by advisor, by name"), pressable
    )
    if pressed:
        row, column = map(int, pressed.split("-"))
        tables.open_calls_dialog(
            Phrase("{part}, {figure}", part=each[row].name, figure=columns[column]),
            _calls_behind_column(each[row], columns[column]),
            context,
        )


def _advisor_table_row(
    advisor: AdvisorCalls, before: AdvisorCalls | None, shown: dict[str, Phrase]
) -> dict[str, object]:
    dispositions = advisor.dispositions
    return {
        _("Advisor"): _(advisor.name),
        _("Calls offered"): advisor.offers,
        _(NOT_TAKEN): advisor.missed,
        _("Attempts"): advisor.rung,
        _("Conversations"): advisor.conversations,
        _("Answered"): page_text.share_text(call_statistics.connect_rate(advisor.calls)),
        _(TAKES): _handle_time_text(advisor.handle_time),
        _(BUSY): page_text.share_text(advisor.occupancy),
        **{_(name): dispositions[word] for word, name in shown.items()},
        _(tables.BEFORE, figure=NOT_TAKEN): before.missed if before else 0,
        _(tables.BEFORE, figure=Phrase("Answered")): page_text.share_text(
            call_statistics.connect_rate(before.calls) if before else None
        ),
        _(tables.BEFORE, figure=TAKES): _handle_time_text(before.handle_time if before else None),
        _(tables.BEFORE, figure=BUSY): page_text.share_text(before.occupancy if before else None),
    }


def _calls_behind_column(advisor: AdvisorCalls, column: str) -> call_statistics.CallColumns:
    """Return the calls that a column of the table counts."""
    calls = advisor.calls
    some = {_(NOT_TAKEN): calls.missed, _("Attempts"): calls.rang}
    some |= dict.fromkeys((_("Conversations"), _("Answered"), _(TAKES)), calls.talked)
    some |= {
        _(name): calls.ended_with_disposition(word) for word, name in DISPOSITION_COLUMNS.items()
    }
    return calls[some[column]] if column in some else calls


def _handle_time_text(length: timedelta | None) -> str:
    return _("none yet") if length is None else page_text.duration_text(length)
