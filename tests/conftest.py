"""What tests stand on: both databases, the running desk, a browser, the phone network's double."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from hypothesis import settings

from leads.contact_rules import own_numbers
from tests.support.running_desk import Desk, running_desk
from tests.support.twilio_double import TwilioDouble, running_double

pytest_plugins = [
    "tests.support.backed_up",
    "tests.support.browser_contexts",
    "tests.support.databases",
    "tests.support.shared_compiling",
]

settings.register_profile("the same every time", derandomize=True, max_examples=20, deadline=None)
settings.register_profile("soak", max_examples=1000, deadline=None)  # others every time
settings.load_profile("the same every time")

# a Tuesday, noon in New York: almost every US state may be rung
NOW = datetime(2026, 3, 3, 17, 0, tzinfo=UTC)


def pytest_collection_finish() -> None:
    """Keep the garbage collector from looking again and again through what all tests need."""
    gc.collect()
    gc.freeze()


@pytest.fixture
def twilio() -> Iterator[TwilioDouble]:
    with running_double() as double:
        yield double


@pytest.fixture
def desk(database: str, twilio: TwilioDouble) -> Iterator[Desk]:
    """The whole product as a process of its own, ringing over the double."""
    with running_desk(database, twilio) as desk:
        twilio.public_url = desk.url
        yield desk


@pytest.fixture
def process_caller_id() -> Iterator[str]:
    """Return the caller ID of the settings, which belongs to no helpline."""
    number = "+13155550177"
    own_numbers.set_process_caller_id(number)
    yield number
    own_numbers.set_process_caller_id("")
