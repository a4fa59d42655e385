"""The report that the page shows, with the people behind its figures."""

from __future__ import annotations

from dataclasses import dataclass

from dashboard.report import tables
from dashboard.report.tables import ReportContext
from leads.reporting.cohort import Cohort
from leads.reporting.service_report import ServiceReport


@dataclass(frozen=True)
class ShownReport:
    """A report with the people of each counted figure, now and in the period before.

    `reasons`: the people whom we gave up, by why. `target`: how fast is fast enough, in words.
    """

    report: ServiceReport
    context: ReportContext
    people: dict[str, Cohort]
    people_before: dict[str, Cohort]
    reasons: dict[str, Cohort]
    target: str


def open_people_of_figure(shown: ShownReport, name: str) -> None:
    """Open the people that a figure counts."""
    tables.open_people_dialog(name, shown.people[name], shown.context)
