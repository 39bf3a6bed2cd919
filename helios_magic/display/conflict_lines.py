"""One conflict as lines of four cells: what it is about, before the split, on the target, on the source."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from helios_magic.display import cells, signs
from helios_magic.display.characters import cut, one_line, plain
from helios_magic.display.markup import escape
from helios_magic.display.signs import Sign
from helios_magic.models.branches import Conflict

#: Conflicts that taking a side settles.
OF_ROWS = frozenset({"modify_modify", "delete_modify", "modify_delete", "add_add", "cardinality"})
_CELLS = 36

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Side:
    """What one side has: a value of its own kind, or words with their sign, and the row that shows them."""

    kind: Literal["value", "words"]
    value: Any = None
    sign: Sign | None = None
    words: str = ""
    row: Row | None = None
    columns: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Line:
    """`key` and `what` name the cell; `said` are sentences about it that follow."""

    key: Row
    what: str
    base: Side
    target: Side
    source: Side
    said: tuple[str, ...] = ()


def of(conflict: Conflict, source: str, target: str) -> list[Line]:
    """The conflict's lines: one per cell where both changed cells of one row, else one for the whole."""
    base, on_target, on_source = conflict.base, conflict.target, conflict.source
    if conflict.kind == "modify_modify":
        return [
            Line(conflict.key, column, _cell(base, column), _cell(on_target, column), _cell(on_source, column))
            for column in conflict.columns
        ]
    if conflict.kind in ("delete_modify", "modify_delete"):
        shown = Side("words", row=base, columns=tuple(conflict.columns))
        return [Line(conflict.key, "whole row", shown, _edited(on_target, conflict), _edited(on_source, conflict))]
    if conflict.kind == "schema":
        return _definitions(conflict, source, target)
    adds = conflict.kind in ("add_add", "cardinality")
    if conflict.kind == "check" and conflict.target is None and conflict.source is None:
        return [_broken_check(conflict, source, target)]
    sign: Sign | None = "+" if adds else None
    return [
        Line(
            conflict.key,
            "whole row" if adds else ", ".join(conflict.columns),
            _present(base, conflict, sign),
            _present(on_target, conflict, sign),
            _present(on_source, conflict, sign),
            () if adds else _constraint(conflict, source, target),
        )
    ]


def words(line: Line) -> tuple[str, str, str, str]:
    """The four cells as text."""
    head = " ".join(filter(None, (cut(cells.key_text(line.key), _CELLS) if line.key else "", plain(line.what))))
    return head, _words(line.base), _words(line.target), _words(line.source)


def drawn(line: Line) -> tuple[str, str, str, str]:
    """The four cells as HTML."""
    key = f'<span class="hm-q">{cells.key_html(line.key)}</span> ' if line.key else ""
    what = f"<bdi>{escape(line.what)}</bdi>"
    if line.what == "whole row":
        what = f'<span class="hm-q">{what}</span>'
    return key + what, _drawn(line.base), _drawn(line.target), _drawn(line.source)


def _cell(row: Row | None, column: str) -> Side:
    if row is None or column not in row:
        return Side("words", words="not there")
    return Side("value", row[column])


def _edited(row: Row | None, conflict: Conflict) -> Side:
    """The side of a row that one branch deleted and the other changed."""
    if row is None:
        return Side("words", sign="−", words="row deleted")
    edited = ", ".join(conflict.columns) or "row"
    return Side("words", sign="~", words=f"{edited} edited", row=row, columns=tuple(conflict.columns))


def _present(row: Row | None, conflict: Conflict, sign: Sign | None) -> Side:
    if row is None:
        # What breaks a constraint is told by the rows that break it; of the others nothing is known.
        return Side("words", words="no such row" if conflict.kind in OF_ROWS else "")
    if conflict.kind == "cardinality" and len(row) == 1:
        return Side("words", words=_copies(next(iter(row.values()))))
    others = tuple(column for column in conflict.key if column in row and row[column] != conflict.key[column])
    columns = tuple(conflict.columns) or tuple(column for column in row if column not in conflict.key) or tuple(row)
    columns = tuple(dict.fromkeys((*others, *columns)))
    has_sign = sign if conflict.base is None else None
    return Side("words", sign=has_sign, words="row added" if has_sign else "", row=row, columns=columns)


def _copies(number: Any) -> str:
    """How often a table without a key has a row."""
    return "1 copy" if number == 1 else f"{number} copies"


def _definitions(conflict: Conflict, source: str, target: str) -> list[Line]:
    """Both sides changed one definition, `key` says which: before the split and as each side has it."""
    object_ = cells.key_text(conflict.key) if conflict.key else ", ".join(conflict.columns) or "definition"
    said = (
        f"{target} and {source} define {object_} of {conflict.table} differently.",
        "Make them alike on either branch, then merge again.",
    )
    before, on_target, on_source = (_definition(side) for side in (conflict.base, conflict.target, conflict.source))
    return [Line({}, object_, before, on_target, on_source, said)]


def _definition(side: Row | None) -> Side:
    if side is None:
        return Side("words", words="not there")
    if len(side) == 1:
        return Side("value", next(iter(side.values())))
    return Side("words", row=side, columns=tuple(side))


def _broken_check(conflict: Conflict, source: str, target: str) -> Line:
    """A CHECK that some row breaks; `key` says its name."""
    nothing = Side("words")
    name = cells.key_text(conflict.key)
    said = (
        f"After the merge rows of {conflict.table} would break its CHECK {name}.",
        f"Change them on {target} or {source}, or the CHECK, then merge again.",
    )
    return Line({}, f"check {name}", nothing, nothing, nothing, said)


def _constraint(conflict: Conflict, source: str, target: str) -> tuple[str, ...]:
    """What would be broken after the merge, and how to mend it."""
    columns, table = ", ".join(conflict.columns), conflict.table
    values = next((side for side in (conflict.source, conflict.target) if side is not None), {})
    found = ", ".join(cells.text(values[column], quoted=True) for column in conflict.columns if column in values)
    having = f" {found}" if found else ""
    if conflict.kind == "unique":
        return (
            f"After the merge two rows of {table} would have the same {columns or 'key'}{having}: it must be unique.",
            f"Change one of them on {target} or {source}, then merge again.",
        )
    if conflict.kind == "foreign_key":
        return (
            f"After the merge {table}.{columns}{having} would point to a row that is not there.",
            f"Bring that row back, or point elsewhere, on {target} or {source}, then merge again.",
        )
    if conflict.kind == "not_null":
        return (
            f"After the merge {table}.{columns} would be NULL, which it must not be.",
            f"Give it a value on {target} or {source}, then merge again.",
        )
    return (
        f"After the merge this row would break a CHECK of {table}{f' on {columns}' if columns else ''}.",
        f"Change it on {target} or {source}, or the CHECK, then merge again.",
    )


def _words(side: Side) -> str:
    if side.kind == "value":
        return cut(cells.text(side.value), _CELLS)
    parts = [f"{side.sign} {plain(side.words)}" if side.sign else plain(side.words)]
    if side.row is not None:
        parts.append(_row_words(side.row, side.columns))
    return cut(one_line(" ".join(filter(None, parts))), 2 * _CELLS)


def _drawn(side: Side) -> str:
    if side.kind == "value":
        return cells.html(side.value)
    head = escape(f"{side.sign} {side.words}" if side.sign else side.words)
    if side.sign:
        head = signs.marked(side.sign, head)
    elif head:
        head = f'<span class="hm-q">{head}</span>'
    row = "" if side.row is None else _row_drawn(side.row, side.columns)
    return " ".join(filter(None, (head, row)))


def _row_words(row: Row, columns: Sequence[str]) -> str:
    if len(columns) == 1 and columns[0] in row:
        return cells.text(row[columns[0]], quoted=True)
    return cells.row_text(row, columns)


def _row_drawn(row: Row, columns: Sequence[str]) -> str:
    if len(columns) == 1 and columns[0] in row:
        return cells.html(row[columns[0]], quoted=True)
    return cells.row_html(row, columns)
