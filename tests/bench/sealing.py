"""What sealing costs: one value, a form on its way to a promise, and finding somebody.

`make bench` runs it on both databases. Forms are admitted with and without sealing by turns, so
that whatever else the machine does falls on both.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import statistics
import time
from collections.abc import Callable, Iterator

from sqlmodel import func, select

from leads import person_search
from leads.database.bulk_rows import insert_returning
from leads.database.data_keys import data_keys_of
from leads.database.engine import current_engine, keys_of_open_databases
from leads.database.opening import open_data_keys
from leads.database.transactions import reader, transaction, write_deferred_inserts
from leads.helplines import brands_and_sources
from leads.intake import processing, raw_inbox
from leads.intake.raw_inbox import Arrival
from leads.models.calls import Callback
from leads.models.requests import Lead
from tests.bench.form_to_call import database
from tests.conftest import NOW
from tests.support.databases import keys_beside
from tests.support.old_databases import IN_CLEAR

FORMS, ROUNDS = 25, 30
PEOPLE, SEARCHES = 20_000, 50
WORDS, NUMBER = "I would like to talk to someone about options.", "+13155550142"
LAST_NAMES = ("Reyes", "Walker", "Johnson", "Nguyen", "Brooks", "Ortiz", "Murphy", "Price")
_numbers = itertools.count()


def main() -> None:
    """Print what each costs, one line for each."""
    for name in ("sqlite", "postgresql"):
        with database(name) as address:
            open_data_keys(("of the bench", *keys_beside(address)))
            for what, took in measure_values().items():
                print(f"{name:>12}{what:>34}{took:>10.1f} us", flush=True)
            sealed, unsealed = measure_forms(FORMS, rounds=ROUNDS)
            print(f"{name:>12}{'a form, sealed':>34}{sealed:>10.2f} ms", flush=True)
            print(f"{name:>12}{'a form, as it came':>34}{unsealed:>10.2f} ms", flush=True)
            written, found = measure_search(PEOPLE, searches=SEARCHES)
            print(f"{name:>12}{'the hashes of a person':>34}{written:>10.2f} ms", flush=True)
            print(f"{name:>12}{f'one of {PEOPLE:,} by name':>34}{found:>10.2f} ms", flush=True)


def measure_values(*, times: int = 2000) -> dict[str, float]:
    """Return the microseconds of processor time that each step with one value takes."""
    keys = data_keys_of(current_engine().dialect)
    words = keys.seal_text(WORDS, column="note.text")
    number = keys.lookup.seal_text(NUMBER, purpose="phone number")
    steps: dict[str, Callable[[], object]] = {
        "seal a message": lambda: keys.seal_text(WORDS, column="note.text"),
        "open a message": lambda: keys.open_text(words, column="note.text"),
        "seal a number": lambda: keys.lookup.seal_text(NUMBER, purpose="phone number"),
        "open a number": lambda: keys.lookup.open_text(number, purpose="phone number"),
        "hash a word": lambda: keys.lookup.hash_word("reyes", purpose="a word of a name"),
    }
    return {what: _microseconds(step, times) for what, step in steps.items()}


def _microseconds(step: Callable[[], object], times: int) -> float:
    began = time.process_time()
    for _ in range(times):
        step()
    return (time.process_time() - began) / times * 1_000_000


def measure_forms(forms: int, *, rounds: int) -> tuple[float, float]:
    """Return the median milliseconds of processor time of a form, sealed and as it came.

    From the door to the promise, what the database's own process does left out.
    """
    with transaction() as session:
        brand = brands_and_sources.add_brand(
            session, "Harbor Line", caller_id="+13155550100", now=NOW
        )
        door = brands_and_sources.add_source(session, "Site", now=NOW)
        brand.new_numbers_per_hour = door.new_numbers_per_hour = 1_000_000
        source = door.id
    spans: dict[bool, list[float]] = {True: [], False: []}
    for number in range(rounds):
        for is_sealed in (True, False) if number % 2 else (False, True):
            with contextlib.nullcontext() if is_sealed else _as_it_came():
                spans[is_sealed].append(_take_forms(source, forms) / forms)
    with reader() as session:
        taken = session.exec(select(func.count()).select_from(Callback)).one()
        assert taken == 2 * rounds * forms, "somebody was promised nothing"
    sealed, unsealed = (statistics.median(spans[is_sealed]) * 1000 for is_sealed in (True, False))
    return sealed, unsealed


def _take_forms(source: int, forms: int) -> float:
    arrivals = [
        Arrival(source, NOW, "application/json", json.dumps(_form()).encode()) for _ in range(forms)
    ]
    began = time.process_time()
    raw_inbox.store_arrivals(arrivals)
    processing.process_received_submissions(now=lambda: NOW)
    return time.process_time() - began


def _form() -> dict[str, object]:
    number = next(_numbers)
    return {
        "id": f"bench-{number}",
        "name": f"Ana {LAST_NAMES[number % len(LAST_NAMES)]}",
        "phone": f"+1315{200 + number // 10_000}{number % 10_000:04}",
        "email": f"ana{number}@example.org",
        "message": WORDS,
        "best_time": "evening",
        "consent": True,
    }


@contextlib.contextmanager
def _as_it_came() -> Iterator[None]:
    """Seal nothing meanwhile, as before there was a key."""
    opened, dialect = keys_of_open_databases(), current_engine().dialect
    kept, opened[dialect] = opened[dialect], IN_CLEAR
    yield
    opened[dialect] = kept


def measure_search(people: int, *, searches: int) -> tuple[float, float]:
    """Return the milliseconds that the hashes of one person take to write, and to be found by.

    The median, of somebody who is looked for by two words of their name.
    """
    row = {"created_at": NOW, "name": "", "phone": ""}
    rows = [
        row | {"phone": f"+1617{200 + one // 10_000}{one % 10_000:04}", "name": _name(one)}
        for one in range(people)
    ]
    with transaction() as session:
        inserted = insert_returning(session, Lead, rows, key="phone")
        began = time.perf_counter()
        for first in range(0, people, FORMS):
            person_search.defer_search_words(session, inserted[first : first + FORMS])
            write_deferred_inserts(session)
        written = (time.perf_counter() - began) / people
    spans = []
    for one in range(searches):
        with reader() as session:
            began = time.perf_counter()
            found = person_search.find_people(session, _name(one * people // searches), most=20)
            spans.append(time.perf_counter() - began)
            assert found
    return written * 1000, statistics.median(spans) * 1000


def _name(number: int) -> str:
    """Return a name as people have them: of a thousand, some share its first or its last word."""
    first = f"{'abcdefghij'[number % 10]}{'aeiou'[number % 5]}{'lmnrst'[number // 10 % 6]}a"
    return f"{first} {LAST_NAMES[number % len(LAST_NAMES)]}{'aeiou'[number // 100 % 5]}"


if __name__ == "__main__":
    main()
