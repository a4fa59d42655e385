"""Actor names: what each colleague whom the audit trail names as an actor is called."""

from __future__ import annotations

from collections.abc import Mapping

from sqlmodel import Session, select

from leads.models.advisors import Advisor
from leads.people.permissions import actor_of_id


def read_names_by_actor(session: Session) -> Mapping[str, str]:
    """Return the names of all colleagues, by how `actor_of` names them; nobody else has one."""
    people = session.exec(select(Advisor.id, Advisor.name))
    return {actor_of_id(advisor_id): name for advisor_id, name in people}
