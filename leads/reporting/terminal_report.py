"""The terminal report: the figures of a period, for whoever reads them there or by a program."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlmodel import Session, select

from leads.errors import BadConfiguration
from leads.i18n import translatable
from leads.i18n.translatable import Phrase
from leads.models.helplines import Brand
from leads.reporting import calendar_days, callable_time, cohort, metrics
from leads.reporting.cohort import Cohort
from leads.reporting.filters import ReportFilter
from leads.reporting.metrics import ServiceLevel
from leads.reporting.survival_analysis import Percentiles

DEFINITIONS = Phrase(
    """\
Every request received in the period counts once, rung or not; a repeated form is no new request.
  first attempt   from the form's receipt until the person's own phone was first dialled
  first contact   from the form's receipt until they were first talked to
  P50, P90, P95   the time within which that share was reached; who still waits counts as waiting
                  (Kaplan-Meier), who asked us to stop leaves the count at that moment, and whom we
                  gave up on stays unreached
  service level   hits / (hits + misses): rung within the target, or later or not at all when it had
                  passed; excluded: asked us to stop within it; pending: still open within it
  callable        the same from the time we promised, without the hours in which the person's phone
                  must not ring
  bands           minutes to the first attempt; a band includes its upper edge
  contact rate    contacted / received"""
)

COUNTED = {
    "received": Phrase("received"),
    "rung": Phrase("rung"),
    "contacted": Phrase("contacted"),
    "open": Phrase("open"),
    "excluded": Phrase("excluded"),
    "contact_rate": Phrase("contact rate"),
}
WAITS = (Phrase("first attempt"), Phrase("  callable"), Phrase("first contact"))
BANDS = Phrase("minutes to the first attempt")


@dataclass(frozen=True)
class PeriodReport:
    """The figures of the requests received in a period, as they stood at `now`.

    The period runs from the first day to the last, both included, in `zone`.
    """

    first: date
    last: date
    zone: str
    now: datetime
    rows: Cohort
    level: ServiceLevel
    level_callable: ServiceLevel
    attempt: Percentiles
    attempt_callable: Percentiles
    contact: Percentiles


def read_period_report(
    session: Session,
    *,
    first: date,
    last: date,
    zone: str,
    target: timedelta,
    brand_name: str = "",
    now: datetime,
) -> PeriodReport:
    """Report on the days from first to last, both included, of the calendar in `zone`.

    Raises BadConfiguration for a period that ends before it begins and for a brand that does not
    exist.
    """
    if last < first:
        msg = "The period ends before it begins: --to is before --from."
        raise BadConfiguration(msg)
    if (
        brand_name
        and session.exec(select(Brand.id).where(Brand.name == brand_name)).first() is None
    ):
        msg = f"There is no brand {brand_name}."
        raise BadConfiguration(msg)
    start, end = calendar_days.period_bounds(first, last, zone)
    rows = cohort.read_cohort(
        session, start=start, end=end, now=now, only=ReportFilter(brand=brand_name)
    )
    rows = callable_time.add_callable_wait(session, rows, now=now)
    return PeriodReport(
        first,
        last,
        zone,
        now,
        rows,
        level=metrics.service_level(rows, target=target, now=now),
        level_callable=metrics.service_level_callable(rows, target=target),
        attempt=metrics.time_to_first_attempt(rows, now=now),
        attempt_callable=metrics.time_to_first_attempt_callable(rows, now=now),
        contact=metrics.time_to_first_contact(rows, now=now),
    )


def period_report_as_dict(report: PeriodReport) -> dict[str, Any]:
    """Return the figures of a period for a program.

    Durations are in seconds; None is what is not reached or has nobody in it.
    """
    rows, level = report.rows, report.level
    return {
        "received": len(rows),
        "rung": int(rows.rung.sum()),
        "contacted": int(rows.reached.sum()),
        "open": int(rows.is_open.sum()),
        "excluded": len(level.excluded),
        "time_to_first_attempt": _percentiles_in_seconds(report.attempt),
        "time_to_first_contact": _percentiles_in_seconds(report.contact),
        "service_level": {
            "target_s": _length_in_seconds(level.target),
            "hits": len(level.hits),
            "misses": len(level.misses),
            "pending": len(level.pending),
            "share": level.share,
        },
        "bands": {
            name.removesuffix(" min").replace(" ", "_"): len(found)
            for name, found in metrics.first_attempt_bands(rows).items()
        },
        "contact_rate": metrics.contact_rate(rows),
    }


def render_period_report(report: PeriodReport, *, language: str = "en") -> str:
    """Return the figures of a period as text with their definitions, in one of our languages."""
    said = functools.partial(translatable.translate, language)
    found, level = period_report_as_dict(report), report.level
    names = {word: said(COUNTED[word]) for word in COUNTED}
    wide = 2 + max(13, *map(len, (*names.values(), *map(said, WAITS))))
    at = f"{report.now.astimezone(ZoneInfo(report.zone)):%Y-%m-%d %H:%M:%S %Z}"
    days = {"first": report.first, "last": report.last, "zone": report.zone}
    lines = [
        said(Phrase("Requests received from {first} to {last} ({zone}),", **days)),
        said(Phrase("as they stood at {at}.", at=at)),
        "",
    ]
    lines += [
        f"{names[word]:<{wide}}{found[word]:>8}" for word in COUNTED if word != "contact_rate"
    ]
    lines += [f"{names['contact_rate']:<{wide}}{said(format_share(found['contact_rate'])):>8}", ""]
    lines += [f"{'':<{wide}}" + "".join(f"{name:>13}" for name in ("P50", "P90", "P95"))]
    for name, reached in zip(
        WAITS, (report.attempt, report.attempt_callable, report.contact), strict=True
    ):
        shown = (f"{said(format_wait(at)):>13}" for at in (reached.p50, reached.p90, reached.p95))
        lines.append(f"{said(name):<{wide}}" + "".join(shown))
    lines += ["", f"{said(service_level_label(level))}: {said(service_level_summary(level))}"]
    lines += [f"{said(WAITS[1])}: {said(service_level_summary(report.level_callable))}"]
    bands = [f"{said(band_label(name))}: {count}" for name, count in found["bands"].items()]
    lines += [f"{said(BANDS)}: " + ", ".join(bands), "", said(DEFINITIONS)]
    return "\n".join(lines)


def service_level_label(level: ServiceLevel) -> Phrase:
    """Return the name of a service level with its target."""
    return Phrase("service level within {target}", target=format_wait(level.target))


def service_level_summary(level: ServiceLevel) -> Phrase:
    """Return a service level's share with the counts that it is made of."""
    hits, misses, pending = (len(rows) for rows in (level.hits, level.misses, level.pending))
    made_of = {"hits": hits, "misses": misses, "pending": pending}
    return Phrase(
        "{share} (hits {hits}, misses {misses}, pending {pending})",
        share=format_share(level.share),
        **made_of,
    )


def band_label(name: str) -> str:
    """Return the label of a band of first attempts: minutes from and to."""
    return Phrase("not rung") if name == "not_rung" else name


def format_wait(length: timedelta | None) -> str:
    """Return a wait in hours, minutes and seconds."""
    return (
        Phrase("not reached")
        if length is None
        else str(timedelta(seconds=round(length.total_seconds())))
    )


def format_share(part: float | None) -> str:
    """Return a share in per cent."""
    return Phrase("nobody yet") if part is None else f"{part:.0%}"


def _percentiles_in_seconds(found: Percentiles) -> dict[str, float | None]:
    return {
        "p50_s": _length_in_seconds(found.p50),
        "p90_s": _length_in_seconds(found.p90),
        "p95_s": _length_in_seconds(found.p95),
    }


def _length_in_seconds(length: timedelta | None) -> float | None:
    if length is None:
        return None
    seconds = length.total_seconds()
    return int(seconds) if seconds.is_integer() else seconds
