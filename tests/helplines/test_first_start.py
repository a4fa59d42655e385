"""The first start of an empty installation, also of several processes at once."""

from __future__ import annotations

import pytest
from sqlmodel import select

from leads.database.transactions import reader, transaction
from leads.helplines import first_start
from leads.models.helplines import Brand, Source
from tests.conftest import NOW
from tests.support.races import at_once


@pytest.mark.usefixtures("database")
def test_processes_that_start_together_make_one_helpline_and_let_the_first_person_in() -> None:
    invitations: list[str | None] = []

    def start(_number: int) -> None:
        with transaction() as session:
            invitations.append(first_start.prepare_first_start(session, now=NOW))

    assert at_once(4, start) == [None] * 4
    with reader() as session:
        assert len(session.exec(select(Brand)).all()) == 1
        assert len(session.exec(select(Source)).all()) == 1
    assert len({*invitations, None}) == 5
