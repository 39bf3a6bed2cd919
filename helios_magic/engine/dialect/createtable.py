"""CREATE TABLE: columns, keys, checks and what our catalogue keeps of them; LIKE; AS a query."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from helios_magic.engine.dialect import bookkeeping, columnrules, constraintrules, likes
from helios_magic.engine.dialect.failures import SYNTAX, Refusal, nearest, unsupported
from helios_magic.engine.dialect.fragments import Reader
from helios_magic.engine.dialect.grammar import text
from helios_magic.engine.dialect.plan import Plan
from helios_magic.engine.dialect.sources import is_taken
from helios_magic.engine.dialect.tablegrammar import ColumnPart, LikePart, Part, Rule, parts
from helios_magic.engine.dialect.tableshape import TableShape, create, recorded
from helios_magic.engine.dialect.typed import Node, name_of, place_of, quoted

if TYPE_CHECKING:
    from helios_magic.engine.dialect.queries import Binder

#: Storage parameters that PostgreSQL knows, by how they begin.
_STORAGE = (
    "fillfactor",
    "autovacuum",
    "toast",
    "parallel_workers",
    "user_catalog_table",
    "vacuum",
    "log_autovacuum",
    "n_distinct",
)


def is_create_table(words: Reader) -> bool:
    """Whether the statement is a CREATE TABLE of any kind."""
    kinds = ("global", "local", "temp", "temporary", "unlogged")
    count = 1
    while words.at(*kinds, after=count):
        count += 1
    return words.at("create") and words.at("table", after=count)


def create_table(binder: Binder, words: Reader) -> Plan:
    """CREATE TABLE with columns, or AS a query."""
    words.take("create")
    temporary = words.place
    if words.at("global", "local", "temp", "temporary"):
        raise _temporary(temporary)
    words.take("unlogged")  # a write is as safe as any other
    words.take("table")
    unless_there = words.take("if", "not", "exists")
    place = words.place
    shape = TableShape(*new_place(binder, words.name(), place))
    if is_taken(binder, shape.schema, shape.name):
        if unless_there:
            return Plan("ddl", "CREATE TABLE", ["SELECT 1"], binder)
        raise Refusal("42P07", f'relation "{shape.name}" already exists', place=place)
    if words.at("partition", "of"):
        raise unsupported("a partition" if words.at("partition") else "a table OF a type", place=words.place)
    if not words.is_symbol("(") or _names_follow(words):
        return _as_query(binder, words, shape)
    listed = parts(words)
    _storage(words)
    if words.at("as"):
        raise words.unexpected()
    words.finish()
    steps = read_parts(binder, shape, listed)
    return Plan("ddl", "CREATE TABLE", [create(binder, shape), *recorded(shape), *steps], binder)


def new_place(binder: Binder, names: list[str], place: int | None) -> tuple[str, str]:
    """Schema and name of something new."""
    if len(names) > 2:
        raise unsupported("a name in three parts", place=place)
    schema = names[0] if len(names) == 2 else "public"
    if schema not in binder.schema.schemas or schema.startswith("_"):
        hint = nearest(schema, binder.schema.schemas)
        raise Refusal("3F000", f'schema "{schema}" does not exist', place=place, hint=hint)
    return schema, names[-1]


def read_parts(binder: Binder, shape: TableShape, listed: list[Part]) -> list[str]:
    """Columns first, since checks and keys may name columns that come after them, and keys before foreign keys.

    Answers the steps that come after the table is there.
    """
    after: list[str] = []
    given: list[tuple[Rule, str | None]] = []
    made = {}
    for part in listed:
        if isinstance(part, ColumnPart):
            made[part.name] = columnrules.name_column(binder, shape, part)
        elif isinstance(part, LikePart):
            after += likes.copy_columns(binder, shape, part)
    for part in listed:
        if isinstance(part, ColumnPart):
            given += [(rule, part.name) for rule in columnrules.define(binder, shape, made[part.name], part)]
        elif isinstance(part, Rule):
            given.append((part, None))
    for rule, column in _in_order(given):
        constraintrules.add(binder, shape, rule, column)
    for part in listed:
        if isinstance(part, LikePart):
            after += likes.copy_rest(binder, shape, part)
    if not shape.columns:
        raise unsupported("a table without columns")
    return after


def _in_order(given: list[tuple[Rule, str | None]]) -> list[tuple[Rule, str | None]]:
    """Keys before foreign keys, and one key of those on the same columns, as PostgreSQL makes one index of them."""
    order = ("primary", "unique", "not null", "check", "references")
    keys: dict[tuple[str, ...], Rule] = {}
    kept = []
    for rule, column in sorted(given, key=lambda pair: order.index(pair[0].kind)):
        columns = rule.columns if column is None else (column,)
        if rule.kind == "unique" and columns in keys:
            keys[columns].name = keys[columns].name or rule.name
            continue
        if rule.kind in ("primary", "unique"):
            keys[columns] = rule
        kept.append((rule, column))
    return kept


def _names_follow(words: Reader) -> bool:
    """Whether only names stand in the brackets: CREATE TABLE t (a, b) AS …"""
    inside = words.rest()[1:]
    return len(inside) > 1 and inside[0].kind in ("word", "identifier") and inside[1].text in (",", ")")


def _storage(words: Reader) -> None:
    """What may stand after the columns."""
    while not words.done:
        place = words.place
        if words.take("with"):
            storage_parameters(words)
        elif words.take("using"):
            _only(words, "heap", "a table USING another access method than heap", place)
        elif words.take("tablespace"):
            _only(words, "pg_default", "a tablespace", place)
        elif words.at("partition", "inherits"):
            raise unsupported("a partitioned or inheriting table", place=place)
        elif words.at("on"):
            raise Refusal("42P16", "ON COMMIT can only be used on temporary tables", place=place)
        elif not words.take("without", "oids"):
            return


def _only(words: Reader, known: str, feature: str, place: int) -> None:
    if words.identifier() != known:
        raise unsupported(feature, place=place)


def storage_parameters(words: Reader) -> None:
    """Go past `(fillfactor = 70, …)`: how full pages are and when they are cleaned is the engine's own."""
    before = words.rest()
    words.brackets()
    for token in before[1 : len(before) - len(words.rest())]:
        if token.kind == "word" and not token.name.startswith((*_STORAGE, "true", "false", "on", "off")):
            raise Refusal("22023", f'unrecognized parameter "{token.name}"', place=token.start)


def _as_query(binder: Binder, words: Reader, shape: TableShape) -> Plan:
    place = words.place
    given = words.columns() if words.is_symbol("(") else ()
    _storage(words)
    if not words.take("as"):
        raise words.unexpected()
    rest = words.rest()
    if not rest:
        raise words.unexpected()
    empty = [token.name for token in rest[-3:]] == ["with", "no", "data"]
    told = 3 if empty else 2 if [token.name for token in rest[-2:]] == ["with", "data"] else 0
    query = words.query(rest[-1 - told].end)
    if isinstance(query, exp.Values):
        query.set("alias", exp.TableAlias(this=exp.to_identifier("values", quoted=True)))
        query = exp.select("*").from_(query)
    if not isinstance(query, exp.Query):
        raise Refusal(SYNTAX, f'syntax error at or near "{rest[0].text}"', place=rest[0].start)
    return _of_query(binder, shape, query, given, empty=empty, place=place)


def into_of(tree: Node) -> exp.Into | None:
    """The INTO of a query, which stands in its first SELECT."""
    while isinstance(tree, exp.SetOperation | exp.Subquery):
        tree = tree.this
    return tree.args.get("into") if isinstance(tree, exp.Select) else None


def select_into(binder: Binder, query: Node, into: exp.Into) -> Plan:
    """SELECT … INTO a new table: CREATE TABLE AS in older words."""
    named = into.this
    place = place_of(named)
    if into.args.get("temporary"):
        raise _temporary(place)
    parts = {part for part, value in named.args.items() if value}
    if not isinstance(named, exp.Table) or not parts <= {"this", "db", "catalog"}:
        raise Refusal(SYNTAX, "syntax error: INTO takes the name of a new table", place=place)
    into.pop()
    names = [name_of(named.args[part]) for part in ("catalog", "db", "this") if part in parts]
    shape = TableShape(*new_place(binder, names, place))
    if is_taken(binder, shape.schema, shape.name):
        raise Refusal("42P07", f'relation "{shape.name}" already exists', place=place)
    return _of_query(binder, shape, query)


def _temporary(place: int | None) -> Refusal:
    hint = "Every statement stands alone: use a table and drop it, or WITH."
    return unsupported("a temporary table", place=place, hint=hint)


def _of_query(
    binder: Binder,
    shape: TableShape,
    query: Node,
    given: tuple[str, ...] = (),
    *,
    empty: bool = False,
    place: int | None = None,
) -> Plan:
    """A table of a query's columns and rows; `given` are names for its first columns."""
    body, fields = binder.query(query)
    if len(given) > len(fields):
        raise Refusal(SYNTAX, "too many column names were specified", place=place)
    names = [*given, *(f.name for f in fields[len(given) :])]
    _refuse_twice(names)
    at = (shape.schema, shape.name)
    rows = [
        (*at, name, None if f.type in ("numeric", "unknown") else f.type, None, None)
        for name, f in zip(names, fields, strict=True)
    ]
    listed = ", ".join(quoted(name) for name in names)
    nothing = " WITH NO DATA" if empty else ""
    made = f"CREATE TABLE {shape.place} AS SELECT * FROM ({text(body)}) AS _q({listed}){nothing}"
    steps = [made, *bookkeeping.record("tables", [at]), *bookkeeping.record("columns", rows)]
    return Plan("ddl", "CREATE TABLE", steps, binder)


def _refuse_twice(names: list[str]) -> None:
    seen: set[str] = set()
    for name in names:
        if name.lower() in seen:
            hint = "Give each column of the query a name of its own."
            raise Refusal("42701", f'column "{name}" specified more than once', hint=hint)
        seen.add(name.lower())
