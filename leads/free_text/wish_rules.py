"""The rules of wishes: patterns over concepts, for English and Spanish at once. Pure.

A concept is written in capitals and listed in `wishes.toml`; a word that is none stands for itself.
`|` is where a clause ends, `~` up to six concepts that add nothing, `_` any one word, `*` up to
five, `+` what may follow "stop", `A/B` either, `A?` perhaps.
"""

from __future__ import annotations

import re

ADDS_NOTHING = (
    "I|YOU|ME|MY|THIS|ART|MORE|WANT|AGREE|SEND|AGAIN|BACK|KEEP|AND|ONLY|BETTER|OK|EVERYTHING|OFF|"
    "NUMBER|RETURN|JUST|WRITER|CAN|SAID|in|on|with|about|for|from|by|via|con|para|por|a|en|anyone|"
    "should|must|have|has|had|tener|need|needs"
)
AFTER_STOP = "con|with|OFF|THIS|ME|MORE|AND|STOP|NOT|AGAIN|BACK|NOW|TIMED|EVERYTHING|YOU|OK|BETTER"

_MACROS = {
    "~": rf"(?:(?:{ADDS_NOTHING}) ){{0,6}}",
    "_": r"[^|\s]+ ",
    "*": r"(?:[^|\s]+ ){0,5}",
    "+": rf"(?:(?:{AFTER_STOP}) ){{0,6}}",
}


def compile_rules(*rules: str) -> re.Pattern[str]:
    """Return what finds any of these patterns in concepts with a blank after each."""
    return re.compile("|".join(f"(?:{_expression_of(rule)})" for rule in rules))


def _expression_of(rule: str) -> str:
    parts = []
    for token in rule.split():
        if token in _MACROS:
            parts.append(_MACROS[token])
            continue
        bare = token.removesuffix("?")
        words = "|".join(re.escape(word) for word in bare.split("/"))
        parts.append(f"(?<!\\S)(?:{words}) " if bare == token else f"(?:(?:{words}) )?")
    return "".join(parts)


REFUSED = compile_rules(
    "NOT ~ CALL/TEXT/CONTACT",
    "NOT ~ SEND ~ |",
    "STOP ~ CALL/TEXT/CONTACT",
    "STOP ~ SEND ~ |",
    "SICK ~ CALL/TEXT/CONTACT",
    "| ~ CALL/TEXT/CONTACT SICK",
    "YOU ISNT ~ CALL/TEXT/CONTACT",
    "| ISNT ~ CALL/TEXT/CONTACT",
    "NOT ~ AGREE WHY ~ CALL/TEXT/CONTACT",
    "| CALL/TEXT/CONTACT NOT/ISNT |/WHY",
    "CALL/TEXT/CONTACT ~ STOP + |",
    "CANCEL/SWITCHOFF ~ TEXT/CONTACT",
    "REMOVE ~ CALL/TEXT/CONTACT",
    "take ~ OFF ~ CALL/TEXT/CONTACT",
    "NEVERASKED ~ TEXT/CALL/CONTACT",
)
REFUSED_WHOLLY = compile_rules(
    "| ~ REMOVE ~ |",
    "NUMBER REMOVE |",
    "REMOVE/LOSE ME ~ |",
    "ME REMOVE/LOSE ~ |",
    "REMOVE/LOSE ~ NUMBER",
    "REMOVE/LOSE ~ LIST",
    "take ~ OFF ~ LIST/|",
    "take ~ NUMBER/ME OFF |",
    "take ~ NUMBER OFF",
    "CANCEL EVERYTHING/THIS/NUMBER",
    "CANCEL ME |",
    "CANCEL ME OFF ~ LIST/EVERYTHING/THIS/|",
    "WANT ~ OFF ~ LIST/THIS |",
    "ME OFF ~ LIST/THIS/EVERYTHING |",
    "MY NUMBER OFF ~ CALL/LIST/THIS |",
    "I WANT OFF |",
    "CANCEL ~ NUMBER/LIST/EVERYTHING",
    "| ~ CANCEL ~ |",
    "I WANT BAJA",
    "BAJA OFF LIST",
    "| BAJA |",
    "REVOKE/CANCEL/REMOVE/UNDO/STOP ~ CONSENT/AGREE",
    "NOT ~ AGREE THIS? |",
    "NOT ~ CONSENT |",
    "LEAVE",
    "THREAT",
    "UNINTERESTED STOP? |",
    "UNINTERESTED OFF? in? LIST/THIS/YOU/CALL/TEXT/CONTACT",
    "NEVERASKED ~ STOP |",
    "DIDNT WANT/AGREE ~ THIS STOP |",
    "| YOU? CAN? ME? JUST? WANT? BETTER? THIS? STOP + |",
    "SAID * STOP + |",
    "| STOP I? SAID",
    "| STOP NOT I? WANT ~ |",
    "NOT ~ WANT ~ help/ayuda |? STOP |",
    "| dejenme/dejeme/dejame/dejennos |",
    "WRONG ~ NUMBER/PERSON ~ STOP + |",
    "SAID YOU? NOT |",
    "HOW * STOP ~ CALL/TEXT |",
    "THIS last TEXT/CALL",
    "| OFF MY CALL |",
    "NOT ~ EVERYTHING con/with/OFF YOU",
    "YOU CALL/TEXT/CONTACT * STOP |",
    "KEEP ~ CALL/ME alone |",
    "NOT ~ hear/saber/CALLED/contacted/texted ~ |",
    "UNDO MY? LIST",
    "WANT salir ~ LIST",
    "| NOT WANT |",
    "| NOT MORE THIS? |",
    "NOT WANT THIS MORE",
    "NOT WANT ~ LIST |",
    "NOT I WANT ~ LIST |",
    "NOT ~ WANT ~ NUMBER |",
    "NOT I WANT ~ NUMBER |",
    "NOT WANT THIS |",
)
WRONG_PERSON = compile_rules(
    "WRONG ~ NUMBER/PERSON/OTHERPERSON/CALL",
    "THIRD ISNT/NOT TIMED THIS NUMBER",
    "THIS NOT _ TIMED THIS NUMBER",
    "NUMBER/PERSON ~ WRONG",
    "YOU ~ GOT? ~ WRONG |",
    "| WRONG |",
    "|/THIS/AND/WRITER/CALLED/PERSON/NUMBER ISNT/NOT ME |",
    "ISNT ME WHO",
    "ISNT I |",
    "| I ISNT |",
    "| I JUST GOT THIS CALL",
    "| THIS NUMBER/CALL mio/mia/MY",
    "acaban/acabo/acaba * NUMBER",
    "THIS ISNT * NUMBER/CALL",
    "| ISNT MY NUMBER |",
    "| NOT _ TIMED THIS NUMBER",
    "NOT/DIDNT GOT/READ/usa/use/uses ~ THIS NUMBER",
    "| I? creo/think/pienso/parece/MAYBE/guess YOU? WRONG |",
    "ISNT NUMBER OFF",
    "NUMBER ISNT",
    "NOT ~ THIRD/_ NUMBER MORE",
    "NOT KNOW ~ WHO/THIRD/PERSON",
    "THIRD THIS CALLED",
    "NOT hay * THIS |",
    "| ART? new/nuevo NUMBER",
    "GOT ART? new/nuevo NUMBER",
    "THIS ART? new/nuevo NUMBER",
    "| NOT PERSON THIS |",
    "NOT such/existe/hay ~ PERSON/THIRD",
    "NUMBER new/nuevo",
    "previous/anterior owner/dueno",
    "THIS ART landline/business/store/office/church/restaurant/school/fax/work/company",
    "THIS es? ART negocio/tienda/oficina/iglesia/restaurante/escuela/empresa/taller/fijo",
    "OTHERPERSON * NUMBER",
    "WRITER * OTHERPERSON",
    "OTHERPERSON NOW? |",
    "| THIS ISNT |",
    "alguien/someone * puso/dio/gave/put/used/entered/wrote/uso/GOT/START * NUMBER",
    "THIRD * puso/dio/gave/put/used/entered/wrote/uso/START/GOT * NUMBER",
    "MY NUMBER ACCIDENT",
    "NEVERASKED ~ THIS/EVERYTHING/THIRD/|",
    "NEVERASKED NOT? ~ THIS |",
    "NEVERASKED ART THIRD",
    "NEVERASKED * form/formulario/request/information",
    "not/ISNT/NOT/DIDNT live/vive THIS?",
    "NOT/ISNT person/PERSON YOU",
    "NOT/THIRD/OTHERPERSON * NAMED",
    "NOT/ISNT WHO",
    "used have/be/GOT THIS? NUMBER",
    "THIS NOT _ THIS |",
    "THIRD THIS WANT/SAID/asked/requested/pidio/called",
    "GOT THIS NUMBER",
    "NUMBER NOT/ISNT es? ~ THIRD/_ |",
    "ISNT THIS? PERSON",
    "THIS NOT hay MORE _ |",
)
NOT_SOMEBODY = re.compile(
    r"\| (?:THIS |I |MY name )?(?:ISNT|NOT KNOW(?: a| to)?(?: MORE| ART)?|(?P<asked>WHO)) "
    r"(?P<name>[a-z]+|THIRD|PERSON) \|"
)
"""Somebody is not, or does not know, a person of this name; if the word is a name."""
ASKS_WHO = compile_rules(
    "WHO ~ TEXT/CALL/CONTACT/SEND/|",
    "WHO ~ THIS/YOU/habla/escribe/eres/es/manda",
    "WHAT ~ THIS about/regarding/for/sobre/WRITER? |",
    "WHAT ~ THIS |",
    "WHAT ~ LIST THIS/YOU |",
    "WHAT ~ company/organization/place/empresa/compania/lugar/organizacion/business/outfit/agency",
    "WHAT ~ NUMBER THIS/|",
    "| NUMBER YOU? company/empresa/organization/organizacion |",
    "HOW * NUMBER |",
    "WHY ~ CALL/TEXT/CONTACT/SEND/TELLS",
    "WHY ~ THIS NUMBER",
    "WHO ~ GOT ~ NUMBER",
    "WHO ~ TELLS",
    "THIS ART? real/bot/scam/spam/legit/robot/automated/estafa/fraude/CONTACT/computer/machine",
    "YOU ART? real/bot/robot/human/scam",
    "WHAT ~ YOU WANT |",
    "WHAT WANT |",
    "WHO ~ TALK |",
    "| NUMBER/company/empresa/compania/lugar/organizacion THIS |",
    "ORIGIN",
    "help/ayuda WHAT",
)
STARTS = compile_rules(
    "START ~ LIST",
    "START ~ BACK/AGAIN |",
    "UNDO ME I? WANT",
    "UNDO | ~ CALL/TEXT/CONTACT",
    "WANT RETURN ~ LIST",
    "turn ~ CALL/TEXT BACK",
    "START ME |",
    "| OK? START |",
    "START ~ CALL/TEXT/CONTACT",
    "YOU/WANT/|/OK/CAN ME? RETURN ~ CALL/TEXT/CONTACT/SEND",
    "UNDO MY last? TEXT",
    "OFF ~ STOP/LEAVE",
    "START ~ BACK",
    "UNDO/REMOVE/CANCEL/LOSE/REVOKE ~ STOP/THREAT/CANCEL |",
    "UNDO/REVOKE/LOSE ~ STOP/CANCEL",
    "STOP/CANCEL/THREAT/block * ACCIDENT",
    "ACCIDENT * STOP/CANCEL/THREAT/block/BAJA",
    "YOU CAN ME? CALL/TEXT/CONTACT * AGAIN",
    "YOU CAN RETURN ~ CALL/TEXT/CONTACT",
    "WANT ~ CALL/TEXT/CONTACT AGAIN",
    "WANT BACK in/on/LIST",
    "WANT ~ LIST AGAIN/BACK",
    "| ~ TEXT ME AGAIN |",
    "| OK? YOU ME? TEXT/CONTACT ME? AGAIN |",
    "| OK? I? WANT hear ~ AGAIN",
    "AGAIN I? WANT ~ TEXT/CALL/CONTACT",
    "YOU CAN ~ SEND ~ TEXT * AGAIN",
    "CHANGED |? ~ KEEP ~ CALL/TEXT/CONTACT",
    "CHANGED |? ~ YOU CAN ~ CALL/TEXT/CONTACT",
)
ASKS_CALL = compile_rules(
    "CALL ME",
    "ME CALL",
    "YOU ~ CALL",
    "|/AND/OK/BETTER/TIMED/KEEP CALL ~ |/TIMED/NOW/ME/BACK/AGAIN/LATER",
    "WANT ~ CALL |",
    "WANT ~ CALL ~ TIMED/NOW/from",
    "CAN I ART? CALL ~ |/TIMED/NOW",
    "CALLED |",
    "CALLED * TRY/BACK",
    "TRY ME? CALL",
    "| TRY ME? AGAIN/BACK/TIMED/NOW",
    "| I? FREE para? TALK? ~ |/TIMED/NOW",
    "I FREE |/TIMED/NOW",
    "WANT ~ TALK ~ alguien/someone/anyone/PERSON/counselor/YOU/human/consejero/asesor/advisor/NOW",
    "CAN I TALK ~ alguien/someone/anyone/PERSON/counselor/YOU/human/consejero",
    "reach ME TIMED",
    "| ME TELLS/TALK * TIMED * | ?",
    "| ME TELLS ~ | ?",
    "YOU CAN TALK ME",
    "YOU ~ TALK ME? ~ TIMED",
)
PUTS_OFF = compile_rules(
    "LATER",
    "CANNOTTALK",
    "TRY/CALL ~ TIMED BETTER",
    "| MAYBE TIMED",
    "CALL ME? TIMED |? I? BUSY",
    "| CAN I TIMED BETTER",
    "| en/in _ TIMED |",
    "WAIT ~ TIMED",
    "| WAIT |",
    "| TIMED BETTER? OK? |",
    "| CANT? I? NOW? I? BUSY",
    "BUSY * TRY/CALL/TIMED",
    "NOW I? BUSY",
)
NO_DELAY = compile_rules("APPOINTMENT", "HOW * LATER", "WHAT * LATER", "I will/CAN? CALL")
OPEN_CHANNEL = {
    channel: compile_rules(
        f"ONLY ~ {channel}",
        f"{channel} ~ ONLY/OK/BETTER",
        f"OK/BETTER/KEEP/JUST/BUT/CAN/WANT/if/YOU/by/AND/LEAVE ~ {channel}",
        f"|/# {channel} ME/OK/BETTER/ONLY/|/me/TIMED/NUMBER",
        f"|/# SEND ~ {channel}",
        f"| {channel} #",
        f"| THIS {channel} |",
        f"{channel} ME",
        f"ME {channel}",
        f"CANNOTTALK |? ~ {channel}",
        f"will/CAN/I TALK/READ ~ {channel}",
    )
    for channel in ("CALL", "TEXT")
}
TALKS = compile_rules("YOU ~ TALK", "TALK ME")
"""Who lets us talk to them lets us call."""
WITHOUT_THE_OTHER = {
    "CALL": compile_rules(
        "BETTER OFF/than ~ CALL",
        "ONLY ~ TEXT",
        "TEXT ~ ONLY",
        "TEXT ~ BETTER",
        "WANT/BETTER ~ TEXT ~ than/BETTER",
        "BETTER TEXT",
        "CAN I THIS TEXT",
    ),
    "TEXT": compile_rules(
        "BETTER OFF/than ~ TEXT", "ONLY ~ CALL", "CALL ~ ONLY", "CALL BETTER OFF? TEXT"
    ),
}
"""Who asks for one channel only closes the other."""
CANNOT_READ = compile_rules(
    "NOT/CANT READ ~ TEXT",
    "CANT TEXT",
    "TEXT ME? CANT |",
    "TEXT ~ COSTS",
    "blind/ciego/ciega * TEXT",
    "THIRD ~ READ ~ TEXT",
)
CANNOT_TALK = compile_rules("CANNOTTALK", "CALL ME? CANT |", "NOT/CANT/SICK ~ TALK ~ |/CALL")
FOR_THIS_TIME = compile_rules("TIMED/NOW/LATER/BUSY")
ABOUT_SOMEBODY = re.compile(r"THIRD (?!.*YOU )[^|]*$")
NOT_ASKED_OF_US = re.compile(
    r"(?:(?<!\S)(?:I|NOT|CANT|DIDNT|HOW|WHY|should|if|that)) (?:CAN |do |would )?$"
)
YOU_WILL_NOT = re.compile(r"(?:YOU|WHY) (?:\S+ )?(?:CANT|NOT) $")
OF_SOMEBODY_ELSE = re.compile(
    r"(?:ME |MY |ART |OFF |con |with )*(?:THIRD|APPOINTMENT)(?: |$)"
    r"(?!(?:GOT|READ|CAN|WANT|KNOW|has|hears|listens|answers|uses|will|oye|escucha|contesta|trae) )"
)
AND_ALSO = re.compile(
    r"(?:ME (?=AND MORE ))?(?:\| )?(?:(?:CALL|TEXT|CONTACT) (?:ME )?(?:\| )?){0,3}"
    r"AND (?:NOT |YOU |ME |MORE )*"
    r"(?:SEND )?(?P<channel>CALL|TEXT|CONTACT) (?!(?:ME )?(?:BETTER|OK|ONLY))"
)
FOREVER = re.compile(r"(?<!\S)(?:MORE|AGAIN) ")
FOR_NOW = re.compile(
    r"(?:ME |THIS |NUMBER |MY |AND |CALL |TEXT |YOU |SEND |I |am |en |si |tan |muy |very |too )*"
    r"(?:TIMED|LATER|BUSY|NOW) (?!yet)"
)
ENDS_NOW = re.compile(r"(?:ME |THIS |NUMBER |MY |AND |CALL |TEXT )*NOW (?:\||BETTER)")
SPEAKS_OF_STOPPING = compile_rules(
    "| ~ NOT/STOP/CANCEL/REMOVE ~ |",
    "UNINTERESTED",
    "CANCEL ~ request/solicitud/CALL/pedido",
    "NOT ~ CALL/TEXT/CONTACT",
    "STOP ~ CALL/TEXT/CONTACT",
    "NOT THIS",
    "NOT ~ WANT/TALK |",
    "| NOT ~ CALL/TEXT/CONTACT MY? THIRD",
    "| STOP |",
    "NEVERASKED",
    "SICK ~ |",
    "| JUST? UNDO |",
    "| JUST? LOSE/KEEP THIS |",
    "| NOT/ISNT THIS? MORE |",
    "| NOT hace falta |",
    "| olvidalo/olvidelo/olvidenlo |",
)
MAY_BE_OVER = compile_rules(
    "| ~ GOT? CHANGED ~ NOT/UNDO? |",
    "| ~ NEEDLESS ~ |",
    "NEEDLESS |",
    "I ISNT/NOT FREE WRITER THIS |",
    "| ~ NEEDLESS ~ CALL/CONTACT/help/ayuda/APPOINTMENT ~ |",
    "NOT need/necesito/ocupo ~ help/ayuda/APPOINTMENT ~ |",
    "| ~ THIRD/someone/alguien/PERSON? ~ GOT? SETTLED ME/THIS? NOW/TIMED? |",
    "| ~ SETTLED ~ SOMEWHERE NOW? |",
    "| * SOMEWHERE NOW? |",
    "| I OK NOW |",
    "| I? GOT THIRD ART? PERSON/APPOINTMENT/LIST |",
    "| BETTER NOT |",
    "UNINTERESTED in APPOINTMENT |",
)
"""Who may not want the callback any more: they changed their mind, or have help already."""
STILL_ASKS = compile_rules("WANT/CAN/YOU/HOW/WHAT/WHY/?/NOT")
MAY_BE_HEARD = compile_rules(
    "THIRD has/GOT/HOLDS/READ/use/uses/usa/TALK ~ THIS/MY ~ old/other/cell? CALL/NUMBER",
    "THIS/MY ~ CALL/NUMBER lo? HOLDS/GOT/uses/usa MY? THIRD",
    "OTHERPERSON has/GOT/HOLDS/READ/uses/usa ~ THIS/MY ~ CALL/NUMBER",
    "| THIS/soy/somos/habla/I THIS? MY? THIRD THIRD? |",
    "THIS THIRD THIRD |",
    "NOT ~ CALL/TEXT/CONTACT MY? THIRD CALL/NUMBER",
    "THIRD ISNT/NOT THIS/PERSON/available/NEAR |",
    "| MY? THIRD THIS/PERSON/BACK/NOW/NEAR/around/awake/near/nearby/listening/watching/cerca |",
)
"""Somebody else may hold the phone, or hear it."""
REFUSED_IN_PART = compile_rules(
    "| ISNT/NOT MY CALL/NUMBER ~ |",
    "| ISNT/NOT MY CALL/NUMBER MORE MY? THIRD",
    "NOT/STOP ~ CALL/TEXT/CONTACT ~ BUSY ~ MORE",
    "NOT ~ CALL/TEXT/CONTACT ME? MORE? TIMED/in/on/a/en/to? ELSEWHERE",
    "NOT/STOP ~ CALL/TEXT/CONTACT ~ if MY? THIRD",
    "NOT ~ CALL/TEXT/CONTACT MY? THIRD PERSON/CALL/NUMBER",
)
"""Refused at a place, or while somebody is near: whether elsewhere too, a person tells."""
UNWELL = compile_rules("NOT I? OK |", "I ISNT OK |")
"""No refusal: "no estoy bien"."""
