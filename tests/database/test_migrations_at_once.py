"""Several processes that bring the same database up to date: one does it, the others wait."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.support import warm


@pytest.mark.parametrize(
    "database", [pytest.param("sqlite", marks=pytest.mark.soak), "postgresql"], indirect=True
)
def test_who_migrates_at_the_same_moment_waits_and_finds_it_done(
    empty_place: Callable[[], str],
) -> None:
    environment = {"PATH": os.environ["PATH"], "DATABASE_URL": empty_place()}
    with ThreadPoolExecutor(2) as pool:
        done = list(pool.map(lambda _: warm.run(environment, "migrate", "--json"), range(2)))
    assert [(one.returncode, one.stderr) for one in done if one.returncode] == []
    reported = sorted(one.stderr.count("\n") for one in done)
    assert reported[0] == 0, "each migration runs once"
    assert reported[1] > 0
