"""A result as a table: HTML for notebooks, aligned text for terminals, the same facts in both."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from helios_magic.display import footer, values
from helios_magic.display.branch import frame
from helios_magic.display.characters import cut, pad, plain, width
from helios_magic.display.footer import Where
from helios_magic.display.markup import attribute, escape
from helios_magic.display.quantities import count, counted
from helios_magic.display.style import style

#: Characters of one value that a table carries; its tooltip carries more.
_CELL_CHARACTERS = 200
_TOOLTIP_CHARACTERS = 1_000
#: Display cells of one column in text.
_TEXT_CELLS = 48
#: Columns of an HTML table: a browser slows down long before a database does.
_COLUMNS = 200


@dataclass(frozen=True, slots=True)
class ResultTable:
    """What a table shows.

    `columns` are the values of the first rows, column by column; `total` counts the rows the caller holds,
    `found` those the statement found, where a limit cut them.  `affected` is the count of a statement that wrote and
    returned rows, with its verb (`inserted`).
    """

    names: Sequence[str]
    types: Sequence[str]
    columns: Sequence[Sequence[Any]]
    total: int
    where: Where
    found: int | None = None
    name: str | None = None
    affected: str | None = None

    @property
    def shown(self) -> int:
        return len(self.columns[0]) if self.columns else 0

    @property
    def truncated(self) -> bool:
        return self.found is not None and self.found > self.total


def html(table: ResultTable, *, with_footer: bool = True) -> str:
    """The table as HTML; a cut result keeps its footer always, because it must say so."""
    shown_columns = min(len(table.names), _COLUMNS)
    none = "" if table.shown else '<div class="hm-z">No rows.</div>'
    foot = ""
    if with_footer or table.truncated or table.shown < table.total or shown_columns < len(table.names):
        strong, rest, also = _facts(table)
        if shown_columns < len(table.names):
            also = (*also, f"{count(shown_columns)} of {count(len(table.names))} columns shown")
        foot = footer.html(table.where, strong, rest, also=also, name=table.name)
    return f"<div {frame(table.where.branch)}>{style('table')}{grid(table)}{none}{foot}</div>"


def grid(table: ResultTable) -> str:
    """The rows alone, numbered, under their names and types."""
    label = f"Result, {_summary(table)}, {counted(len(table.names), 'column')}"
    head = "".join(_heading(*column) for column in zip(table.names[:_COLUMNS], table.types, strict=False))
    rendered = [
        [_cell(value, type_name) for value in column]
        for column, type_name in zip(table.columns[:_COLUMNS], table.types, strict=False)
    ]
    numbered = enumerate(zip(*rendered, strict=True), 1)
    body = "".join(f"<tr><td>{number}</td>{''.join(row)}</tr>" for number, row in numbered)
    return (
        f'<div class="hm-s"><table class="hm-t" aria-label={attribute(label)}>'
        f"<thead><tr><th></th>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def text(table: ResultTable, *, with_footer: bool = True, columns: int = 0) -> str:
    """The table as text, aligned by display cells; `columns` is the width it must keep to (0: any)."""
    grid = [
        _text_column(name, type_name, column)
        for name, type_name, column in zip(table.names, table.types, table.columns, strict=True)
    ]
    fitting = _fitting([size for size, _ in grid], columns)
    lines = ["  ".join(column[row] for _, column in grid[:fitting]).rstrip() for row in range(table.shown + 2)]
    lines.insert(2, "─" * (sum(size for size, _ in grid[:fitting]) + 2 * max(fitting - 1, 0)))
    strong, rest, also = _facts(table)
    if fitting < len(grid):
        hidden = ", ".join(plain(name) for name in table.names[fitting : fitting + 6])
        more = ", …" if len(grid) - fitting > 6 else ""
        lines.append(f"{counted(len(grid) - fitting, 'more column')}: {hidden}{more}")
    if with_footer or table.truncated or table.shown < table.total:
        lines.append(footer.text(table.where, strong + rest, also=also, name=table.name))
    return "\n".join(lines)


def _facts(table: ResultTable) -> tuple[str, str, tuple[str, ...]]:
    """`12,480`, ` rows, 8 shown`, and what else must be said."""
    shown = f", {count(table.shown)} shown" if table.shown < table.total else ""
    if table.affected is not None:
        return table.affected, shown, ()
    if table.truncated and table.found is not None:
        return count(table.total), f" of {counted(table.found, 'row')}{shown}", ("stopped at your limit",)
    return count(table.total), f" {'row' if table.total == 1 else 'rows'}{shown}", ()


def _summary(table: ResultTable) -> str:
    strong, rest, also = _facts(table)
    return ", ".join((strong + rest, *also))


def _heading(name: str, type_name: str) -> str:
    right = ' class="hm-r"' if values.is_numeric(type_name) else ""
    title = f" title={attribute(name)}" if len(name) > 30 else ""
    return f'<th scope="col"{right}{title}><b><bdi>{escape(name)}</bdi></b><i>{escape(type_name)}</i></th>'


def _cell(value: Any, type_name: str) -> str:
    right = values.is_numeric(type_name)
    open_tag = '<td class="hm-r">' if right else "<td>"
    if value is None:
        return f'{open_tag}<span class="hm-n">NULL</span></td>'
    shown = values.text(value, type_name)
    if shown == "":
        return f"{open_tag}<span class=\"hm-u\">'' empty</span></td>"
    if right:
        return f"{open_tag}{escape(shown)}</td>"
    direction = "" if shown.isascii() else ' dir="auto"'
    if len(shown) <= _CELL_CHARACTERS:
        title = f" title={attribute(shown)}" if len(shown) > 40 else ""
        return f"<td{direction}{title}>{escape(shown)}</td>"
    tooltip = shown[:_TOOLTIP_CHARACTERS] + ("…" if len(shown) > _TOOLTIP_CHARACTERS else "")
    title = attribute(f"{tooltip}\n({counted(len(shown), 'character')})")
    return f"<td{direction} title={title}>{escape(shown[:_CELL_CHARACTERS])}…</td>"


def _text_column(name: str, type_name: str, column: Sequence[Any]) -> tuple[int, list[str]]:
    """Name, type and values, all of one width."""
    right = values.is_numeric(type_name)
    cells = [cut(plain(name), _TEXT_CELLS), plain(type_name), *(_text_cell(value, type_name) for value in column)]
    size = max(width(cell) for cell in cells)
    return size, [pad(cell, size, right=right) for cell in cells]


def _text_cell(value: Any, type_name: str) -> str:
    if value is None:
        return "NULL"
    shown = values.text(value, type_name)
    # A text that reads NULL is quoted, so that it cannot be taken for one.
    if shown in ("", "NULL"):
        return f"'{shown}'"
    return cut(plain(shown[: 4 * _TEXT_CELLS]), _TEXT_CELLS)


def _fitting(sizes: Sequence[int], columns: int) -> int:
    """How many columns fit side by side; always one."""
    if columns <= 0:
        return len(sizes)
    used = 0
    for number, size in enumerate(sizes):
        used += size + (2 if number else 0)
        if used > columns and number:
            return number
    return len(sizes)
