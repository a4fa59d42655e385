"""Escalation settings of a helpline: how many minutes past a promise each step is taken."""

from __future__ import annotations

from collections.abc import Sequence

from sqlmodel import Session, select

from leads.errors import BadConfiguration
from leads.i18n.translatable import Phrase
from leads.models.advisors import Advisor
from leads.models.helplines import Brand
from leads.people.permissions import Permission, require_permission, require_served

LATEST_STEP_MINUTES = 1440  # minutes: a day


def set_escalation_steps(
    session: Session,
    name: str,
    *,
    screens: int | None = None,
    messages: int | None = None,
    call: int | None = None,
    actor: Advisor | None = None,
) -> Brand:
    """Set how many minutes past a promise a helpline's supervisors are told, for each step.

    None leaves a step as it is.
    """
    if actor:
        require_permission(actor, Permission.SET_ESCALATION)
    brand = session.exec(select(Brand).where(Brand.name == name)).first()
    if brand is None:
        msg = Phrase("There is no helpline {name}.", name=name)
        raise BadConfiguration(msg)
    if actor:
        require_served(actor, brand)
    chosen = [brand.screens_after, brand.messages_after, brand.call_after]
    chosen = [
        old if new is None else new
        for old, new in zip(chosen, (screens, messages, call), strict=True)
    ]
    _require_rising_steps(chosen)
    brand.screens_after, brand.messages_after, brand.call_after = chosen
    session.add(brand)
    return brand


def _require_rising_steps(minutes: Sequence[int]) -> None:
    steps = [one for one in minutes if one]
    if (
        not 1 <= minutes[0] <= LATEST_STEP_MINUTES
        or steps != sorted(steps)
        or steps[-1] > LATEST_STEP_MINUTES
    ):
        msg = Phrase(
            "Enter whole minutes from 1 to {most}, each step later than the one before; 0 "
            "skips a step.",
            most=LATEST_STEP_MINUTES,
        )
        raise BadConfiguration(msg)
