"""Submissions review: a person says what a submission means that no rule could read.

Or the person says why nobody is to be rung.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from dashboard import widgets
from dashboard.language import _
from dashboard.review import statements, waiting_texts_section, waiting_voicemails_section
from dashboard.review.decisions import decide_about_record
from dashboard.setup import reading_table
from leads.i18n.translatable import Phrase
from leads.intake import bursts, reprocessing, review, review_queue
from leads.intake.review import Correction
from leads.intake.review_queue import SubmissionForReview
from leads.lead_records import later_statements
from leads.messaging import voicemails, waiting_texts
from leads.models.enums import SubmissionState
from leads.models.labels import DANGER_CHECKLISTS
from leads.models.requests import Submission
from leads.people.permissions import Permission, actor_of_id

IN_QUEUE = Phrase("It is in the queue.")
IN_QUEUE_AND_CONFIRMED = Phrase(
    "It is in the queue. Click “Process again” for the similar forms that are waiting here."
)
WISHES = ("consent", "safe_to_call", "safe_to_voicemail", "safe_to_text")

me = widgets.require_signed_in_advisor()


def draw_submission(submission: SubmissionForReview) -> None:
    """Draw one submission: what was understood beside what arrived, and the decisions about it."""
    with st.container(border=True):
        st.subheader(widgets.escape_markdown(_(submission.reason)), anchor=False)
        if submission.danger:
            st.error(_(DANGER_CHECKLISTS[submission.danger]), icon=":material/emergency_home:")
        came = {
            "source": widgets.escape_markdown(submission.source),
            "length": widgets.time_since_text(submission.received_at),
        }
        st.caption(
            _("No. {number} from {source}, {length} ago", number=submission.submission_id, **came)
        )
        understood, arrived = st.columns(2)
        with understood:
            reading_table.draw_submission_reading(submission.reading)
        with arrived:
            reading_table.draw_form_fields(submission.fields)
            reading_table.draw_raw_body(submission.body)
        draw_submission_decision(submission)
        with st.form(f"discard-{submission.submission_id}", border=False):
            reason = st.text_input(_("Why no one should be called"))
            if st.form_submit_button(_("Discard")):
                discarded = Phrase("Discarded. It stays stored with your reason.")
                decide_submission(submission, review.discard_submission, discarded, reason=reason)


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
    """Draw the form of what a submission means, beginning with what was read."""
    was = review.propose_correction(submission.reading)
    with st.form(f"admit-{submission.submission_id}", border=False):
        if submission.reading.get("no_dial"):
            st.caption(
                _("Do not call someone else's number unless that person asked for the call.")
            )
        left, right = st.columns(2)
        with left:
            phone = st.text_input(_("Phone number to call"), value=was.phone)
            name = st.text_input(_("Name"), value=was.name)
            email = st.text_input(_("E-mail address"), value=was.email)
        with right:
            whom = ["", *dict.fromkeys((*widgets.FOR_WHOM_LABELS, *filter(None, [was.for_whom])))]
            for_whom = st.selectbox(
                _("Who they are asking for"),
                whom,
                index=whom.index(was.for_whom),
                format_func=for_whom_text,
            )
            message = st.text_area(_("Message"), value=was.message, height=122)
        wishes = {
            wish: choose_wish_answer(wish, getattr(was, wish), column)
            for wish, column in zip(WISHES, st.columns(4), strict=True)
        }
        draw_admit_buttons(
            submission, Correction(phone, name, email, message, for_whom or "", **wishes)
        )


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
            source=widgets.escape_markdown(submission.source),
            field=widgets.escape_markdown(", ".join(f"“{label}”" for label in fields)),
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
    answers = list(reading_table.ANSWER_LABELS)
    return column.selectbox(
        _(reading_table.READING_LABELS[wish]),
        answers,
        index=answers.index(was),
        format_func=lambda answer: _(reading_table.ANSWER_LABELS[answer]),
    )


def for_whom_text(for_whom: str) -> str:
    """Return in words for whom the sender asks."""
    return reading_table.answer_text(for_whom, "for_whom") if for_whom else _("not asked")


def decide_submission(
    submission: SubmissionForReview, verb: Callable[..., None], done: Phrase, **decision: Any
) -> None:
    """Decide what becomes of a submission, and draw the page anew."""
    decide_about_record(verb, Submission, submission.submission_id, done, **decision)


@widgets.in_stable_container
def draw_reprocess_button(unclear: list[SubmissionForReview]) -> None:
    """Draw the button that reads all submissions again, after a tool or mapping was corrected."""
    if not any(one.state == SubmissionState.NEEDS_REVIEW for one in unclear):
        return
    hint = _("After a source's set-up was corrected")
    if not st.button(_("Process again"), icon=":material/refresh:", help=hint):
        return
    widgets.stop_unless_permitted(Permission.REPROCESS_SUBMISSIONS)
    bar = st.progress(0.0, _("Processing again"))
    result = reprocessing.reprocess_reviews(
        actor=actor_of_id(me.advisor_id),
        now=widgets.read_utc_clock,
        progress=lambda done, total: bar.progress(done / total),
    )
    widgets.set_action_message(result.sentence)
    st.rerun()


@widgets.in_stable_container
def draw_burst_button(waiting: int) -> None:
    """Draw the button that admits all who wait because more new numbers than usual came."""
    if not waiting:
        return
    st.warning(
        _(
            "More new numbers than usual: {count} people are waiting for you to decide. If it "
            "is a campaign, add them all to the queue and raise the limit under Helpline "
            "set-up. If they look fake, discard them one by one.",
            count=waiting,
        )
    )
    if not st.button(_("Add them all to the queue"), icon=":material/done_all:"):
        return
    widgets.stop_unless_permitted(Permission.DECIDE_SUBMISSION)
    bar = st.progress(0.0, _("Adding them to the queue"))
    admitted = bursts.admit_bursts(
        me.advisor_id,
        now=widgets.read_utc_clock,
        progress=lambda done, total: bar.progress(done / total),
    )
    widgets.set_action_message(Phrase("Added to the queue: {count}.", count=admitted))
    st.rerun()


def choose_page(waiting: int) -> int:
    """Let the supervisor choose which of the waiting submissions are shown, oldest first."""
    pages = -(-waiting // review_queue.MOST_SHOWN)
    if pages <= 1:
        return 0
    return st.selectbox(
        _("Choose one of the {count} waiting", count=waiting),
        range(pages),
        format_func=lambda page: _(
            "{first} to {last}",
            first=page * review_queue.MOST_SHOWN + 1,
            last=min(waiting, (page + 1) * review_queue.MOST_SHOWN),
        ),
    )


texts = widgets.read_or_stop_page(waiting_texts.list_waiting_texts)
spoken = widgets.read_or_stop_page(voicemails.list_waiting_voicemails)
to_decide = widgets.read_or_stop_page(later_statements.list_statements_to_decide)
waiting, of_burst = widgets.read_or_stop_page(
    lambda s, a: (review_queue.count_submissions_to_review(s, a), bursts.count_of_burst(s, a))
)
st.title(_("Submissions to review"), anchor=False)
widgets.draw_action_message()
waiting_voicemails_section.draw_waiting_voicemails(spoken)
waiting_texts_section.draw_waiting_texts(texts)
statements.draw_statements_to_decide(to_decide)
if waiting:
    st.header(_("Forms waiting for review"), anchor=False)
draw_burst_button(of_burst)
chosen_page = choose_page(waiting)
unclear = widgets.read_or_stop_page(
    lambda s, a: review_queue.list_submissions_to_review(s, a, page=chosen_page)
)
draw_reprocess_button(unclear)
for submission in unclear:
    draw_submission(submission)
if not (spoken or texts or to_decide or unclear):
    st.info(_("Nothing to review: every submission could be read."), icon=":material/task_alt:")
