"""A design: its picture, its tables, its DDL, what was assumed, and how it would grow."""

from __future__ import annotations

from dataclasses import dataclass

from helios_magic.display import colours, entities, erd, footer, growth
from helios_magic.display.branch import frame
from helios_magic.display.characters import cut, pad, plain, width
from helios_magic.display.footer import Where
from helios_magic.display.markup import attribute, escape, icon
from helios_magic.display.quantities import counted
from helios_magic.display.style import style
from helios_magic.models.tables import Design, DesignedTable

_NAME, _LINE = 32, 110


@dataclass(frozen=True, slots=True)
class Designed:
    """`added` are the tables that the last description added to a former design, None for a first one.

    `made` says what was made of it on the branch of `where`; empty while nothing was.
    """

    design: Design
    dialect: str
    where: Where
    added: tuple[str, ...] | None = None
    made: tuple[str, ...] = ()


def script(design: Design) -> str:
    """All DDL in the order in which it runs."""
    statements = [table.ddl for table in design.tables]
    statements += [each["ddl"] for each in (*design.constraints, *design.indexes)]
    return "".join(f"{statement};\n" for statement in statements)


def html(shown: Designed) -> str:
    design = shown.design
    picture = erd.svg(entities.of_design(design))
    notes = "".join(f"<li>{escape(note)}</li>" for note in design.notes)
    read = f'<div class="hm-cm"><b>Read as, and yours to change</b><ul>{notes}</ul></div>' if notes else ""
    tables = "".join(_row(table, shown) for table in design.tables)
    return (
        f"<div {frame(shown.where.branch, 'hm-br hm-de')}>{style('design')}"
        f'<div class="hm-ph">{icon("table")}<b>Design</b><span class="hm-q">{escape(_summary(shown))}</span></div>'
        f'<div class="hm-g">{picture}</div>{read}'
        f'<details><summary class="hm-dg">{icon("right")}<b>Tables</b>'
        f'<span class="hm-q">{counted(len(design.tables), "table")}</span></summary><div class="hm-g">'
        f'<table class="hm-bt" aria-label="Tables of the design"><thead><tr><th scope="col">Table</th>'
        f'<th scope="col">Columns</th></tr></thead><tbody>{tables}</tbody></table></div></details>'
        f'<details open><summary class="hm-dg">{icon("right")}<b>DDL</b>'
        f'<span class="hm-q">{escape(_proof(shown))}</span></summary>'
        f'<pre class="hm-dd" tabindex="0" aria-label="DDL">{colours.of_sql(script(design))}</pre></details>'
        f"{_growth(design)}{footer.html(shown.where, '', also=_state(shown))}</div>"
    )


def text(shown: Designed) -> str:
    design = shown.design
    size = max((width(_name(table)) for table in design.tables), default=0)
    lines = [f"Design  {_summary(shown)}", ""]
    for table in design.tables:
        mark = "+ " if shown.added is not None and table.name in shown.added else "  "
        lines.append(f"{mark}{pad(_name(table), size)}  {cut(plain(_columns(table)), _LINE)}")
    lines += ["", *(f"  {plain(note)}" for note in design.notes)]
    lines += ["", script(design).rstrip()]
    lines += ["", f"  Capacity: {growth.text(design.capacity_forecast)}"]
    return "\n".join([*lines, "", footer.text(shown.where, " · ".join(_state(shown)))])


def picture_html(drawn: entities.Entities, where: Where, also: tuple[str, ...] = ()) -> str:
    """Only the picture, of a branch or of a design."""
    count = counted(len(drawn.entities), "table")
    body = f'<div class="hm-g">{erd.svg(drawn)}</div>' if drawn.entities else '<div class="hm-z">No tables here.</div>'
    return (
        f"<div {frame(where.branch, 'hm-br hm-de')}>{style('design')}{body}{footer.html(where, count, also=also)}</div>"
    )


def picture_text(drawn: entities.Entities, where: Where, also: tuple[str, ...] = ()) -> str:
    """A terminal has no pictures: every table with what it points at."""
    lines = []
    for entity in drawn.entities:
        ties = [f"{', '.join(tie.columns)} → {tie.parent}" for tie in drawn.ties if tie.child == entity.name]
        lines.append(plain(f"{entity.name}: {'; '.join(ties)}" if ties else entity.name))
    return "\n".join([*lines, footer.text(where, counted(len(drawn.entities), "table"), also=also)])


def _summary(shown: Designed) -> str:
    design = shown.design
    keys = sum(1 for table in design.tables for column in table.columns if column.get("references"))
    facts = [
        counted(len(design.tables), "table"),
        counted(keys, "relation"),
        counted(len(design.indexes), "index", "indexes"),
        f"by {design.generator or 'the server'}",
    ]
    if shown.added is not None:
        listed = ", ".join(shown.added)
        facts.append(f"on top of the last: {f'{listed} added' if listed else 'no table added'}")
    return ", ".join(facts)


def _proof(shown: Designed) -> str:
    return ", ".join(filter(None, (shown.dialect, shown.design.proof)))


def _state(shown: Designed) -> tuple[str, ...]:
    return shown.made or ("Nothing has been made yet",)


def _row(table: DesignedTable, shown: Designed) -> str:
    new = shown.added is not None and table.name in shown.added
    sign = '<span class="hm-add">+ new</span> ' if new else ""
    return (
        f'<tr><th scope="row">{sign}<bdi dir="auto">{escape(table.name)}</bdi></th>'
        f'<td class="hm-wr">{escape(_columns(table))}</td></tr>'
    )


def _columns(table: DesignedTable) -> str:
    return ", ".join(
        f"{column['name']} → {column['references'].rpartition('.')[0]}" if column.get("references") else column["name"]
        for column in table.columns
    )


def _name(table: DesignedTable) -> str:
    return plain(cut(table.name, _NAME))


def _growth(design: Design) -> str:
    picture = growth.svg(design.capacity_forecast)
    if not picture:
        return ""
    basis = sorted(design.capacity_assumptions, key=lambda each: -each["rows_per_day"])[:5]
    rows = "".join(
        f'<tr><th scope="row">{escape(each["table"])}</th><td class="hm-r">{each["rows_per_day"]:,}</td>'
        f'<td class="hm-r">{each["bytes_per_row"]:,}</td></tr>'
        for each in basis
    )
    label = attribute("What the forecast assumes of the busiest tables")
    return (
        f'<div class="hm-ca"><div><b>Capacity</b>{picture}</div><table class="hm-bt" aria-label={label}><thead><tr>'
        '<th scope="col">Assumed</th><th scope="col" class="hm-r">Rows a day</th>'
        f'<th scope="col" class="hm-r">Bytes a row</th></tr></thead><tbody>{rows}</tbody></table></div>'
    )
