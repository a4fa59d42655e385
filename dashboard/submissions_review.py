"""Submissions that could not be read by rule: a person finds the number, or says why nobody is to be rung."""

from __future__ import annotations

import streamlit as st

from dashboard import widgets
from leads import board, db, intake, review
from leads.board import Unclear
from leads.models import Submission, SubmissionState
from leads.roles import actor_of_id

READ = (
    "name",
    "phone",
    "suggested_phone",
    "email",
    "message",
    "for_whom",
    "best_time",
    "consent",
    "campaign",
    "no_dial",
)
"""What was understood, above the form's own fields."""

me = widgets.me()


def draw(one: Unclear) -> None:
    """One submission: what was understood beside what arrived, and the two decisions."""
    with st.container(border=True):
        st.subheader(one.reason, anchor=False)
        st.caption(f"{one.source}, {widgets.ago(one.received_at)} ago")
        understood, arrived = st.columns(2)
        said = [
            {"Field": name.replace("_", " "), "Read as": str(one.reading[name])}
            for name in READ
            if one.reading.get(name)
        ]
        understood.caption("What was understood")
        understood.dataframe(said, hide_index=True) if said else understood.write("Nothing.")
        if one.fields:
            understood.caption("Its fields")
            understood.dataframe([{"Field": label, "Holds": value} for label, value in one.fields], hide_index=True)
        arrived.caption("What arrived")
        arrived.code(one.body, language=None, wrap_lines=True, height=260)
        if one.state == SubmissionState.REFUSED:
            if st.button("It is genuine: put it into the queue", key=f"genuine-{one.submission_id}", type="primary"):
                trust(one)
        elif one.state == SubmissionState.WITHHELD:
            st.write("They asked us to stop before, and have written again.")
            if st.button("They want to be called: lift the stop", key=f"lift-{one.submission_id}", type="primary"):
                lift(one)
        else:
            draw_number(one)
        with st.form(f"discard-{one.submission_id}", border=False):
            reason = st.text_input("Reason why nobody is to be rung")
            if st.form_submit_button("Discard"):
                discard(one, reason)


def draw_number(one: Unclear) -> None:
    """The number that a person found."""
    with st.form(f"admit-{one.submission_id}", border=False):
        reading = one.reading
        guess = reading.get("phone") or reading.get("phone_as_given") or reading.get("suggested_phone") or ""
        if reading.get("no_dial"):
            st.caption("A number under “no dial” is another person's, who did not ask to be called.")
        number = st.text_input("Phone number to ring", value=guess)
        name = st.text_input("Name", value=reading.get("name", ""))
        if st.form_submit_button("Put into the queue", type="primary"):
            admit(one, number, name)


def trust(one: Unclear) -> None:
    """The sender is who they should be, whatever the signature said."""
    widgets.act(
        lambda s, a: review.admit_refused(s, s.get_one(Submission, one.submission_id), a, now=widgets.now()),
        "It was read and put where it belongs.",
    )
    st.rerun()


def lift(one: Unclear) -> None:
    """They mean it: lift the stop and queue a callback."""
    widgets.act(
        lambda s, a: review.admit_withheld(s, s.get_one(Submission, one.submission_id), a, now=widgets.now()),
        "The stop is lifted, and it is in the queue.",
    )
    st.rerun()


def admit(one: Unclear, number: str, name: str) -> None:
    """Queue a callback to the number that a person found."""
    widgets.act(
        lambda s, a: review.admit_corrected(
            s, s.get_one(Submission, one.submission_id), number, a, name=name, now=widgets.now()
        ),
        "It is in the queue.",
    )
    st.rerun()


def discard(one: Unclear, reason: str) -> None:
    """Close it with a reason."""
    widgets.act(
        lambda s, a: review.discard(s, s.get_one(Submission, one.submission_id), a, reason=reason, now=widgets.now()),
        "Discarded. It stays stored with your reason.",
    )
    st.rerun()


def draw_again() -> None:
    """Read all of them once more, after a source's tool or mapping was corrected."""
    if not st.button("Read them again", icon=":material/refresh:", help="After a source's set-up was corrected"):
        return
    bar = st.progress(0.0, "Reading again")
    found = intake.readmit(
        actor=actor_of_id(me.advisor_id), now=widgets.now, progress=lambda done, total: bar.progress(done / total)
    )
    st.session_state["said"] = ("success", f"{found.looked_at} read again: {found.settled} of them wait no longer.")
    st.rerun()


with db.reader() as session:
    unclear = board.to_review(session)
st.title("Submissions to review", anchor=False)
widgets.said()
if any(one.state == SubmissionState.NEEDS_REVIEW for one in unclear):
    draw_again()
if not unclear:
    st.info("Nothing to review: every submission could be read.", icon=":material/task_alt:")
for submission in unclear:
    draw(submission)
if len(unclear) == board.MOST_SHOWN:
    st.caption(f"These are the {board.MOST_SHOWN} that have waited longest; the next ones follow.")
