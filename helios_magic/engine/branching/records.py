"""What our own catalogue keeps of a structure, as rows, and bringing one file's rows to another structure's."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from helios_magic.engine.branching.items import IndexItem, Items, TableItem, ViewItem, described_index, drawing
from helios_magic.engine.branching.reading import Work
from helios_magic.engine.dialect.pgcatalog.indexes import tail
from helios_magic.models.spaces import Space

_LISTED = {
    "tables": "table_schema, table_name, id",
    "columns": "table_schema, table_name, column_name, type, identity, generated, id",
    "constraints": "table_schema, table_name, name, kind, columns, definition",
    "foreign_keys": "table_schema, table_name, name, columns, ref_schema, ref_table, ref_columns, on_delete, "
    'on_update, "deferrable", deferred',
    "indexes": "table_schema, table_name, name, columns, is_unique, definition",
    "comments": "object_schema, object_name, kind, part, comment",
    "sequences": "sequence_schema, sequence_name, counter, type, start, increment, minimum, maximum, cycle, "
    "table_schema, table_name, column_name",
}
_Rows = dict[tuple[str, str, str], list[tuple[Any, ...]]]
"""By our table, and the schema and name of what a row belongs to."""


def rewrite(work: Work, before: Items, after: Items) -> None:
    """Make our catalogue in the file of `work` say what `after` says; what both say alike is left as it is."""
    for pair in sorted(after.same - before.same):
        work.ask("INSERT INTO _helios.same VALUES ($1, $2)", {"1": pair[0], "2": pair[1]})
    _rewrite_spaces(work, before, after)
    old, new = _rows(before), _rows(after)
    for at in {**old, **new}:
        if sorted(map(repr, old.get(at, ()))) == sorted(map(repr, new.get(at, ()))):
            continue
        table, schema, name = at
        listed = _LISTED[table]
        first, second = listed.split(", ")[:2]
        work.ask(f"DELETE FROM _helios.{table} WHERE {first} = $1 AND {second} = $2", {"1": schema, "2": name})
        for row in new.get(at, ()):
            places = ", ".join(f"${number}" for number in range(1, len(row) + 1))
            values = {str(number): value for number, value in enumerate(row, 1)}
            work.ask(f"INSERT INTO _helios.{table} ({listed}) VALUES ({places})", values)


def _rewrite_spaces(work: Work, before: Items, after: Items) -> None:
    """These are kept by the column's identity alone."""
    old, new = _spaces(before), _spaces(after)
    for id_ in sorted({id_ for id_, _ in old.items() ^ new.items()}):
        work.ask("DELETE FROM _helios.spaces WHERE column_id = $1", {"1": id_})
        if id_ in new:
            values = {"1": id_, "2": new[id_].model, "3": new[id_].dimensions}
            work.ask("INSERT INTO _helios.spaces VALUES ($1, $2, $3)", values)


def _spaces(items: Items) -> dict[str, Space]:
    columns = (column for table in items.tables.values() for column in table.columns)
    return {column.id: column.space for column in columns if column.space is not None}


def _rows(items: Items) -> _Rows:
    rows: _Rows = defaultdict(list)
    for table in items.tables.values():
        for kept, row in _of_table(table, items):
            rows[kept, table.schema, table.name].append((table.schema, table.name, *row))
    for (schema, name), view in items.views.items():
        for column, kind, _ in view.columns:
            if kind is not None or view.materialized:
                rows["columns", schema, name].append((schema, name, column, kind, None, None, None))
        query = drawing(view.query, items)
        what = "v" if not view.materialized else "m" if view.populated else "e"
        rows["constraints", schema, name].append((schema, name, name, what, list(view.reads), query))
        if view.materialized:
            rows["tables", schema, name].append((schema, name, view.id))
            rows["indexes", schema, name] += [(schema, name, *_index(index, view)) for index in view.indexes]
    for (kind, schema, name, part), text in items.comments.items():
        rows["comments", schema, name].append((schema, name, kind, part, text))
    for (schema, name), item in items.sequences.items():
        s, owner = item.sequence, (None, None, None)
        if item.owner is not None:
            table = items.tables[item.owner[0]]
            owner = (table.schema, table.name, table.names[item.owner[1]])  # type: ignore[assignment]
        rows["sequences", schema, name].append(
            (schema, name, s.counter, s.type, s.start, s.increment, s.minimum, s.maximum, s.cycle, *owner)
        )
    return rows


def _of_table(table: TableItem, items: Items) -> Iterator[tuple[str, tuple[Any, ...]]]:
    names = table.names
    yield "tables", (table.id,)
    for column in table.columns:
        yield "columns", (column.name, column.declared, column.identity, None, column.id)
    for key in table.keys:
        yield "constraints", (key.name, key.kind, [names[column] for column in key.columns], None)
    for check in table.checks:
        if check.name is not None:
            yield "constraints", (check.name, "c", [names[column] for column in check.columns], check.shown)
    for column in table.columns:
        if column.required is not None:
            yield "constraints", (column.required, "n", [column.name], None)
    for foreign in table.foreign:
        parent = items.tables[foreign.parent]
        yield (
            "foreign_keys",
            (
                foreign.name, [names[column] for column in foreign.columns], parent.schema, parent.name,
                [parent.names[column] for column in foreign.parent_columns], foreign.on_delete, foreign.on_update,
                foreign.deferrable, foreign.deferred,
            ),
        )  # fmt: skip
    for index in table.indexes:
        yield "indexes", _index(index, table)


def _index(index: IndexItem, table: TableItem | ViewItem) -> tuple[Any, ...]:
    made = described_index(index, table)
    return index.name, list(made.uses), index.unique, tail(made.definition or "")
