"""CREATE INDEX, DROP INDEX and ALTER INDEX.

A plain index is only remembered: DuckDB scans columns faster than it would walk it, and a real one would hold the
table's structure fast.  A unique one is real.  Its keys may be expressions and its rows a part of the table's: DuckDB
then indexes a CASE that is NULL, and so never the same, for the rows that the condition leaves out.

What the catalogue keeps is PostgreSQL's definition; the DuckDB text is bound from it anew whenever it is needed.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sqlglot import exp

from helios_magic.engine.dialect import bookkeeping, commenting, vectorindexes
from helios_magic.engine.dialect.columnnames import UNNAMED, column_name
from helios_magic.engine.dialect.expressions import visit
from helios_magic.engine.dialect.failures import Refusal, nearest, unsupported
from helios_magic.engine.dialect.fragments import Reader
from helios_magic.engine.dialect.indexkeys import native, native_keys
from helios_magic.engine.dialect.pgcatalog.indexes import tail
from helios_magic.engine.dialect.pgcatalog.names import quote
from helios_magic.engine.dialect.plan import Plan
from helios_magic.engine.dialect.prepared import TableName
from helios_magic.engine.dialect.scope import Field, Scope, Source
from helios_magic.engine.dialect.sources import find_table, is_taken
from helios_magic.engine.dialect.tableshape import of_table
from helios_magic.engine.dialect.typed import Node, literal, name_of, quoted
from helios_magic.schema import Index, Table
from helios_magic.sqltext import scan

if TYPE_CHECKING:
    from helios_magic.engine.dialect.queries import Binder

#: Methods, and what of an index each can be: unique, ordered, including other columns.
_METHODS = {
    "btree": (True, True, True), "hash": (False, False, False), "gin": (False, False, False),
    "gist": (False, False, True), "spgist": (False, False, True), "brin": (False, False, False),
    "hnsw": (False, False, False), "ivfflat": (False, False, False),
}  # fmt: skip
_VOLATILE = frozenset({
    "now", "random", "clock_timestamp", "statement_timestamp", "timeofday", "gen_random_uuid", "uuidv4", "uuidv7",
    "nextval", "currval", "age",
})  # fmt: skip
_LONGEST_NAME = 63


@dataclass(slots=True)
class _Key:
    """A key as it was written: the expression in PostgreSQL's words with its order, and how it is called."""

    words: str
    called: str
    columns: tuple[str, ...]


def create_index(binder: Binder, words: Reader) -> Plan:
    """CREATE [UNIQUE] INDEX in all its forms."""
    words.take("create")
    unique = words.take("unique")
    if not words.take("index"):
        raise words.unexpected()
    words.take("concurrently")
    unless_there = words.take("if", "not", "exists")
    place = words.place
    name = None if words.at("on") else words.identifier()
    if unless_there and name is None:
        raise words.unexpected()
    if not words.take("on"):
        raise words.unexpected()
    words.take("only")
    at = words.place
    parts = words.name()
    table = find_table(binder, parts[-1], parts[-2] if len(parts) > 1 else "public", at, shown=len(parts) > 1)
    if table.kind == "view":
        raise Refusal("42809", f'cannot create index on relation "{table.name}"', place=at)
    told = _Tail(binder, table, words, unique)
    name = name or free_name(binder, table.schema, "_".join([table.name, *told.called, "idx"]))
    if is_taken(binder, table.schema, name):
        if unless_there:
            return Plan("ddl", "CREATE INDEX", ["SELECT 1"], binder)
        raise Refusal("42P07", f'relation "{name}" already exists', place=place)
    index = Index(name, (), unique, definition=f"CREATE {'UNIQUE ' if unique else ''}INDEX {told.text}")
    at_place, fields = (table.schema, table.name), fields_of(table)
    checked = [_checked(binder, table, index)] if unique else []
    steps = [*checked, native(binder, at_place, fields, index)] if unique else []
    row = (table.schema, table.name, name, list(told.uses), unique, told.text)
    noted = bookkeeping.record("indexes", [row])
    binder.writes.add(TableName(table.schema, table.name))
    anew = [*checked, *_anew(binder, table, index), *noted] if unique and table.kind == "table" else []
    return Plan("ddl", "CREATE INDEX", [*steps, *noted], binder, after_writes=anew)


def _checked(binder: Binder, table: Table, index: Index) -> str:
    """A step that refuses (23505) rows that are the same in the keys."""
    keys = native_keys(binder, fields_of(table), index)
    given = " AND ".join(f"{key} IS NOT NULL" for key in keys)
    place = f"{quoted(table.schema)}.{quoted(table.name)}"
    twice = f"SELECT 1 FROM {place} WHERE {given} GROUP BY {', '.join(keys)} HAVING count(*) > 1 LIMIT 1"
    said = literal(f'[23505] could not create unique index "{index.name}"')
    return f"SELECT CASE WHEN count(*) > 0 THEN error({said}) END FROM ({twice}) AS _found"


def _anew(binder: Binder, table: Table, index: Index) -> list[str]:
    """The table built anew with the index: DuckDB makes none on rows that the same transaction wrote."""
    from helios_magic.engine.dialect.rebuilding import rebuilt

    old, new = of_table(table), of_table(table)
    new.indexes.append(index)
    return rebuilt(binder, old, new)


class _Tail:
    """What follows the table's name: `text` is the definition from USING on."""

    def __init__(self, binder: Binder, table: Table, words: Reader, unique: bool) -> None:
        self._binder, self._table, self._words = binder, table, words
        at = words.place
        self._method = words.identifier().lower() if words.take("using") else "btree"
        if self._method not in _METHODS:
            raise Refusal("42704", f'access method "{self._method}" does not exist', place=at)
        can_unique, _, can_include = _METHODS[self._method]
        if unique and not can_unique:
            raise Refusal("0A000", f'access method "{self._method}" does not support unique indexes', place=at)
        keys = self._keys()
        included = words.columns() if words.take("include") else ()
        if included and not can_include:
            raise Refusal("0A000", f'access method "{self._method}" does not support included columns', place=at)
        self._must_have(included)
        one_null = self._nulls() and unique
        stored = self._storage()
        condition = self._condition()
        words.finish()
        self.called = _called(keys, included)
        self.uses = tuple(dict.fromkeys([*(c for key in keys for c in key.columns), *included, *self._conditioned]))
        self.text = f"USING {self._method} ({', '.join(key.words for key in keys)})"
        self.text += stored
        if included:
            self.text += f" INCLUDE ({', '.join(map(quote, included))})"
        if one_null:
            self.text += " NULLS NOT DISTINCT"
        if condition is not None:
            self.text += f" WHERE {condition}"

    def _keys(self) -> list[_Key]:
        self._words.expect("(")
        keys = [self._key()]
        while self._words.symbol(","):
            keys.append(self._key())
        self._words.expect(")")
        return keys

    def _key(self) -> _Key:
        words, at = self._words, self._words.place
        if words.is_symbol("("):
            start = words.place + 1
            tree = words.bracketed()
            key = self._expression(tree, at, words.written(start, words.end - 1))
        elif words.is_after("(") or words.is_after("."):
            start = words.place
            tree = words.call()
            key = self._expression(tree, at, words.written(start, words.end))
        else:
            name = words.identifier()
            self._must_have((name,), at)
            key = _Key(quote(name), name, (name,))
        if words.take("collate") and words.name()[-1].lower() not in ("c", "posix", "default", "ucs_basic"):
            raise unsupported("this collation", place=at)
        given = self._class()
        if vectorindexes.is_method(self._method):
            key.words += vectorindexes.check_key(self._method, self._kind(key), given, at)
        key.words += self._order()
        return key

    def _expression(self, tree: Node, at: int, written: str) -> _Key:
        while isinstance(tree, exp.Paren):
            tree = tree.this
        if isinstance(tree, exp.Column) and tree.args.get("table") is None:
            self._must_have((name_of(tree.this),), at)
            return _Key(quote(name_of(tree.this)), name_of(tree.this), (name_of(tree.this),))
        columns = _immutable(tree, "index expression", at)
        named = column_name(tree, self._binder.enums)
        visit(self._binder, tree.copy(), scope_of(self._table))
        call = isinstance(tree, (exp.Anonymous, exp.Func)) and not isinstance(tree, (exp.Cast, exp.Case))
        return _Key(written if call else f"({written})", "expr" if named == UNNAMED else named, columns)

    def _class(self) -> str | None:
        """An operator class: it says which operators an index serves, and nothing of what the table may hold."""
        words = self._words
        if words.done or words.is_symbol(",", ")") or words.at("asc", "desc", "nulls"):
            return None
        name = words.name()[-1]
        if words.is_symbol("("):
            words.brackets()
        return name

    def _kind(self, key: _Key) -> str:
        """The type of a key that is a column."""
        column = self._table.column(key.columns[0]) if len(key.columns) == 1 else None
        if column is None or key.words != quote(column.name):
            raise unsupported(f"an expression in a {self._method} index", place=self._words.place)
        return column.type

    def _order(self) -> str:
        words, at = self._words, self._words.place
        descending = words.take("desc")
        given = descending or words.take("asc")
        nulls = ""
        if words.take("nulls"):
            first = words.take("first")
            if not first and not words.take("last"):
                raise words.unexpected()
            nulls = "" if first == descending else f" NULLS {'FIRST' if first else 'LAST'}"
            given = True
        if given and not _METHODS[self._method][1]:
            raise Refusal("0A000", f'access method "{self._method}" does not support ASC/DESC options', place=at)
        return (" DESC" if descending else "") + nulls

    def _nulls(self) -> bool:
        """Whether a NULL is the same as another."""
        if self._words.take("nulls", "not", "distinct"):
            return True
        self._words.take("nulls", "distinct")
        return False

    def _storage(self) -> str:
        """How full pages are and where they lie is the engine's own; what an index of vectors is given is shown."""
        shown = ""
        if self._words.take("with"):
            start = self._words.place
            self._words.brackets()
            if vectorindexes.is_method(self._method):
                shown = vectorindexes.check_parameters(self._method, self._words.written(start, self._words.end), start)
        if self._words.take("tablespace"):
            self._words.identifier()
        return shown

    _conditioned: tuple[str, ...] = ()

    def _condition(self) -> str | None:
        if not self._words.take("where"):
            return None
        from helios_magic.engine.dialect.queries import boolean

        at = self._words.place
        tree = self._words.expression()
        self._conditioned = _immutable(tree, "index predicate", at)
        written = self._words.written(at, self._words.end)
        boolean(self._binder, visit(self._binder, tree.copy(), scope_of(self._table)), "WHERE")
        return f"({written})"

    def _must_have(self, names: tuple[str, ...], place: int | None = None) -> None:
        known = [column.name for column in self._table.columns]
        for name in names:
            if name not in known:
                raise Refusal("42703", f'column "{name}" does not exist', place=place, hint=nearest(name, known))


def _called(keys: list[_Key], included: tuple[str, ...]) -> list[str]:
    """The keys' part of a name; a second expression is `expr1`."""
    called: list[str] = []
    for name in [*(key.called for key in keys), *included]:
        wanted, count = name, 0
        while wanted in called:
            count += 1
            wanted = f"{name}{count}"
        called.append(wanted)
    return called


def _immutable(tree: Node, what: str, place: int) -> tuple[str, ...]:
    """The columns that an expression names.  42P17 for what is not the same tomorrow, 0A000 for a query in it."""
    if any(True for _ in tree.find_all(exp.Query)):
        raise Refusal("0A000", f"cannot use subquery in {what}", place=place)
    for node in tree.walk():
        name = str(node.this).lower() if isinstance(node, exp.Anonymous) else ""
        if name in _VOLATILE or isinstance(node, (exp.CurrentTimestamp, exp.CurrentDate, exp.Localtimestamp)):
            which = "predicate" if "predicate" in what else "expression"
            raise Refusal("42P17", f"functions in index {which} must be marked IMMUTABLE", place=place)
    columns = [tree, *tree.find_all(exp.Column)]
    return tuple(dict.fromkeys(name_of(c.this) for c in columns if isinstance(c, exp.Column)))


def scope_of(table: Table) -> Scope:
    """What an index of the table can name."""
    return Scope(sources=[Source(table.name, fields_of(table), table)])


def fields_of(table: Table) -> list[Field]:
    return [Field(column.name, column.type) for column in table.columns]


def with_column_renamed(index: Index, old: str, new: str) -> Index:
    """The index with its definition following a column's new name."""
    told, definition = [], index.definition or ""
    start = len(definition) - len(tail(definition))
    start = definition.index("(", start)
    tokens = scan(definition[start:])
    for at, token in enumerate(tokens):
        before = next((t.text.upper() for t in reversed(tokens[:at]) if t.code), "")
        called = at + 1 < len(tokens) and tokens[at + 1].text == "("
        named = token.kind in ("word", "identifier") and token.name == old
        told.append(quote(new) if named and not called and before not in ("AS", "::", ".", "NULLS") else token.text)
    now = [tuple(new if name == old else name for name in names) for names in (index.columns, index.uses)]
    return replace(index, columns=now[0], uses=now[1], definition=definition[:start] + "".join(told))


def free_name(binder: Binder, schema: str, name: str) -> str:
    wanted, count = name[:_LONGEST_NAME], 0
    while is_taken(binder, schema, wanted):
        count += 1
        wanted = f"{name[: _LONGEST_NAME - len(str(count))]}{count}"
    return wanted


# ALTER INDEX and DROP INDEX


def find(binder: Binder, parts: list[str]) -> tuple[Table, Index] | None:
    schema = parts[-2] if len(parts) > 1 else "public"
    for table in binder.schema.tables:
        for index in table.indexes:
            if table.schema == schema and index.name == parts[-1]:
                return table, index
    return None


def missing(binder: Binder, parts: list[str], place: int, *, sqlstate: str = "42704") -> Refusal:
    """What is said of an index that is not there, or is something else."""
    other = binder.schema.table(parts[-1], parts[-2] if len(parts) > 1 else "public")
    if other is not None:
        hint = f"Use DROP {other.kind.upper()}." if sqlstate == "42704" else None
        return Refusal("42809", f'"{parts[-1]}" is not an index', place=place, hint=hint)
    hint = nearest(parts[-1], [i.name for t in binder.schema.tables for i in t.indexes])
    what = "index" if sqlstate == "42704" else "relation"
    return Refusal(sqlstate, f'{what} "{parts[-1]}" does not exist', place=place, hint=hint)


def alter_index(binder: Binder, words: Reader) -> Plan:
    """ALTER INDEX … RENAME TO; storage parameters change nothing here."""
    words.take("alter", "index")
    if_there, place = words.take("if", "exists"), words.place
    parts = words.name()
    found = find(binder, parts)
    if found is None:
        if if_there:
            return Plan("ddl", "ALTER INDEX", ["SELECT 1"], binder)
        raise missing(binder, parts, place, sqlstate="42P01")
    table, index = found
    if words.take("set") or words.take("reset"):
        if words.take("tablespace"):
            words.identifier()
        else:
            words.brackets()
        words.finish()
        return Plan("ddl", "ALTER INDEX", ["SELECT 1"], binder)
    at = words.place
    if not words.take("rename", "to"):
        raise unsupported("this ALTER INDEX", place=at)
    new = words.identifier()
    words.finish()
    if is_taken(binder, table.schema, new):
        raise Refusal("42P07", f'relation "{new}" already exists', place=at)
    return Plan("ddl", "ALTER INDEX", _renamed(binder, table, index, new), binder)


def _renamed(binder: Binder, table: Table, index: Index, new: str) -> list[str]:
    at = f"table_schema = {literal(table.schema)} AND table_name = {literal(table.name)} AND name = "
    said = commenting.rename("index", table.schema, index.name, new)
    if index.definition is None:
        # A constraint's own: the constraint goes by its name.
        return [
            *bookkeeping.rename_key(table, index, new),
            *said,
            *commenting.rename_part("constraint", table.schema, table.name, index.name, new),
        ]
    steps = [f"UPDATE _helios.indexes SET name = {literal(new)} WHERE {at}{literal(index.name)}", *said]
    if index.unique:
        drop = f"DROP INDEX {quoted(table.schema)}.{quoted(index.name)}"
        steps = [drop, native(binder, (table.schema, table.name), fields_of(table), replace(index, name=new)), *steps]
    return steps


def drop_index(binder: Binder, parts: list[str], place: int, *, exists: bool) -> list[str]:
    found = find(binder, parts)
    if found is None:
        if exists and binder.schema.table(parts[-1], parts[-2] if len(parts) > 1 else "public") is None:
            return []
        raise missing(binder, parts, place)
    table, index = found
    if index.definition is None:
        raise Refusal(
            "2BP01",
            f"cannot drop index {index.name} because constraint {index.name} on table {table.name} requires it",
            place=place,
            hint=f"You can drop constraint {index.name} on table {table.name} instead.",
        )
    native_step = [f"DROP INDEX {quoted(table.schema)}.{quoted(index.name)}"] if index.unique else []
    where = f" AND name = {literal(index.name)}"
    return [
        *native_step,
        *bookkeeping.forget(table.schema, table.name, where=where, tables=("indexes",)),
    ]
