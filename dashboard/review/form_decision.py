"""A form that waits for a person, who says what it means, or why nobody is to be called."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from dashboard import page_text, widgets
from dashboard.language import _
from dashboard.review.decisions import decide_about_record
from dashboard.setup import reading_table
from leads.i18n import languages
from leads.i18n.translatable import Phrase
from leads.intake import discard_undo, review
from leads.intake.review import Correction
from leads.intake.review_queue import SubmissionForReview
from leads.models.enums import SubmissionState
from leads.models.labels import DANGER_CHECKLISTS
from leads.models.requests import Submission

IN_QUEUE = Phrase("It is in the queue.")
IN_QUEUE_AND_CONFIRMED = Phrase(
    "It is in the queue. Click “Process again” for the similar forms that are waiting here."
)
WISHES = ("consent", "safe_to_call", "safe_to_voicemail", "safe_to_text")


def draw_submission(submission: SubmissionForReview) -> None:
    """Draw one submission: why it waits and the decisions, above what was read and what arrived.

    What people write can be long: nobody scrolls past it to decide.
    """
    st.subheader(page_text.escape_markdown(_(submission.reason)), anchor=False)
    if submission.danger:
        st.error(_(DANGER_CHECKLISTS[submission.danger]), icon=":material/emergency_home:")
    with st.container(horizontal=True, wrap=False, vertical_alignment="center"):
        widgets.draw_small_text(arrival_text(submission))
        st.space("stretch")
        draw_discard_form(submission)
    draw_submission_decision(submission)
    reading_table.draw_submission_reading(submission.reading)
    with st.expander(_("What arrived"), icon=":material/inbox:"):
        reading_table.draw_form_fields(submission.fields)
        reading_table.draw_raw_body(submission.body)


def draw_discard_form(submission: SubmissionForReview) -> None:
    """Draw the button under which a submission is discarded for a reason."""
    with (
        st.popover(_("Discard"), icon=":material/delete:", key=f"drop-{submission.submission_id}"),
        st.form(f"discard-{submission.submission_id}", border=False),
    ):
        reason = st.text_input(_("Why no one should be called"))
        if st.form_submit_button(_("Discard this form")):
            discarded = Phrase("Discarded. It stays stored with your reason.")
            decide_submission(
                submission,
                review.discard_submission,
                discarded,
                undo=discard_undo.undo_discard,
                reason=reason,
            )


def arrival_text(submission: SubmissionForReview) -> str:
    """Return where a submission came from, and how long ago."""
    came = {
        "number": submission.submission_id,
        "length": page_text.time_since_text(submission.received_at),
    }
    if submission.is_entered_by_hand:
        return _("No. {number}, entered by hand {length} ago", **came)
    source = page_text.escape_markdown(_(submission.source))
    return _("No. {number} from {source}, {length} ago", source=source, **came)


def draw_submission_decision(submission: SubmissionForReview) -> None:
    """Draw the decision that puts a submission into the queue."""
    if submission.state == SubmissionState.REFUSED:
        label = _("It is genuine: add to queue")
        if st.button(label, key=f"genuine-{submission.submission_id}", type="primary"):
            read = Phrase("It was processed and is where it belongs.")
            decide_submission(submission, review.process_refused_submission, read)
    elif submission.state == SubmissionState.WITHHELD:
        st.write(_("They opted out before, and have written again."))
        label = _("They want calls: take them off the do-not-contact list")
        if st.button(label, key=f"lift-{submission.submission_id}", type="primary"):
            lifted = Phrase("Contact is allowed again, and it is in the queue.")
            decide_submission(submission, review.admit_withheld_submission, lifted)
    else:
        draw_submission_correction(submission)


def draw_submission_correction(submission: SubmissionForReview) -> None:
    """Draw the form of what a submission means, beginning with what was read.

    Its answers are open where no number could be read, and somebody has to write one down.
    """
    reading = submission.reading
    with st.form(f"admit-{submission.submission_id}", border=False):
        buttons = st.container()
        if reading.get("no_dial"):
            st.caption(
                _("Do not call someone else's number unless that person asked for the call.")
            )
        with st.expander(
            _("Correct the answers first"),
            icon=":material/edit:",
            expanded=not reading.get("phone"),
            key=f"answers-{submission.submission_id}",
        ):
            correction = ask_correction(review.propose_correction(reading))
        with buttons:
            draw_admit_buttons(submission, correction)


def ask_correction(was: Correction) -> Correction:
    """Ask what a submission means."""
    left, right = st.columns(2)
    phone = left.text_input(_("Phone number to call"), value=was.phone)
    name = right.text_input(_("Name"), value=was.name)
    email = left.text_input(_("E-mail address"), value=was.email)
    whom = ["", *dict.fromkeys((*languages.FOR_WHOM_LABELS, *filter(None, [was.for_whom])))]
    for_whom = right.selectbox(
        _("Who they are asking for"),
        whom,
        index=whom.index(was.for_whom),
        format_func=for_whom_text,
    )
    message = st.text_area(_("Message"), value=was.message, height=90)
    columns = st.columns(2)
    wishes = {
        wish: choose_wish_answer(wish, getattr(was, wish), columns[at % 2])
        for at, wish in enumerate(WISHES)
    }
    return Correction(phone, name, email, message, for_whom or "", **wishes)


def draw_admit_buttons(submission: SubmissionForReview, correction: Correction) -> None:
    """Draw the button that queues a callback, and the one that confirms the number's field as well.

    Nobody understands all of such a field's name, so that a person confirms it by a press of its
    own: neither Enter nor the button beside it does.
    """
    fields = review.list_confirmable_fields(submission.reading)
    with st.container(horizontal=True):
        is_admitted = st.form_submit_button(_("Add to queue"), type="primary")
        is_confirmed = bool(fields) and st.form_submit_button(
            _("Add to queue, now and for every form like it")
        )
    if fields:
        sentence = _(
            "“Every form like it” means that from now on the number {source} sends in {field} is "
            "called without review. Choose it only if that field never holds another person's "
            "number. You can undo it under Helpline set-up.",
            source=page_text.escape_markdown(_(submission.source)),
            field=page_text.escape_markdown(", ".join(f"“{label}”" for label in fields)),
        )
        widgets.draw_small_text(sentence)
    if is_admitted or is_confirmed:
        decide_submission(
            submission,
            review.admit_corrected_submission,
            IN_QUEUE_AND_CONFIRMED if is_confirmed else IN_QUEUE,
            correction=correction,
            remembers_field=is_confirmed,
        )


def choose_wish_answer(
    wish: str,
    was: bool | None,  # noqa: FBT001 - it is what is chosen
    column: st.delta_generator.DeltaGenerator,
) -> bool | None:
    """Ask for a wish: yes, no, or nothing said."""
    answers = list(reading_table.YES_NO_UNASKED)
    return column.selectbox(
        _(reading_table.READING_LABELS[wish]),
        answers,
        index=answers.index(was),
        format_func=lambda answer: _(reading_table.YES_NO_UNASKED[answer]),
    )


def for_whom_text(for_whom: str) -> str:
    """Return in words for whom the sender asks."""
    return reading_table.answer_text(for_whom, "for_whom") if for_whom else _("not asked")


def decide_submission(
    submission: SubmissionForReview, verb: Callable[..., None], done: Phrase, **decision: Any
) -> None:
    """Decide what becomes of a submission, and draw the page anew."""
    decide_about_record(verb, Submission, submission.submission_id, done, **decision)
