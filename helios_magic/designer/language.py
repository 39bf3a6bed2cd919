"""Whether a description is English prose at all; the grammar reads no other language."""

from __future__ import annotations

import re
import unicodedata

from helios_magic.errors import ValidationError

_COMMON: dict[str, frozenset[str]] = {
    name: frozenset(listed.split())
    for name, listed in {
        "English": "the a an and of in on with for to is are has have each every by can be that which from one many or "
        "their it its as at per should must belongs contains track store support include who when they we our",
        "German": "der die das und ein eine einen einer eines mit für ist sind hat haben jeder jede jedes von zu im "
        "den dem des kann können werden wird gehört auf bei sowie mehrere oder nicht auch ihre unsere wir",
        "French": "le la les et un une des avec pour est sont chaque dans du au aux par peut qui que plusieurs ou sur "
        "ses leurs nous notre ont",
        "Spanish": "el la los las y un una con para es son cada en del por puede que tienen tiene varios o sus de "
        "nuestro nuestra",
        "Portuguese": "o os as e um uma com para é são cada em do da dos das por pode que tem têm vários ou seus nossa",
        "Italian": "il lo la i gli le e un una con per è sono ogni in del della dei delle da può che ha hanno più o",
        "Dutch": "de het een en met voor is zijn elke elk van in op door kan die heeft hebben meerdere of onze wij",
        "Polish": "i w z na do jest są każdy każda ma mają oraz lub które który się od przez dla",
    }.items()
}


def check(prose: str) -> None:
    """Refuse what cannot be read: nothing, or prose of another language, told by its name where it is known."""
    if not re.search(r"\w", prose):
        raise ValidationError(
            "the description is empty",
            hint="Say what is to be kept: “A library with books, authors and members; members borrow books.”",
            details={"field": "description", "expected": "a description in English", "got": "nothing to read"},
        )
    found = _other_language(prose)
    if found is not None:
        raise ValidationError(
            f"the description seems to be {found}; the offline designer reads English only, and designed nothing",
            hint="Describe it in English; a designer with a model reads other languages.",
            details={"field": "description", "expected": "English", "got": found},
        )


def _other_language(prose: str) -> str | None:
    sample = prose[:20_000]
    letters = [each for each in sample if each.isalpha()]
    foreign = [each for each in letters if "LATIN" not in unicodedata.name(each, "LATIN")]
    if len(foreign) * 2 > len(letters):
        return f"in {unicodedata.name(foreign[0]).split()[0].capitalize()} script"
    found = re.findall(r"[^\W\d_]+", sample.lower())
    counts = {name: sum(word in common for word in found) for name, common in _COMMON.items()}
    best = max(counts, key=lambda name: counts[name])
    if counts[best] >= 3 and counts[best] > 2 * counts["English"] and counts[best] * 8 >= len(found):
        return best
    return None
