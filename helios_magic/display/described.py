"""One table in full: columns, keys both ways, indexes, checks, size, and its first rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from helios_magic.display import footer, result
from helios_magic.display.branch import frame
from helios_magic.display.characters import cut, pad, plain, width
from helios_magic.display.footer import Where
from helios_magic.display.markup import attribute, escape, icon
from helios_magic.display.quantities import counted, size
from helios_magic.display.result import ResultTable
from helios_magic.display.style import style
from helios_magic.models.tables import ColumnInfo, ForeignKeyInfo, IndexInfo, TableInfo
from helios_magic.schema import label

_CELLS = 44
_HEADINGS = ("Column", "Type", "NULL", "Default", "Keys", "Comment")


@dataclass(frozen=True, slots=True)
class Described:
    """What `%helios describe` shows: `referred_by` are others' foreign keys, `sample` the first rows."""

    table: TableInfo
    referred_by: Sequence[tuple[str, ForeignKeyInfo]]
    sample: ResultTable | None
    where: Where


@dataclass(frozen=True, slots=True)
class _Line:
    """One line of a section: a name, and what is said of it in words and in code."""

    name: str
    words: str = ""
    code: str = ""


def html(shown: Described) -> str:
    table = shown.table
    head = "".join(f'<th scope="col">{name}</th>' for name in _headings(table))
    body = "".join(_column_row(table, column) for column in table.columns)
    comment = f'<div class="hm-no">{escape(table.comment)}</div>' if table.comment else ""
    definition = (
        f'<div class="hm-cm"><b>Query</b><code>{escape(table.definition)}</code></div>' if table.definition else ""
    )
    sections = "".join(_section_html(title, lines) for title, lines in _sections(shown))
    return (
        f"<div {frame(shown.where.branch, 'hm-br hm-ds')}>{style('describe')}"
        f'<div class="hm-ph">{icon("table")}<b><bdi dir="auto">{escape(_name(table))}</bdi></b>'
        f'<span class="hm-q">{escape(_summary(table))}</span></div>{comment}'
        f'<div class="hm-g"><table class="hm-bt" aria-label={attribute(f"Columns of {_name(table)}")}>'
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
        f"{sections}{definition}{_sample_html(shown)}{footer.html(shown.where, '')}</div>"
    )


def text(shown: Described) -> str:
    """The same, aligned by display cells."""
    table = shown.table
    out = [f"{plain(_name(table))}  {_summary(table)}"]
    if table.comment:
        out.append(plain(table.comment))
    headings = _headings(table)
    grid = [list(headings), *([cut(plain(cell), _CELLS) for cell in _cells(table, c)] for c in table.columns)]
    sizes = [max(width(row[at]) for row in grid) for at in range(len(headings))]
    lines = ["  ".join(pad(cell, sizes[at]) for at, cell in enumerate(row)).rstrip() for row in grid]
    out += ["", lines[0], "─" * (sum(sizes) + 2 * (len(sizes) - 1)), *lines[1:]]
    for title, listed in _sections(shown):
        longest = max(width(plain(line.name)) for line in listed)
        out += ["", title]
        out += [
            "  " + "  ".join(filter(None, (pad(plain(line.name), longest), plain(line.words), plain(line.code))))
            for line in listed
        ]
    if table.definition:
        out += ["", "Query", f"  {plain(table.definition)}"]
    if shown.sample is not None:
        out += ["", _sample_title(shown.sample), result.text(shown.sample, with_footer=False)]
    return "\n".join([*out, "", footer.text(shown.where, "")])


def _name(table: TableInfo) -> str:
    return label(table.schema, table.name)


def _summary(table: TableInfo) -> str:
    columns = counted(len(table.columns), "column")
    if table.kind == "view":
        return f"view, {columns}"
    held = "" if table.size_bytes is None else f", {size(table.size_bytes)}"
    return f"table, {counted(table.row_count_estimate, 'row')}{held}, {columns}"


def _headings(table: TableInfo) -> tuple[str, ...]:
    return _HEADINGS if any(column.comment for column in table.columns) else _HEADINGS[:-1]


def _cells(table: TableInfo, column: ColumnInfo) -> list[str]:
    cells = [
        column.name,
        column.type,
        "" if column.nullable else "NOT NULL",
        _default(column),
        ", ".join(tag for tag, _ in _tags(table, column)),
        column.comment or "",
    ]
    return cells[: len(_headings(table))]


def _default(column: ColumnInfo) -> str:
    if column.identity is not None:
        return f"GENERATED {column.identity} AS IDENTITY"
    if column.generated is not None:
        return f"GENERATED ALWAYS AS ({column.generated}) STORED"
    return column.default or ""


def _tags(table: TableInfo, column: ColumnInfo) -> list[tuple[str, str]]:
    """A short sign for each key that the column is in, and the words for it."""
    tags = [("PK", "primary key")] if column.primary_key else []
    if column.unique and not column.primary_key:
        tags.append(("UQ", "unique"))
    for key in table.foreign_keys:
        if column.name in key.columns:
            target = key.references_columns[key.columns.index(column.name)]
            tags.append((f"FK → {key.references}.{target}", f"foreign key {key.name}"))
    return tags


def _column_row(table: TableInfo, column: ColumnInfo) -> str:
    tags = "".join(
        f'<span class="hm-tag" title={attribute(words)}>{escape(tag)}</span>' for tag, words in _tags(table, column)
    )
    null = '<span class="hm-q">NULL</span>' if column.nullable else "NOT NULL"
    comment = f'<td class="hm-wr hm-q">{escape(column.comment or "")}</td>' if len(_headings(table)) == 6 else ""
    default = _default(column)
    bold = "b" if column.primary_key else "span"
    return (
        f'<tr><th scope="row"><{bold}><bdi dir="auto">{escape(column.name)}</bdi></{bold}></th>'
        f"<td><code>{escape(column.type)}</code></td><td>{null}</td>"
        f"<td class=hm-wr>{f'<code>{escape(default)}</code>' if default else ''}</td><td>{tags}</td>{comment}</tr>"
    )


def _sections(shown: Described) -> list[tuple[str, list[_Line]]]:
    table = shown.table
    sections = [
        ("Indexes", [_index(index) for index in table.index_details] or [_Line(name) for name in table.indexes]),
        ("Checks", [_Line(check.name, "", check.condition) for check in table.checks]),
        ("Refers to", [_Line(key.references, _key_words(key), _key_code(key)) for key in table.foreign_keys]),
        ("Referred to by", [_Line(name, _key_words(key), _key_code(key)) for name, key in shown.referred_by]),
    ]
    return [(title, lines) for title, lines in sections if lines]


def _index(index: IndexInfo) -> _Line:
    words = "primary key" if index.primary else "unique" if index.unique else ""
    return _Line(index.name, words, f"({', '.join(index.columns)})")


def _key_code(key: ForeignKeyInfo) -> str:
    return f"({', '.join(key.columns)}) → ({', '.join(key.references_columns)})"


def _key_words(key: ForeignKeyInfo) -> str:
    acts = (("on delete", key.on_delete), ("on update", key.on_update))
    return ", ".join(f"{when} {act.lower()}" for when, act in acts if act != "NO ACTION")


def _section_html(title: str, lines: Sequence[_Line]) -> str:
    rows = "".join(
        f'<tr><th scope="row"><bdi dir="auto">{escape(line.name)}</bdi></th>'
        f"<td>{f'<code>{escape(line.code)}</code>' if line.code else ''}</td>"
        f'<td class="hm-wr hm-q">{escape(line.words)}</td></tr>'
        for line in lines
    )
    return (
        f'<div class="hm-hd">{title}</div>'
        f'<div class="hm-g hm-sc"><table class="hm-bt" aria-label={attribute(title)}>'
        f"<tbody>{rows}</tbody></table></div>"
    )


def _sample_title(sample: ResultTable) -> str:
    return f"First {counted(sample.shown, 'row')}" if sample.shown else "No rows"


def _sample_html(shown: Described) -> str:
    if shown.sample is None:
        return ""
    title = f'<div class="hm-dg"><b>{_sample_title(shown.sample)}</b></div>'
    return title + (result.grid(shown.sample) if shown.sample.shown else "")
