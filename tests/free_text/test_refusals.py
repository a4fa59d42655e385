"""What people's words say against a call, and what they do not."""

from __future__ import annotations

import pytest

from leads.free_text.refusals import (
    ContactLimit,
    ContactWay,
    is_opt_out_reason,
    is_stop_wording,
    leaves_calls_out,
    named_ways,
    read_contact_limit,
    says_only_no_calls,
)
from tests.support.processor_time import READ_AT_ONCE, least_processor_seconds

REFUSALS = [
    "No calls", "Please don't call", "Please do NOT call, he is home.", "no_calls", "doNotCall",
    "Yes (no phone calls please)", "yes, but no calls", "I don't want to be called",
    "I do not want any calls", "I can't take phone calls", "calls are not safe",
    "it is not safe to call me", "He monitors my calls so please don't call me",
    "I would prefer that you not call", "Do not text or call", "not by phone", "Anything but phone",
    "never call again", "please stop calling me", "quit calling this number",
    "dont call when my husband is home", "don't call my phone", "I do not consent to calls",
    "You may not call me", "no llamar", "No me llamen", "ya no me llamen", "nada de llamadas",
    "dejen de llamarme", "no puedo recibir llamadas", "no es seguro llamarme",
    "ya no quiero que me contacten", "evite llamar", "sin llamadas por favor",
    "I would rather not talk on the phone", "I'll call you instead", "mejor yo les marco",
    "no me hablen por teléfono", "no voy a contestar llamadas",
]  # fmt: skip
REFUSALS_OF_ALL = [
    "leave me alone", "remove me from your list", "take me off ur list", "opted out",
    "I revoke my consent to be contacted", "DND", "cease and desist", "denme de baja",
    "borren mi numero", "déjenme en paz", "take my number down please", "do not use this number",
    "no usen este número",
]  # fmt: skip
OTHER_WAYS = [
    "text only", "Email only", "by text only", "only by text", "Sí, solo por mensaje", "SMS only",
    "Solo correo electrónico", "text me instead", "Text me before calling", "text first",
    "I prefer text", "email preferred", "I'd rather you text", "No, text me",
    "prefiero mensaje de texto", "mejor por mensaje", "escríbanme por favor",
    "can you please email me", "no phone", "I am deaf, please text", "please reply by email",
    "solo me pueden escribir", "txt only", "prefer text over call", "I'd rather text than call",
    "before you ring, text me", "antes de llamar, mándenme mensaje", "soy sorda, manden texto",
    "Phone is being monitored, use email", "prefiero que sea por escrito", "textéenme",
    "mándame un whats", "please hold off on calling",
]  # fmt: skip
NO_LIMIT = [
    "", "Yes", "Call me", "Call or text", "please call, do not email", "no texts please, call",
    "text or call, either is fine", "I would prefer a call", "prefiero que me llamen",
    "don't call before 9", "No calls after 5pm", "no llamar antes de las 9",
    "do not call in the morning", "not before noon", "only evenings",
    "Don't hesitate to call", "no duden en llamarme", "no problem, call anytime",
    "please do not call my husband", "don't call the police", "no llamen a mi esposo",
    "you never called me back", "no me han llamado", "I never call anyone",
    "I don't want to call, you call me", "no puedo llamar, llámenme ustedes",
    "The doctor has no phone.", "he won't stop calling me", "My ex won't leave me alone",
    "My husband only texts me when drunk", "no contact with my family", "I got no calls from you",
    "I can opt out at any time", "even if I am on a do not call list",
    "Consent is not a condition of purchase. Reply STOP to opt out.",
    "I need to stop calling my dealer", "wants to stop using", "estoy solo, llámenme",
    "don't leave a voicemail", "please don't tell my wife", "discreet", "No preference",
    "He won't answer my calls", "If I don't answer, text me", "my email is best@example.com",
    "prefer calls over text", "los llamo y nadie contesta", "I never asked for a call center",
    "my mom is hard of hearing so call me", "don't use drugs on this phone plan",
    "I would rather talk than text", "No one has contacted me", "Can you text me when you call?",
]  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [
        "pls no ring ring, txt", "phone no", "dont fone me", "calls = no, texts = yes", "call? no.",
        "hablar por teléfono no", "llamadas no", "no llamr porfa", "sin llamadas por favor",
    ],
)  # fmt: skip
def test_a_clause_of_no_and_a_call_refuses_calls_in_whatever_grammar(text: str) -> None:
    assert says_only_no_calls(text)


@pytest.mark.parametrize(
    "text",
    [
        "no one answers when I call",
        "no phone signal at work, call me",
        "call me. no insurance",
        "no rush, call",
        "No, I can't do this alone. Call me",
        "no importa la hora, llamen",
    ],
)
def test_a_no_to_something_else_beside_a_call_refuses_none(text: str) -> None:
    assert not says_only_no_calls(text)


@pytest.mark.parametrize("text", REFUSALS)
def test_a_refusal_of_calls_is_heard_however_it_is_said(text: str) -> None:
    assert read_contact_limit(text) is ContactLimit.NO_CALLS


@pytest.mark.parametrize("text", REFUSALS_OF_ALL)
def test_a_refusal_of_all_contact_is_heard(text: str) -> None:
    assert read_contact_limit(text) is ContactLimit.NO_CONTACT


@pytest.mark.parametrize("text", OTHER_WAYS)
def test_who_asks_for_another_way_sets_a_limit(text: str) -> None:
    assert read_contact_limit(text) in (
        ContactLimit.ONLY_OTHER_WAY,
        ContactLimit.OTHER_WAY_PREFERRED,
        ContactLimit.NO_CALLS,
    )


@pytest.mark.parametrize("text", NO_LIMIT)
def test_a_time_another_person_or_a_welcome_is_no_refusal(text: str) -> None:
    assert read_contact_limit(text) is None


@pytest.mark.parametrize(
    ("chosen", "is_left_out"),
    [
        (["Text", "Email"], True),
        (["Text to my cell phone"], True),
        (["WhatsApp call"], True),
        (["Email", "Text", "Not phone"], True),
        (["any way except phone"], True),
        (["either text or email"], True),
        (["Any time by text"], True),
        (["Mensaje de texto", "Correo"], True),
        (["Phone", "Text"], False),
        (["Cell phone"], False),
        (["Call/text"], False),
        (["No preference"], False),
        (["Any"], False),
        (["Cualquiera"], False),
        (["Llamada"], False),
        (["discreet"], False),
        ([], False),
    ],
)
def test_ways_of_contact_leave_calls_out_or_not(chosen: list[str], *, is_left_out: bool) -> None:
    assert leaves_calls_out(chosen) is is_left_out


def test_a_way_is_named_by_its_usual_words() -> None:
    assert named_ways("E-mail or text message") == {ContactWay.EMAIL, ContactWay.TEXT}
    assert named_ways("Teléfono / correo electrónico") == {ContactWay.CALL, ContactWay.EMAIL}


@pytest.mark.parametrize(
    "reason",
    [
        "No contactar", "Baja", "DND", "never call again", "no calls", "wants no calls",
        "Requested no further contact", "se dio de baja", "Solicitó baja", "do-not-contact list",
        "does not want to be contacted", "Client asked us not to call", "asked to be removed",
        "refused further contact", "No desea ser contactado", "pidió que no lo llamemos",
        "no volver a llamar", "retiró su consentimiento", "added to do not call list", "STOP",
        "replied STOP", "opt out - SMS", "wants to be left alone", "no callbacks", "text only",
        "stop request", "no desea contacto",
        "eliminado a petición", "GDPR erasure", "no contact per client", "doesn't want us to call",
    ],
)  # fmt: skip
def test_an_end_for_which_the_person_wants_no_calls_is_an_opt_out(reason: str) -> None:
    assert is_opt_out_reason(reason)


@pytest.mark.parametrize(
    "reason",
    [
        "wrong number", "número equivocado", "declined services", "refused treatment", "deceased",
        "falleció", "lost number", "no contact", "could not be contacted", "never called back",
        "no answer", "no call no show", "number disconnected", "withdrawal symptoms", "baja médica",
        "will call back", "not interested", "no longer needs services",
        "prefers text", "no phone", "3 calls, no response", "stopped responding",
        "Blocked number", "consent obtained",
    ],
)  # fmt: skip
def test_any_other_end_is_none(reason: str) -> None:
    assert not is_opt_out_reason(reason)


@pytest.mark.parametrize(
    "text", ["no ", "text or ", "do not to me ", "only by the ", "no me que ", "even if call "]
)
def test_a_strange_text_takes_no_longer_for_being_strange(text: str) -> None:
    said = text * (30_000 // len(text))
    assert least_processor_seconds(lambda: read_contact_limit(said)) < READ_AT_ONCE


OPT_OUT_REASONS = [
    "D.N.C.",
    "DNC",
    "d n c",
    "D/N/C",
    "D-N-C",
    "ask off list",
    "asked off list",
    "take off list",
    "asked off the list",
    "wants off list",
    "off list",
    "asked to be forgotten",
    "asked to be removed",
    "do not contact again",
    "opted out verbally",
    "verbal opt out",
    "verbal opt-out",
    "Opt-Out (verbal)",
    "asked us to stop",
    "asked that we stop calling",
    "told us to stop",
    "said stop calling",
    "stop contact",
    "cease contact",
    "cease & desist",
    "no further contact requested",
    "please remove",
    "remove from list",
    "removal requested",
    "requested removal",
    "unsubscribe request",
    "forget request",
    "right to erasure",
    "does not want contact",
    "doesnt want to be called",
    "declined further calls",
    "refuses contact",
    "DO NOT CALL BACK",
    "don't call back",
    "never contact",
    "not to be contacted",
    "asked not to be called",
    "client says stop",
    "wants out",
    "asked out",
    "wants to be left alone",
    "leave alone",
    "revoked consent",
    "consent withdrawn",
    "told not to call",
    "angry - said never call",
    "blacklist",
    "no quiere que lo llamen",
    "pidió que no lo llamen",
    "pidió ser olvidado",
    "pidió ser borrada",
    "pidió ser eliminado",
    "quitar de la lista",
    "sacar de la lista",
    "fuera de la lista",
    "pide salir de la lista",
    "pidió que lo quitaran",
    "no contactar de nuevo",
    "no volver a contactar",
    "no molestar más",
    "baja verbal",
    "se dio de baja verbalmente",
    "ya no quiere contacto",
    "solicita no ser contactado",
    "no llamar más",
    "lista de no llamar",
    "retiró su permiso",
    "quiere que lo dejen en paz",
    "pidió que borremos sus datos",
    "que no se le llame",
    "dijo que ya no llamemos",
    "do not ring",
    "no longer wishes to be contacted",
    "asked to stop receiving calls",
    "wants no more calls",
    "don't ever call this number",
    "pt requested no f/u calls",
    "pt declined f/u",
    "rqst removal",
    "opt'd out",
    "optd out",
    "hung up and said do not call",
    "scrub from list",
    "purge my info",
    "delete number",
    "wants number deleted",
    "take them off",
    "take him off the list",
    "took off list per request",
    "drop from list",
    "strike from list",
    "do not solicit",
    "lose this number",
    "asked to be taken off",
    "asked to be deleted",
    "asked to get off the list",
    "wants off",
    "off the list please",
    "not interested do not call",
    "no more outreach",
    "no outreach",
    "no further outreach",
    "stop outreach",
    "asked us never to contact them",
    "declined contact",
]  # fmt: skip
OTHER_REASONS = [
    "wrong number",
    "no answer",
    "left voicemail",
    "call dropped",
    "completed",
    "referred",
    "taken off waitlist",
    "off duty",
    "moved off list to another county",
    "removed tattoo program",
    "asked to be called back",
    "asked to be transferred",
    "called off",
    "day off",
    "off line",
    "left a list of meetings",
    "requested information",
    "wants list of meetings",
    "asked about removal of benefits",
    "no contact made",
    "unable to contact",
    "not contacted",
    "duplicate removed",
    "record merged",
    "contacted again",
    "resolved",
    "helped",
    "asked to be seen",
    "asked to be put on list",
    "wait list",
    "cut off",
    "hung up",
    "forgot appointment",
    "forgotten password",
    "client forgot",
    "stopped using",
    "opted in",
    "opted for outpatient",
    "opted out of insurance",
    "no further action",
    "no further calls needed",
    "no follow up needed",
    "callback later",
    "stop by office",
    "wants to be removed from home",
    "removed from home",
    "drop off",
    "deleted duplicate",
    "fuera de servicio",
    "fuera de área",
    "sacar cita",
    "baja prioridad",
    "lista de espera",
    "dado de alta",
    "completado",
    "quitar adicción",
    "no contesta",
    "no contactado",
]  # fmt: skip


@pytest.mark.parametrize("reason", OPT_OUT_REASONS)
def test_an_opt_out_is_heard_in_whatever_words_staff_noted_it(reason: str) -> None:
    assert is_stop_wording(reason)


@pytest.mark.parametrize("reason", OTHER_REASONS)
def test_what_only_sounds_like_an_opt_out_is_none(reason: str) -> None:
    assert not is_opt_out_reason(reason)


@pytest.mark.parametrize("mark", [".", "-", "/", " "])
def test_an_abbreviation_is_read_letter_by_letter(mark: str) -> None:
    assert is_stop_wording(mark.join("DNC"))
    assert read_contact_limit(f"please: {mark.join('dnc')}") is ContactLimit.NO_CONTACT
