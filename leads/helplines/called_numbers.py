"""Called numbers: which countries and kinds of number a helpline calls, and how many new ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from leads import phone_numbers
from leads.contact_rules.number_policy import CHOOSABLE_KINDS, USUAL_KINDS
from leads.database.wakeups import Wakeup, wake_after_commit
from leads.errors import BadConfiguration
from leads.i18n.translatable import Phrase
from leads.lifecycle.audit_trail import record_event
from leads.models.advisors import Advisor
from leads.models.helplines import Brand, Source
from leads.people.permissions import Permission, actor_of, require_permission

LARGEST_BUDGET = 1_000_000


@dataclass(frozen=True)
class CalledNumbers:
    """What a helpline calls by rule. No `countries` chosen: those of its sources, `by_default`."""

    brand_id: int
    name: str
    countries: tuple[str, ...]
    by_default: tuple[str, ...]
    kinds: tuple[str, ...]
    new_numbers_per_hour: int


def list_called_numbers(session: Session, supervisor: Advisor) -> dict[int, CalledNumbers]:
    """Return what each helpline calls, by the helpline's id. Supervisors only."""
    require_permission(supervisor, Permission.SEE_SOURCES)
    regions: dict[int, set[str]] = {}
    for brand_id, region in session.exec(select(Source.brand_id, Source.region)):
        regions.setdefault(brand_id, set()).add(region)
    return {
        brand.id: CalledNumbers(
            brand.id,
            brand.name,
            tuple(brand.called_countries),
            tuple(sorted(regions.get(brand.id, ()))),
            tuple(brand.called_kinds) or USUAL_KINDS,
            brand.new_numbers_per_hour,
        )
        for brand in session.exec(select(Brand).order_by(col(Brand.id)))
    }


def change_called_numbers(
    session: Session,
    brand_id: int,
    supervisor: Advisor,
    *,
    countries: Sequence[str],
    kinds: Sequence[str],
    new_numbers_per_hour: int,
    now: datetime,
) -> None:
    """Set what a helpline calls by rule; none chosen means each source's country, the usual kinds.

    Raises BadConfiguration for a country or kind that cannot be chosen, and for a budget below 1.
    """
    require_permission(supervisor, Permission.CHANGE_SOURCE, (Brand, brand_id))
    unknown = [country for country in countries if not phone_numbers.is_supported_region(country)]
    unknown += [kind for kind in kinds if kind not in CHOOSABLE_KINDS]
    if unknown:
        raise BadConfiguration(
            Phrase("Not a valid choice: {names}.", names=", ".join(map(str, unknown)))
        )
    brand = session.get_one(Brand, brand_id, with_for_update=True)
    usual = set(kinds) == set(USUAL_KINDS)
    changes = {
        "called_countries": list(countries),
        "called_kinds": [] if usual else [str(kind) for kind in kinds],
        "new_numbers_per_hour": validate_budget(new_numbers_per_hour),
    }
    for name, value in changes.items():
        setattr(brand, name, value)
    session.add(brand)
    actor = actor_of(supervisor)
    record_event(session, brand, "change_called_numbers", actor=actor, now=now, **changes)
    wake_after_commit(session, Wakeup.DESK)


def validate_budget(per_hour: int) -> int:
    """Return a budget of new numbers an hour; raises BadConfiguration for none or too many."""
    if not 1 <= per_hour <= LARGEST_BUDGET:
        raise BadConfiguration(
            Phrase("Enter 1 to {most} new numbers per hour.", most=LARGEST_BUDGET)
        )
    return per_hour
