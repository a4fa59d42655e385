"""Processes die at random instants, again and again, while people send forms and are called."""

from __future__ import annotations

import os
import random
import secrets
from collections.abc import Sequence

import pytest

from tests.support.killed_desks import People, installation

KILLS = int(os.environ.get("KILLS", "1000"))
PROCESSES = {"sqlite": ("all",), "postgresql": ("web", "worker", "worker")}


def kill_and_look(database: str, roles: Sequence[str], *, kills: int, seed: int) -> None:
    with (
        installation(database, roles=roles, seed=seed, people=4 * kills) as desks,
        People(desks.webhook) as people,
    ):
        desks.kill_at_random(random.Random(seed), kills)
        people.finish()
        looked = desks.come_to_rest(people)
        figures = ", ".join(f"{count} {name}" for name, count in looked.figures.items())
        found = f"{len(looked.lost)} lost, {len(looked.twice)} twice, {len(looked.untrue)} untrue"
        print(f"\nseed {seed}: {figures}: {found}", flush=True)
        for problem in looked.broken:
            print(problem, *desks.story_of(problem), sep="\n    ")
        assert looked.broken == []


@pytest.mark.soak
def test_a_thousand_kills_lose_nobody_and_call_nobody_twice(
    database: str, capsys: pytest.CaptureFixture[str]
) -> None:
    seed = int(os.environ.get("SEED", "0")) or secrets.randbelow(2**31)
    roles = PROCESSES[database.partition("+")[0].partition(":")[0]]
    with capsys.disabled():
        kill_and_look(database, roles, kills=KILLS, seed=seed)
