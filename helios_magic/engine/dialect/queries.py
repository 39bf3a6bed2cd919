"""Queries: WITH, FROM, the select list, GROUP BY, ORDER BY, set operations; names resolved against the schema."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlglot import exp

from helios_magic.engine.dialect import sources
from helios_magic.engine.dialect.assignments import foresee_long
from helios_magic.engine.dialect.columnnames import column_name
from helios_magic.engine.dialect.conversion import coerce, exact_scale, settle
from helios_magic.engine.dialect.documents import gathered
from helios_magic.engine.dialect.expressions import visit
from helios_magic.engine.dialect.failures import SYNTAX, Refusal, unsupported
from helios_magic.engine.dialect.grammar import Check, nothing_stops
from helios_magic.engine.dialect.grouping import check_distinct, check_grouped
from helios_magic.engine.dialect.limits import limit
from helios_magic.engine.dialect.literalrows import LiteralRows
from helios_magic.engine.dialect.locks import check_locks
from helios_magic.engine.dialect.pgtypes import base, long_name
from helios_magic.engine.dialect.prepared import TableName
from helios_magic.engine.dialect.scope import Field, Scope
from helios_magic.engine.dialect.typed import (
    Node,
    constant_int,
    identifier,
    name_of,
    place_of,
    sql,
    type_of,
    typed,
)
from helios_magic.engine.dialect.writing import Writing
from helios_magic.schema import Schema, Table

_MOST_ITEMS = 1664
"""Columns of a select list: PostgreSQL's `MaxTupleAttributeNumber`."""
_SELECT_PARTS = {
    "with_",
    "expressions",
    "distinct",
    "from_",
    "joins",
    "where",
    "group",
    "having",
    "order",
    "limit",
    "offset",
    "windows",
    "kind",
    "hint",
    "operation_modifiers",
    "locks",
    "laterals",
}


@dataclass(slots=True)
class Binder:
    """One statement while its names are resolved."""

    schema: Schema
    reads: set[TableName] = field(default_factory=set)
    writes: set[TableName] = field(default_factory=set)
    enums: frozenset[str] = frozenset()
    parameters: dict[int, str] = field(default_factory=dict)
    drawn: set[str] = field(default_factory=set)
    """Counters that the statement draws from."""
    recalled: set[str] = field(default_factory=set)
    """Counters whose last number it asks for; the empty one stands for any."""
    frozen: str | None = None
    """A catalogue that it reads, whose rows are written into the statement."""
    writing: Writing = field(default_factory=Writing)
    check: Check = nothing_stops
    visited: int = 0
    """Expressions that were resolved; the check comes every few of them."""
    literal_rows: LiteralRows | None = None
    """All the rows of an INSERT whose tree has two of them."""
    foreseen: list[Refusal] = field(default_factory=list)
    """Errors that PostgreSQL meets when it plans: after all that it finds when it reads, before any row."""
    long_lists: Sequence[Sequence[str]] = ()
    """The members of each IN whose tree has a sign in their place."""

    def __post_init__(self) -> None:
        self.enums = frozenset(enum.name for enum in self.schema.enums)

    def query(
        self, node: Node, outer: Scope | None = None, *, top: bool = False, targets: Sequence[str] = ()
    ) -> tuple[Node, list[Field]]:
        """A resolved query and its columns.  `targets` are the types of the columns that INSERT puts them in."""
        if isinstance(node, exp.Subquery):
            return _bracketed(self, node, outer, targets)
        if isinstance(node, exp.Select):
            return _select(self, node, outer, targets)
        if isinstance(node, exp.SetOperation):
            from helios_magic.engine.dialect.setoperations import set_operation

            return set_operation(self, node, outer, targets)
        if isinstance(node, exp.Values):
            from helios_magic.engine.dialect.setoperations import values

            return values(self, node, outer, targets)
        if isinstance(node, (exp.Insert, exp.Update, exp.Delete, exp.Merge)):
            message = "WITH clause containing a data-modifying statement must be at the top level"
            raise Refusal("0A000", message, place=place_of(node))
        raise unsupported(f"{node.key.upper()} here", place=place_of(node))

    def table(self, name: str, schema: str = "public") -> Table | None:
        return self.schema.table(name, schema)

    def with_clause(self, node: Node, scope: Scope) -> None:
        """Resolve the WITH of a statement into `scope`."""
        clause = node.args.get("with_")
        if clause is None:
            return
        walk = clause.args.get("search")
        if walk is not None:
            what = "CYCLE" if walk.args.get("kind") == "CYCLE" else "SEARCH"
            hint = "Carry the path yourself: ARRAY[id] AS path, then path || id; ORDER BY path, or id <> ALL (path)."
            raise unsupported(f"{what} of a recursive query", place=place_of(walk.this), hint=hint)
        from helios_magic.engine.dialect.ctes import bind_cte

        for cte in clause.expressions:
            bind_cte(self, cte, scope, recursive=bool(clause.args.get("recursive")))


def settled_type(name: str) -> str:
    """What remains unknown is text."""
    return "text" if name == "unknown" else name


def _bracketed(
    binder: Binder, node: exp.Subquery, outer: Scope | None, targets: Sequence[str]
) -> tuple[Node, list[Field]]:
    scope = Scope(outer=outer)
    binder.with_clause(node, scope)
    body, fields = binder.query(node.this, scope, targets=targets)
    node.set("this", body)
    if node.args.get("order"):
        order(binder, node, fields, scope, only_output=True)
    limit(binder, node, scope)
    return node, fields


def _select(binder: Binder, node: exp.Select, outer: Scope | None, targets: Sequence[str]) -> tuple[Node, list[Field]]:
    for part, value in node.args.items():
        if value and part == "into":
            # Of the statement's own query it was taken already.
            raise Refusal(SYNTAX, "SELECT ... INTO is not allowed here", place=place_of(value.this))
        if value and part not in _SELECT_PARTS:
            raise Refusal(SYNTAX, f'syntax error at or near "{part.strip("_").upper()}"')
    if node.args.get("kind") or node.args.get("hint"):
        raise Refusal(SYNTAX, "syntax error in the select list")
    if not node.expressions:
        raise unsupported("a SELECT without columns", place=place_of(node), hint="Write SELECT 1.")
    scope = Scope(outer=outer)
    binder.with_clause(node, scope)
    sources.bind_from(binder, node, scope)
    check_locks(node, scope)
    node.set("locks", None)
    _named_windows(binder, node, scope)
    condition(binder, node, "where", scope)
    raw = expand(binder, node.expressions, scope)
    if len(raw) > _MOST_ITEMS:
        raise Refusal("54011", f"target lists can have at most {_MOST_ITEMS} entries")
    names = [name for _, name in raw]
    bound = [visit(binder, projection, scope) for projection, _ in raw]
    for value, target in zip(bound, targets, strict=False):
        foresee_long(binder, value, target)
    _no_rows(bound)
    bound = [
        settle(binder, value) if position >= len(targets) else coerce(binder, value, targets[position], assignment=True)
        for position, value in enumerate(bound)
    ]
    _group(binder, node, names, bound, scope)
    condition(binder, node, "having", scope)
    fields = [
        Field(name, type_of(value), exact_scale=exact_scale(value)) for name, value in zip(names, bound, strict=True)
    ]
    print_apart(fields)
    node.set("expressions", [aliased(value, f) for value, f in zip(bound, fields, strict=True)])
    _distinct(binder, node, fields, scope)
    if node.args.get("order"):
        order(binder, node, fields, scope)
    check_distinct(node)
    _functional_dependency(node, scope)
    check_grouped(node, scope)
    gathered(node)
    limit(binder, node, scope)
    return node, fields


def _no_rows(bound: list[Node]) -> None:
    for value in bound:
        if value.meta.get("row"):
            raise unsupported("a whole row as a column", place=place_of(value), hint="Write alias.* for its columns.")


def aliased(value: Node, column: Field) -> Node:
    return typed(exp.Alias(this=value, alias=identifier(column.printed)), column.type)


def print_apart(fields: list[Field]) -> None:
    """Columns that DuckDB would take for the same one (it ignores case) get printed names of their own."""
    seen: set[str] = set()
    counts: dict[str, int] = {}
    for column in fields:
        printed, count = column.name or "_", counts.get(column.name, 1)
        while printed.lower() in seen:
            count += 1
            printed = f"{column.name}__{count}"
        column.printed, counts[column.name] = printed, count
        seen.add(printed.lower())


def expand(binder: Binder, projections: list[Node], scope: Scope) -> list[tuple[Node, str]]:
    """The select list with stars written out, each with its name."""
    expanded: list[tuple[Node, str]] = []
    for projection in projections:
        if isinstance(projection, exp.Star):
            if not scope.sources:
                raise Refusal(SYNTAX, "SELECT * with no tables specified is not valid")
            if any(projection.args.values()):
                raise Refusal(SYNTAX, "syntax error after *")
            expanded += sources.star(scope)
        elif isinstance(projection, exp.Column) and isinstance(projection.this, exp.Star):
            table = name_of(projection.args.get("table"))
            source = scope.source(table)
            if source is None:
                raise Refusal("42P01", f'missing FROM-clause entry for table "{table}"', place=place_of(projection))
            expanded += [(sources.reference(source, f), f.name) for f in source.fields]
        else:
            name = column_name(projection, binder.enums)
            expanded.append((projection.this if isinstance(projection, exp.Alias) else projection, name))
    return expanded


def _named_windows(binder: Binder, node: exp.Select, scope: Scope) -> None:
    for window in node.args.get("windows") or ():
        scope.windows[name_of(window.this)] = window
    node.set("windows", None)


def condition(binder: Binder, node: Node, part: str, scope: Scope) -> None:
    clause = node.args.get(part)
    if clause is not None:
        scope.clause = part.upper()
        value = visit(binder, clause.this, scope)
        scope.clause = ""
        clause.set("this", boolean(binder, value, part.upper()))


def boolean(binder: Binder, value: Node, where: str) -> Node:
    value = coerce(binder, value, "bool") if type_of(value) == "unknown" else value
    if type_of(value) != "bool":
        raise Refusal(
            "42804",
            f"argument of {where} must be type boolean, not type {long_name(type_of(value))}",
            place=place_of(value),
        )
    return value


def _group(binder: Binder, node: exp.Select, names: list[str], bound: list[Node], scope: Scope) -> None:
    group = node.args.get("group")
    if group is None:
        return
    for part in ("totals", "all"):
        if group.args.get(part):
            raise Refusal(SYNTAX, "syntax error in GROUP BY")
    for key, values in list(group.args.items()):
        if isinstance(values, list):
            scope.clause = "GROUP BY"
            group.set(key, [_group_key(binder, value, names, bound, scope) for value in values])
            scope.clause = ""


def _group_key(binder: Binder, key: Node, names: list[str], bound: list[Node], scope: Scope) -> Node:
    if isinstance(key, (exp.Rollup, exp.Cube, exp.GroupingSets, exp.Tuple)):
        key.set("expressions", [_group_key(binder, inner, names, bound, scope) for inner in key.expressions])
        return key
    if isinstance(key, exp.Paren):
        key.set("this", _group_key(binder, key.this, names, bound, scope))
        return key
    found = _one_key(binder, key, names, bound, scope)
    comparable(type_of(found), "GROUP BY")
    return found


def _one_key(binder: Binder, key: Node, names: list[str], bound: list[Node], scope: Scope) -> Node:
    ordinal = constant_int(key)
    if ordinal is not None:
        if not 1 <= ordinal <= len(bound):
            raise Refusal("42P10", f"GROUP BY position {ordinal} is not in select list", place=place_of(key))
        return bound[ordinal - 1].copy()
    if isinstance(key, exp.Column) and not key.args.get("table"):
        name = name_of(key.this)
        if not any(s.find(name) for s in scope.sources) and name in names:
            return bound[names.index(name)].copy()
    return visit(binder, key, scope)


def _functional_dependency(node: exp.Select, scope: Scope) -> None:
    """GROUP BY of a table's primary key groups its other columns too; DuckDB wants them named."""
    group = node.args.get("group")
    if group is None or any(
        isinstance(value, list) and value and key != "expressions" for key, value in group.args.items()
    ):
        return
    grouped = {(key.table, key.name) for key in group.expressions if isinstance(key, exp.Column)}
    for source in scope.sources:
        key = source.table.primary_key if source.table else ()
        if not key or not all((source.printed, column) in grouped for column in key):
            continue
        parts = [
            *node.expressions,
            *([node.args["having"]] if node.args.get("having") else []),
            *([node.args["order"]] if node.args.get("order") else []),
        ]
        used = {c.name: c for part in parts for c in part.find_all(exp.Column) if c.table == source.printed}
        for name, column in used.items():
            if (source.printed, name) not in grouped:
                group.append("expressions", column.copy())


def _distinct(binder: Binder, node: exp.Select, fields: list[Field], scope: Scope) -> None:
    distinct = node.args.get("distinct")
    if distinct is None:
        return
    on = distinct.args.get("on")
    if on is None:
        for column in fields:
            comparable(column.type, "DISTINCT")
        return
    keys = [key.unnest() for key in (on.expressions if isinstance(on, exp.Tuple) else [on])]
    distinct.set("on", exp.Tuple(expressions=[_order_key(binder, key, fields, scope, node) for key in keys]))


def comparable(name: str, where: str) -> None:
    if base(name) == "json":
        raise Refusal("42883", f"could not identify an equality operator for type json ({where})")
    if name == "bpchar":
        # Values of several lengths are one value to PostgreSQL where they differ in blanks only.
        raise unsupported(f"{where} of char(n) of several lengths", hint="Cast it to text.")


def order(binder: Binder, node: Node, fields: list[Field], scope: Scope, *, only_output: bool = False) -> None:
    for ordered in node.args["order"].expressions:
        if ordered.args.get("with_fill"):
            raise Refusal(SYNTAX, "syntax error in ORDER BY")
        key = _order_key(binder, ordered.this, fields, scope, node, only_output=only_output)
        kind = fields[int(key.name) - 1].type if isinstance(key, exp.Literal) and not key.is_string else type_of(key)
        if base(kind) == "json":
            raise Refusal("42883", "could not identify an ordering operator for type json", place=place_of(ordered))
        if base(kind) == "jsonb":
            if isinstance(key, exp.Literal):
                at = int(key.name) - 1
                named = exp.Column(this=identifier(fields[at].printed))
                key = node.expressions[at].unalias().copy() if isinstance(node, exp.Select) else named
            listed = key
            key = sql("pg_json_order({0})", key, pg="bytea")
            among = any(listed == column.unalias() for column in node.expressions)
            key.meta["listed"] = among or "pg" not in listed.meta
            key.meta["of"] = listed.copy()
        ordered.set("this", key)


def _order_key(
    binder: Binder, key: Node, fields: list[Field], scope: Scope, node: Node, *, only_output: bool = False
) -> Node:
    """A name means the output column first; DuckDB is told its number, so that nothing else is meant."""
    ordinal = constant_int(key)
    if ordinal is not None:
        if not 1 <= ordinal <= len(fields):
            raise Refusal("42P10", f"ORDER BY position {ordinal} is not in select list", place=place_of(key))
        return exp.Literal.number(ordinal)
    if isinstance(key, exp.Column) and not key.args.get("table"):
        name = name_of(key.this)
        found = [position for position, column in enumerate(fields, 1) if column.name == name]
        same = (
            {node.expressions[position - 1].this for position in found} if isinstance(node, exp.Select) else set(found)
        )
        if len(same) > 1:
            raise Refusal("42702", f'ORDER BY "{name}" is ambiguous', place=place_of(key))
        if found:
            return exp.Literal.number(found[0])
    if only_output:
        if isinstance(key, exp.Column):
            raise Refusal("42703", f'column "{name_of(key.this)}" does not exist', place=place_of(key))
        raise unsupported("ORDER BY an expression over UNION, INTERSECT or EXCEPT", place=place_of(key))
    value = visit(binder, key, scope)
    if isinstance(value, exp.Literal):
        raise Refusal(SYNTAX, "non-integer constant in ORDER BY", place=place_of(key))
    return value
