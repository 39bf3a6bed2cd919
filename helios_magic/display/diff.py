"""What one branch has and another has not: schema first, then rows by table.  Signs and words carry the meaning."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from helios_magic.display import cells, commands, footer, signs
from helios_magic.display.branch import chip, frame
from helios_magic.display.characters import cut, one_line, pad, plain, width
from helios_magic.display.footer import Where
from helios_magic.display.markup import attribute, escape, icon
from helios_magic.display.quantities import count, counted
from helios_magic.display.schema_words import Words, parsed
from helios_magic.display.signs import Sign
from helios_magic.display.style import style
from helios_magic.models.branches import BranchDiff, RowChange, TableDiff

#: Lines of rows that one diff draws, and for how many of them tables stand open.
_LINES, _OPEN = 1_000, 12
#: Lines of rows in text, of one table and of all.
_TEXT_LINES, _TEXT_ALL = 20, 200
_CELLS = 60


@dataclass(frozen=True, slots=True)
class _Cell:
    """One cell that differs, or a whole row that only one side has (`column` None)."""

    sign: Sign
    change: RowChange
    column: str | None = None


def html(diff: BranchDiff, where: Where) -> str:
    """The whole difference; tables with few rows stand open, the others open on a click or a key."""
    parts = [_header(diff)]
    changes = _structure(diff)
    if changes:
        parts.append(_schema(changes))
    tables = [table for table in diff.tables if _changed(table)]
    if tables:
        parts.append(f'<div class="hm-dg"><b>Rows</b><span>{signs.html(*_totals(tables))}</span></div>')
        left, room = _LINES, _OPEN
        for table in tables:
            lines, more = _shown(table, left)
            is_open = 0 < len(lines) <= room
            room -= len(lines) if is_open else 0
            parts.append(_table(table, lines, more, is_open=is_open))
            left -= len(lines)
    if not changes and not tables:
        parts.append(f'<div class="hm-m">{escape(_same(diff))}</div>')
    else:
        command = commands.merge(diff.branch, diff.against)
        parts.append(
            f'<div class="hm-cm"><span>{icon("merge", small=True)} <code>{escape(command)}</code> '
            f"brings this into <bdi>{escape(diff.against)}</bdi></span></div>"
        )
    strong, rest = _counted(diff)
    parts.append(footer.html(where, strong, rest, also=_also(diff)))
    return f"<div {frame(diff.branch, 'hm-br')}>{style('branches')}{''.join(parts)}</div>"


def text(diff: BranchDiff, where: Where) -> str:
    """The same as lines; of many rows the first are shown and the others counted."""
    lines = [f"{plain(diff.branch)} against {plain(diff.against)}", ""]
    changes = _structure(diff)
    if changes:
        lines += [f"Schema, {counted(len(changes), 'change')}", *_aligned(map(_schema_words, changes)), ""]
    tables = [table for table in diff.tables if _changed(table)]
    if tables:
        lines.append(f"Rows  {signs.text(*_totals(tables))}")
    left = _TEXT_ALL
    for table in tables:
        shown, more = _shown(table, min(left, _TEXT_LINES))
        left -= len(shown)
        lines.append(f"  {plain(table.table)}  {signs.text(table.inserted, table.updated, table.deleted)}")
        lines += ["  " + line for line in _aligned(_cell_words(table, cell) for cell in shown)]
        lines += [f"    {more}"] if more else []
    if changes or tables:
        lines += ["", plain(commands.merge(diff.branch, diff.against))]
    else:
        lines.append(_same(diff))
    return "\n".join([*lines, footer.text(where, "".join(_counted(diff)), also=_also(diff))])


def _same(diff: BranchDiff) -> str:
    return f"{diff.branch} holds what {diff.against} holds: nothing differs."


def _also(diff: BranchDiff) -> tuple[str, ...]:
    return ("compared by the client through SQL",) if diff.computed_by == "client" else ()


def _counted(diff: BranchDiff) -> tuple[str, str]:
    changed = sum(_changed(table) for table in diff.tables)
    return count(changed), f" changed {'row' if changed == 1 else 'rows'}"


def _changed(table: TableDiff) -> int:
    return table.inserted + table.updated + table.deleted


def _totals(tables: Sequence[TableDiff]) -> tuple[int, int, int]:
    return (
        sum(table.inserted for table in tables),
        sum(table.updated for table in tables),
        sum(table.deleted for table in tables),
    )


def _header(diff: BranchDiff) -> str:
    return (
        f'<div class="hm-ph">{chip(diff.branch)}<span class="hm-q">against</span>{chip(diff.against)}'
        f'<span class="hm-vh">. Old is <bdi>{escape(diff.against)}</bdi>, new is <bdi>{escape(diff.branch)}</bdi>.'
        f"</span></div>"
    )


def _structure(diff: BranchDiff) -> list[Words]:
    """Every change of structure, in the order of the tables."""
    return [
        parsed(table.table, change, {**(table.types or {}), **(table.old_types or {})})
        for table in diff.tables
        for change in table.schema
    ]


def _schema(changes: Sequence[Words]) -> str:
    rows = []
    for sign, kind, name, rest in changes:
        head = signs.marked(sign, f"{sign} {escape(kind)}".rstrip()) if sign else escape(kind)
        rows.append(
            f'<tr><th scope="row">{head} <bdi>{escape(name)}</bdi></th>'
            f'<td class="hm-r hm-q hm-mo hm-wr">{escape(one_line(rest))}</td></tr>'
        )
    return (
        '<div class="hm-g"><table class="hm-bt"><thead class="hm-gh"><tr class="hm-grp">'
        f'<th scope="colgroup" colspan="2">'
        f"Schema, {counted(len(changes), 'change')}</th></tr></thead><tbody>{''.join(rows)}</tbody></table></div>"
    )


def _schema_words(change: Words) -> tuple[str, str, str]:
    return f"{change.sign or ''} {change.kind}".strip(), plain(change.name), one_line(change.rest)


def _shown(table: TableDiff, limit: int) -> tuple[list[_Cell], str]:
    """The lines of a table's first rows, and what is said of those that follow."""
    lines: list[_Cell] = []
    rows = 0
    for change in table.rows:
        of_row = list(_cells(change))
        if len(lines) + len(of_row) > limit:
            break
        lines += of_row
        rows += 1
    hidden = _changed(table) - rows
    return lines, counted(hidden, "more row" if rows else "row") if hidden > 0 else ""


def _cells(change: RowChange) -> Iterator[_Cell]:
    if change.old is None:
        yield _Cell("+", change)
    elif change.new is None:
        yield _Cell("−", change)
    else:
        for column in change.columns:
            yield _Cell("~", change, column)


def _table(table: TableDiff, lines: Sequence[_Cell], more: str, *, is_open: bool) -> str:
    numbers = signs.html(table.inserted, table.updated, table.deleted)
    name = f'<bdi dir="auto">{escape(table.table)}</bdi>'
    body = "".join(_line(table, cell) for cell in lines)
    if more:
        body += f'<tr><th scope="row" colspan="2" class="hm-q">{more}</th></tr>'
    head = '<thead class="hm-vh"><tr><th scope="col">Row and column</th><th scope="col">Old and new</th></tr></thead>'
    label = attribute(f"Changed rows of {table.table}")
    return (
        f'<details{" open" if is_open else ""}><summary class="hm-dg">{icon("right", small=True)}{name}'
        f'<span>{numbers}</span></summary><table class="hm-bt" aria-label={label}>{head}<tbody>{body}</tbody></table>'
        "</details>"
    )


def _line(table: TableDiff, cell: _Cell) -> str:
    change = cell.change
    key = f'<span class="hm-q">{cells.key_html(change.key)}</span>'
    if cell.column is None:
        words = "new row" if cell.sign == "+" else "row deleted"
        row = change.new if cell.sign == "+" else change.old
        head = f"{key} {signs.marked(cell.sign, f'{cell.sign} {words}')}"
        shown = cells.row_html(row or {}, _rest(change, row), _types(table, cell.sign))
        return f'<tr><th scope="row">{head}</th><td class="hm-r hm-wr">{shown}</td></tr>'
    pair = "&ensp;".join(
        signs.marked(sign, f"{sign} {cells.html(row[cell.column], _types(table, sign).get(cell.column, ''))}")
        for sign, row in _sides(change)
        if cell.column in row
    )
    return (
        f'<tr><th scope="row">{key} <bdi>{escape(cell.column)}</bdi></th><td class="hm-r hm-mo hm-wr">{pair}</td></tr>'
    )


def _sides(change: RowChange) -> tuple[tuple[Sign, dict[str, Any]], tuple[Sign, dict[str, Any]]]:
    return ("−", change.old or {}), ("+", change.new or {})


def _types(table: TableDiff, sign: Sign) -> dict[str, str]:
    """The types of the side that a sign stands for."""
    return (table.types if sign == "+" else table.old_types) or {}


def _rest(change: RowChange, row: dict[str, Any] | None) -> list[str]:
    """The columns of a row that its key does not tell."""
    return [column for column in row or {} if column not in change.key]


def _cell_words(table: TableDiff, cell: _Cell) -> tuple[str, str, str]:
    change = cell.change
    key = cut(cells.key_text(change.key), _CELLS)
    if cell.column is None:
        row = change.new if cell.sign == "+" else change.old
        words = "new row" if cell.sign == "+" else "row deleted"
        return f"{cell.sign} {key}", words, cells.row_text(row or {}, _rest(change, row), _types(table, cell.sign))
    sides = [
        cells.text(row[cell.column], _types(table, sign).get(cell.column, ""))
        for sign, row in _sides(change)
        if cell.column in row
    ]
    return f"~ {key}", cut(plain(cell.column), _CELLS), " → ".join(sides)


def _aligned(rows: Iterator[tuple[str, str, str]] | map[tuple[str, str, str]]) -> list[str]:
    grid = list(rows)
    sizes = [max((width(row[at]) for row in grid), default=0) for at in range(2)]
    return [f"  {pad(row[0], sizes[0])}  {pad(row[1], sizes[1])}  {row[2]}".rstrip() for row in grid]
