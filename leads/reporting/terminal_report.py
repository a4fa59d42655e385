"""The figures of a period as text, for a terminal or a mail, and for a program."""

from __future__ import annotations

import functools
import textwrap
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from leads.i18n import translatable
from leads.i18n.readable_times import format_date, format_instant
from leads.i18n.translatable import Phrase
from leads.reporting import metrics
from leads.reporting.figure_definition import Figure, format_share, format_wait
from leads.reporting.metrics import ServiceLevel
from leads.reporting.service_report import PeriodFigures
from leads.reporting.survival_analysis import Percentiles

PERCENTILES = Phrase("Median, 90th and 95th percentile.")
EXPLAINED: tuple[Figure[..., Any], ...] = (
    *metrics.COUNTS,
    *metrics.SHARES,
    metrics.time_to_first_attempt,
    metrics.time_to_first_attempt_callable,
    metrics.time_to_first_contact,
    metrics.service_level,
    metrics.service_level_callable,
    metrics.first_attempt_bands,
)
EXCLUDED = Phrase("excluded")
LINE_LENGTH = 100
Translator = Callable[..., str]


def period_figures_as_dict(period: PeriodFigures) -> dict[str, Any]:
    """Return the figures for a program.

    Durations are in seconds; None is what is not reached or has nobody in it.
    """
    people, level = period.people, period.level
    return {
        **{figure.key: len(figure(people)) for figure in metrics.COUNTS},
        "excluded": len(level.excluded),
        **{
            figure.key: _percentiles_in_seconds(reached)
            for figure, reached in period.waits.items()
            if figure is not metrics.time_to_first_attempt_callable
        },
        "service_level": {
            "target_s": _length_in_seconds(level.target),
            "hits": len(level.hits),
            "misses": len(level.misses),
            "pending": len(level.pending),
            "share": level.share,
        },
        "bands": {
            name.removesuffix(" min").replace(" ", "_"): len(some)
            for name, some in metrics.first_attempt_bands(people).items()
        },
        **{figure.key: figure(people) for figure in metrics.SHARES},
    }


def render_period_figures(period: PeriodFigures, *, language: str = "en") -> str:
    """Return the figures for a person, in one of our languages, without what they mean."""
    said = functools.partial(translatable.translate, language)
    question = period.question
    at = format_instant(period.now, zone=question.zone, language=language)
    first, last = (format_date(on, language=language) for on in (question.first, question.last))
    days = {"first": first, "last": last, "zone": question.zone}
    head = [
        said(Phrase("Requests received from {first} to {last} ({zone}),", **days)),
        said(Phrase("as of {at}.", at=at)),
    ]
    return "\n".join([*head, "", *_table_lines(period, said), "", *_sentence_lines(period, said)])


def render_definitions(*, language: str = "en") -> str:
    """Return what each figure of a period means, in one of our languages."""
    said = functools.partial(translatable.translate, language)
    meanings = [(said(figure.row, target="T"), figure.definition) for figure in EXPLAINED]
    return "\n".join(
        textwrap.fill(f"{name}: {said(definition)}", LINE_LENGTH, subsequent_indent="    ")
        for name, definition in [*meanings, ("P50, P90, P95", PERCENTILES)]
    )


def service_level_label(level: ServiceLevel) -> Phrase:
    """Return what a service level is called."""
    return Phrase(metrics.service_level.row.template, target=format_wait(level.target))


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
    return Phrase("not called") if name == "not_rung" else name


def _table_lines(period: PeriodFigures, said: Translator) -> list[str]:
    counts = {figure.row: len(figure(period.people)) for figure in metrics.COUNTS}
    counts |= {EXCLUDED: len(period.level.excluded)}
    shares = {figure.row: format_share(figure(period.people)) for figure in metrics.SHARES}
    rows: dict[Phrase, int | str] = {**counts, **shares}
    waits = {said(figure.row): reached for figure, reached in period.waits.items()}
    wide = 2 + max(13, *(len(said(name)) for name in rows), *map(len, waits))
    return [
        *(f"{said(name):<{wide}}{_say_text(value, said):>8}" for name, value in rows.items()),
        "",
        " " * wide + "".join(f"{name:>13}" for name in ("P50", "P90", "P95")),
        *(
            f"{name:<{wide}}"
            + "".join(f"{said(format_wait(at)):>13}" for at in (wait.p50, wait.p90, wait.p95))
            for name, wait in waits.items()
        ),
    ]


def _sentence_lines(period: PeriodFigures, said: Translator) -> list[str]:
    level, there = period.level, period.callable_time
    lines = [f"{said(service_level_label(level))}: {said(service_level_summary(level))}"]
    if there:
        name = said(metrics.service_level_callable.row)
        lines += [f"{name}: {said(service_level_summary(there.level))}"]
    bands = ", ".join(
        f"{said(band_label(name))}: {count}"
        for name, count in period_figures_as_dict(period)["bands"].items()
    )
    return [*lines, f"{said(metrics.first_attempt_bands.row)}: {bands}"]


def _say_text(value: int | str, said: Translator) -> str:
    return said(value) if isinstance(value, str) else str(value)


def _percentiles_in_seconds(percentiles: Percentiles) -> dict[str, float | None]:
    return {
        "p50_s": _length_in_seconds(percentiles.p50),
        "p90_s": _length_in_seconds(percentiles.p90),
        "p95_s": _length_in_seconds(percentiles.p95),
    }


def _length_in_seconds(length: timedelta | None) -> float | None:
    if length is None:
        return None
    seconds = length.total_seconds()
    return int(seconds) if seconds.is_integer() else seconds
