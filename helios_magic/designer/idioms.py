"""Phrases whose words mean something else one by one: idioms, and possessives in the plural."""

from __future__ import annotations

import re

from helios_magic.designer.catalogue import catalogue
from helios_magic.designer.words import plural, singular

_CHANGING = "weight|height|price|salary|size|temperature|rent|status|location|owner|value|rate"
_OFTEN = "(?:hour|dai|night|week|month|quarter|year|annual)ly|annual"
_VARIES = r"(?:vary|varies|changes?|differs?) (?:by|with|per|over|in|from) [\w -]+?(?= and\b|[,.;]|$)"
_SETS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), meaning)
    for pattern, meaning in (
        (r"^As an? [^,.;]{3,40}?,? (?=(?:I|we) (?!can\b|will\b|should\b|must\b|may\b|want\b))", ""),
        (
            r"^(?:(?:an?|our|the|my) )?(?:[\w-]+ ){1,4}(?:needs|requires|wants|must (?:keep|store))\s*:\s+",
            "",
        ),
        (r"\beach other['’]s\b|\bone another['’]s\b", "their"),
        (r"(?<!['’\w])([a-z]\w+s)['’](?= [a-z])", r"\1's"),
        (r"\b(who|that) (?:did|does|do) the (?:job|work)\b", ""),
        (r"\bon loan to\b", "lent to"),
        (r"\bhangs? off\b", "belong to"),
        (r"\bsign up with (?=an?\b|the\b|one\b)", "join "),
        (r"\bsigns up with (?=an?\b|the\b|one\b)", "joins "),
        (r"\b(home|away) (?=(?:team|side|club|player|squad)s?\b)", r"\1-"),
        (r"\ba home and an away[- ](\w+)\b", r"a home-\1 and an away-\1"),
        (r"(?<!\bis )(?<!\bare )(?<!\bbe )\b(?:made up|composed|put together) of\b", "with"),
        (r"((?:^|[,:] )(?:[a-z]+ )?[a-z]+s) in (?=(?:teams|groups)\b)", r"\1 within "),
        (r"\b([\w-]+s) with ([\w-]+s) \(other \1\)", r"\1 that have other \1 as \2"),
        (r"\b([\w-]+s) with ((?:pre|co)requisites|predecessors|successors)\b(?! \()", r"\1 that have other \1 as \2"),
        (r"\bfile attachments?\b", "attachments"),
        (r" at (?:their|his|her|its|an?) own (?:pace|speed|risk|expense|request)\b", ""),
        (r"\b(?:an? |the |its |our )?knowledge base (?:holds|has|contains|stores|of|with) (?=[a-z]+s\b)", "we keep "),
        (r"^([^:.]{3,60}?) for ((?:multiple|several|many) [^:.,]{3,60}): ", r"\1: \2, "),
        (rf"\b({_OFTEN}) and ({_OFTEN}) (price|fee|rate|charge|rent|salary|wage|total)s?\b", r"a \1_\3 and a \2_\3"),
        (r"\b(hold|have|occupy|play|fill)s? ([a-z]+s) over time\b", r"\1 many \2"),
        (rf"\b({_CHANGING}) over time\b", r"\1 history"),
        (r"\bin (?:parts|full|advance|person)(?=,| and\b|[.;]|$)", ""),
        (
            rf"\b(?:an? |the )?((?:\w+ )?(?:rate|price|fee|tariff|fare))s? (?:that|which) {_VARIES}",
            r"several \1s",
        ),
        (
            r"(?<!grouped )(?<!organi[sz]ed )\bin (?:pairs|twos|groups|teams)(?: of \w+)?(?= and\b|[,.;]|$)",
            "",
        ),
        (r"\bin (?:an?|some) (?:certain |given |fixed )?year\b", "in some year"),
    )
)


_FROM_ONE = re.compile(r"\bfrom (?:one )?([a-z]+) to (?:another|the next|\1)\b")
_AMONG_OTHERS = re.compile(r"\b([a-z]+s), ([a-z]+s),? and other ((?:[a-z]+ )?[a-z]+s)\b")


def _sorts(found: re.Match[str]) -> str:
    """`births, deaths and other life events`: those are sorts of it, where nothing else is known of them."""
    sorts = [singular(found[1]), singular(found[2])]
    known = any(catalogue().knows(sort) for sort in sorts)
    return found[0] if known else f"{found[3]} ({sorts[0]}, {sorts[1]})"


_SENT_TO = re.compile(
    r"\b((?:order|deliver|ship|sen[dt]|dispatch|post)(?:s|ed|ped|es)?\b[^.;]*?) to (?:an?|their|his|her) "
    r"(?:(?:saved|stored|delivery|shipping|home|chosen|given) )?address(?=,|[.;]|$| and\b)"
)
"""Goods go to one of the addresses that somebody has."""
_BUYERS = re.compile(r"\b(?:customer|client|shopper|buyer|member|user|subscriber)s?\b", re.IGNORECASE)


def plainly(text: str) -> str:
    """A sentence with each idiom put as what it means."""
    buyer = _BUYERS.search(text)
    if buyer is not None and _SENT_TO.search(text):
        rest = _SENT_TO.sub(r"\1", text).rstrip(".")
        text = f"{rest}; each {singular(buyer[0].lower())} has several addresses."
    text = _FROM_ONE.sub(lambda found: f"between two {plural(found[1])}", text)
    text = _AMONG_OTHERS.sub(_sorts, text)
    for pattern, meaning in _SETS:
        text = pattern.sub(meaning, text)
    return text
