"""What the screens say over the database that is open, in one language, at one instant.

Each screen is read by the function that its page uses, and said as the page says it. Times stay
instants: to write them out is the browser's business.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any

from sqlmodel import Session, col, select

from leads.alerting import escalation
from leads.helplines import source_deliveries
from leads.i18n.translatable import Phrase, translate
from leads.intake import review_queue
from leads.lead_records import lead_file
from leads.models.advisors import Advisor
from leads.models.enums import AdvisorRole
from leads.models.helplines import Source
from leads.models.requests import Lead, Submission
from leads.models.watching import Alert
from leads.outbox import supervisor_notices
from leads.people.permissions import OPERATOR
from leads.read_models import advisor_desk, callback_board, work_list
from leads.read_models.work_kinds import WorkKind
from leads.reporting import drill_down, service_report
from leads.reporting.service_report import ReportQuestion
from notifications import messages

LEAD_STATES = {
    "open": Phrase("waiting for us"),
    "closed": Phrase("closed"),
    "suppressed": Phrase("do not contact"),
}
ZONE, TARGET, LAST_DAY = "America/New_York", timedelta(minutes=5), date(2026, 11, 20)
QUESTIONS = {
    "ten days": ReportQuestion(date(2026, 11, 11), LAST_DAY, ZONE, TARGET),
    "half a year": ReportQuestion(date(2026, 6, 1), LAST_DAY, ZONE, TARGET),
}
URL = "https://desk.example"
Screens = Iterator[tuple[str, list[str]]]


class ScreenReader:
    """Reads screens as one supervisor sees them, in one language."""

    def __init__(self, session: Session, language: str, *, now: datetime) -> None:
        self.session, self.now, self.say = session, now, partial(translate, language)
        supervisors = select(Advisor).where(Advisor.role == AdvisorRole.SUPERVISOR)
        self.supervisor = session.exec(supervisors.order_by(col(Advisor.id)).limit(1)).one()

    def read_review(self) -> Screens:
        """Yield the submissions that wait for a person."""
        work = work_list.read_work_list(self.session, self.supervisor, now=self.now)
        shown = [row.record_id for row in work.rows if row.kind == WorkKind.FORM]
        yield "review/order", [str(one) for one in shown]
        for number in shown:
            one = review_queue.find_submission_to_review(self.session, number, self.supervisor)
            assert one, number
            lines = [self.say(one.reason), one.source, str(one.state)]
            yield f"review/submission {one.submission_id}", lines

    def read_deliveries(self) -> Screens:
        """Yield each source's latest deliveries, and why each submission is where it is."""
        for source_id in self.session.exec(select(Source.id).order_by(col(Source.id))):
            latest = source_deliveries.read_latest_deliveries(
                self.session, source_id, self.supervisor
            )
            yield f"deliveries/source {source_id}", [self._delivery_line(one) for one in latest]
        told = select(Submission).where(Submission.reason != "").order_by(col(Submission.id))
        for one in self.session.exec(told):
            yield f"deliveries/submission {one.id}", [self.say(one.reason)]

    def read_lead_files(self, *, every: int = 1) -> Screens:
        """Yield each person's file, and what happened to them; or of every third, fourth … one."""
        leads = select(Lead.id).where(col(Lead.merged_into_id).is_(None)).order_by(col(Lead.id))
        for lead_id in self.session.exec(leads).all()[::every]:
            file = lead_file.read_lead_file(self.session, lead_id, self.supervisor, now=self.now)
            assert file, lead_id
            numbers = [self.say("Also at {number}", number=at) for at in file.merged.values()]
            state = self.say(LEAD_STATES[file.state])
            facts = [file.facts["name"], file.number, state, *sorted(file.events), *file.no_dial]
            yield f"lead/{lead_id}", facts + numbers
            # Two forms of one instant come in any order.
            entries = sorted((self._entry_line(one), one.at) for one in file.entries)
            entries.sort(key=lambda entry: entry[1], reverse=True)
            yield f"timeline/lead {lead_id}", [line for line, _at in entries]

    def read_colleagues(self) -> Screens:
        """Yield what the board says of the network and of each advisor, and each one's own desk."""
        board = callback_board.read_board(self.session, self.supervisor, now=self.now)
        refused = "The phone network rejected calls in the last hour. {problem}"
        yield (
            "board/trouble",
            [
                *([self.say(refused, problem=self.say(board.problem))] if board.problem else []),
                *([f"to review: {board.to_review}"] if board.to_review else []),
            ],
        )
        for one in board.colleagues:
            lines = [one.name, self.say(one.doing), format_instant(one.since)]
            yield f"board/colleague {one.advisor_id}", lines

    def read_desks(self) -> Screens:
        """Yield what each advisor reads of their own presence and of who is next."""
        for advisor_id in self.session.exec(select(Advisor.id).order_by(col(Advisor.id))):
            desk = advisor_desk.read_desk(self.session, advisor_id, now=self.now)
            lines = [str(desk.presence), f"{desk.due} {desk.later}"]
            if desk.away_reason:
                lines.append(self.say("Away: {reason}", reason=self.say(desk.away_reason)))
            if desk.first:
                why = " ".join(map(self.say, desk.first.why))
                lines += [f"next {desk.first.callback_id}", why]
            if desk.call:
                lines += [str(desk.call.state), f"by hand {desk.call.by_hand} {desk.call.number}"]
            yield f"desk/advisor {advisor_id}", lines

    def read_alerts(self) -> Screens:
        """Yield what needs a supervisor now, what is sent of each alert, and what was sent."""
        alerts = escalation.list_current_alerts(self.session, now=self.now)
        ordered = sorted(alerts, key=escalation.alert_sort_key)
        yield "alerts", [self._alert_line(alert) for alert in ordered]
        for stored in self.session.exec(select(Alert).order_by(col(Alert.id))):
            words = messages.alert_message(stored, public_url=URL)
            brief = messages.alert_text_message(stored, public_url=URL)
            yield f"alert message/{stored.id}", [words.subject, words.text, brief]
        notices = supervisor_notices.recent_notices(self.session, now=self.now)
        yield "alert settings/told", [self._notice_line(one) for one in notices]

    def read_report(self) -> Screens:
        """Yield what the report counts of how callbacks ended."""
        for title, question in QUESTIONS.items():
            report = service_report.read_service_report(
                self.session, question, OPERATOR, now=self.now
            )
            figures = drill_down.people_by_report_figure(report.standing)
            yield f"report/{title}/figures", self._counts(figures)
            yield (
                f"report/{title}/outcomes",
                self._counts(drill_down.people_by_outcome(report.people)),
            )
            reasons = drill_down.people_by_give_up_reason(self.session, report.people)
            before = drill_down.people_by_give_up_reason(self.session, report.earlier.people)
            yield (
                f"report/{title}/given up, and why",
                [
                    f"{self.say(why)}: {len(people)} (before: {len(before.get(why, ()))})"
                    for why, people in reasons.items()
                ],
            )
            yield (
                f"report/{title}/given up, who",
                [
                    f"{self.say(why)}: {people.callback_id.tolist()}"
                    for why, people in reasons.items()
                ],
            )

    def _delivery_line(self, one: Any) -> str:
        why = "" if one.is_test else self.say(one.reason)
        name = one.reading.get("name") or ""
        return f"{one.submission_id} · {one.state} · {why} · {name}"

    def _entry_line(self, entry: Any) -> str:
        said = f": {self.say(entry.said)}" if entry.said else ""
        by = f" · {self.say(entry.by)}" if entry.by else ""
        return f"{format_instant(entry.at)} {self.say(entry.what)}{said}{by}"

    def _alert_line(self, alert: Any) -> str:
        line = (
            f"{alert.kind} {alert.about}: {self.say(alert.sentence)} {format_instant(alert.since)}"
        )
        if not alert.looking:
            return line
        looks = "Acknowledged by {name} at {time}."
        looking_since = format_instant(alert.looking_since)
        return f"{line} {self.say(looks, name=alert.looking, time=looking_since)}"

    def _notice_line(self, one: Any) -> str:
        subject = str(one.kind or one.digest or "test")
        said = (subject, str(one.way), one.name, str(one.state), self.say(one.problem))
        return " · ".join(filter(None, (format_instant(one.at), *said)))

    def _counts(self, people: Any) -> list[str]:
        return [f"{self.say(name)}: {len(some)}" for name, some in people.items()]


def format_instant(at: datetime | None) -> str:
    """Return an instant as text, nothing for none."""
    return at.astimezone(UTC).isoformat() if at else ""
