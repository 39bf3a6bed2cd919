"""Relationships that nobody states: what the catalogue knows, what words give away, and marked guesses."""

from __future__ import annotations

from helios_magic.designer.facts import Noun, Reading
from helios_magic.designer.links import Links
from helios_magic.designer.naming import Draft, Nouns
from helios_magic.designer.words import singular

_SORTS = frozenset(["type", "category", "kind", "class", "group", "status", "genre", "level", "tier"])


def of_the_catalogue(nouns: Nouns, links: Links) -> None:
    """What such entities usually have to do with each other."""
    for draft in list(nouns.drafts.values()):
        for known in draft.entry.belongs_to if draft.entry else ():
            parent = _first(nouns, known.parents, draft, own=bool(known.role and known.role.startswith("parent")))
            if parent is None or (parent is draft and "parent" not in (known.role or "")):
                continue
            if any(nouns.named(name) for name in known.unless):
                continue
            stated = [link for link in links.between(draft, parent) if link.source == "prose"]
            if stated and parent is not draft:
                continue
            links.point(
                draft, parent, "usual for such a table", role=known.role, required=known.required, one=known.one,
                source="catalogue",
            )  # fmt: skip
    for draft in list(nouns.drafts.values()):
        for shared in draft.entry.many_to_many if draft.entry else ():
            other = _first(nouns, shared.others, draft)
            if other is not None and not links.between(draft, other):
                links.share(draft, other, "usual for such tables", known=shared, source="catalogue")


def _first(nouns: Nouns, names: tuple[str, ...], draft: Draft, *, own: bool = False) -> Draft | None:
    for name in names:
        found = nouns.drafts.get(singular(name))
        if found is not None and (found is not draft or own):
            return found
    for name in names:
        found = nouns.named(name)
        if found is not None and (found is not draft or own):
            return found
    return None


def compounds(nouns: Nouns, links: Links) -> None:
    """`damage reports` of `damages`, `subtasks` of `tasks`: the words give it away."""
    for name, draft in list(nouns.drafts.items()):
        head, _, last = name.rpartition("_")
        alike = [other for key, other in nouns.drafts.items() if head and key.endswith(f"_{head}")]
        whole = nouns.drafts.get(head) or (alike[0] if len(alike) == 1 else None)
        whole = whole or (nouns.drafts.get(name.removeprefix("sub")) if name[:3] == "sub" else None)
        if whole is None or whole is draft or links.between(draft, whole):
            continue
        if last in _SORTS:
            links.point(whole, draft, "a sort of it", source="catalogue")
        else:
            links.point(draft, whole, "named after it", required=True, source="catalogue")


def topical(nouns: Nouns, links: Links, reading: Reading) -> None:
    """What happens, or is written, and belongs to people only, is about the thing that its sentence speaks of.

    `Users star packages and open issues`: an issue is about a package.  A guess, which its reason says.
    """
    spoken = _spoken(nouns, reading)
    for draft in list(nouns.drafts.values()):
        if draft.former is not None or draft.kind not in {"event", "record", "payment", "document"}:
            continue
        tied = [other for other in nouns.drafts.values() if links.between(draft, other)]
        if any(other.kind not in {"person", "group"} or links.points(other, draft) for other in tied):
            continue
        for about in _about(draft, spoken, tied):
            links.point(draft, about, "a guess: the sentence speaks of both", source="catalogue")


def _about(draft: Draft, spoken: list[list[Draft]], tied: list[Draft]) -> list[Draft]:
    """The thing of the sentence in which it comes first, else of the one before; tied to nobody, who as well."""
    at = next((place for place, drafts in enumerate(spoken) if draft in drafts), None)
    if at is None:
        return []
    near = [other for place in (at, at - 1) if place >= 0 for other in spoken[place] if other is not draft]
    far = [other for place in range(at, max(at - 4, -1), -1) for other in spoken[place]]
    things = [other for other in near if other not in tied and other.kind not in {"group", "person", "record"}]
    people = (
        [other for other in far if other.kind == "person"] if not tied and draft.kind in {"event", "document"} else []
    )
    return [*things[:1], *people[:1]]


def _spoken(nouns: Nouns, reading: Reading) -> list[list[Draft]]:
    """The entities of each sentence, in its order."""
    ends = [*reading.begins[1:], len(reading.facts)]
    sentences = []
    for begin, end in zip(reading.begins, ends, strict=True):
        found: list[Draft] = []
        for fact in reading.facts[begin:end]:
            for slot in fact.__slots__:
                noun = getattr(fact, slot)
                draft = nouns.find(noun) if isinstance(noun, Noun) else None
                if draft is not None and draft not in found:
                    found.append(draft)
        sentences.append(found)
    return sentences


def lonely(nouns: Nouns, links: Links) -> None:
    """What nothing was said of belongs to the table that most others point at; a reason tells that it is a guess."""
    drafts = list(nouns.drafts.values())
    pointed = {draft.table: sum(link.to == draft.table for link in links.found) for draft in drafts}
    centre = max(
        (draft for draft in drafts if draft.kind != "group"), key=lambda each: pointed[each.table], default=None
    )
    if centre is None or pointed[centre.table] < 2:
        return
    for draft in drafts:
        alone = all(draft.table not in (link.from_, link.to) for link in links.found)
        if alone and draft.former is None and draft.kind in {"event", "record", "payment", "document"}:
            links.point(draft, centre, "a guess: nothing else was said of it", source="catalogue")
