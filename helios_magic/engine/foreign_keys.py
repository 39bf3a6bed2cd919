"""Foreign keys from our catalogue, checked and cascaded in the transaction of the statement that may break them.

Checks look at the state after the statement: a child row whose key no parent has.  Rows that the statement itself
tells (RETURNING) are checked alone, so one insert into a large table costs one look-up.  A key with a NULL in it is
never checked (MATCH SIMPLE).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from helios_magic.engine.cascades import (
    Runner,
    following_updates,
    kept_moves,
    move_children,
    orphans,
    remember_moves,
    repair,
    unmoved,
)
from helios_magic.engine.links import Link, Touched, dangling, links
from helios_magic.engine.names import place, quoted
from helios_magic.errors import QueryError
from helios_magic.schema import Schema

if TYPE_CHECKING:
    import duckdb

_KEY = "_helios_key_"
_MOVED = "_helios_moved_"


def with_keys(step: str, touched: Touched, *, returning: bool) -> str:
    """The step that also returns the keys it wrote, after whatever the user asked for."""
    columns = [column for link in touched.added for column in link.key.columns]
    listed = ", ".join(f"{quoted(column)} AS {_KEY}{index}" for index, column in enumerate(columns))
    return f"{step.rstrip().rstrip(';')}{', ' if returning else ' RETURNING '}{listed}"


def without_keys(relation: duckdb.DuckDBPyRelation, touched: Touched) -> duckdb.DuckDBPyRelation:
    """What the user asked to have returned."""
    keys = ", ".join(f"{_KEY}{index}" for index in range(sum(len(link.key.columns) for link in touched.added)))
    return relation.project(f"* EXCLUDE ({keys})")


def check_written(relation: duckdb.DuckDBPyRelation, touched: Touched) -> None:
    """Check the keys that `with_keys` returned."""
    first = 0
    for link in touched.added:
        names = [f"{_KEY}{first + index}" for index in range(len(link.key.columns))]
        first += len(names)
        if link.key.deferred:
            continue
        present = " AND ".join(f"w.{name} IS NOT NULL" for name in names)
        same = " AND ".join(
            f"p.{quoted(column)} = w.{name}" for column, name in zip(link.key.references_columns, names, strict=True)
        )
        keyless = relation.query(
            "_helios_written",
            f"SELECT {', '.join(f'CAST(w.{name} AS VARCHAR)' for name in names)} FROM _helios_written AS w "
            f"WHERE {present} AND NOT EXISTS (SELECT 1 FROM {place(link.parent)} AS p WHERE {same}) LIMIT 1",
        )
        missing = keyless.fetchall() if keyless is not None else []
        if missing:
            raise not_present(link, missing[0])


def check_told(work: Runner, touched: Touched, rows: Sequence[Sequence[Any]]) -> None:
    """Check keys that were fetched: few of them, of types that Python compares as PostgreSQL does."""
    first = 0
    for link in touched.added:
        end = first + len(link.key.columns)
        keys = list(dict.fromkeys(tuple(row[first:end]) for row in rows if None not in row[first:end]))
        first = end
        if not keys or link.key.deferred:
            continue
        present = set(work.ask(*_looking_up(link, keys)))
        missing = next((key for key in keys if key not in present), None)
        if missing is not None:
            raise not_present(link, missing)


def _looking_up(link: Link, keys: Sequence[Sequence[Any]]) -> tuple[str, dict[str, Any]]:
    """A query for those of the keys that the parent has; one column with constants is looked up in its index."""
    columns = [quoted(column) for column in link.key.references_columns]
    values = {str(number): value for number, value in enumerate((value for key in keys for value in key), 1)}
    if len(columns) == 1:
        found = f"{columns[0]} IN ({', '.join(f'${number}' for number in values)})"
    else:
        numbers = iter(values)
        found = " OR ".join(
            "(" + " AND ".join(f"{column} = ${next(numbers)}" for column in columns) + ")" for _ in keys
        )
    return f"SELECT {', '.join(columns)} FROM {place(link.parent)} WHERE {found}", values


def before(work: Runner, touched: Touched, kind: str, written: Iterable[Any], values: dict[str, Any]) -> None:
    """What must be known or refused before the statement runs."""
    if kind == "truncate":
        names = {(name.schema, name.name) for name in written}
        for link in touched.removed:
            if (link.child.schema, link.child.name) not in names:
                raise QueryError(
                    "cannot truncate a table referenced in a foreign key constraint",
                    hint=f"Table “{link.child.name}” references “{link.parent.name}”. "
                    "Truncate both at the same time, or use TRUNCATE … CASCADE.",
                    details={"sqlstate": "0A000", "constraint": link.key.name},
                )
    if touched.moved is not None:
        for number, link in enumerate(following_updates(touched)):
            remember_moves(work, touched.moved, link, f"{_MOVED}{number}", values)


def after(work: Runner, touched: Touched, kind: str, *, checked: bool) -> list[Link]:
    """Cascade and check; `checked` says that the written keys were.  Answers the links left for the commit."""
    changed = list(touched.removed)
    for link in touched.removed:
        # What is put off is the check of a key that changed; SET DEFAULT itself, and its failure to, are not.
        if link.key.deferred and _rule(link, touched.kinds(link)) == "SET DEFAULT":
            _refuse_unmoved(work, link)
    following = following_updates(touched)
    if touched.changed is not None:
        for number, link in enumerate(following):
            kept_moves(work, touched.changed, link, f"{_MOVED}{number}")
    for number, link in enumerate(following):
        changed += move_children(work, link, f"{_MOVED}{number}")
    for link in touched.removed:
        changed += repair(work, link, touched.kinds(link))
    for link in _unique(changed):
        # RESTRICT cannot be put off.
        if not link.key.deferred or _rule(link, touched.kinds(link)) == "RESTRICT":
            _refuse_orphans(work, link, touched.kinds(link))
    deferred = [link for link in (*changed, *touched.added) if link.key.deferred]
    for link in touched.added:
        if not link.key.deferred and not checked:
            _refuse_missing(work, link)
    return deferred


def check_deferred(work: Runner, pending: Iterable[Link], schema: Schema) -> None:
    """What was put off to the end of the transaction."""
    still = {link.name: link for link in links(schema)}
    for link in _unique(pending):
        if link.name in still:
            _refuse_missing(work, still[link.name])


def check_structure(work: Runner, old: Schema, new: Schema) -> None:
    """After DDL: a new foreign key must hold for the rows there are, and none may have lost its table."""
    lost = dangling(new)
    if lost is not None:
        table, key = lost
        raise QueryError(
            f"cannot drop table {key.references} because other objects depend on it",
            hint=f"Constraint {key.name} on table {table.name} depends on it: use DROP … CASCADE to drop it too.",
            details={"sqlstate": "2BP01", "constraint": key.name},
        )
    known = {(link.name, link.key) for link in links(old)}
    for link in links(new):
        if (link.name, link.key) not in known:
            _refuse_missing(work, link)


def not_present(link: Link, values: Sequence[Any]) -> QueryError:
    """A child row without its parent."""
    detail = (
        f"Key ({', '.join(link.key.columns)})=({', '.join(map(str, values))}) "
        f'is not present in table "{link.parent.name}".'
    )
    return QueryError(
        f'insert or update on table "{link.child.name}" violates foreign key constraint "{link.key.name}"',
        hint=detail,
        details={"sqlstate": "23503", "detail": detail, "constraint": link.key.name, "table": link.child.name},
    )


def still_referenced(link: Link, values: Sequence[Any], *, restrict: bool = False) -> QueryError:
    """A parent row that a child still points at; RESTRICT has a SQLSTATE and words of its own."""
    detail = (
        f"Key ({', '.join(link.key.references_columns)})=({', '.join(map(str, values))}) "
        f'is {"" if restrict else "still "}referenced from table "{link.child.name}".'
    )
    return QueryError(
        f'update or delete on table "{link.parent.name}" violates {"RESTRICT setting of " if restrict else ""}'
        f'foreign key constraint "{link.key.name}" on table "{link.child.name}"',
        hint=detail,
        details={
            "sqlstate": "23001" if restrict else "23503",
            "detail": detail,
            "constraint": link.key.name,
            "table": link.child.name,
        },
    )


def _refuse_missing(work: Runner, link: Link) -> None:
    orphan = work.ask(orphans(link))
    if orphan:
        raise not_present(link, orphan[0])


def _refuse_orphans(work: Runner, link: Link, kinds: frozenset[str]) -> None:
    orphan = work.ask(orphans(link))
    if orphan:
        raise still_referenced(link, orphan[0], restrict=_rule(link, kinds) == "RESTRICT")


def _refuse_unmoved(work: Runner, link: Link) -> None:
    orphan = work.ask(unmoved(link))
    if orphan:
        raise still_referenced(link, orphan[0])


def _rule(link: Link, kinds: frozenset[str]) -> str:
    """What a key says of the change that its parent went through."""
    return link.key.on_delete if "delete" in kinds else link.key.on_update


def _unique(found: Iterable[Link]) -> list[Link]:
    return list({link.name: link for link in found}.values())
