"""What `make bench` runs goes on working: nothing else would notice."""

import pytest

from tests.bench import (
    bulk_rows,
    first_use,
    form_to_call,
    growth,
    report,
    sealing,
    stop_to_silence,
    under_attack,
    work_list,
)
from tests.support.running_desk import Desk
from tests.support.twilio_double import TwilioDouble


# where the people are
def test_figures_of_many_people_are_timed(database: str) -> None:
    readings = report.measure(leads=60, days_kept=2)
    assert len(readings) == len(report.COLUMNS) - 1
    assert all(float(reading.split()[0]) >= 0 for reading in readings)


# where the rows are
def test_a_long_work_list_is_timed(database: str) -> None:
    supervisor, _secret = work_list.fill_work_list(rows=5)
    assert all(took > 0 for took in work_list.measure_reading(supervisor))
    assert all(took > 0 for took in work_list.measure_looks(supervisor))


@pytest.mark.soak
def test_a_long_work_list_is_drawn(database: str) -> None:
    _supervisor, secret = work_list.fill_work_list(rows=5)
    assert all(took > 0 for took in work_list.measure_drawing(database, secret, rows=5))


@pytest.mark.soak
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_the_way_from_a_form_to_the_phone_network_is_timed(
    desk: Desk, twilio: TwilioDouble, capsys: pytest.CaptureFixture[str]
) -> None:
    form_to_call.measure("sqlite", 50, 3, desk, twilio)
    name, *figures = capsys.readouterr().out.split()
    assert name == "sqlite"
    assert all(0 < float(figure) < 20_000 for figure in figures)


@pytest.mark.soak
def test_a_stop_is_followed_by_silence_within_a_second(desk: Desk, twilio: TwilioDouble) -> None:
    assert stop_to_silence.measure(desk, twilio, pending=stop_to_silence.PENDING) < 1


@pytest.mark.soak
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize("attack", under_attack.ATTACKS)
def test_health_is_answered_within_a_fifth_of_a_second_under_attack(
    desk: Desk, attack: str
) -> None:
    doors = under_attack.open_doors(desk)
    tries = (max(under_attack.measure(attack, doors, lasts=2.0)) for _ in range(3))
    assert any(worst <= under_attack.GOAL for worst in tries)  # others use this machine, too


@pytest.mark.parametrize("what", bulk_rows.WAYS)
# where the rows go
def test_rows_are_inserted_both_ways(database: str, what: str) -> None:
    assert all(0 < figure < 1_000_000 for figure in bulk_rows.measure(what, 3, rounds=2))


# what is compared and found there
def test_what_sealing_costs_is_timed(database: str) -> None:
    values = sealing.measure_values(times=2)
    timed = (*values.values(), *sealing.measure_forms(2, rounds=2))
    assert all(0 < took < 1_000_000 for took in timed)
    assert all(took > 0 for took in sealing.measure_search(20, searches=2))


@pytest.mark.soak  # it installs what the demo needs
def test_the_first_steps_of_a_newcomer_are_timed(capsys: pytest.CaptureFixture[str]) -> None:
    first_use.main()
    assert len(capsys.readouterr().out.splitlines()) == 7  # steps


# only SQLite says how many steps a question took, however busy the machine is
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_nothing_that_is_asked_over_and_over_grows_with_what_is_past(database: str) -> None:
    few = growth.measure(250, a_day=5, readings=1)
    with form_to_call.database("sqlite"):
        many = growth.measure(1500, a_day=5, readings=1)
    assert all(steps for _took, steps in many.values())
    assert growth.list_growing([few, many]) == growth.COUNTS_ALL
