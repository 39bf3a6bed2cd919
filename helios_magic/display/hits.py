"""What a search by meaning found: the question, and each row with its similarity as a number and a bar."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from helios_magic.display import footer
from helios_magic.display.branch import frame
from helios_magic.display.characters import plain
from helios_magic.display.footer import Where
from helios_magic.display.markup import escape, icon
from helios_magic.display.quantities import count
from helios_magic.display.style import style

_SIMILARITY = "similarity"
_NAMES = ("name", "title", "heading", "subject", "label")
_CELLS, _LINE, _BODY = 10, 96, 280


@dataclass(frozen=True, slots=True)
class Hits:
    """`rows` are nearest first, each with its `similarity`; `best` is the nearest row's where none passed.

    `words_only`: the vectors are of hashing, which knows no meaning.  Without `bars` (another measure than the
    cosine) a number says all there is.  `taken` is the model of the question where none is recorded of the column.
    """

    question: str
    column: str
    rows: Sequence[dict[str, Any]]
    threshold: float | None = None
    best: float | None = None
    index: str | None = None
    words_only: bool = False
    bars: bool = True
    taken: str | None = None


@dataclass(frozen=True, slots=True)
class _Row:
    """One row as it is shown: what it is called, a few facts, and its longest text."""

    name: str
    facts: str
    body: str


def text(hits: Hits, where: Where) -> str:
    lines = [f"{hits.column}: {plain(_cut(hits.question, _LINE))}"]
    for row in hits.rows:
        shown, similarity = _shown(row), float(row[_SIMILARITY])
        bar = f"  {_bar(similarity)}" if hits.bars else ""
        rest = "  ".join(part for part in (shown.name, shown.facts) if part)
        lines.append(f"  {similarity:5.2f}{bar}  {plain(_cut(rest, _LINE))}")
        if shown.body:
            lines.append(" " * (9 + (len(bar) if bar else 0)) + plain(_cut(shown.body, _LINE)))
    if not hits.rows:
        lines += [f"  {line}" for line in _nothing(hits)]
    lines += [f"  {note}" for note in _notes(hits)]
    return "\n".join([*lines, footer.text(where, _found(hits), also=_how(hits))])


def html(hits: Hits, where: Where) -> str:
    if hits.rows:
        body = f'<ol class="hm-hi">{"".join(_item(row, hits) for row in hits.rows)}</ol>'
    else:
        head, *rest = _nothing(hits)
        lines = "".join(f"<p>{escape(line)}</p>" for line in rest)
        body = f'<div class="hm-m"><div><b>{escape(head)}</b></div>{lines}</div>'
    notes = "".join(f'<div class="hm-no">{icon("info", small=True)} {escape(note)}</div>' for note in _notes(hits))
    found, _, rows = _found(hits).partition(" ")
    return (
        f"<div {frame(where.branch, 'hm-vs')}>{style('hits')}"
        f'<div class="hm-ph"><b dir="auto">{escape(_cut(hits.question, _BODY))}</b> '
        f'<span class="hm-q">in <code>{escape(hits.column)}</code></span></div>{notes}{body}'
        f"{footer.html(where, found, f' {rows}', also=_how(hits))}</div>"
    )


def _item(row: dict[str, Any], hits: Hits) -> str:
    shown, similarity = _shown(row), float(row[_SIMILARITY])
    bar = ""
    if hits.bars:
        share = min(max(similarity, 0.0), 1.0) * 100
        mark = "" if hits.threshold is None else f'<u style="left:{min(max(hits.threshold, 0.0), 1.0) * 100:.1f}%"></u>'
        bar = (
            f'<div class="hm-sb" role="meter" aria-valuemin="0" aria-valuemax="1" aria-valuenow="{similarity:.2f}" '
            f'aria-label="similarity"><i style="width:{share:.1f}%"></i>{mark}</div>'
        )
    facts = f' <span class="hm-q" dir="auto">{escape(shown.facts)}</span>' if shown.facts else ""
    body = f'<div dir="auto">{escape(_cut(shown.body, _BODY))}</div>' if shown.body else ""
    name = f'<b><bdi dir="auto">{escape(_cut(shown.name, _LINE))}</bdi></b>'
    number = f'<div class="hm-sn"><b>{similarity:.2f}</b>{bar}</div>'
    return f'<li>{number}<div class="hm-sr"><div>{name}{facts}</div>{body}</div></li>'


def _shown(row: dict[str, Any]) -> _Row:
    """What is called a name or a title names the row, else its first text or value; the longest text was found."""
    values = {name: value for name, value in row.items() if name != _SIMILARITY and value is not None}
    texts = [name for name, value in values.items() if isinstance(value, str)]
    named = [name for name in texts if name.lower() in _NAMES] or texts[:1]
    others = [name for name in texts if name not in named]
    body = max(others or texts, key=lambda name: len(values[name]), default="")
    called = next((name for name in (*named, *values) if name != body), "")
    rest = [f"{name} {_told(value)}" for name, value in values.items() if name not in (called, body)]
    return _Row(_told(values.get(called, "")), ", ".join(rest), _words(str(values.get(body, ""))))


def _told(value: Any) -> str:
    if isinstance(value, list):
        return f"of {len(value)} values"
    return _cut(_words(str(value)), _LINE)


def _words(text: str) -> str:
    """On one line; what cannot be seen is shown later, as each form shows it."""
    return " ".join(text.split())


def _nothing(hits: Hits) -> list[str]:
    """Why there is no row, and the mend."""
    if hits.threshold is not None and hits.best is not None:
        least = int(hits.best * 100) / 100 if hits.best >= 0 else hits.best
        return [
            f"Nothing is at {hits.threshold:.2f} or above.",
            f"The closest is at {hits.best:.2f}. Write --threshold {least:g}, or leave it out.",
        ]
    return [
        "No row has a vector to compare with.",
        f"%helios embed {hits.column.rpartition('.')[0]}.COLUMN embeds a column of texts. --where may leave no row.",
    ]


def _notes(hits: Hits) -> list[str]:
    notes = []
    if hits.words_only:
        notes.append("These vectors are hashed words: rows with the question's words, not with its meaning, are near.")
    if hits.taken is not None:
        notes.append(
            f"No model is recorded of {hits.column}: {hits.taken} was taken to be its own, by the vectors' length."
        )
    return notes


def _found(hits: Hits) -> str:
    return f"{count(len(hits.rows))} {'row' if len(hits.rows) == 1 else 'rows'}"


def _how(hits: Hits) -> tuple[str, ...]:
    return () if hits.index is None else (f"searched: {hits.index}",)


def _bar(similarity: float) -> str:
    full = round(min(max(similarity, 0.0), 1.0) * _CELLS)
    return "█" * full + "░" * (_CELLS - full)


def _cut(words: str, most: int) -> str:
    return words if len(words) <= most else words[: most - 1] + "…"
