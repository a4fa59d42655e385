"""Outside readers: what access tokens and destinations state alike, beside their legal basis.

A name, a choice of what is read or sent, and the helplines. For `destinations` and `leads.api`.
"""

from __future__ import annotations

from collections.abc import Collection
from enum import StrEnum

from sqlmodel import Session, select

from leads.errors import BadConfiguration
from leads.i18n.translatable import Phrase
from leads.models.helplines import Brand

LONGEST_NAME = 80


def parse_reader_name(name: str) -> str:
    """Return the name of a token or destination as it is kept; raises BadConfiguration."""
    name = " ".join(name.split())
    if not name or len(name) > LONGEST_NAME:
        msg = Phrase("Enter a name of 1 to {most} letters.", most=LONGEST_NAME)
        raise BadConfiguration(msg)
    return name


def parse_choices(chosen: Collection[str], choices: type[StrEnum]) -> list[str]:
    """Return one or more choices in their own order; raises BadConfiguration for any other."""
    known = [str(one) for one in choices if one in chosen]
    if not known or set(chosen) - set(known):
        msg = Phrase("Choose one or more of: {names}.", names=", ".join(choices))
        raise BadConfiguration(msg)
    return known


def find_helpline_ids(session: Session, helplines: Collection[str]) -> list[int]:
    """Return the ids of helplines by their names; raises BadConfiguration for an unknown one."""
    ids: dict[str, int] = dict(session.exec(select(Brand.name, Brand.id)).all())
    for name in helplines:
        if name not in ids:
            raise BadConfiguration(Phrase("There is no helpline {name}.", name=name))
    return sorted({ids[name] for name in helplines})
