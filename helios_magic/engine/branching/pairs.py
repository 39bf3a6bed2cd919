"""Two versions of a database side by side: which table is which, and what differs in structure, in words.

The words begin with `+`, `-` or `~`: `+ column helpful_votes int4`, `~ type price float4 → numeric(10,2)`.  `older`
is what they start from.  What is no table (views, sequences, types, schemas) stands under its own name, as a `Table`
of that kind without columns of interest, and only where it differs.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from helios_magic.engine.branching.sides import ColumnPair, TablePair
from helios_magic.engine.dialect.indexes import with_column_renamed
from helios_magic.engine.sequences import shown
from helios_magic.schema import Column, Comment, ForeignKey, Index, Schema, Table

_Moved = dict[str, tuple[Table, dict[str, str]]]
"""By the older label of a table: what it is now, and the newer names of its columns by the older."""


def pairs(older: Schema, newer: Schema) -> list[TablePair]:
    """Every table of both versions, by the newer name; other things where they differ."""
    matched = list(_matched(older, newer))
    moved = {
        one.label: (other, _renamed(one, other)) for one, other in matched if one is not None and other is not None
    }
    found = [_pair(one, other, moved) for one, other in matched]
    found = _gathered([*found, *_others(older, newer)])
    return sorted(found, key=lambda pair: _either(pair).label)


def _gathered(found: list[TablePair]) -> list[TablePair]:
    """Comments are told with what they are on, where that differs too."""
    gathered: dict[str, TablePair] = {}
    for pair in found:
        name = _either(pair).label
        known = gathered.get(name)
        gathered[name] = pair if known is None else replace(known, changes=(*known.changes, *pair.changes))
    return list(gathered.values())


def _either(pair: TablePair) -> Table:
    table = pair.newer or pair.older
    if table is None:
        raise AssertionError("a pair has a side")
    return table


def _matched(older: Schema, newer: Schema) -> Iterator[tuple[Table | None, Table | None]]:
    """By identity first; what is left, by name."""
    left = [table for table in older.tables if table.kind == "table"]
    right = [table for table in newer.tables if table.kind == "table"]
    by_id = {table.id: table for table in left if table.id is not None}
    matched: dict[tuple[str, str], Table] = {}
    for table in right:
        if table.id in by_id:
            matched[table.schema, table.name] = by_id.pop(table.id)
    taken = {(table.schema, table.name) for table in matched.values()}
    by_name = {(t.schema, t.name): t for t in left if (t.schema, t.name) not in taken}
    for table in right:
        at = table.schema, table.name
        yield (matched[at] if at in matched else by_name.pop(at, None)), table
    for table in by_name.values():
        yield table, None


def _renamed(older: Table, newer: Table) -> dict[str, str]:
    """From older to newer names of columns."""
    return {one.name: other.name for one, other in _column_pairs(older, newer) if one is not None and other is not None}


def _pair(older: Table | None, newer: Table | None, moved: _Moved) -> TablePair:
    if older is None or newer is None:
        columns = tuple(
            ColumnPair(column.name if older else None, column.name if newer else None)
            for column in (older or newer or Table("", ())).columns
        )
        key = newer.primary_key if newer is not None else ()
        return TablePair(older, newer, columns, key, ("+ table" if newer else "- table",))
    both = list(_column_pairs(older, newer))
    names = _renamed(older, newer)
    same_key = tuple(names.get(name) for name in older.primary_key) == newer.primary_key
    columns = tuple(ColumnPair(one.name if one else None, other.name if other else None) for one, other in both)
    words = [*_table_words(older, newer), *_column_words(both), *_part_words(older, newer, names, moved)]
    return TablePair(older, newer, columns, newer.primary_key if same_key else (), tuple(words))


def _column_pairs(older: Table, newer: Table) -> Iterator[tuple[Column | None, Column | None]]:
    left = {column.id: column for column in older.columns if column.id is not None}
    matched = {c.name: left.pop(c.id) for c in newer.columns if c.id in left}
    taken = {column.name for column in matched.values()}
    rest = {column.name: column for column in older.columns if column.name not in taken}
    for column in newer.columns:
        yield (matched[column.name] if column.name in matched else rest.pop(column.name, None)), column
    for column in rest.values():
        yield column, None


def _table_words(older: Table, newer: Table) -> Iterator[str]:
    if (older.schema, older.name) != (newer.schema, newer.name):
        yield f"~ renamed from {older.label}"
    if older.comment != newer.comment:
        yield f"~ comment {_quoted(older.comment)} → {_quoted(newer.comment)}"


def _column_words(both: Iterable[tuple[Column | None, Column | None]]) -> Iterator[str]:
    for one, other in both:
        if one is None and other is not None:
            yield f"+ column {definition(other)}"
        elif other is None and one is not None:
            yield f"- column {one.name}"
        elif one is not None and other is not None:
            yield from _changed_column(one, other)


def definition(column: Column) -> str:
    """A column as one would write it: `qty int4 not null default 0`."""
    words = [column.name, column.type]
    if not column.nullable:
        words.append("not null")
    if column.generated is not None:
        words.append(f"generated always as ({column.generated})")
    elif column.identity is not None:
        words.append(f"generated {column.identity.lower()} as identity")
    elif column.default is not None:
        words.append(f"default {shown(column.default)}")
    return " ".join(words)


def _default(column: Column) -> str:
    return "none" if column.default is None else shown(column.default)


def _changed_column(one: Column, other: Column) -> Iterator[str]:
    if one.name != other.name:
        yield f"~ column {other.name} renamed from {one.name}"
    if one.type != other.type:
        yield f"~ type {other.name} {one.type} → {other.type}"
    if _default(one) != _default(other) and other.generated is None and one.identity == other.identity:
        yield f"~ default {other.name} {_default(one)} → {_default(other)}"
    if one.nullable != other.nullable:
        yield f"~ column {other.name} {'null' if other.nullable else 'not null'}"
    elif one.required != other.required:
        yield f"~ not null {other.name} {one.required or 'unnamed'} → {other.required or 'unnamed'}"
    if one.generated != other.generated:
        yield f"~ generated {other.name} {one.generated or 'none'} → {other.generated or 'none'}"
    if one.identity != other.identity:
        yield f"~ identity {other.name} {(one.identity or 'none').lower()} → {(other.identity or 'none').lower()}"
    if one.comment != other.comment:
        yield f"~ comment {other.name} {_quoted(one.comment)} → {_quoted(other.comment)}"


def _part_words(older: Table, newer: Table, names: dict[str, str], moved: _Moved) -> Iterator[str]:
    """Keys, checks, foreign keys and indexes; `names` leads from older to newer names of columns."""

    def renamed(columns: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(names.get(column, column) for column in columns)

    before = {_key("primary key", renamed(older.primary_key))} if older.primary_key else set()
    after = {_key("primary key", newer.primary_key)} if newer.primary_key else set()
    before |= {_key("unique", renamed(columns)) for columns in older.unique}
    after |= {_key("unique", columns) for columns in newer.unique}
    before |= {f"check {check.name} ({check.condition})" for check in older.checks}
    after |= {f"check {check.name} ({check.condition})" for check in newer.checks}
    before |= {_foreign_key(_followed(key, moved), renamed(key.columns)) for key in older.foreign_keys}
    after |= {_foreign_key(key, key.columns) for key in newer.foreign_keys}
    before |= {_index(_moved_on(index, names)) for index in older.indexes if index.definition is not None}
    after |= {_index(index) for index in newer.indexes if index.definition is not None}
    yield from (f"+ {words}" for words in sorted(after - before))
    yield from (f"- {words}" for words in sorted(before - after))


def _followed(key: ForeignKey, moved: _Moved) -> ForeignKey:
    """A foreign key with the names that its parent has now."""
    if key.references not in moved:
        return key
    parent, names = moved[key.references]
    columns = tuple(names.get(column, column) for column in key.references_columns)
    return replace(key, references=parent.label, references_columns=columns)


def _key(word: str, columns: tuple[str, ...]) -> str:
    return f"{word} ({', '.join(columns)})"


def _foreign_key(key: ForeignKey, columns: tuple[str, ...]) -> str:
    words = f"foreign key ({', '.join(columns)}) → {key.references} ({', '.join(key.references_columns)})"
    for event, action in (("delete", key.on_delete), ("update", key.on_update)):
        words += f" on {event} {action.lower()}" if action != "NO ACTION" else ""
    return words


def _moved_on(index: Index, names: dict[str, str]) -> Index:
    """An index with the names that its columns have now."""
    for old, new in names.items():
        if old != new and old in index.uses:
            index = with_column_renamed(index, old, new)
    return index


def _index(index: Index) -> str:
    _, _, tail = (index.definition or "").partition(" USING ")
    method, _, told = tail.partition(" ")
    using = "" if method == "btree" else f"using {method} "
    return f"{'unique index' if index.unique else 'index'} {index.name} {using}{told}"


def _quoted(comment: str | None) -> str:
    return "none" if comment is None else f"“{comment}”"


def _others(older: Schema, newer: Schema) -> Iterator[TablePair]:
    """What is no table, where it differs."""
    for kind in ("view", "materialized view", "sequence", "type", "schema", "comment"):
        left, right = _of_kind(older, kind), _of_kind(newer, kind)
        for at in sorted(left.keys() | right.keys()):
            one, other = left.get(at), right.get(at)
            if one is None and other is not None:
                yield TablePair(None, other[0], (), (), (f"+ {kind}{other[2]}",))
            elif other is None and one is not None:
                yield TablePair(one[0], None, (), (), (f"- {kind}",))
            elif one is not None and other is not None and one[1] != other[1]:
                yield TablePair(one[0], other[0], (), (), (f"~ {kind}{other[2]}",))


def _of_kind(schema: Schema, kind: str) -> dict[tuple[str, str], tuple[Table, object, str]]:
    """By schema and name: a table to stand for it, what is compared, and words to go with it."""
    if kind in ("view", "materialized view"):
        views = [table for table in schema.tables if table.kind == kind]
        return {(v.schema, v.name): (v, (v.query, _shape(v), v.comment, v.populated, _indexes(v)), "") for v in views}
    if kind == "comment":
        return {(c.schema, f"{c.kind} {c.name} {c.part}"): _comment(c) for c in schema.comments}
    if kind == "sequence":
        return {(s.schema, s.name): (_stand_in(s.name, s.schema, kind), s, "") for s in schema.sequences}
    if kind == "type":
        return {
            (e.schema, e.name): (_stand_in(e.name, e.schema, kind), e.labels, f" ({', '.join(e.labels)})")
            for e in schema.enums
        }
    return {("", name): (_stand_in(name, "public", kind), name, "") for name in schema.schemas}


def _comment(made: Comment) -> tuple[Table, object, str]:
    schema = "public" if made.kind == "schema" else made.schema
    words = f" on {made.kind} {made.part or made.name} {_quoted(made.text)}"
    return _stand_in(made.name, schema, made.kind), made.text, words


def _indexes(view: Table) -> tuple[str | None, ...]:
    return tuple(index.definition for index in view.indexes)


def _shape(view: Table) -> tuple[tuple[str, str], ...]:
    return tuple((column.name, column.type) for column in view.columns)


def _stand_in(name: str, schema: str, kind: str) -> Table:
    return Table(name, (), schema, kind)
