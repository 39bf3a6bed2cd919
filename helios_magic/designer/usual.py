"""Relationships that nobody states: what the catalogue knows, and what words give away."""

from __future__ import annotations

from helios_magic.designer.links import Links
from helios_magic.designer.naming import Draft, Nouns
from helios_magic.designer.words import singular

_SORTS = frozenset(["type", "category", "kind", "class", "group", "status", "genre", "level", "tier"])

_OCCASIONS = frozenset(["session", "day", "campaign", "drive", "tour", "evening", "weekend"])
"""What many of the same are done at: a donation session."""


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
        found = nouns.drafts.get(singular(name)) or _qualified(nouns, singular(name))
        if found is not None and (found is not draft or own):
            return found
    for name in names:
        found = nouns.named(name)
        if found is not None and (found is not draft or own):
            return found
    return None


def _qualified(nouns: Nouns, name: str) -> Draft | None:
    """`stratigraphic contexts`, which the catalogue knows as contexts."""
    ending = [draft for draft in nouns.drafts.values() if draft.name.endswith(f"_{name}") and draft.entry is not None]
    return next((draft for draft in ending if draft.entry is not None and singular(draft.entry.name) == name), None)


def _longest(nouns: Nouns, name: str) -> Draft | None:
    """`bike` of a `bike_status_history`: what its first words name."""
    parts = name.split("_")[:-1]
    fronts = ("_".join(parts[:end]) for end in range(len(parts) - 1, 0, -1))
    return next((nouns.drafts[front] for front in fronts if front in nouns.drafts), None)


def compounds(nouns: Nouns, links: Links) -> None:
    """`damage reports` of `damages`, `subtasks` of `tasks`: the words give it away."""
    for name, draft in list(nouns.drafts.items()):
        head, _, last = name.rpartition("_")
        alike = [other for key, other in nouns.drafts.items() if head and key.endswith(f"_{head}")]
        whole = nouns.drafts.get(head) or (alike[0] if len(alike) == 1 else None)
        whole = whole or (nouns.drafts.get(name.removeprefix("sub")) if name[:3] == "sub" else None)
        whole = whole or _longest(nouns, name)
        if whole is None or whole is draft or links.between(draft, whole):
            continue
        if last in _SORTS:
            links.point(whole, draft, "a sort of it", source="catalogue")
        elif whole.kind == "thing" and draft.kind == "place" and draft.entry is not None:
            continue  # a car park is no car's
        elif whole.kind == "event" and (draft.kind in {"group", "person", "place"} or last in _OCCASIONS):
            links.point(whole, draft, "who does it", source="catalogue")  # a cleaning by a cleaning company
        else:
            links.point(draft, whole, "named after it", required=True, source="catalogue")
