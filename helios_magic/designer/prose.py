"""A description as the texts of its sentences, phrases that mean one word already put as that word."""

from __future__ import annotations

import re

from helios_magic.designer.framing import unasked
from helios_magic.designer.headings import spelled
from helios_magic.designer.idioms import plainly
from helios_magic.designer.jottings import points, spelled_out
from helios_magic.designer.passing import put_as_clauses
from helios_magic.designer.questions import answered
from helios_magic.designer.shorthand import written_out

_BULLET = re.compile(r"^\s*(?:[-*•–—▪]|\d+[.)])\s+")
_LABEL = re.compile(r"^\s*(?:[A-Z]{1,4}-?\d+(?:\.\d+)*[.:)]?|\((?:[a-z]|[ivx]+|\d+)\)|[a-z]\))\s+(?=[A-Z])")
"""`REQ-1`, `(a)`: what a requirement is called."""
_LEAD = re.compile(r"^(?:what|here|these|this|the following|below)\b[^:.]*:$", re.IGNORECASE)
"""`What our centre needs:` says nothing itself."""
_STOP = re.compile(r"(?<=[.!?])\s+(?=[A-Z])")
_SENTENCE = re.compile(r"(?<=[.!?])\s+|\.$")
_GREETING = re.compile(
    r"^(?:oh|well|hi|hello|hey|dear|thanks|thank you|many thanks|cheers|best|(?:kind )?regards)\b"
    r"(?:[ ,!]+\w+){0,3}[,!.]*$",
    re.IGNORECASE,
)
_LONGEST = 3000
"""Characters of the longest sentence that is read as one."""
_PAIRED = (
    r"\b(first|start|opening|home|origin|source|arrival|departure|earliest|minimum|pick-up) and (?:an? |the )?"
    r"(last|end|closing|away|destination|target|arrival|departure|latest|maximum|return) (\w+)\b"
)
"""`a start and end date`: two dates."""
_NOT_ASKED = r"(?<!\bwe )(?<!\bi )(?<!\bthey )(?<!\byou )(?<!\bwho )"
_NO_NOUN = "(?:and|or|per|in|on|at|for|with|to|is|are|who|that|of|from|must|should|shall|can|will|may|has|have|each)"
_NO_COUNT = r"(?!(?:many|several|one|two|some|more)\b)"
_COUNTED = rf"\b((?:the |an? )?)(?:number|count) of ((?:(?!(?:and|or)\b)[a-z]*[a-rt-z] (?!{_NO_NOUN}\b))?[a-z]+)\b"
_GIVING = r"stating|specifying|giving|showing|indicating|listing|detailing|naming|recording|noting"
#: Phrases that mean what one word means, before anything is looked at word by word.
_PHRASES: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), meaning)
    for pattern, meaning in (
        (r"\b(?:e\.g\.|for example|for instance),?", "such_as "),
        (r"\bsuch as\b", "such_as"),
        (r"\bi\.e\.,?|\bvs\.|,?\s*\b(?:etc\b\.?|and so on\b)", " "),
        (r"(?<=\w)['’]re\b", " are"),
        (r"(?<=\w)['’]ve\b", " have"),
        (r"(?<=\w)['’]ll\b", " will"),
        (r"(?<=\w)['’]d (?=like|love|need|want|prefer|rather|\w+e\b)", " would "),
        (r"\b(it|that|there|he|she|what|who|here)['’]s\b", r"\1 is"),
        (r"\b(can|do|does|did|is|are|was|were|should|wo|must|need)n['’]t\b|\b(can)not\b", r"\1\2 not"),
        (r"\blet['’]s\b", "we"),
        (r"\bwould (?:like|love) to\b", " will"),
        (r"\bwould (?:like|love)\b", "need"),
        (r"\bdata(?:base)? model\b", "schema"),
        (r"\bchanges of (?=owner|keeper|address|ownership|status|role)(\w+?)(?:ship)?s?\b", r"\1 changes"),
        (r"\b(\w{3,}?)((?<=sh|ch|ss)es|s)? of (?:an? (?:given|certain|particular)|various|different|several) models?\b",
         r"\1\2 of a \1 model"),
        (r"\b(book|reserve)(s?) (?:an? )?(?:place|seat|spot)s? (?=(?:for|on|in|at)\b)", r"make\2 bookings "),
        (r"\b(?:an? |the )?(?:seating |floor |table )?plan of (?=\w+s\b)", "many "),
        (r"\bon behalf of\b|\bin the name of\b", "for"),
        (r"\b(?:on|in) whose (?:behalf|name)\b", "for which"),
        (r"\bstar (?=(?:review|rating)s?\b)", ""),
        (r"\bwho (?:each|all|both) (?=\w)", "who "),
        (r"\bas (?:the |an? )?(?:owner|manager|director|head) of \w+ [^,.;]{2,30}?,? i (?=\w+\b)", "we "),
        (r"\b(\w{3,}?)((?<=sh|ch|ss)es|s)? of (?:different|various|several) (type|kind)s\b", r"\1\2 of a \1 \3"),
        (r"\b(?:with )?limited (?:spots|seats|places|spaces|capacity)\b", "with a capacity"),
        (r"(?<=ed )using\b", "with"),
        (r", (?:mostly|mainly|chiefly|largely|primarily) (\w+s(?: (?:and|or) \w+s)?)(?:,|(?=[.;]|$))", r" such_as \1"),
        (r" (?:with|to|from) us(?= (?:and|ha[sd]|have|are|is|will|can|may|must)\b|[,.;]|$)", ""),
        (r"(?:^|(?<=[,;] )|,? (?:and|but|while) )(?:\w+ ){1,2}(?:has|have) no \w+(?=[,.;]|$)", ""),
        (r", replacing [^,.;]+(?=[.;]|$)", ""),
        (r",? (?:and )?(?:want|wish|need|plan|hope|would like)s? to replace (?:our|my|the|an?|all) [^,.;]+", ""),
        (r"\b(log|record|track|enter|book)s? (?:their |his |her )?(?:working )?(?:time|hours)(?=[,.;:]| on\b)",
         r"\1 time entries"),
        (r"\b(?:one|two|three|[1-3]) (?:or|to) (?:two|three|four|five|[2-9])\b", "many"),
        (r"\bvalid (until|from) (?:some|an?|the|which) (?:\w+ )?(?:day|date)\b", r"valid_\1"),
        (r",? and (?:an?|the) \w+ never (?:has|have) (?:two|more|several)\b", ""),
        (r"\b(are|is)( all)?( just)? (\w+) to (?:me|us)\b", r"\1 \4"),
        (r"\b(may|might|can) or \1 not\b", r"\1"),
        (rf",? (?:{_GIVING}) (?=(?:the|an?|its|their|his|her)\b)", ", with "),
        (r"\b(?:the|that|this) (?:first|last|latter|former|second) one\b", "it"),
        (r"\b(?:no|not) more than (?:one|1)\b", "one"),
        (r"\b(?:thousands|hundreds|dozens|tens|millions) of\b", "many"),
        (r"\b(?:about|around|roughly|approximately|some) (?=(?:\d+|[a-z]+ty|ten|twelve|a hundred) \w+s\b)", ""),
        (r"\bpieces? of (?=equipment|furniture|gear|machinery|luggage|baggage|evidence|clothing)", ""),
        (r"\b(?:once|twice|(?!the\b)\w+ times|\d+ times) (?:a|per|every|each) (?:day|week|month|quarter|year)\b", ""),
        (r"(?<=ed )(?:along|together) with\b|(?<=down )(?:along|together) with\b", "with"),
        (r",? (?:though|although|but|while) [^,.;]{2,40} (?:has|have) none\b", ""),
        (r", of which there (?:is|are) [^,.;]{2,30}(?=,)", ""),
        (r",? (?:kept )?(?:once,? )?in an? (?:separate )?list\b", ""),
        (r"\bbetween ([^,.;]{3,30}) and (?:us|me)\b", r"with \1"),
        (r"\b(is|are) in the charge of\b", r"\1 managed by"),
        (r"\bis in charge\b(?! of)", "manages it"),
        (r"\btakes part in\b", "attends"),
        (r"\btake part in\b", "attend"),
        (r"\btakes? part\b", "attend it"),
        (r"\b(?:took|taken) part in\b", "attended"),
        (r"\b(?:took|taken) part\b", "attended it"),
        (r"\bh(?:ang|ung) (?:off|on)\b", "belong to"),
        (r"\bhangs (?:off|on)\b", "belongs to"),
        (r"\bgive rise to\b", "generate"),
        (r"\bgives rise to\b", "generates"),
        (r"\b(home|away) (?=(?:team|club|side|player|goal|score|point)s?\b)", r"\1-"),
        (r"(, |\band )a number of (persons|people|adults|children|floors|seats|beds|doors)(?=[.,;]| and\b|$)",
         r"\1the \2 count"),
        (r"\b(?:may|can|might) be out of (?:order|service|use)\b", "have a status"),
        (r"\bnumber of (\w+s) (left|remaining)\b", r"\1_\2"),
        (r"\b(?:an? |the )?(max|min)imum number of (\w+)\b", r"the \1_\2"),
        (_PAIRED + r"(?=,)", r"\1 \3, \2 \3"),
        (_PAIRED, r"\1 \3 and \2 \3"),
        (r",? (?:each )?having\b(?! to)", " with"),
        (r"\bi['’]m\b", "i am"),
        (r",? (?:consisting of|comprising)\b", " with"),
        (r"\b(?:is|are) on (?:file|record)\b", "are kept"),
        (r"\b(?:an?|the) (?:(?:more|less|new|next|different|other|\w+(?:er|ed)) )+one\b(?! of\b)", "another"),
        (r"\bas (?:many|much) of (\w+) as (?:they|he|she|it) \w+", r"many of \1"),
        (r"\bas to (the|our)\b", r"about \1"),
        (r"\b(?:up|close) to (?=\w+ \w+s\b)", ""),
        (r"\bof course\b|\bin total\b|\bfor (?:short|now)\b|\bback\b(?= from)", " "),
        (r"\b(?:wants?|needs?|wish(?:es)?|ha[sd]|have|able|allowed|going|required|possible) to\b(?! a\b)", "will"),
        (r"\bplans? to\b(?! a\b)(?! \w+[^su\W]s\b)", "will"),
        (r"\b(?:one|zero|1|0)(?: or |\.\.)(?:more|several|many|n|\*)\b|\bany number of\b", "many"),
        (r"\bbetween (?:(?:two|2|three) or more|several|multiple|many)\b", "with many"),
        (r"\b(?:two|2|three|3) or more\b", "many"),
        (r"\b(?:each|every|all|any|some|most) of (?:the|these|those|our|my)\b", "each"),
        (r"\b(?:every )?one of (?:the|these|those|our|my|their)(?: (?:two|three|four|five|six|seven|\d+))?\b", "one"),
        (r"\bat least (?:one|two|three|\d+)\b|\bmore than one\b|\ba (?:few|couple of)\b", "many"),
        (r"\b(?:exactly|only|just|precisely) (?:one|1)\b|\bat most one\b|\b(?:a|one) single\b|\bzero or one\b", "one"),
        (r"\b(?:lots|plenty) of\b", "many"),
        (
            r"\b(?:an? )?ordered (?:list|sequence|series|set) of ((?:[\w-]+ )?[\w-]+s)(?=[,.;]|$| and\b| that\b)",
            r"many \1 with a position",
        ),
        (
            r"\b(?:an?|the)? ?(?:(?:ordered|full) )?(?:list|set|sequence|collection|lot|variety|range|bunch)s? of\b",
            " many",
        ),
        (r"\b(each for [^,.;]{2,30}) with a number of (\w+)", r"\1 with the \2 count"),
        (r"\ba number of\b", "many"),
        (_COUNTED, r"the \2 count"),
        (r"\bis (?:a )?(?:part|member|child) of\b", "belongs to"),
        (r"\bare (?:part|members|children) of\b", "belong to"),
        (r"\bkeeps (?:track|(?:an? )?(?:records?|logs?|lists?|registers?|inventor(?:y|ies))) of\b", "tracks"),
        (r"\bkeep(?:ing)? (?:track|(?:an? )?(?:records?|logs?|lists?|registers?|inventor(?:y|ies))) of\b", "track"),
        (r"\baccording to\b", "by"),
        (r"\btakes place\b", "belongs"),
        (r"\btake place\b", "belong"),
        (r"\bis (?:made up|composed|comprised) of\b|\bconsists of\b", "contains"),
        (r"\bare (?:made up|composed|comprised) of\b|\bconsist of\b", "contain"),
        (r"\bis (?:responsible for|in charge of)\b", "manages"),
        (r"\bare (?:responsible for|in charge of)\b", "manage"),
        (r"\bin turn\b|\bin (?:an?|the) (?:certain|given|fixed|specific|particular|right) order\b", " "),
        (r"\b(at|in|on|to|for|from|with|by) which (\w+) (?:does|do|did) ((?:(?:each|every|the|an?) )?\w+) (\w+)",
         r"\3 will \4 \1 a \2"),
        (
            r"(?:^|(?<=and ))which (\w+) (?:do|does|did) (he or she|(?:(?:each|every|the|an?) )?\w+) (\w+)\b",
            r"\2 will \3 a \1",
        ),
        (r"\bhe or she\b", "he"),
        (
            r"\b(at|in|on|to|for|from|with|by) which (\w+) (is|are|was|were) ([^,?]{3,40}) (\w+(?:ed|en|ut|ld|ent))\b",
            r"\4 \3 \5 \1 a \2",
        ),
        (_NOT_ASKED + rf"\b(?:do|does|did) {_NO_COUNT}" + r"((?:(?:each|every|the|an?) )?\w+) (\w+)\b", r"\1 will \2"),
        (r"\bsigned up (?:for|to)\b", "joined"),
        (r"\bsigns up (?:for|to)\b", "joins"),
        (r"\bsign up (?:for|to)\b", "join"),
        (r"\bhands? in\b", "submit"),
        (r"\bas well as\b|\balong with\b|\btogether with\b|\bin addition to\b|\bplus\b|\+", " and "),
        (r"\b(?:many|m|n)[- ]?(?:to|:)[- ]?(?:many|m|n)\b", "many_to_many"),
        (r"\b(?:one[- ]to[- ]many|1[-: ](?:n|m)|one[- ]to[- ]one|many[- ]to[- ]one|1:1)\b", ""),
        (r"\b(?:each|one) ?(?:-)?(?:other|another)\b", "each_other"),
        (r"\bover time\b|\bin order\b|\bat (?:any|a certain|the same) time\b|\breal[- ]time\b|\bat once\b", " "),
    )
)  # fmt: skip
_SIGNING_UP = re.compile(r"(?<=will )(?:create an account|sign up|register|log ?in)(?:,? and|,) (?=\w)", re.IGNORECASE)
"""What a user of any application does."""
_STORY = re.compile(r"\bas an? ([^,]{2,40}?),? i (?:can|will|should|must|may)\b", re.IGNORECASE)


def texts(prose: str) -> list[tuple[str, bool, bool]]:
    """The sentences in order, each with whether it is a point of a list, and whether it goes on behind a semicolon."""
    return [
        (text.strip(), bullet, place > 0)
        for line, bullet in _lines(prose)
        for part in _SENTENCE.split(" ".join(map(_meant, _STOP.split(line))))
        for place, clause in enumerate(part.split(";"))
        for text in _pieces(clause)
        if re.search(r"\w", text) and not _GREETING.match(text.strip())
    ]


def _pieces(text: str) -> list[str]:
    """A sentence; one that never ends is cut at its commas, else at its words."""
    pieces = []
    while len(text) > _LONGEST:
        cut = max(text.rfind(",", 0, _LONGEST), 0) or max(text.rfind(" ", 0, _LONGEST), 0) or _LONGEST
        pieces.append(text[:cut])
        text = text[cut:]
    return [*pieces, text]


def _meant(text: str) -> str:
    text = answered(_unchained(spelled(put_as_clauses(plainly(written_out(unasked(spelled_out(text))))))))
    for pattern, meaning in _PHRASES:
        text = pattern.sub(meaning, text)
    return _SIGNING_UP.sub("", _STORY.sub(r"\1 will", text))


def _unchained(text: str) -> str:
    """`shows > episodes > chapters`: two sentences, with the middle in both."""
    first, *rest = text.split(">")
    for place, part in enumerate(rest, 1):
        middle = place < len(rest) and not re.search(r"[-<.,;:]", part)
        first += f">{part};{part}" if middle else f">{part}"
    return first


def _lines(prose: str) -> list[tuple[str, bool]]:
    """Lines, where a line break means something; a wrapped paragraph is one."""
    joined: list[tuple[str, bool]] = []
    fresh = True
    for line in (point for said in prose.splitlines() for point in points(said)):
        bullet = _BULLET.match(line)
        text = _LABEL.sub("", line[bullet.end() :] if bullet else line.strip().lstrip("#").strip())
        if not text or _LEAD.match(text) or _GREETING.match(text):
            fresh = True
        elif bullet or fresh or text[0].isupper() or re.match(r"(?:\w+[ -]){0,3}\w+\s*[(:]", text):
            joined.append((text, bullet is not None))
            fresh = False
        else:
            joined[-1] = (f"{joined[-1][0]} {text}", joined[-1][1])
    return joined
