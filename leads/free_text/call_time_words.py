"""The words in which people say when to call them, English and Spanish, as tokens."""

from __future__ import annotations

import difflib
import functools
import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from re import Match, Pattern

Span = tuple[int, int]  # minutes of the day

LONGEST_TEXT = 400
END_OF_DAY = 24 * 60
NOON = 12 * 60
LATER = timedelta(hours=2)
WEEKDAYS, WEEKEND = frozenset(range(5)), frozenset((5, 6))


class TokenKind(StrEnum):
    """What a word does in somebody's wish."""

    TIME = "time"
    ANY = "any"
    NOT = "not"
    OTHER_NOT = "other_not"  # "do not leave a message": no time is refused
    BAD = "bad"
    GOOD = "good"
    CALL = "call"
    OR = "or"
    COMMA = "comma"
    STOP = "stop"
    EXCEPT = "except"
    UNCLEAR = "unclear"  # a condition, or somebody else: a person reads it
    UNSURE = "unsure"  # they do not know themselves
    ZONE = "zone"  # by whose clock the times are
    WORD = "word"


@dataclass(frozen=True)
class Token:
    """A word and, for a time, what it names.

    `is_part`: a part of the day, not a clock. `refused`: the span where it stands in a refusal, if
    that is another: "after 8" is 8 PM, "do not call before 8" is 8 AM. `is_bound`: its own words
    refuse what lies beyond it: "not before 8". `other_half`: the same hours of the other half of
    the day, where nobody said which is meant: whoever refuses "7-9" may mean the evening.
    `said`: a word that means nothing here.
    """

    kind: TokenKind
    days: frozenset[int] = frozenset()
    span: Span | None = None
    refused: Span | None = None
    other_half: Span | None = None
    is_part: bool = False
    is_bound: bool = False
    first_day: int = 0
    is_today: bool = False
    is_next_week: bool = False
    delay: timedelta = timedelta()
    zone: str = ""
    said: str = ""

    @property
    def is_dated(self) -> bool:
        """Whether it names a day by today's."""
        return self.is_today or self.first_day > 0

    @property
    def is_open_ended(self) -> bool:
        """Whether it is a clock before or after which, all day."""
        is_edge = self.span is not None and (self.span[0] == 0 or self.span[1] == END_OF_DAY)
        return is_edge and not self.is_part


@functools.lru_cache(maxsize=16)  # a part of a sentence is asked several questions in a row
def read_tokens(text: str) -> tuple[Token, ...]:
    """Return what the words of a text do; greetings and what says nothing are left out."""
    return tuple(_tokens_in(text))


def _tokens_in(text: str) -> Iterator[Token]:
    said, place = _plain(text), 0
    while place < len(said):
        if said[place] == " ":
            place += 1
            continue
        for pattern, make in VOCABULARY:
            if found := pattern.match(said, place):
                tokens = make(found)
                if tokens is not None:
                    yield from tokens
                    place = found.end()
                    break
        else:
            place += 1  # a sign


def names_time(text: str) -> bool:
    """Whether a text names a time of the day or the week, a date, or how many days it is off."""
    is_named = any(token.kind is TokenKind.TIME for token in read_tokens(text))
    return is_named or bool(DATE.search(said := _plain(text)) or DAYS_OFF.search(said))


def hints_at_time(text: str) -> bool:
    """Whether something in a text has to do with a time, or is a slip of the name of one."""
    said = NOT_OF_TIME.sub(" ", _plain(text))
    return bool(HINT_OF_TIME.search(said)) or any(
        difflib.get_close_matches(word, NAMES_OF_TIMES, n=1, cutoff=CLOSEST_SLIP)
        for word in re.findall(r"[a-z]{5,}", said)
    )


@functools.lru_cache(maxsize=16)
def _plain(text: str) -> str:
    """Return a text in lower case without accents, its numbers and dashes in one spelling."""
    said = unicodedata.normalize("NFKD", text.casefold().replace("\u2019", "'"))
    said = "".join(letter for letter in said if not unicodedata.combining(letter))
    said = re.sub("[\u2010-\u2015\u2212~]", "-", said)
    said = re.sub(r"\b([ap])\s?\.\s?m\b\.?", r"\1m", said)
    said = re.sub(r"\s+", " ", said).strip()
    said = NUMBER_WORD.sub(lambda found: NUMBER_WORDS[found[0]], said)
    for spelling, plain in SPELLINGS:
        said = spelling.sub(plain, said)
    return _with_whole_days(said)


def _with_whole_days(said: str) -> str:
    """Return a text with its days of one or two letters written out: "M-Th", "Tu/Th", "L a J"."""
    said = RUN_OF_DAYS.sub(lambda run: " and ".join(re.findall(DAY_LETTERS, run[0])), said)
    said = LIST_OF_DAYS.sub(lambda listed: _spell_days(listed[0], SHORT_DAYS), said)
    said = SPANISH_LIST_OF_DAYS.sub(lambda listed: _spell_days(listed[0], SHORT_DAYS_ES), said)
    said = CHAIN_OF_DAYS.sub(lambda chain: chain[0].replace("-", " and "), said)
    return SHORT_DAY.sub(lambda day: SHORT_DAYS[day[0]], said)


def _spell_days(listed: str, names: Mapping[str, str]) -> str:
    if " ".join(re.findall(r"\w+", listed)) in NO_DAYS:
        return listed
    return re.sub(r"\w+", lambda word: names.get(word[0], word[0]), listed)


NUMBER_WORDS = {
    "two": "2", "three": "3", "four": "4", "five": "5", "six": "6", "seven": "7", "eight": "8",
    "nine": "9", "ten": "10", "eleven": "11", "twelve": "12", "dos": "2", "tres": "3",
    "cuatro": "4", "cinco": "5", "seis": "6", "siete": "7", "ocho": "8", "nueve": "9",
    "diez": "10", "once": "11", "doce": "12",
}  # fmt: skip
NUMBER_WORD = re.compile(rf"\b(?:{'|'.join(NUMBER_WORDS)})\b")
FOUR_DIGITS = r"(?<![\d-])([01]\d|2[0-3])([0-5]\d)"
IN_HOURS = r" ?(?:hours|horas|hrs?|h)"
SPELLINGS: tuple[tuple[Pattern[str], str | Callable[[Match[str]], str]], ...] = (
    (re.compile(r"\bb4\b"), "before"),
    (
        re.compile(
            rf"{FOUR_DIGITS}(?:{IN_HOURS})? ?(?:-|to|a|until|hasta) ?"
            rf"([01]\d|2[0-3])([0-5]\d)(?:{IN_HOURS})?(?![\d-])"
        ),
        r"\1:\2-\3:\4",
    ),
    (re.compile(rf"{FOUR_DIGITS}{IN_HOURS}\b"), r"\1:\2"),
    (
        re.compile(rf"\b(after|before|at|until|till|from|by|las) {FOUR_DIGITS}(?![\d-])"),
        r"\1 \2:\3",
    ),
    (
        re.compile(
            r"\bwait(?: to call| calling)?(?: me| us)? (?:until|till?)(?: after)? (?=\d|noon)"
        ),
        "not before ",
    ),
    (re.compile(r"\besper\w+ (?:(?:a|para) llamar\w* )?hasta (?=las? \d|\d)"), "no antes de "),
    (re.compile(r"\b(?:not|no) (?:until|till?) after (?=\d|noon)"), "not before "),
    (re.compile(r"\bno hasta despues de (?=las? \d|\d)"), "no antes de "),
    (re.compile(r"\b(?:not|no) (?:\w+ ){1,2}(?:until|till?) after (?=\d|noon)"), "not before "),
    (re.compile(r"\b(?:not|no) (?:until|till?) after\b"), "after"),
    (re.compile(r"\b(?:2|to)nite\b"), "tonight"),
    (re.compile(r"\bnites?\b"), "nights"),
    (re.compile(r"\b(?:evning|evenning|eveing|eveninng)(s?)\b"), r"evening\1"),
    (re.compile(r"\b(?:mornin|morining|mornning|moring)(s?)\b"), r"morning\1"),
    (re.compile(r"\b(?:afernoon|afternon|aftenoon|afternoom)(s?)\b"), r"afternoon\1"),
    (re.compile(r"\bhalf past (\d{1,2})\b"), r"\1:30"),
    (re.compile(r"\b(?:a )?quarter past (\d{1,2})\b"), r"\1:15"),
    (
        re.compile(r"\b(?:a )?quarter (?:to|of|till) (\d{1,2})\b"),
        lambda found: f"{(int(found[1]) - 2) % 12 + 1}:45",
    ),
    (re.compile(r"\b(\d{1,2}) y media\b"), r"\1:30"),
    (re.compile(r"\b(\d{1,2}) y cuarto\b"), r"\1:15"),
    (re.compile(r"(?:\b(?:at|about|around) )?\b(\d{1,2}(?::\d\d)?) ?-?ish\b"), r"around \1"),
    (re.compile(r"(?<=[\dm]) ?& ?(?=\d)"), " and "),
    (
        re.compile(
            r"\b(?<!not )(?<!no )"
            r"(after|past|no (?:earlier|sooner) than|not before|despues de|no antes de)"
            r" (?:las? )?(\d{1,2}(?::\d\d)? ?(?:[ap]m)?),? (?:but |and |pero |y )?"
            r"(before|(?:no|not) (?:later than|after)|until|antes de|no despues de) (?=[\dl])"
        ),
        lambda found: (
            f"{'not outside' if 'no' in found[1] + found[3] else 'between'} {found[2]} and "
        ),
    ),
    (re.compile(r"(?<!-)> ?(?=\d)"), "after "),
    (re.compile(r"< ?(?=\d)"), "before "),
    (re.compile(r"^(\d{1,2}) ?(?:o'? ?clock|en punto)"), r"at \1"),
)
"""How people write clocks and times of day, and how the vocabulary knows them."""

FIRST_HOUR, LAST_HOUR = 8 * 60, 21 * 60  # in which phones ring: nobody's evening is midnight
MORNING, AFTERNOON, TARDE = (FIRST_HOUR, 12 * 60), (12 * 60, 17 * 60), (12 * 60, 19 * 60)
EVENING, LUNCH = (17 * 60, LAST_HOUR), (11 * 60, 14 * 60)
PARTS: tuple[tuple[tuple[str, ...], Span], ...] = (
    (
        (
            r"(?:the )?early (?:in the )?mornings?",
            r"temprano(?: (?:por|en) las? mananas?)?",
        ),
        (FIRST_HOUR, 10 * 60),
    ),
    ((r"mid-? ?mornings?", r"media manana"), (9 * 60, 11 * 60)),
    ((r"(?:the )?late mornings?",), (10 * 60, 12 * 60)),
    ((r"mid-? ?afternoons?", r"media tarde"), (14 * 60, 16 * 60)),
    ((r"(?:the )?early (?:in the )?afternoons?", r"after lunch"), (12 * 60, 15 * 60)),
    ((r"(?:the )?late afternoons?",), (15 * 60, 18 * 60)),
    ((r"after school",), (15 * 60, LAST_HOUR)),
    ((r"(?:the )?early (?:in the )?evenings?",), (17 * 60, 19 * 60)),
    (
        (
            r"(?:the )?late (?:in the )?(?:evenings?|nights?)",
            r"tarde (?:por|en) la noche",
        ),
        (19 * 60, LAST_HOUR),
    ),
    ((r"after (?:dinner|supper)", r"despues de (?:la cena|cenar)"), (18 * 60, LAST_HOUR)),
    (
        (
            r"(?:the )?end of (?:the |my )?(?:work ?)?day|eod|cob|close of business",
            r"al final del dia",
        ),
        (15 * 60, 18 * 60),
    ),
    (
        (
            r"after (?:work|hours|i get off(?: work)?|i get home)\b(?! at)",
            r"despues de[l]? (?:mi )?trabaj\w+",
            r"(?:al salir|saliendo) del trabajo",
        ),
        EVENING,
    ),
    (
        (r"before (?:i go to )?work", r"antes de(?:l trabajo| trabajar| ir al trabajo)"),
        (FIRST_HOUR, 9 * 60),
    ),
    (
        (
            r"(?:on |during |at )?(?:my |the )?lunch(?: ?(?:time|break|hour))?s?",
            r"noon ?time|noonish|(?:around|about|at|near) noon|mid-? ?day",
            r"(?:al? |a la hora del? )?(?:medio ?dia|almuerzo|comida)|hora de comer",
        ),
        LUNCH,
    ),
    (
        (
            r"(?:the )?day ?times?|during the day",
            r"(?:regular |normal )?(?:business|office|work(?:ing)?) hours",
            r"durante el dia|en el dia|de dia",
            r"days(?= (?:are|is|no|not|never|bad|good|ok|okay|fine|yes|or nights)\b)",
            r"(?:horas?|horario) (?:de oficina|laboral(?:es)?|habil(?:es)?|de trabajo)",
        ),
        (9 * 60, 17 * 60),
    ),
    (
        (
            r"mornings?|(?:in )?the am\b|ams\b",
            r"am(?= (?:only|or|is|preferred|please))|^am$|^am(?= on )",
            r"(?<=day |ays |row |ana |mon |tue |wed |thu |fri |sat |sun )am(?=$| and | on |[,;/.])",
            r"(?:(?:por|en|a|de|durante) )?las? mananas?|mananas\b",
        ),
        MORNING,
    ),
    ((r"afternoons?",), AFTERNOON),
    ((r"(?:(?:por|en|a|de|durante) )?las? tardes?|tardes?",), TARDE),
    (
        (
            r"evenings?|eves?\b|evng|nights?|at night|night ?times?|dinner ?time",
            r"(?:(?:por|en|a|de|durante) )?las? noches?|de noche|noches?",
        ),
        EVENING,
    ),
    ((r"(?:in )?the pm\b|pms?\b",), (12 * 60, LAST_HOUR)),
)

DAY_NAMES = (
    r"mon(?:day)?s?|lun(?:es)?", r"tue(?:s|sday)?s?|martes", r"wed(?:s|nesday)?s?|mie(?:rcoles)?",
    r"thu(?:rs?|rsday)?s?|jue(?:ves)?", r"fri(?:day)?s?|vie(?:rnes)?",
    r"sat(?:urday)?s?|sab(?:ados?)?", r"sun(?:day)?s?|dom(?:ingos?)?",
)  # fmt: skip
DAY = rf"(?:{'|'.join(DAY_NAMES)})\b\.?"
SHORT_DAYS = {
    "m": "monday", "mo": "monday", "t": "tuesday", "tu": "tuesday", "w": "wednesday",
    "we": "wednesday", "th": "thursday", "f": "friday", "fr": "friday", "sa": "saturday",
    "su": "sunday",
}  # fmt: skip
SHORT_DAYS_ES = {
    "l": "lunes", "lu": "lunes", "m": "martes", "ma": "martes", "mi": "miercoles", "x": "miercoles",
    "j": "jueves", "ju": "jueves", "v": "viernes", "vi": "viernes", "s": "sabado", "sa": "sabado",
    "d": "domingo", "do": "domingo",
}  # fmt: skip
_SHORT = "|".join(SHORT_DAYS)
NO_DAYS = frozenset({"tu su", "su tu"})
DAY_LETTERS = r"th|tu|[mtwf]"
RUN_OF_DAYS = re.compile(r"\b(?:mwf|t(?:u)?th|mw|wf|mtw|mtwth|mtwthf|mth)\b")
LIST_OF_DAYS = re.compile(
    rf"\b(?:(?:{_SHORT}|{DAY})\b ?(?:-|/|,|&|\+|to|thru|through|and) ?)+"
    rf"(?:{_SHORT}|{DAY})\b|\b(?:{_SHORT})\b(?: (?:{_SHORT})\b){{2,}}|\b(?:sa su|tu? th)\b"
)
SPANISH_LIST_OF_DAYS = re.compile(
    rf"\b(?:lu?|lun|lunes)\b\.?(?: ?(?:-|/|,|&|\+|a|al|y) ?(?:{'|'.join(SHORT_DAYS_ES)}|{DAY})\b)+"
)
"""Days of one or two letters are days only beside others: "we", "tu" and "su" are words."""
CHAIN_OF_DAYS = re.compile(rf"\b{DAY}(?: ?- ?{DAY}){{2,}}")
"""Three days or more, of which none stands for those between: "Mon-Wed-Fri"."""
SHORT_DAY = re.compile(
    r"\bth\b|\b(?:mo|tu|[mtwf]|fr|sa|su)"
    r"(?= (?:mornings?|afternoons?|evenings?|nights?|after|before)\b)"
    r"|\b(?:mo|fr|sa|w)(?= \d)"
)
"""A day of one or two letters that stands alone before a time."""

SUFFIX = (
    r"(?: ?(?:in the|at|de la|por la|en la|de|del) "
    r"(?P<{n}part>morning|afternoon|evening|night|manana|tarde|noche|mediodia))?"
)
CLOCK = (
    r"(?:(?P<{n}named>noon|mid-? ?day|medio ?dia|midnight|medianoche)|(?P<{n}hour>\d{{1,2}})"
    r"(?:[:.h](?P<{n}minute>\d\d))?(?P<{n}half> y media)?"
    r"(?: ?(?P<{n}half_day>am|pm|[ap]\b))?(?: ?(?:o'? ?clock|en punto|hrs?|h|horas)\b)?)"
    rf"{SUFFIX}(?![\d%]| ?min)"
)
ARTICLE = r"(?:(?:about|around|like|como|eso de|at) )?(?:a )?(?:las? |el |los )?"


def _clock(name: str = "") -> str:
    return CLOCK.format(n=name)


RANGE = re.compile(
    r"(?P<opening>(?:any ?time |sometime )?"
    rf"(?:between|from|entre|de|desde|not outside(?: of)?) )?{ARTICLE}"
    rf"{_clock('from_')}(?P<joint> ?- ?| ?(?:to|and|until|till|thru|through|y|a|hasta) ){ARTICLE}"
    rf"{_clock('to_')}"
)
PLAIN_RANGE_ENDS = re.compile(
    r" ?(?:$|[,.;:!?)/]|(?:or|and|only|is|works?|please|best|daily|o|solo|[ecmp][sd]?t|eastern"
    r"|central|mountain|pacific)\b)"
)
"""What may follow "3 to 5" where it is hours: it is no "2 to 4 children"."""

AFTER = re.compile(
    rf"(?:any ?time |sometime )?(?:after|past|later than|as early as|(?:no|not) (?:any )?"
    rf"(?:earlier than|sooner than|before|until|till)|from|since|starting(?: at)?"
    rf"|beginning(?: at)?|as of"
    rf"|no (?:antes de|hasta)|despues de|luego de|a partir de|desde|pasad[ao]s?|tras"
    rf"|mas tarde de) {ARTICLE}{_clock()}(?: (?:on|onwards?|en adelante)\b)?"
)
FROM_ON = re.compile(r"from|since|starting|beginning|as of|a partir|desde")
FREE_FROM = re.compile(
    r"(?:(?:get|gets|getting|got|i'm|im|am|be) )?(?:off|out|up|awake|home|done|back|finished|finish"
    r"|free|available|salg[oa]|lleg(?:o|ue)|termin[oe]|acab[oe]|libre|disponible|desocupo)"
    r"(?: (?:of|from|with|de|del|a))?"
    r"(?: (?:my|mi))?(?: (?:work|school|class|trabajo|trabajar|casa|escuela))?"
    rf" (?:at|by|around|from|about|after|a partir de|desde|como)? ?{ARTICLE}{_clock()}"
)
BUSY = (
    r"school|college|university|class(?:es)?|lessons?|shift|training|practice|rehearsal|meetings?"
    r"|appointments?|appt|interview|exam|therapy|counseling|dialysis|chemo|court|hearing|probation"
    r"|parole|church|bible study|mass|group|doctor'?s?|dentist|clinic|gym|daycare|treatment|rehab"
    r"|escuela|colegio|universidad|clases?|turno|junta|reunion|citas?|entrevista|examen|terapia|dialisis"
    r"|corte|juzgado|iglesia|misa|grupo|doctora?|dentista|clinica|consulta|guarderia|gimnasio"
    r"|(?<=my )(?:work|job)"
)
"""Where people are who cannot talk."""
_NEXT_IS_TIME = (
    r"(?= ?(?:$|[,.;:()-])| (?:is|are|es|son|at|from|between|until|till?|to|every|on|in the|in|all"
    rf"|a las?|de las?|desde|hasta|entre|por las?|todo|los|el|noon|{DAY}|mornings?|afternoons?"
    r"|evenings?|nights?|days?)(?![a-z])| (?:de )?\d)"
)
BUSY_BESIDE_TIME = (
    r"(?<!after )(?<!before )(?<!before my )(?<!after my )(?<!after the )(?<!despues de )"
    rf"(?<!antes de )(?:(?:in|at|en) (?:the |my |la |el |mi )?)?(?:{BUSY}){_NEXT_IS_TIME}"
)
BUSY_STARTS = rf"(?:{BUSY}) (?:starts?|begins?|empieza|inicia|comienza)"
WISHED_APPOINTMENT = (
    r"(?:want|need|like|schedule|book|make|set(?: up)?|get|quiero|quisiera|necesito|gustaria|hacer"
    r"|sacar|agendar|programar)(?: (?!class)[a-z']+){0,2} (?:appointments?|appt|meetings?|citas?"
    r"|consulta)"
)
"""Nobody can tell whether they will be there, or wish to be."""
AFTER_BUSY = re.compile(
    r"(?:(?:after|once|past|when|off|out of|done with|finish\w*|through with|despues de(?:l)?|al "
    r"salir de(?:l)?|salg[oa] de(?:l)?) (?:my |the |mi |la |el )?"
    rf"(?:{BUSY}|work|trabajo|trabajar)(?: (?:is|are))?(?: (?:over|out|done|ends?))?"
    rf"|(?:my |the |mi |la |el )?(?:{BUSY}|work) (?:ends?|is over|is out|is done|gets? out"
    r"|lets? out|finish(?:es)?|termina|acaba|sale))"
    rf" (?:at|by|around|about|como)? ?{ARTICLE}{_clock()}"
)
"""The end of what keeps them busy: they are free from then on."""
BEFORE_BUSY = re.compile(
    r"(?:before|prior to|ahead of|antes del?) (?:i go to |i have )?(?:my |the |mi |la |el )?"
    rf"(?:{BUSY}) (?:is |es )?(?:at|a) {ARTICLE}{_clock()}"
)
OR_LATER = re.compile(
    rf"(?:at |a )?(?:las? )?{_clock()} ?(?:(?:(?:or|and|o|y) )?(?:later|after|onwards?|on|up"
    r"|(?:at )?(?:the )?earliest|lo mas temprano|mas tarde|despues|en adelante)\b|\+)"
)
BEFORE = re.compile(
    rf"(?:any ?time |sometime )?(?:before|until|till?|by|up to|as late as"
    rf"|(?:no|not) (?:any )?later than|(?:no|not) after|prior to|earlier than|no despues de"
    rf"|no mas tarde de|antes de|hasta) "
    rf"{ARTICLE}{_clock()}"
)
OR_EARLIER = re.compile(
    rf"(?:at )?{_clock()} (?:(?:or|o) (?:earlier|before|sooner|antes|mas temprano)"
    r"|(?:at )?(?:the )?latest|(?:a )?mas tardar)\b"
)
AT = re.compile(
    rf"(?P<opening>at|around|about|@|a|como a|sobre|tipo|eso de|after about)? ?(?:las? )?{_clock()}"
)


def _minute(found: Match[str], name: str = "", *, half_day: str = "") -> int | None:
    """Return a clock's minute of the day; None where it is no clock. See `_half_day_of`."""
    named = found[f"{name}named"]
    if named:
        return END_OF_DAY if named in ("midnight", "medianoche") else 12 * 60
    hour, minute = int(found[f"{name}hour"]), int(found[f"{name}minute"] or 0)
    if found[f"{name}half"]:
        minute = 30
    half = _half_day_of(found, name) or half_day
    if hour > 24 or minute > 59 or (hour > 12 and half == "am"):  # noqa: PLR2004 - a clock
        return None
    if half == "pm" and hour < 12:  # noqa: PLR2004
        hour += 12
    elif half == "am" and hour == 12:  # noqa: PLR2004
        hour = 0
    return min(hour * 60 + minute, END_OF_DAY)


def _half_day_of(found: Match[str], name: str = "") -> str:
    """Return "am" or "pm" where it is said, or where the hour leaves no doubt."""
    if said := found[f"{name}half_day"]:
        return said[0] + "m"
    if part := found[f"{name}part"]:
        return "am" if part in ("morning", "manana") else "pm"
    hour = int(found[f"{name}hour"] or 12)
    return "24" if hour > 12 or hour == 0 else ""  # noqa: PLR2004 - the clock's half


def _hour(found: Match[str], name: str = "") -> int:
    return int(found[f"{name}hour"] or 12)


def _usual_half(hour: int, first_morning_hour: int) -> str:
    """Return which half of the day is meant where nobody says: phones ring from 8 to 9."""
    return "am" if first_morning_hour <= hour < 12 else "pm"  # noqa: PLR2004


def _range_tokens(found: Match[str]) -> list[Token] | None:
    joint, opening = found["joint"].strip(), found["opening"]
    said = [_half_day_of(found, name) for name in ("from_", "to_")]
    is_clock = any(said) or found["from_named"] or found["to_named"] or found["from_minute"]
    if joint in ("and", "y") and opening in (None, "de "):
        return None
    is_all = PLAIN_RANGE_ENDS.match(found.string, found.end())
    if not (is_clock or opening or joint == "-" or is_all):
        return None
    hours = _hour(found, "from_"), _hour(found, "to_")
    ends = said[1] or _usual_half(hours[1], 9)
    if not said[1] and said[0] == "am" and hours[1] > hours[0] and hours[0] != 12:  # noqa: PLR2004
        ends = "am"
    closes = _minute(found, "to_", half_day=ends)
    if closes == 0:
        closes = END_OF_DAY  # "12 am" ends a day
    starts = said[0] or (_usual_half(hours[0], 8) if not said[1] else ends)
    opens = _minute(found, "from_", half_day=starts)
    if opens is None or closes is None:
        return None
    if opens >= closes and not said[0]:
        opens = _minute(found, "from_", half_day="am") or 0
    if opens >= closes and not said[1]:
        closes = _minute(found, "to_", half_day="pm") or END_OF_DAY
    if opens >= closes:
        return None
    is_either = not (any(said) or found["from_named"] or found["to_named"])
    later = (opens + NOON, closes + NOON)
    other = later if is_either and later[1] <= END_OF_DAY else None
    is_bound = _refuses_beyond(found)
    return [Token(TokenKind.TIME, span=(opens, closes), other_half=other, is_bound=is_bound)]


def _after_tokens(found: Match[str]) -> list[Token] | None:
    hour = _hour(found)
    wished = _minute(found, half_day=_usual_half(hour, 9))
    refused = _minute(found, half_day="pm")
    if wished is None or refused is None or wished >= END_OF_DAY:
        return None
    if FROM_ON.match(found[0]):
        refused = wished  # "not available from 9": whoever says so may mean the morning
    span, is_bound = (wished, END_OF_DAY), _refuses_beyond(found)
    return [Token(TokenKind.TIME, span=span, refused=(refused, END_OF_DAY), is_bound=is_bound)]


def _free_from_tokens(found: Match[str]) -> list[Token] | None:
    """Return from when somebody is free; None for a range of hours, and behind a refusal."""
    clock = max(found.start("hour"), found.start("named"))
    if RANGE.match(found.string, clock) or REFUSAL_BEFORE.search(found.string[: found.start()]):
        return None
    return _after_tokens(found)


def _before_tokens(found: Match[str]) -> list[Token] | None:
    minute = _minute(found, half_day=_usual_half(_hour(found), 8))
    is_limit = re.match(r"(?:no|not) (?:any )?(?:later|after|despues|mas)|as late", found[0])
    if is_limit:
        minute = _minute(found, half_day="pm")
    is_bound = _refuses_beyond(found)
    return [Token(TokenKind.TIME, span=(0, minute), is_bound=is_bound)] if minute else None


def _refuses_beyond(found: Match[str]) -> bool:
    """Whether words refuse the other side of a clock: "not after 7", "7 at the latest"."""
    own = r"\bnot? |(?:latest|earliest|tardar|temprano)$"
    return re.search(own, found[0].strip()) is not None


def _at_tokens(found: Match[str]) -> list[Token] | None:
    half = _half_day_of(found)
    is_plain = not (half or found["minute"] or found["named"])
    is_introduced = found["opening"] in ("at", "around", "about", "@", "como a", "sobre")
    if is_plain and not is_introduced and not re.search(r"\blas? \d", found[0]):
        return None
    minute = _minute(found, half_day=half or _usual_half(_hour(found), 8))
    if minute is None or minute >= END_OF_DAY:
        return None
    margin = 30 if found["opening"] in ("around", "about", "como a", "sobre", "eso de") else 0
    return [Token(TokenKind.TIME, span=(max(minute - margin, 0), minute + 60))]


def _part_tokens(span: Span) -> Callable[[Match[str]], list[Token]]:
    refused = (
        0 if span[0] == FIRST_HOUR else span[0],
        END_OF_DAY if span[1] == LAST_HOUR else span[1],
    )
    return _token(Token(TokenKind.TIME, span=span, refused=refused, is_part=True))


def _before_part_tokens(found: Match[str]) -> list[Token]:
    """Return what lies before a part of the day: "before lunch" is no lunch time."""
    return [Token(TokenKind.TIME, span=(0, _start_of_part(found["part"])))]


def _after_part_tokens(found: Match[str]) -> list[Token]:
    """Return what lies after a meal or a part of the day."""
    return [Token(TokenKind.TIME, span=(_end_of_part(found["part"]), END_OF_DAY))]


def _start_of_part(name: str) -> int:
    return EVENING[0] if re.match("even|night|din|sup|noche|cen", name) else AFTERNOON[0]


def _end_of_part(name: str) -> int:
    if re.match("after|tarde", name):
        return EVENING[0]
    return LUNCH[1] if re.match("almuer|almor|com", name) else AFTERNOON[0]


def _day_of(name: str) -> int:
    return next(
        number for number, names in enumerate(DAY_NAMES) if re.fullmatch(names, name.strip(" ."))
    )


def _day_range_tokens(found: Match[str]) -> list[Token]:
    first, last = _day_of(found["first"]), _day_of(found["last"])
    count = (last - first) % 7 + 1
    days = frozenset((first + ahead) % 7 for ahead in range(count))
    return [Token(TokenKind.TIME, days=days)]


def _delay_tokens(found: Match[str]) -> list[Token]:
    count = int(found["count"]) if found["count"] and found["count"].isdecimal() else 1
    is_hours = found["unit"].startswith("h")
    delay = timedelta(hours=count) if is_hours else timedelta(minutes=count)
    if found["count"] == "half an":
        delay = timedelta(minutes=30)
    return [Token(TokenKind.TIME, delay=delay)]


def _token(token: Token) -> Callable[[Match[str]], list[Token]]:
    return lambda _found: [token]


def _tokens(*kinds: TokenKind) -> Callable[[Match[str]], list[Token]]:
    made = [Token(kind) for kind in kinds]
    return lambda _found: made


def _word(pattern: str) -> Pattern[str]:
    return re.compile(rf"(?<![a-z0-9])(?:{pattern})(?![a-z])")


SMALL_WORDS = frozenset(
    {
        "is", "are", "me", "for", "would", "be", "i", "i'm", "im", "at", "to", "the", "a",
        "my", "we", "us", "it", "it's", "that", "time", "times", "hour", "hours", "day",
        "days", "hora", "horas", "horario", "momento", "es", "son", "que", "la", "el", "los",
        "las", "para", "mi", "de", "en", "por", "lo", "se", "muy", "mas", "ser", "sea",
        "seria", "esta", "with", "of", "if", "any", "really", "usually", "will", "can", "you",
        "your", "work", "home", "please", "too", "as", "well", "after", "before", "later",
        "antes", "despues", "could", "may", "might", "do", "then", "when", "am", "u",
        "pueden", "puede", "nos", "off", "on",
    }
)  # fmt: skip
"""What may stand beside a time in a statement that names no call."""
BESIDE_WISHED_TIME = SMALL_WORDS | frozenset(
    {
        "'s", "about", "answer", "anywhere", "approx", "approximately", "around", "beginning",
        "between", "both", "break", "breaks", "by", "cell", "coming", "convenient", "during",
        "each", "early", "either", "email", "end", "every", "first", "from", "generally",
        "get", "gets", "got", "half", "have", "here", "hopefully", "hrs", "in", "it'll",
        "late", "least", "local", "message", "mobile", "most", "mostly", "next", "normally",
        "number", "o'clock", "one", "part", "pick", "possible", "possibly", "preference",
        "range", "roughly", "s", "say", "slot", "some", "sometime", "sometimes", "speak",
        "start", "starting", "sure", "talk", "text", "texts", "thing", "this", "through",
        "thx", "till", "timezone", "txt", "typically", "until", "up", "wake", "week", "weeks",
        "window", "zone",
        "al", "alrededor", "aproximadamente", "aqui", "atender", "cada", "casa", "cel",
        "celular", "cerca", "como", "con", "contestar", "cuando", "del", "desde", "durante",
        "empezando", "entre", "estare", "estoy", "favor", "gustaria", "hasta", "hoy", "libre",
        "llegue", "llego", "mensaje", "mensajes", "mis", "mismo", "numero", "partir",
        "platicar", "principios", "quisiera", "rato", "ratito", "responder", "salga", "salgo",
        "su", "telefono", "tempranito", "temprano", "tengo", "tiempo", "tipo", "todas",
        "todos", "trabajo", "unas", "unos", "usted", "ustedes", "ya",
    }
)  # fmt: skip
"""What may stand beside a time that is wished: any other word may tell what happens at that time,
as "I babysit 7 to 3" does."""

K = TokenKind
DATED = {
    r"(?:the )?day after tomorrow|pasado manana": Token(K.TIME, first_day=2),
    r"(?:(?:no|not) (?:until|till|before) )?(?:tomorrow|tmrw|tmr|tommorow|tomorow|2morrow)"
    r"|no antes de manana|hasta manana|manana": Token(K.TIME, first_day=1),
    r"tonight|this evening|esta noche|hoy (?:por|en) la noche": Token(
        K.TIME, span=EVENING, is_part=True, is_today=True
    ),
    r"this afternoon|esta tarde": Token(K.TIME, span=AFTERNOON, is_part=True, is_today=True),
    r"this morning|esta manana": Token(K.TIME, span=MORNING, is_part=True, is_today=True),
    r"(?:later |mas tarde )?(?:today|hoy)(?: mas tarde)?": Token(K.TIME, is_today=True),
    r"next week|(?:la )?(?:proxima|otra) semana|la semana (?:que viene|proxima)": Token(
        K.TIME, is_next_week=True
    ),
    r"later(?: on)?|mas tarde|luego|al rato|in a (?:while|bit|little)|en un rato": Token(
        K.TIME, delay=LATER
    ),
    r"week ?-?days?|m ?- ?f|l ?(?:-|a) ?v|during the week|entre semana"
    r"|dias? (?:entre|de(?: la)?) semana"
    r"|dias? (?:laborables?|habiles|laborales)|business days?|work ?days": Token(
        K.TIME, days=WEEKDAYS
    ),
    r"week ?-?nights?": Token(K.TIME, days=WEEKDAYS, span=EVENING, is_part=True),
    r"(?:los |el )?week ?-?ends?|(?:los )?fin(?:es)? de semana"
    r"|los fines(?! de)|wknds?": Token(K.TIME, days=WEEKEND),
}
ANY = (
    r"no (?:preference|particular time|set time)|(?:it )?(?:does ?n[o']?t|does not) matter"
    r"|^any$|any ?times?|any hour|any day|any ?when|day (?:or|and) night|dia [oy] noche"
    r"|24 horas|whenever(?: you can| possible)?|always"
    r"|flexible|open|every ?day|daily|a\.?s\.?a\.?p"
    r"|(?:as |the )?(?:soon|early|quick\w*|fast)(?:er|est)? (?:as )?(?:possible|you can)|right away"
    r"|(?:right )?now|immediately|at once|straight away|urgent(?:ly|e)?"
    r"|7 days(?: a week)?|24/7|24-7|24 hours|all day"
    r"|cualquier(?:a)? (?:hora|momento|dia|horario)|a toda hora|todo el (?:dia|tiempo)"
    r"|cuando (?:usted(?:es)? )?(?:sea|quiera|quieran|pueda|puedan|puedas|guste|gusten)|siempre"
    r"|when (?:it is |it'?s |you (?:are )?|u )?"
    r"(?:can|possible|convenient|able|free|available|ready)"
    r"|when (?:you|u) (?:get|have) (?:a )?(?:chance|time|moment)|cuando (?:tenga|le convenga)\w*"
    r"|(?:lo )?(?:antes|mas pronto) (?:posible|que pued\w+)"
    r"|lo mas pronto|cuanto antes|ahora(?: mismo)?|ya"
    r"|(?:de )?inmediat\w+|en ?seguida|no importa|sin preferencia|(?:me )?da igual"
    r"|todos los dias|all times"
)
GREETING = (
    r"(?:(?:have )?(?:a )?(?:good|great|nice|lovely|happy|feliz)|buen[oa]s?|muy buen[oa]s) "
    r"(?:mornings?(?! (?:is|are|works?))|afternoon|evening|night|day|dias?|tardes?|noches?)"
    r"|hi|hello|hey|hola|buenas|thanks?|thank you|gracias|please|por favor|porfa\w*"
)
NO_TIME_VERBS = (
    r"(?:please )?(?:me |lo |la |nos |a )?(?:leave|text|message|msg|voice ?mails?|mention|say|tell"
    r"|e-?mail|give|send|speak|let|share|discuss|identify|hesitate|worry|deje\w*|dejar|mand\w+"
    r"|mensajes?|textos?|correos?|diga\w*|mencion\w+|envi\w+)\b"
)
NOT = (
    r"do not|don'?t|does not|doesn'?t|not|no|never|rarely|seldom|hardly(?: ever)?|skip|avoid"
    r"|can'?t|cannot|can not|won'?t|will not"
    r"|without|neither|isn'?t|aren'?t|unable(?: to)?|nunca|jamas|tampoco|evit\w+|ningun\w*|nada"
    r"|nothing|none|sin llam\w+|casi nunca|rara vez|nope|steer clear"
)
REFUSAL_BEFORE = re.compile(rf"\b(?:{NOT})(?: [a-z']+){{0,3}} ?$")
"""A refusal of which what follows is a part: "not available 9"."""
OTHERS = (
    r"he|she|they|husband|wife|boyfriend|girlfriend|partner|spouse|mom|mother|dad|father|parents?"
    r"|roommate|ex|kids?|son|daughter|child(?:ren)?|boss|while|ella|espos[oa]|marido|novi[oa]"
    r"|pareja|mama|papa|padres?|madre|hij[oa]s?|jefe|mientras|abuser|agresor\w*|brother|sister"
    r"|famil\w+|herman[oa]s?|friends?|coworkers?|grand\w+|step\w+|someone|somebody|anyone"
    r"|alguien|others"
    r"|people|suegr[oa]s?|abuel[oa]s?|fiance\w*"
)
"""Whoever else is named may be the one who must not hear of the call: a person reads that."""

UNCLEAR = (
    rf"{OTHERS}|if|unless"
    r"|every other|alternat\w+|this week|esta semana"
    r"|otherwise|holidays?|a menos que|quiza\w* no|maybe not|si|feriados?"
    r"|(?:before|until|till|after|since|from|by|antes del?|hasta|despues del?|desde)"
    rf" (?:the |el |los |la |next |this )?(?:{'|'.join(DAY_NAMES)}"
    r"|week(?: ?-?ends?)?|fin(?:es)? de semana|semana)"
    r"|(?:after|despues de) (?:tomorrow|today|tonight|manana\b|hoy)"
)
MONTHS = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    r"|sept?(?:ember)?"
    r"|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?|enero|febrero|marzo|abril|mayo|junio|julio|agosto"
    r"|sep?tiembre|octubre|noviembre|diciembre)\b"
)
DATE = re.compile(
    rf"\b(?:\d{{4}}-\d\d?-\d\d?(?:t[\d:.]+z?)?|(?!24/7)\d{{1,2}}/\d{{1,2}}(?!\d| ?[ap]m|:)"
    r"(?:/\d{2,4})?|\d{1,2}([-.])\d{1,2}\1\d{2,4}|\d{1,2}(?:st|nd|rd|th)\b"
    rf"|{MONTHS}\.? \d{{1,2}}(?! ?(?:[ap]m|:))\b|\d{{1,2}} (?:de |of )?{MONTHS})"
)
"""A day of the calendar: nobody plans by it here, and its numbers are no clocks."""

DAYS_OFF = re.compile(
    r"\b(?:(?:in|within|en|dentro de|for|for the next|por) (?:an? |the |una? |unos |about )?"
    r"(?:couple (?:of )?|few |par de |[a-z\d]+ )?(?:days|weeks?|months?|dias|semanas?|mes(?:es)?)"
    r"|(?:after|before|until|till?|antes de|despues de|hasta) (?:the |my |el |la )?"
    r"(?:first|payday|holidays?|weekend|month|week|school|court|work|semana|quincena)"
    r"|(?:(?:on|this|next|by|before|after|until|from|since|el|este|hasta) )(?:"
    rf"{'|'.join(DAY_NAMES)})"
    r"|(?:call|reach|llam\w+|marqu\w+)(?: me| us| back)* (?:after|before|then|despues|antes)"
    r"(?: that| then| eso)?(?= ?(?:$|[,.]))"
    r"|(?:my )?days? off|(?:after|before) (?:dark|dusk|sunset)|(?:oscurezca|anochezca)"
    r"|(?:too|that|so|very|tan|muy) (?:early|late|temprano|tarde))\b"
)
"""Times further off, or that only the sender knows."""

FOREIGN_ZONES = r"(?:gmt|utc|bst|cet|cest|ist)(?:[+-]\d+)?|your time|su hora"
ZONES = {
    r"e[sd]t|(?<=[\dmns] )et|eastern|east coast|hora (?:del )?este": "America/New_York",
    r"c[sd]t|(?<=[\dmns] )ct|central|hora (?:del )?centr(?:o|al)": "America/Chicago",
    r"m[sd]t|(?<=[\dmns] )mt|mountain|hora (?:de (?:la )?)?montana": "America/Denver",
    r"p[sd]t|(?<=[\dmns] )pt|pacific|west coast|hora (?:del )?pacifico": "America/Los_Angeles",
    r"arizona(?= time)": "America/Phoenix",
    r"ak[sd]t|alaskan?(?= time)": "America/Anchorage",
    r"hst|hawaii(?:an)?(?= time)": "Pacific/Honolulu",
    r"atlantic(?= time)|hora de puerto rico": "America/Puerto_Rico",
}
"""Zones as people name them: "EST" is the clock of the East, in summer too."""

HINT_OF_TIME = re.compile(
    r"\d|\b(?:before|after|until|till?|when|once|while|during|since|antes|despues|hasta|cuando"
    r"|mientras|durante|desde|shift|turno|breaks?|off|late|early|days?|first thing"
    r"|temprano|ahorita)\b"
)
"""What has to do with time, in an answer of which nothing was understood."""

NOT_OF_TIME = re.compile(rf"\b(?:{GREETING})\b|\+?\d[\d\s().-]{{5,}}\d")
"""A greeting, or a number of a phone."""
NAMES_OF_TIMES = (
    "morning", "mornings", "afternoon", "afternoons", "evening", "evenings", "night", "nights",
    "tonight", "tomorrow", "weekend", "weekends", "weekday", "weekdays", "monday", "tuesday",
    "wednesday", "thursday", "friday", "saturday", "sunday", "manana", "mananas", "tarde", "tardes",
    "noche", "noches", "lunes", "martes", "miercoles", "jueves", "viernes", "sabado", "domingo",
)  # fmt: skip
CLOSEST_SLIP = 0.83  # of 1: "evenigns" is as near to "evenings", "might" is not to "night"
UNSURE = r"depend\w*|varies|not sure|unsure|(?:do not|don'?t) know|no se"
NOT_NOW = r"(?:not|no) (?:right )?(?:now|asap)|(?:cannot|can'?t) (?:right )?now|ahora no(?: puedo)?"
PUT_OFF = (
    r"(?:[ ,.;!-]|(?:but|pero|mejor|please|por favor|call|llam\w+|maybe|quizas?)(?![a-z]))*"
    r"(?=later|mas tarde|luego|al rato|tomorrow|tmrw|manana|tonight|esta noche|next week"
    rf"|after \d|despues de las? \d|(?:on |el |this |este )?(?:{'|'.join(DAY_NAMES)}))"
)
PART_AHEAD = (
    r"(?:before|until|till|antes del?|hasta) (?:the |my |la |las |el |mi )?"
    r"(?P<part>lunch(?: ?time)?|mid-?day|medio ?dia|afternoon|evening|night|dinner|supper"
    r"|almuerzo|almorzar|comida|comer|tarde|noche|cena|cenar)"
)
PART_OVER = (
    r"(?:after|past|(?:despues|luego) del?|pasad[ao](?! manana)) (?:the |my |la |el |mi )?"
    r"(?P<part>mornings?|afternoons?|mid-?day|medio ?dia|manana|tarde|almuerzo|almorzar|comida"
    r"|comer)"
)
VOCABULARY: tuple[tuple[Pattern[str], Callable[[Match[str]], list[Token] | None]], ...] = (
    (_word(r"if (?:at all )?(?:possible|you can|able)|si (?:es posible|se puede"
           r"|pueden?)"), _tokens()),
    (_word(rf"(?:{ANY}|anything|everything|all|every ?time|todo)"
           r" (?:but not(?! outside)|but|menos|except(?: for)?"
           r"|excepto|salvo)"),
     _tokens(K.ANY, K.EXCEPT)),
    (re.compile(rf"\b(?:{NOT_NOW})(?![a-z]){PUT_OFF}"), _tokens()),
    (_word(rf"{NOT_NOW}|entro|empiezo|{BUSY_STARTS}|{WISHED_APPOINTMENT}"), _tokens(K.UNCLEAR)),
    (_word(r"si(?= ?(?:[,.;!)]|$))"), _tokens(K.GOOD)),
    (_word(r"(?:no|not an?|no hay|sin|ningun) (?:problema?s?|issues?|worries"
           r"|inconvenientes?|falta)"),
     _tokens(K.GOOD)),
    (_word(GREETING), _tokens()),
    (re.compile(r"\b(?:in|en|dentro de) (?:about |unos )?(?P<count>\d+|an?|una?|half an)"
                r" ?(?P<unit>hours?|hrs?|horas?|min(?:ute|uto)?s?)\b"), _delay_tokens),
    (re.compile(rf"\b(?P<first>{DAY}) ?(?:-|to|thru|through|a|al|until) ?(?P<last>{DAY})"),
     _day_range_tokens),
    (_word(r"^(?:never|nunca|jamas)$"), _tokens(K.UNCLEAR)),
    (re.compile(r"(?<=. )(?:but |and |pero |y )?(?:not|no|never|nunca)"
                r" (?:before|after|until|earlier|later|sooner|antes|despues)"
                r"(?: (?:that|then|eso|please))?(?= ?(?:$|[.,;!]))"), _tokens()),
    (_word(r"(?:at |a |en )?(?:no|ningun\w*) (?:other|otr[ao]) (?:time|hour|day|hora|dia|horario)s?"
           r"|(?:nomas|no mas|nada mas)(?= (?:en|por|a|de|los|las|el|despues|antes) )"),
     _tokens(K.GOOD)),
    (_word(r"(?:asleep|in bed|to bed) (?:by|at|before)"), _tokens(K.UNCLEAR)),
    (_word(r"(?:hear from|(?:talk|speak) (?:to|with)) (?:you|someone|somebody|anyone)"
           r"|(?:call|reach|ring|phone|contact)(?: me| us)?(?: back)? (?:at (?:my )?|on my )"
           r"(?:work|job|office)|(?:llam|marqu)\w+ al trabajo"), _tokens(K.CALL)),
    (_word(r"(?:aunque|asi) sea (?:muy )?tarde|(?:even if|no matter how) (?:it is |it'?s )?late"
           r"|(?<!not )(?<!no )(?:by|before) (?:tomorrow|tmrw|tonight)|antes de manana"),
     _tokens(K.ANY)),
    (DATE, _tokens(K.UNCLEAR)),
    *((_word(rf"(?:{words})(?: (?:standard |daylight )?time)?"), _token(Token(K.ZONE, zone=zone)))
      for words, zone in ZONES.items()),
    (_word(FOREIGN_ZONES), _tokens(K.UNCLEAR)),
    (_word(UNSURE), _tokens(K.UNSURE)),
    (_word(UNCLEAR), _tokens(K.UNCLEAR)),
    (_word(PART_AHEAD), _before_part_tokens),
    (_word(PART_OVER), _after_part_tokens),
    (_word(r"(?:tan|muy|demasiado) tarde(?! (?:por|en|de) la)"), _tokens(K.WORD)),
    (RANGE, _range_tokens),
    (OR_LATER, _after_tokens),
    (OR_EARLIER, _before_tokens),
    (BEFORE, _before_tokens),
    (AFTER, _after_tokens),
    (BEFORE_BUSY, _before_tokens),
    (AFTER_BUSY, _free_from_tokens),
    (FREE_FROM, _free_from_tokens),
    (AT, _at_tokens),
    *((_word(words), _token(token))
      for words, token in DATED.items()),
    *((_word(rf"(?:in the |at |on |during )?(?:{'|'.join(words)})"), _part_tokens(span))
      for words, span in PARTS),
    (_word(rf"(?:on |los |el |next |this |every )?(?P<day>{'|'.join(DAY_NAMES)})"),
     lambda found: [Token(K.TIME, days=frozenset([_day_of(found["day"])]))]),
    (_word(r"except(?: for)?|excluding|other than|besides|apart from|minus"
           r"|(?:but|just|only) not(?! outside)"
           r"|(?:rather |better )?than|instead of|excepto|menos|salvo|pero no|en (?:vez|lugar) de"
           r"|quitando|sin contar|aparte de|a excepcion de|con excepcion de|save for|barring"
           r"|mejor que|over(?! the)|outside(?: of)?|fuera del?"), _tokens(K.EXCEPT)),
    (_word(ANY), _tokens(K.ANY)),
    (_word(r"ni (?:lo|se) (?:les |le )?[a-z]+"), _tokens(K.NOT)),
    (_word(r"nor|ni"), _tokens(K.OR, K.NOT)),
    (_word(r"or|and|also|plus|o|u|y|e|tambien"), _tokens(K.OR)),
    (re.compile(r"[&/+]"), _tokens(K.OR)),
    (_word(r"but|however|though|although|pero|sino|aunque|so"), _tokens(K.STOP)),
    (re.compile(r"[.!?;\n]"), _tokens(K.STOP)),
    (re.compile(r"[,()]|-(?= )"), _tokens(K.COMMA)),
    (_word(r"i (?:do not|don'?t|never) work|no trabajo|(?:do not|don'?t) mind|no me molesta\w*"),
     _tokens(K.GOOD)),
    (re.compile(rf"(?:{NOT})(?= {NO_TIME_VERBS})"), _tokens(K.OTHER_NOT)),
    (_word(NOT), _tokens(K.NOT)),
    (_word(r"(?:i(?:'?m| am|'ll be)? (?:\w+ly )?(?:also )?|am )(?:at )?"
           r"(?:work(?:ing)?|sleep(?:ing)?|school)|at work|working"
           r"|(?<=and )work(?= (?:day|night|evening|morning|afternoon|weekend)s\b)"
           r"|(?<![a-z0-9] )work(?= (?:(?:un)?till?|from|\d))|sleep\w*|naps?|napping"
           r"|(?:have|has|got|tengo) (?:an? |my |una? )?(?:class\w*|meetings?|appointments?|therapy"
           r"|church|shift|practice|court|group|clases?|citas?|reunion\w*|terapia|turno)"
           r"|terrible|horrible|awful|hard|difficult|tough|rough|hectic|crazy|sucks?|hell|worse"
           r"|(?<!at )least"
           rf"|{BUSY_BESIDE_TIME}|(?:is|are) out(?! of)"
           r"|on (?:duty|shift|the clock)|de (?:turno|guardia)"
           r"|phone(?:'?s| is| goes| gets| will be)? (?:turned |shut |cut )?off"
           r"|apag\w+ (?:el|mi) (?:telefono|cel\w*)|(?:telefono|cel\w*) apagado"
           r"|off[ -]limits|out of the question|off the table"
           r"|(?:is|are|be) (?:an? )?problem\w*|dislike|unsafe"
           r"|dangerous|peligros\w+|insegur\w+|(?<!after )(?<!before )(?:church|dialysis|court)"
           r"|dificil\w*|complicad\w+"
           r"|cuestan?|peor"
           r"|bad|worst|impossible|unavailable|busy|asleep|in (?:class|meetings?|school|court)"
           r"|driving|hate|inconvenient|ocupad\w+|trabaj\w+|duerm\w+|dorm\w+|mal[oa]?|imposible"
           r"|en clases?"), _tokens(K.BAD)),
    (_word(r"yes|yep|yeah|best|better|good|great|fine|ok(?:ay)?|perfect|prefer\w*|ideal\w*|works?"
           r"|available"
           r"|free|instead|only|just|mejor|prefier\w+|preferen\w+|preferibl\w+|bien|bueno|puedo"
           r"|disponible|libre|conviene|sol[oa]|solamente|unicamente"), _tokens(K.GOOD)),
    (_word(r"call\w*|ring|phone|contact\w*|reach\w*|llam\w+|marc\w+|marqu\w+|comuni\w+"
           r"|timbr\w+|habl(?:ar\w*|en\w*|eme|ame)"),
     _tokens(K.CALL)),
    (re.compile(r"[a-z0-9']+"), lambda found: [Token(K.WORD, said=found[0])]),
)  # fmt: skip
"""What each word does; at each place the first that fits counts."""
