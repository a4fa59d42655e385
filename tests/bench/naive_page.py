"""The page that is measured against ours.

The same reading, drawn again every two seconds whether or not it changed.
"""

from datetime import UTC, datetime

import streamlit as st

from leads.database.transactions import reader
from leads.people import sessions
from leads.read_models import advisor_desk

EVERY = 2  # seconds


@st.fragment(run_every=EVERY)
def draw(advisor_id: int) -> None:
    """Draw less than our desk does: no components, no presence to choose."""
    now = datetime.now(UTC)
    with reader() as session:
        seen = advisor_desk.read_desk(session, advisor_id, now=now)
    st.header(f"{seen.due} waiting now")
    if seen.first:
        waits = (now - seen.first.received_at).seconds // 60
        st.write(f"Next: {' '.join(seen.first.why)} They wrote {waits} min ago.")
    st.button("Take the next one", disabled=not seen.due)


st.title("My desk")
with reader() as session:
    me = sessions.find_session_identity(
        session, st.context.cookies["ringback"], now=datetime.now(UTC)
    )
if me:
    draw(me.advisor_id)
