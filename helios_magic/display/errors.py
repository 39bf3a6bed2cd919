"""An error as people read it: cause, their own lines with the word marked, the mend, then code and place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from helios_magic.display import commands, footer
from helios_magic.display.branch import MAIN
from helios_magic.display.characters import one_line, plain, width
from helios_magic.display.footer import Where
from helios_magic.display.markup import Icon, escape, icon
from helios_magic.display.style import style
from helios_magic.errors import (
    ApiError,
    ConflictError,
    ConnectionFailedError,
    HasChildrenError,
    HeliosError,
    MergeConflictError,
    NotFastForwardError,
    QueryCancelledError,
    QueryError,
    RateLimitedError,
)

Emphasis = Literal["none", "bold", "red"]
#: ANSI codes around the cause and the carets, and around the last line.
_CODES: dict[Emphasis, tuple[str, str, str]] = {
    "none": ("", "", ""),
    "bold": ("\x1b[1m", "\x1b[2m", "\x1b[0m"),
    "red": ("\x1b[1;31m", "\x1b[2m", "\x1b[0m"),
}
_TAB = "    "
#: Display cells of a line before the marked word; a longer line loses its head.
_BEFORE, _LINE = 60, 110


@dataclass(frozen=True, slots=True)
class Excerpt:
    """The user's own text with one span marked; offsets count characters from 0.

    `first_line` is the number that the text's first line has in its cell; None shows no numbers.
    """

    text: str
    start: int
    end: int
    first_line: int | None = 1

    def lines(self) -> tuple[list[tuple[int | None, str]], tuple[int | None, str, str, str]]:
        """The line before, where there is one; and the marked line: number, head, word, tail."""
        start = max(0, min(self.start, len(self.text)))
        begin = self.text.rfind("\n", 0, start) + 1
        stop = self.text.find("\n", start)
        stop = len(self.text) if stop < 0 else stop
        end = max(start, min(self.end, stop))
        index = self.text.count("\n", 0, begin)
        number = None if self.first_line is None else self.first_line + index
        before: list[tuple[int | None, str]] = []
        if index:
            previous = self.text[:begin].split("\n")[-2]
            if previous.strip():
                before.append((None if number is None else number - 1, previous))
        return before, (number, self.text[begin:start], self.text[start:end], self.text[end:stop])


def text(
    error: HeliosError, where: Where | None = None, excerpt: Excerpt | None = None, *, emphasis: Emphasis = "none"
) -> list[str]:
    """The lines that stand in the place of a traceback.

    `emphasis` is how cause and carets stand out: red in a terminal; bold alone in a notebook, which sets errors on
    red already.
    """
    strong, dim, reset = _CODES[emphasis]
    lines = [f"{strong}{one_line(error.message)}{reset}"]
    if excerpt is not None:
        lines += ["", *_text_lines(excerpt, strong, reset)]
    if error.hint:
        lines += [plain(line) for line in error.hint.split("\n")]
    mend = _mend(error)
    if mend:
        lines.append(f"{plain(mend[0])}  {plain(mend[1])}")
    last = _last_line(error, where)
    if last:
        lines.append(f"{dim}{last}{reset}")
    return lines


def html(error: HeliosError, where: Where | None = None, excerpt: Excerpt | None = None) -> str:
    """The same as HTML: the word itself is underlined with a caret, which no tab or wide character can shift."""
    limited = isinstance(error, RateLimitedError)
    sign: Icon = "clock" if limited else "plug" if isinstance(error, ConnectionFailedError) else "error"
    parts = [f'<div class="hm-h">{icon(sign)}<b>{escape(one_line(error.message))}</b></div>']
    if excerpt is not None:
        parts.append(_html_lines(excerpt))
    if error.hint:
        parts.append(f'<div class="hm-a">{"<br>".join(escape(line) for line in error.hint.split(chr(10)))}</div>')
    if isinstance(error, MergeConflictError):
        parts.append(_conflicts(error))
    mend = _mend(error)
    if mend:
        parts.append(f'<div class="hm-a"><code>{escape(mend[0])}</code> {escape(mend[1])}</div>')
    code = ", ".join(_code(error))
    if where is not None:
        parts.append(footer.html(Where(where.branch, where.database), "", code))
    elif code:
        parts.append(f'<div class="hm-f">{escape(code)}</div>')
    role = "status" if limited else "alert"
    limited_class = " hm-li" if limited else ""
    return f'<div class="hm-o hm-er{limited_class}" role="{role}">{style("error")}{"".join(filter(None, parts))}</div>'


def stopped(took: str, where: Where | None, after: str = "", *, emphasis: Emphasis = "none") -> list[str]:
    """What an interrupted cell shows: one line, no traceback; `after` says what may have happened all the same."""
    strong, _, reset = _CODES[emphasis]
    place = "" if where is None else f"On {plain(where.branch)}."
    return [" ".join(part for part in (f"{strong}Stopped after {took}.{reset}", after, place) if part)]


def _mend(error: HeliosError) -> tuple[str, str] | None:
    """The line that goes on from an error about branches, and what it does."""
    if not isinstance(error, ConflictError):
        return None
    source, target = error.details.get("source"), error.details.get("target")
    if isinstance(error, NotFastForwardError) and isinstance(source, str) and isinstance(target, str):
        return commands.merge(source, target), "brings the changes of both together"
    children = error.details.get("children")
    if isinstance(error, HasChildrenError) and isinstance(children, list) and children:
        return commands.branch("delete", str(children[0])), "deletes the first of them"
    return None


def _conflicts(error: MergeConflictError) -> str:
    """The table of what both sides changed, and the commands that settle it."""
    from helios_magic.display import conflicts

    preview = conflicts.of_details(error.details)
    return "" if preview is None else style("branches") + conflicts.table_html(preview)


def _code(error: HeliosError) -> list[str]:
    if not isinstance(error, ApiError):
        return []
    state = error.sqlstate if isinstance(error, QueryError) else None
    reason = error.details.get("reason") if not isinstance(error, QueryCancelledError) else None
    return [error.code, *([state] if state else []), *([str(reason)] if reason and not state else [])]


def _last_line(error: HeliosError, where: Where | None) -> str:
    """`On feature/reviews. QUERY_ERROR, 42703.`"""
    place = ""
    if where is not None:
        place = f"On {plain(where.branch)}." if where.database in (None, "default") else f"On {_place(where)}."
    code = plain(", ".join(_code(error)))
    return " ".join(part for part in (place, f"{code}." if code else "") if part)


def _place(where: Where) -> str:
    branch = plain(where.branch)
    return f"{plain(where.database or '')}, {branch}" if branch != MAIN or where.database else branch


def _text_lines(excerpt: Excerpt, strong: str, reset: str) -> list[str]:
    before, (number, head, word, tail) = excerpt.lines()
    gutter = max(3, len(str(number or "")) + 2)
    head, word, tail = (plain(part.replace("\t", _TAB)) for part in (head, word, tail))
    if width(head) > _BEFORE:
        while width(head) > _BEFORE - 1:
            head = head[1:]
        head = "…" + head
    line = head + word + tail
    if width(line) > _LINE:
        line = line[: max(_LINE, len(head + word))] + "…"
    lines = [
        _numbered(number_before, plain(shown.replace("\t", _TAB))[:_LINE], gutter) for number_before, shown in before
    ]
    marks = "^" * max(1, width(word))
    return [
        *lines,
        _numbered(number, line, gutter),
        f"{_numbered(None, ' ' * width(head), gutter)}{strong}{marks}{reset}",
    ]


def _numbered(number: int | None, line: str, gutter: int) -> str:
    return f"{'' if number is None else number:>{gutter}} | {line}"


def _html_lines(excerpt: Excerpt) -> str:
    before, (number, head, word, tail) = excerpt.lines()
    rows = [
        f"<div><span>{_label(line_number)}</span><span>{_code_html(line)}</span></div>" for line_number, line in before
    ]
    spoken = f", line {number}, column {len(head) + 1}" if number is not None else f", column {len(head) + 1}"
    rows.append(
        f'<div class="hm-at"><span>{_label(number)}</span><span>{_code_html(head)}'
        f'<span class="hm-hit"><bdi>{_code_html(word) or " "}</bdi></span>{_code_html(tail)}'
        f'<span class="hm-vh">{spoken}</span></span></div>'
    )
    return f'<div class="hm-sql">{"".join(rows)}</div>'


def _label(number: int | None) -> str:
    return "" if number is None else str(number)


def _code_html(line: str) -> str:
    """Code keeps its tabs as they are; everything else that is hidden is tagged."""
    return "\t".join(escape(part) for part in line.split("\t"))
