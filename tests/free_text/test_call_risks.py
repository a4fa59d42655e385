"""What people write that makes a call one for a person to decide, and what they write as a rule."""

from __future__ import annotations

import tomllib
from collections import Counter
from pathlib import Path

import pytest

from leads.free_text import call_risks, normalization
from leads.free_text.call_risks import CallRisk, find_call_risks, has_call_risk
from leads.free_text.sign_patterns import words_of_pattern
from tests.support.form_answers import GIVEN, NUMBER, read
from tests.support.processor_time import READ_AT_ONCE, least_processor_seconds

DATA = Path(__file__).with_name("data")
STRANGERS = (
    Path(__file__).parents[1].joinpath("forms/data/strangers.txt").read_text("utf-8").split()
)
ORDINARY = [
    "Hello I need to get my brother into detox this week, call me any time",
    "I can talk on the phone after my kids are in bed around 8:30",
    "my cell is the best way to get a hold of me",
    "I work construction so if I don't pick up leave a message",
    "Can you tell me what it costs? My number is above",
    "Looking for a Spanish speaking counselor, please call",
    "my insurance company told me to call you",
    "I've called every place in town and they are full",
    "He relapsed last night. Please call as soon as you can",
    "I am a veteran, who do I talk to? call me",
    "I drink about a fifth a day and my hands shake. Phone is fine",
    "Please phone between 3 and 5",
    "es urgente llámenme hoy mismo",
    "soy mamá de dos niños y tomo mucho, pueden marcarme en la tarde",
    "quisiera más información, mi celular está arriba",
    "my husband hid my car keys but I have my phone",
    "got your number from my probation officer",
    "Just want info on suboxone. a phone call works",
    "call during business hours please",
    "I hung up last time because I was nervous, please call again",
    "I work nights so the best time to call is after 2 pm",
    "Looking for an outpatient program, you can reach me at this number or by email",
    "my number is 555-234-1234 call or text is fine",
    "I called last week and left a voicemail but never heard back",
    "Please give me a call when you get a chance, thanks!",
    "Could someone call me to discuss options for my son? He is 19",
    "need a bed for my brother asap pls call",
    "My insurance is Aetna. Call me anytime.",
    "I'd like to talk to a counselor over the phone",
    "Would prefer a phone call over email",
    "Hi, my name is Rosa and I would like a call about detox for my dad",
    "he keeps calling me from jail",
    "I am calling on behalf of my sister who is in the hospital",
    "Please call my cell, the house phone is broken",
    "You can leave a voicemail",
    "if I don't answer please leave a message",
    "If I miss your call please try again",
    "Call me before I change my mind",
    "no one answered when I called you",
    "my wife is worried about me",
    "I lost my job because I kept calling in sick",
    "my phone is 315 555 0142",
    "call my cell after 5",
    "I get off work at 4 so any time after that is good to call",
    "the phone number I listed is my cell",
    "I can be reached at the number above any day this week",
    "I am on my lunch break from 12 to 1, that's a good time for a call",
    "please have someone call me back regarding intake",
    "my daughter is on drugs and she won't answer her phone",
    "Do you take Medicaid? please call with info",
    "I have been sober 3 days. Call me please I'm struggling",
    "I have a lot of questions so a call would be great",
    "hoping to hear from someone today",
    "My doctor gave me this number",
    "I saw your number on a billboard",
    "i need help i drink a number of beers every night",
    "I'm in the middle of a custody case and need an assessment, call me",
    "He ran up the phone bill calling dealers",
    "what number do I call for the crisis line",
    "I don't have insurance, can you still call me?",
    "My phone might be off during class but I'll call back",
    "Texting is fine too but I'd rather talk",
    "Call me at work, 9 to 5",
    "Here's my work number, it's fine to call me there",
    "please call ASAP this is an emergency",
    "I'm ready to get help. Call me",
    "got out of jail tuesday, got a new phone yesterday",
    "please call in the evening, I take care of my kids during the day",
    "Please call me on my cell phone not my home phone",
    "Not urgent, call whenever",
    "necesito ayuda para mi hijo, por favor llámenme",
    "pueden llamarme a cualquier hora",
    "mi número es el 555 123 4567",
    "trabajo hasta las 5, llamen después",
    "quiero hablar con alguien por teléfono",
    "les llamé ayer y no me contestaron",
    "Estoy disponible por las tardes, llámenme al celular",
    "mi esposo toma mucho, llámenme por favor",
    "el teléfono es mío, pueden dejar mensaje",
    "hola quisiera que me llamen para pedir informes",
    "llamar por la mañana por favor",
    "vi su número en la televisión",
    "no tengo seguro pero necesito ayuda, llámenme",
    "Can I get a callback tomorrow morning?",
    "Please call between 10 and noon Pacific time",
    "my boss knows I'm calling",
    "thank you for calling me back yesterday",
    "I will answer if you call from a local number",
    "I'm deaf in one ear so speak up when you call",
    "I screen calls so please leave a message and I'll call right back",
    "call me when you can, I have my phone on me all day",
    "just want someone to call and tell me what my options are",
    "I tried three other places and they all said to call back in a month",
    "Feel free to call or text me",
    "Best way to reach me is by phone",
    "Phone is best",
    "please call me I have no one else to talk to",
    "my number changed, this is the new one",
    "I have Kaiser. My member number is on the card I can read it when you call",
    "I fell asleep with the phone in my hand waiting on your call",
    "I look forward to hearing from you",
    "Looking forward to your call",
    "Please call me once you get this message",
    "call after you see this please",
    "Do you have an opening for my son?",
    "I have an opening between two and four tomorrow",
    "They charged me with possession and the judge wants me in treatment",
    "The last place charged us a fortune and it did not help",
    "I was fired for drinking, now I'm applying for a new position and want to be sober first",
    "I applied for a job and they want a drug test",
    "How do I apply to see a counselor? Please call",
    "I lost everything in crypto, I'm so ashamed",
    "I'm addicted to online casino games and need help to stop",
    "I'm writing my thesis on Adderall and can't stop",
    "I saw a documentary about fentanyl and I'm scared for my son",
    "I took the survey on your site and it says I have a problem",
    "I heard your director on the radio, in an interview, and it sounded like me",
    "I'm being sued, a lawsuit over an accident when I was drunk",
    "I have a subpoena for my DUI and need treatment before",
    "My license is up before the licensing board and I need an assessment",
    "My ex filed a complaint against me for custody, I need to be sober",
    "Your team helped my brother and I want the same",
    "My company offers thirty days of leave",
    "A quick five minute chat on the phone would help me",
    "Nobody sees how bad it is, I drink from morning to night",
    "The VA sees me once a month but I need more",
    "My sister and I take turns caring for our mother and we both drink",
    "My phone stays on all day",
    "My old phone stopped working last week but this one is new",
    "No tengo papeles pero necesito ayuda, llámenme",
    "No puedo hablar inglés, ¿hay alguien que hable español?",
    "Pregunten por mí, soy Luis",
    "Si no me llaman pronto pierdo el ánimo",
    "No le he dicho a nadie lo mal que estoy",
    "Busco trabajo en la construcción pero primero quiero dejar de tomar",
    "Hice el cuestionario en su página y dice que tengo un problema",
    "Vi un reportaje de ustedes y quiero ayuda para mi hijo",
    "Mi esposa me puso una demanda de divorcio por tomar",
]
HARMFUL = [
    "that phone's not mine it's Tasha's",
    "when you call dont say rehab",
    "I'm on my cousin's phone",
    "number above is for my lawyer",
    "es el teléfono de la vecina",
    "mi jefe contesta ese número",
    "landline is in the lobby, anybody can pick up",
    "no quiero llamadas solo whatsapp",
    "she goes through my phone so be careful",
    "the other line is my mother listening",
    "this cell gets handed in at curfew",
    "just text, talking on the phone triggers me",
    "you'll reach my grandpa at this number",
    "call only once and let it ring twice",
    "phone turns off tomorrow so email",
    "please use my work email, personal line is bugged",
    "i typed a random number",
    "call after he leaves for work",
    "el cel es de mi hijo menor",
    "this phone is my aunt's",
    "the number is de mi tia",
    "house phone here 14 guys share it",
    "thats my sisters cell",
    "dont call this its my work line they record",
    "best to email my po picks up",
    "you'll get my roommate if you call",
    "number belongs to my landlord",
    "it rings in the kitchen and everyone hears",
    "my dad pays for this phone and sees every call",
    "my ex still gets the calls to this number",
    "he put an app on my phone that tells him who calls",
    "I share the line with the whole house",
    "please use email, the phone isn't mine",
    "this goes to the front desk of the shelter",
    "the cell is my boyfriends he is the one hitting me",
    "don't ring while he's in the house",
    "i can only talk on the phone when he's at work",
    "put my moms number cause i have none",
    "llamen a mi mamá a este número, yo no tengo",
    "el celular lo tiene mi marido",
    "este número lo contesta mi suegra",
    "no me llamen que me pega",
    "el numero es del trabajo y graban todo",
    "mejor correo, el teléfono es compartido",
    "phone gets taken by staff at 8",
    "call and say you are the dentist",
    "ask for Mike when you call, he'll get me",
    "calls to this number are recorded by the jail",
    "hang up if a man answers",
    "please dont blow up my phone",
    "I gave a wrong number on purpose",
    "number is for the person I'm worried about",
    "its his cell, he needs to hear it from you",
    "the phone you'd be calling is my kid's school phone",
    "i'm borrowing this number",
    "call my sponsor instead",
    "this number will be cut off friday",
    "use the number only for texts",
    "u can call but my husband must not know",
    "they listen on the line here",
    "my probation officer answers this",
    "that number? its a payphone",
    "The line is my employer's",
    "my son's phone so he will see the call",
    "i dont pick up for strangers",
    "my brother is the one who needs the call",
    "his number above, he asked me to sign up",
]


MOST_ORDINARY_THAT_WAIT = 0.02
LEAST_HARMFUL_THAT_WAIT = {
    "phone_messages.tsv": 0.91,
    "contact_messages.tsv": 0.97,
    "oblique_messages.tsv": 0.94,
}


@pytest.mark.parametrize("corpus", LEAST_HARMFUL_THAT_WAIT)
def test_of_what_others_wrote_the_ordinary_goes_through_and_the_harmful_waits(corpus: str) -> None:
    written: Counter[str] = Counter()
    waiting: Counter[str] = Counter()
    for line in (DATA / corpus).read_text("utf-8").splitlines():
        label, message = line.split("\t")
        request = read({"name": "Ana", "phone": GIVEN, "message": message})
        written[label] += 1
        waiting[label] += request.is_refused or request.phone != NUMBER
    print({label: f"{waiting[label]} of {count} wait" for label, count in written.items()})
    assert waiting["call"] <= MOST_ORDINARY_THAT_WAIT * written["call"]
    assert waiting["hold"] >= LEAST_HARMFUL_THAT_WAIT[corpus] * written["hold"]


def test_ordinary_messages_about_a_phone_have_no_risk() -> None:
    assert [text for text in ORDINARY if has_call_risk(text)] == []


@pytest.mark.parametrize(
    ("text", "risk"),
    [
        ("number works but its the church office", CallRisk.PHONE_OF_OTHERS),
        ("you'll get the receptionist, she's a gossip", CallRisk.ANSWERED_BY_OTHERS),
        ("my wife picks up sometimes", CallRisk.ANSWERED_BY_OTHERS),
        ("mi suegra oye todo", CallRisk.HEARD_BY_OTHERS),
        ("my dad reads every text", CallRisk.SEEN_BY_OTHERS),
        ("no quiero que mi familia se entere", CallRisk.CONFIDENTIAL),
        ("rather you write me", CallRisk.OTHER_WAY),
        ("only when he is out", CallRisk.CONDITION),
        ("therapy mondays and wednesdays at 10 so not then", CallRisk.CONDITION),
        ("siempre no, gracias", CallRisk.TAKEN_BACK),
        ("i put a fake number", CallRisk.WRONG_NUMBER),
        ("are you hiring techs", CallRisk.NOT_A_REQUEST),
        ("theyd fire me if this gets around", CallRisk.CONFIDENTIAL),
        ("my bother in law answrs it", CallRisk.ANSWERED_BY_OTHERS),
    ],
)
def test_a_risk_is_told_by_its_kind(text: str, risk: CallRisk) -> None:
    assert risk in set(find_call_risks(text))


@pytest.mark.parametrize(
    "text",
    [
        "my wife says I need help",
        "my mom is coming with me",
        "I work at a church office",
        "This is his mother, I'm filling this out for Mark",
        "my husband is here with me and we are ready",
        "my kids see me drunk",
        "could you get my brother into detox",
        "he gets drunk when he comes home",
        "mi esposa no sabe qué hacer conmigo",
        "nadie sabe lo que siento",
    ],
)
def test_who_only_tells_of_others_goes_straight_through(text: str) -> None:
    assert not has_call_risk(text)


def test_every_word_of_the_signs_is_spelled_as_texts_are_read() -> None:
    listed = tomllib.loads(Path(call_risks.__file__).with_suffix(".toml").read_text("utf-8"))
    signs = [listed["harmless"]["phrases"], *listed["signs"].values(), *listed["ways"].values()]
    words = {word for lines in [*signs, *listed["words"].values()] for word in words_of(lines)}
    assert [word for word in sorted(words) if normalization.canonical_words(word) != (word,)] == []


def words_of(listed: str) -> set[str]:
    """Return the words of a list or of patterns, without beginnings of words."""
    return {word for word in words_of_pattern(listed) if not word.endswith("*")}


@pytest.mark.parametrize(
    "repeated", ["my wife he she ", "when he call not ", "she, ", "my ", "he answers my phone. "]
)
def test_a_long_text_is_read_at_once(repeated: str) -> None:
    text = (repeated * 20_000)[:20_000]
    assert least_processor_seconds(lambda: has_call_risk(text)) < READ_AT_ONCE


@pytest.mark.parametrize(
    "said",
    [
        "only call if my dad is not home, use a fake name",
        "call only when my husband is out",
        "please do not call before noon",
        "Don't call after 6, he is home then",
        "never call when my kids are at home",
        "call me unless it is late",
        "if he answers hang up",
        "pretend to be my dentist",
        "llámame solo si no está mi esposo",
        "no me llamen en la noche",
        "solo llamen cuando estoy en el trabajo",
        "si contesta mi esposo cuelguen",
        "don't say who you are",
        "say you are calling from the library",
        "please don't mention rehab",
        "digan que llaman de la escuela",
        "this is not my number",
        "if you call he'll know",
        "I'd be in trouble if you call",
        "calls make him mad",
        "si me llaman se va a enojar",
        "me da miedo que suene el teléfono",
        "this phone is shared with my family",
        "comparto el teléfono con mi mamá",
        "ring once and hang up",
        "someone else put my number in",
        "I did not fill this out",
        "ese número no es mío",
    ],
)
def test_a_call_under_a_condition_is_for_a_person_to_decide(said: str) -> None:
    assert has_call_risk(said)


@pytest.mark.parametrize(
    "said",
    [
        "please disregard",
        "ignore this",
        "wrong form sorry",
        "this is a test",
        "Hi. This is just a test message",
        "test please ignore",
        "QA test",
        "just testing the form",
        "prueba de formulario",
        "esto es una prueba",
        "favor de ignorar",
        "hagan caso omiso",
    ],
)
def test_a_form_that_means_no_request_is_for_a_person(said: str) -> None:
    assert CallRisk.TAKEN_BACK in set(find_call_risks(said))


@pytest.mark.parametrize(
    "said",
    [
        "I have a drug test monday",
        "he failed his test",
        "court ordered drug test",
        "testing positive for fentanyl",
        "this is a test of my strength",
        "please don't ignore this, I can't ignore this problem",
        "es una prueba muy dura para la familia",
        "prueba de drogas el lunes",
    ],
)
def test_a_test_of_something_else_takes_nothing_back(said: str) -> None:
    assert CallRisk.TAKEN_BACK not in set(find_call_risks(said))


@pytest.mark.parametrize(
    "said",
    [
        "call me when you can",
        "please call me as soon as possible",
        "I don't know who to call when he gets like this",
        "my son only calls when he needs money",
        "I did not call before because I was scared",
        "she won't call if she is ashamed",
        "llámenme cuando puedan",
        "he put my number in his phone",
        "someone gave my name to you and I want help",
        "It's not my fault",
        "if you call I will answer",
        "I share my story with anybody who calls",
        "if nobody answers call my cell",
        "I get scared if you call it an addiction",
        "I did not fill the prescription",
        "no digo nada a nadie",
        "no sé a quién llamar si recae",
    ],
)
def test_whom_somebody_calls_is_no_risk(said: str) -> None:
    assert not has_call_risk(said)


@pytest.mark.parametrize("text", HARMFUL)
def test_nobody_is_rung_before_a_person_has_read_what_is_not_understood(text: str) -> None:
    request = read({"name": "Ana", "phone": GIVEN, "message": text})
    assert request.phone != NUMBER or request.is_refused


def test_a_phone_of_anybody_nobody_thought_of_is_not_understood_as_the_senders() -> None:
    sentences = ("this is the {}s phone", "the number is my {}s", "my {} answers this phone")
    said = [sentence.format(word) for word in STRANGERS for sentence in sentences]
    called = [text for text in said if read({"phone": GIVEN, "message": text}).phone == NUMBER]
    waiting = [text for text in called if read({"phone": GIVEN, "message": text}).is_refused]
    assert called == waiting


def test_the_words_that_were_not_understood_are_shown_with_their_question() -> None:
    message = "I need a bed. house phone, 14 guys share it"
    limits = read({"phone": GIVEN, "What is going on?": message}).limits
    assert limits == [f"What is going on?: {message}"]


def test_what_a_page_is_called_is_nobodys_message() -> None:
    request = read({"phone": GIVEN, "page_title": "Drug rehab in Ohio - Free call"})
    assert (request.phone, request.limits) == (NUMBER, [])


def test_a_message_is_read_where_the_owner_of_a_form_chose_the_names() -> None:
    entry = {"form_id": "4", "date_created": "2026-11-16", "phone": GIVEN}
    request = read({**entry, "message": "please do not call me"}, kind="gravity_forms")
    assert request.is_refused
    numbered = read({**entry, "3": "Ana", "message": "do not call me"}, kind="gravity_forms")
    assert numbered.is_refused


def test_safe_ways_are_told_by_their_answers_in_whatever_words_they_are_asked_for() -> None:
    question = "Which of these are safe for you?"
    assert read({"phone": GIVEN, question: ["Email", "Letter to my work"]}).is_refused
    assert not read({"phone": GIVEN, question: ["Email", "Phone call"]}).is_refused
