"""What a statement changed: “1,204 rows updated in products”, and where."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from helios_magic.display import footer
from helios_magic.display.branch import frame
from helios_magic.display.characters import pad, plain, width
from helios_magic.display.footer import Where
from helios_magic.display.markup import escape, icon
from helios_magic.display.quantities import count, counted
from helios_magic.display.style import style

_VERBS = {"INSERT": "inserted into", "UPDATE": "updated in", "DELETE": "deleted from", "MERGE": "merged into"}
_DONE = {"CREATE": "created", "DROP": "dropped", "ALTER": "altered", "TRUNCATE": "emptied", "REFRESH": "refreshed"}
_NAME = r'((?:"(?:[^"]|"")+"|[\w$]+)(?:\.(?:"(?:[^"]|"")+"|[\w$]+))*)'
_TARGETS = {
    "INSERT": re.compile(rf"\binsert\s+into\s+{_NAME}", re.IGNORECASE),
    "UPDATE": re.compile(rf"\bupdate\s+(?:only\s+)?{_NAME}", re.IGNORECASE),
    "DELETE": re.compile(rf"\bdelete\s+from\s+(?:only\s+)?{_NAME}", re.IGNORECASE),
    "MERGE": re.compile(rf"\bmerge\s+into\s+(?:only\s+)?{_NAME}", re.IGNORECASE),
}
_CONDITION = re.compile(r"\bif\s+(?P<negated>not\s+)?exists\b", re.IGNORECASE)
_OBJECT = re.compile(r"\s(?:concurrently\s+)?(?:if\s+(?:not\s+)?exists\s+)?(?:only\s+)?" + _NAME, re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Change:
    """What was done, in one sentence; `changed` counts rows where rows were changed, `also` are further facts."""

    sentence: str
    where: Where
    changed: int | None = None
    also: tuple[str, ...] = ()


def of_statement(command: str, affected: int | None, statement: str, where: Where) -> Change:
    """A statement by PostgreSQL's command tag: `1,204 rows updated in products`, `Table products created`.

    The target is read from the statement, in the user's spelling.
    """
    verb, _, kind = command.partition(" ")
    target = _target(command, statement)
    if verb in _VERBS:
        words = _VERBS[verb] if target else _VERBS[verb].split()[0]
        return Change(f"{counted(affected or 0, 'row')} {words} {target}".rstrip(), where, affected or 0)
    what = (kind or "table").capitalize()
    sentence = f"{what} {target} {_DONE[verb]}".replace("  ", " ") if verb in _DONE else f"{command} done"
    # The answer does not tell whether there was anything to do.
    condition = _CONDITION.search(statement)
    if condition and verb in ("CREATE", "DROP"):
        sentence += " unless it was there" if condition["negated"] else " if it was there"
    return Change(sentence, where)


def of_load(rows: int, table: str, milliseconds: float, where: Where) -> Change:
    """`14,602 rows loaded into functions`, and how fast."""
    rate = f"{count(round(rows / max(milliseconds / 1000, 1e-6)))} rows/s"
    return Change(f"{counted(rows, 'row')} loaded into {table}", where, rows, (rate,) if rows else ())


def of_embedding(rows: int, column: str, by: str, milliseconds: float, where: Where) -> Change:
    """`298 rows of documents.content embedded`, by which model, and how fast."""
    rate = (f"{count(round(rows / max(milliseconds / 1000, 1e-6)))} rows/s",) if rows else ()
    return Change(f"{counted(rows, 'row')} of {column} embedded", where, rows, (f"by {by}", *rate))


def text(change: Change) -> str:
    """The sentence, and the footer."""
    changed = "" if change.changed is None else f"{count(change.changed)} changed"
    return f"{plain(change.sentence)}\n{footer.text(change.where, changed, also=change.also)}"


def html(change: Change) -> str:
    """The same with a tick."""
    strong, rest = ("", "") if change.changed is None else (count(change.changed), " changed")
    return (
        f"<div {frame(change.where.branch)}>{style()}"
        f'<div class="hm-m"><div><span class="hm-ok">{icon("ok")}</span> <b>{escape(change.sentence)}</b></div></div>'
        f"{footer.html(change.where, strong, rest, also=change.also)}</div>"
    )


def written(command: str, affected: int) -> str:
    """For a statement that wrote and returned rows: `3 rows inserted`"""
    words = _VERBS.get(command.partition(" ")[0], "changed")
    return f"{counted(affected, 'row')} {words.split()[0]}"


@dataclass(frozen=True, slots=True)
class BatchLine:
    """One statement of a batch: its text, and what it did in a few words."""

    statement: str
    did: str


def batch_text(lines: Sequence[BatchLine], closing: str, where: Where) -> str:
    """A line per statement, and whether it was kept."""
    shown = [(str(number), _short(line.statement), line.did) for number, line in enumerate(lines, 1)]
    sizes = [max((width(row[column]) for row in shown), default=0) for column in range(2)]
    rows = [f"{pad(row[0], sizes[0], right=True)}  {pad(row[1], sizes[1])}  {row[2]}" for row in shown]
    return "\n".join([*rows, footer.text(where, counted(len(lines), "statement"), also=(closing,))])


def batch_html(lines: Sequence[BatchLine], closing: str, where: Where) -> str:
    body = "".join(
        f"<tr><td>{number}</td><td><code>{escape(_short(line.statement))}</code></td><td>{escape(line.did)}</td></tr>"
        for number, line in enumerate(lines, 1)
    )
    head = '<th></th><th scope="col"><b>Statement</b></th><th scope="col"><b>Did</b></th>'
    foot = footer.html(where, count(len(lines)), " statement" if len(lines) == 1 else " statements", also=(closing,))
    return (
        f"<div {frame(where.branch)}>{style('table')}"
        f'<div class="hm-s"><table class="hm-t" aria-label="Batch">'
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>{foot}</div>"
    )


def _short(statement: str) -> str:
    words = " ".join(statement.split())
    return plain(words if len(words) <= 72 else words[:71] + "…")


def _target(command: str, statement: str) -> str:
    verb = command.partition(" ")[0]
    if verb in _TARGETS:
        match = _TARGETS[verb].search(statement)
        return _spelling(match[1]) if match else ""
    words = r"\s+".join(map(re.escape, command.split()))
    if verb == "TRUNCATE":
        words = r"truncate(?:\s+table)?"
    start = re.search(words, statement, re.IGNORECASE)
    match = _OBJECT.match(statement, start.end()) if start else None
    return _spelling(match[1]) if match else ""


def _spelling(name: str) -> str:
    """The user's spelling, without the quotes."""
    return name.replace('""', "\0").replace('"', "").replace("\0", '"')
