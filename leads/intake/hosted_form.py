"""The hosted form, for sites that have none: shown, corrected and stored like any submission."""

from __future__ import annotations

import functools
import logging
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from types import MappingProxyType

from limits import RateLimitItemPerMinute
from limits.strategies import MovingWindowRateLimiter
from sqlalchemy.exc import SQLAlchemyError
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from leads import phone_numbers
from leads.database.field_encryption import Vault
from leads.database.transactions import reader
from leads.i18n import languages
from leads.i18n.messages import Message, MessageKey
from leads.intake import call_time_words, change_keys, thanks_page, visitor_pages
from leads.intake.form_answers import FormAnswers, read_form_answers
from leads.intake.form_embedding import CARRIED_FIELDS
from leads.intake.form_handover import FormHandover, SentForm, form_handover
from leads.intake.form_origin import is_post_of_own_page, own_address
from leads.intake.http_requests import (
    SourceCache,
    SourceWithBrand,
    arrival_from_request,
    read_limited_body,
    visitor_address,
)
from leads.intake.raw_inbox import Inbox
from leads.intake.reading_lane import LaneFullError, ReadingLane
from leads.models.helplines import Brand
from leads.network_neighborhoods import neighborhood_of
from leads.people import competence

log = logging.getLogger(__name__)

LARGEST_FORM = (
    32 * 1024
)  # bytes: what English or Spanish fields hold is shorter, and 3,000 signs of Chinese
MOST_SENT = RateLimitItemPerMinute(300)
"""How many forms, complete or not, one neighborhood may send in a minute: a shelter sends fewer."""

MOST_CORRECTIONS = RateLimitItemPerMinute(60, 10)
"""How many incomplete forms of one neighborhood are shown again in ten minutes.

Complete ones have no limit but `MOST_SENT`: many people may share an address, as in a shelter.
"""

KEPT_UNFINISHED = RateLimitItemPerMinute(30, 10)
"""How many forms that have to be corrected are kept, of one neighborhood in ten minutes."""

NO_PROBLEMS: Mapping[str, str] = MappingProxyType({})


async def serve_hosted_form(
    request: Request,
    *,
    doors: SourceCache,
    inbox: Inbox,
    lane: ReadingLane,
    now: Callable[[], datetime],
    limiter: MovingWindowRateLimiter,
    public_url: str,
    vault: Vault,
) -> Response:
    """Show the hosted form, and store what is sent with it like any other submission."""
    slug = request.path_params["slug"]
    door = await doors.find_by_key(f"slug:{slug}")
    if door is None or not door.source.takes_hosted_form:
        return visitor_pages.render_visitor_notice("nowhere", request, status=404)
    handover = form_handover(request, door, vault=vault, public_url=public_url)
    if request.method == "POST":
        if not _hit_within_limit(request, door, limiter, MOST_SENT):
            return visitor_pages.render_visitor_notice("crowded", request, door, status=429)
        try:
            return await _receive_form_post(
                request,
                door,
                handover,
                inbox=inbox,
                lane=lane,
                now=now,
                limiter=limiter,
                public_url=public_url,
            )
        except LaneFullError:
            return visitor_pages.render_visitor_notice("crowded", request, door, status=429)
    if "sent" in request.query_params:
        thanks = await thanks_page.show_thanks_page(request, door, now=now, public_url=public_url)
        handover.end(request, thanks)
        return thanks
    sent = handover.take(request)
    show = functools.partial(_render_sent_form, sent=sent) if sent else _render_new_form
    page = await run_in_threadpool(show, request, door, now=now())
    handover.invite(request, page)
    return page


async def _receive_form_post(
    request: Request,
    door: SourceWithBrand,
    handover: FormHandover,
    *,
    inbox: Inbox,
    lane: ReadingLane,
    now: Callable[[], datetime],
    limiter: MovingWindowRateLimiter,
    public_url: str,
) -> Response:
    """Store a form that is complete, whoever else sends from the same address.

    Only what has to be corrected is counted: beyond a limit it is not shown again.
    """
    body = await read_limited_body(request, most=LARGEST_FORM)
    content_type = request.headers.get("content-type", "")
    sent = SentForm(body or b"", content_type)
    show = functools.partial(_show_again, request, door, handover, lane=lane, now=now())
    if body is None:
        return await show(replace(sent, notice="too_long"), status=413)
    if "switch" in request.query_params:
        return await show(replace(sent, switches=True), status=200)
    read = functools.partial(read_form_answers, body, content_type, region=door.source.region)
    answers = await lane.read(read, address=visitor_address(request), size=len(body))
    change_key = change_keys.new_change_key()
    agrees = answers.request is not None and answers.request.consent
    # Without consent we may not even keep what was written.
    if agrees and (
        not answers.problems or _hit_within_limit(request, door, limiter, KEPT_UNFINISHED)
    ):
        is_own = is_post_of_own_page(
            request.headers, public_url=own_address(public_url, request.scope)
        )
        arrival = arrival_from_request(
            request,
            door,
            body,
            now(),
            suspicion=_suspicion_reason(answers, is_own_page=is_own),
            change_key_sha256=change_keys.hash_change_key(change_key),
        )
        try:
            await inbox.receive(arrival)
        except SQLAlchemyError as error:
            log.error("A form could not be stored: %s", type(error).__name__)  # noqa: TRY400
            away = replace(sent, notice="away")  # the next page may not be had, either
            show_now = functools.partial(_render_sent_form, request, door, now=now())
            return await run_in_threadpool(show_now, sent=away, status=503)
    if not answers.problems:
        return await thanks_page.answer_sent_form(
            request, door, change_key, now=now, public_url=public_url
        )
    if not _hit_within_limit(request, door, limiter, MOST_CORRECTIONS):
        return await show(replace(sent, notice="too_many"), status=429)
    return await show(sent, status=422)


async def _show_again(
    request: Request,
    door: SourceWithBrand,
    handover: FormHandover,
    sent: SentForm,
    *,
    lane: ReadingLane,
    now: datetime,
    status: int,
) -> Response:
    """Lead to the form as it was sent; where no cookie can bring it there, it is the answer."""
    onward = handover.send_on(request, sent)
    if onward is not None:
        return onward
    show = functools.partial(_render_sent_form, request, door, sent=sent, now=now, status=status)
    return await lane.read(show, address=visitor_address(request), size=len(sent.body))


def _without_consent(answers: FormAnswers, request: Request, door: SourceWithBrand) -> FormAnswers:
    """Return answers for another language: agreeing to one wording agrees to no translation."""
    language = visitor_pages.visitor_language(request, door)
    return replace(answers, given={**answers.given, "consent": "", "language": language})


def _hit_within_limit(
    request: Request,
    door: SourceWithBrand,
    limiter: MovingWindowRateLimiter,
    limit: RateLimitItemPerMinute,
) -> bool:
    """Count one more form of its neighborhood; returns whether it is within a limit."""
    return limiter.hit(limit, door.source.slug, neighborhood_of(visitor_address(request)))


def consent_wording_shown(brand: Brand, language: str) -> str:
    """Return the wording of consent that the form shows in a language.

    It is the brand's own in the brand's language, else the usual one.
    """
    usual = {
        known: languages.default_consent_text(known, brand=brand.name)
        for known in languages.LANGUAGES
    }
    is_theirs = brand.consent_text not in usual.values()
    at_home = languages.supported_language(brand.locale) or languages.DEFAULT_LANGUAGE
    return brand.consent_text if is_theirs and language == at_home else usual[language]


def _suspicion_reason(answers: FormAnswers, *, is_own_page: bool) -> str:
    """Return why a person should look at a submission first, or nothing."""
    if answers.given.get("website"):
        return Message(MessageKey.TRAP_FILLED)
    if not is_own_page:
        return Message(MessageKey.SENT_FROM_OTHER_PAGE)
    return Message(MessageKey.SAFETY_UNANSWERED) if answers.unanswered else ""


def _render_new_form(request: Request, door: SourceWithBrand, *, now: datetime) -> Response:
    """Return the form as it is before anybody wrote into it."""
    carried = visitor_pages.carried_fields(request)
    language = (
        languages.supported_language(carried["language"])
        or carried["language"]
        or visitor_pages.visitor_language(request, door)
    )
    answers = FormAnswers({**carried, "language": language})
    return _render_form_page(request, door, answers, now=now)


def _render_sent_form(
    request: Request, door: SourceWithBrand, *, sent: SentForm, now: datetime, status: int = 200
) -> Response:
    """Return the form as it was sent, with what is wrong with it."""
    answers = read_form_answers(sent.body, sent.content_type, region=door.source.region)
    if sent.switches:
        answers = _without_consent(answers, request, door)
    problems = {} if sent.switches or sent.notice else answers.problems
    return _render_form_page(
        request, door, answers, now=now, problems=problems, notice=sent.notice, status=status
    )


def _render_form_page(
    request: Request,
    door: SourceWithBrand,
    answers: FormAnswers,
    *,
    now: datetime,
    problems: Mapping[str, str] = NO_PROBLEMS,
    notice: str = "",
    status: int = 200,
) -> Response:
    """Return the form as it was filled out, with what is wrong beside each field.

    `notice`: what is wrong with the form as a whole.
    """
    language, given = visitor_pages.visitor_language(request, door), answers.given
    with reader(one_query=True) as session:
        offered = competence.read_offered_choices(session)
    phone = (answers.request.phone if answers.request else None) or ""
    return visitor_pages.render_visitor_page(
        "form.html",
        request,
        door,
        status=status,
        leaves=True,
        others={
            code: languages.page_texts(code)["own_name"]
            for code in languages.LANGUAGES
            if code != language
        },
        consent=consent_wording_shown(door.brand, language),
        address=visitor_pages.form_address(door),
        given=given,
        form_id=given.get("id") or secrets.token_hex(12),  # with digits: others are names of forms
        problems=problems,
        notice=notice,
        example=phone_numbers.example_phone(door.source.region),
        times=call_time_words.say_call_times(door, phone, given, language=language, now=now),
        carried=tuple(CARRIED_FIELDS),
        spoken=_language_choices(offered.languages, given.get("language", "")),
        offers_gender=offered.offers_gender,
    )


def _language_choices(offered: Sequence[str], asked: str) -> dict[str, str]:
    """Return the languages that advisors speak; none where there is nothing to choose.

    What came with the address, or is the page's, stays a choice.
    """
    spoken = {code: languages.native_language_name(code) for code in offered}
    theirs = {asked: languages.native_language_name(asked)} if asked else {}
    return spoken | theirs if len(spoken) > 1 else {}
