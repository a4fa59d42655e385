"""How long a phone goes on ringing after its owner texted STOP, with a thousand others waiting.

`make bench` runs it on both databases: from the text at our door to the order to hang up at
Twilio's. Compare within one run.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime

from sqlmodel import select

from leads.database.transactions import transaction
from leads.models.helplines import Brand
from tests.bench.form_to_call import database
from tests.support import people
from tests.support.running_desk import Desk, running_desk
from tests.support.twilio_double import CALLER_ID, TwilioDouble, running_double

PENDING = 1000


def main() -> None:
    """Print one line for each database."""
    for name in ("sqlite", "postgresql"):
        with (
            database(name) as address,
            running_double() as twilio,
            running_desk(address, twilio) as desk,
        ):
            twilio.public_url = desk.url
            print(f"{name:<12}{measure(desk, twilio, pending=PENDING) * 1000:>8.1f} ms", flush=True)


def measure(desk: Desk, twilio: TwilioDouble, *, pending: int) -> float:
    """Return the seconds from a text to silence, while so many callbacks are due."""
    desk.opens(advisors=1)
    now = datetime.now(UTC)
    asked = dict.fromkeys(("received_at", "promised_at", "due_at"), now)
    with transaction() as session:
        for brand in session.exec(select(Brand)):
            brand.caller_id = CALLER_ID
        for _ in range(pending):
            people.a_callback(session, any_hour=True, **asked)
    call = twilio.wait_for_call()
    twilio.advisor_answers(call)
    twilio.presses(call, "1")
    lead = twilio.lead_of(call)
    twilio.moves(lead, "ringing")
    begun = time.perf_counter()
    assert twilio.receives_text(lead.to, "STOP").status_code == 200
    twilio.wait_until_hung_up(lead)
    return time.perf_counter() - begun


if __name__ == "__main__":
    main()
