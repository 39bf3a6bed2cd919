"""The diff of two branches at a server that has no diff: made of `/schema/tables` and `/sql`.

Both branches are read whole, page by page along the primary key, and compared here; a server that is written to
meanwhile may show parts of several moments.  Tables and columns are matched by name (a rename is a drop and an
addition), views by their names alone.  Rows of a table without a key are read in one answer and compared as a
multiset over the columns that both branches have.
"""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from msgspec import UNSET

from helios_magic.client.insertion import NO_SUCH_ENDPOINT
from helios_magic.errors import ApiError, HeliosError, NotFoundError
from helios_magic.models.branches import BranchDiff, RowChange, TableDiff
from helios_magic.models.seam import encode_json
from helios_magic.models.sql import MAX_TIMEOUT_MS, SqlRequest, SqlResult
from helios_magic.models.tables import ColumnInfo, TableInfo
from helios_magic.schema import label, quoted

if TYPE_CHECKING:
    from helios_magic.client.client import Client
    from helios_magic.client.requests import Requests

PAGE_ROWS = 5_000
"""How many rows one answer brings."""


def is_missing(error: HeliosError, client: Client, *branches: str) -> bool:
    """Whether the error says that the server has no diff, rather than no such branch or table."""
    status = error.status if isinstance(error, ApiError) else error.details.get("status")
    if status not in NO_SUCH_ENDPOINT or "resource" in error.details:
        return False
    known = {branch.name for branch in client.list_branches().branches}
    return known.issuperset(branches)


@dataclass(slots=True)
class _Rows:
    """A table's rows on one branch: JSON values in column order, with the columns' names and types."""

    columns: list[str] = field(default_factory=list)
    types: dict[str, str] = field(default_factory=dict)
    rows: list[Sequence[Any]] = field(default_factory=list)

    def object(self, row: Sequence[Any]) -> dict[str, Any]:
        return dict(zip(self.columns, row, strict=True))

    def only(self, columns: list[str]) -> _Rows:
        places = [self.columns.index(name) for name in columns]
        types = {name: self.types[name] for name in columns if name in self.types}
        return _Rows(columns, types, [[row[place] for place in places] for row in self.rows])


@dataclass(frozen=True, slots=True)
class _Change:
    """A row that differs; where there is no key, one copy of it."""

    kind: Literal["inserted", "updated", "deleted"]
    key: tuple[Any, ...]
    columns: list[str]
    old: Sequence[Any] | None
    new: Sequence[Any] | None


class Comparison:
    """Two branches of one database, read over `/sql`."""

    def __init__(self, client: Client, requests: Requests, branch: str, against: str) -> None:
        self._requests, self._branch, self._against = requests, branch, against
        self._new, self._old = (_tables(client, name) for name in (branch, against))

    def diff(self, table: str | None, limit: int, offset: int) -> BranchDiff:
        """As `GET /branches/{name}/diff` would answer; `computed_by` is `client`.  Raises NotFoundError (table)."""
        names = sorted(self._new.keys() | self._old.keys())
        if table is not None and table not in names:
            raise NotFoundError(
                f"there is no table “{table}” on “{self._branch}” or “{self._against}”",
                details={"resource": "table", "table": table},
            )
        found = [self._table(name, limit if table in {None, name} else 0, offset) for name in names]
        tables = [each for each in found if each.schema or each.inserted or each.updated or each.deleted]
        return BranchDiff(
            branch=self._branch,
            against=self._against,
            tables=tables,
            rows=sum(each.inserted + each.updated + each.deleted for each in tables),
            computed_by="client",
        )

    def _table(self, name: str, limit: int, offset: int) -> TableDiff:
        new_table, old_table = self._new.get(name), self._old.get(name)
        views = [each for each in (new_table, old_table) if each is not None and each.kind == "view"]
        if views:
            return TableDiff(table=name, schema=_views(old_table, new_table), inserted=0, updated=0, deleted=0, rows=[])
        key = _key(new_table, old_table)
        new, old = self._rows(self._branch, new_table, key), self._rows(self._against, old_table, key)
        if not key and new_table is not None and old_table is not None:
            shared = [name for name in new.columns if name in set(old.columns)]
            new, old = new.only(shared), old.only(shared)
        changes = _by_key(old, new, key) if key else _as_multisets(old, new)
        counts = Counter(change.kind for change in changes)
        return TableDiff(
            table=name,
            schema=_structure(old_table, new_table),
            inserted=counts["inserted"],
            updated=counts["updated"],
            deleted=counts["deleted"],
            rows=[
                RowChange(
                    key=dict(zip(key, change.key, strict=True)),
                    columns=change.columns,
                    old=None if change.old is None else old.object(change.old),
                    new=None if change.new is None else new.object(change.new),
                )
                for change in changes[offset : offset + limit]
            ],
            key=list(key),
            types=new.types if new.types or new_table is None else UNSET,
            old_types=old.types if old.types or old_table is None else UNSET,
        )

    def _rows(self, branch: str, table: TableInfo | None, key: Sequence[str]) -> _Rows:
        read = _Rows()
        if table is None:
            return read
        for page in self._pages(branch, table, key):
            columns = [] if page.columns is UNSET else page.columns
            read.columns = columns
            if page.types is not UNSET:
                read.types = dict(zip(columns, page.types, strict=True))
            read.rows.extend([] if page.rows is UNSET else page.rows)
        return read

    def _pages(self, branch: str, table: TableInfo, key: Sequence[str]) -> Iterator[SqlResult]:
        columns = ", ".join(quoted(column.name) for column in table.columns)
        select = f"SELECT {columns} FROM {_qualified(table)}"
        if not key:
            yield self._ask(branch, select, [])
            return
        order = f" ORDER BY {', '.join(quoted(name) for name in key)} LIMIT {PAGE_ROWS}"
        places = [[column.name for column in table.columns].index(name) for name in key]
        condition = f" WHERE {_after([table.columns[place] for place in places])}"
        page = self._ask(branch, select + order, [])
        yield page
        while page.rows is not UNSET and len(page.rows) == PAGE_ROWS:
            last = page.rows[-1]
            page = self._ask(branch, select + condition + order, [last[place] for place in places])
            yield page

    def _ask(self, branch: str, query: str, params: list[Any]) -> SqlResult:
        body = SqlRequest(query=query, params=params, timeout=MAX_TIMEOUT_MS, branch=branch)
        # JSON values are what a diff holds; an Arrow answer would have to be turned into them here.
        data: SqlResult = self._requests.ask("sql", body=body, timeout_ms=MAX_TIMEOUT_MS, as_json=True).data
        return data


def _tables(client: Client, branch: str) -> dict[str, TableInfo]:
    found = client.tables(branch).tables
    return {label(table.schema, table.name): table for table in found}


def _qualified(table: TableInfo) -> str:
    name = quoted(table.name)
    return name if table.schema == "public" else f"{quoted(table.schema)}.{name}"


def _key(new: TableInfo | None, old: TableInfo | None) -> tuple[str, ...]:
    """The primary key that both have; where one side has no such table, the other's."""
    keys = {
        tuple(column.name for column in table.columns if column.primary_key)
        for table in (new, old)
        if table is not None
    }
    return keys.pop() if len(keys) == 1 else ()


def _after(columns: Sequence[ColumnInfo]) -> str:
    """The rows behind `$1`, `$2`, … in key order, without a comparison of whole rows, which not every server has."""
    conditions = []
    for place, column in enumerate(columns, 1):
        equal = [f"{quoted(other.name)} = ${n}::{other.type}" for n, other in enumerate(columns[: place - 1], 1)]
        conditions.append(" AND ".join([*equal, f"{quoted(column.name)} > ${place}::{column.type}"]))
    return " OR ".join(f"({condition})" for condition in conditions)


def _by_key(old: _Rows, new: _Rows, key: Sequence[str]) -> list[_Change]:
    changes: list[_Change] = []
    old_key, new_key = ([side.columns.index(name) for name in key] if side.columns else [] for side in (old, new))
    before = {encode_json([row[place] for place in old_key]): row for row in old.rows}
    shared = [
        (name, old.columns.index(name), place) for place, name in enumerate(new.columns) if name in set(old.columns)
    ]
    for row in new.rows:
        values = tuple(row[place] for place in new_key)
        was = before.pop(encode_json(values), None)
        if was is None:
            changes.append(_Change("inserted", values, [], None, row))
            continue
        columns = [name for name, then, now in shared if encode_json(was[then]) != encode_json(row[now])]
        if columns:
            changes.append(_Change("updated", values, columns, was, row))
    for row in before.values():
        changes.append(_Change("deleted", tuple(row[place] for place in old_key), [], row, None))
    # A key's large numbers may be texts among numbers: what the server sorted stays as it came then, deleted rows last.
    with contextlib.suppress(TypeError):
        return sorted(changes, key=lambda change: change.key)
    return changes


def _as_multisets(old: _Rows, new: _Rows) -> list[_Change]:
    counts: Counter[bytes] = Counter()
    example: dict[bytes, Sequence[Any]] = {}
    for side, sign in ((new, 1), (old, -1)):
        for row in side.rows:
            encoded = encode_json(row)
            counts[encoded] += sign
            example[encoded] = row
    changes: list[_Change] = []
    for encoded, count in counts.items():
        row = example[encoded]
        if count > 0:
            changes += [_Change("inserted", (), [], None, row)] * count
        else:
            changes += [_Change("deleted", (), [], row, None)] * -count
    return changes


def _views(old: TableInfo | None, new: TableInfo | None) -> list[str]:
    """What came, went or became another kind; a view's own query is not told."""
    if old is not None and new is not None and old.kind == new.kind:
        return []
    return [*([f"- {old.kind}"] if old is not None else []), *([f"+ {new.kind}"] if new is not None else [])]


def _structure(old: TableInfo | None, new: TableInfo | None) -> list[str]:
    """What differs in structure, as far as `/schema/tables` tells, in the words of the server's own diff."""
    if old is None or new is None:
        return ["+ table" if old is None else "- table"]
    before, after = ({column.name: column for column in table.columns} for table in (old, new))
    words: list[str] = []
    for name, column in after.items():
        words += _column(before[name], column) if name in before else [f"+ column {_definition(column)}"]
    words += [f"- column {name}" for name in before if name not in after]
    had, has = _parts(old), _parts(new)
    return [*words, *(f"+ {part}" for part in sorted(has - had)), *(f"- {part}" for part in sorted(had - has))]


def _definition(column: ColumnInfo) -> str:
    words = [column.name, column.type]
    if not column.nullable:
        words.append("not null")
    if column.default is not None:
        words.append(f"default {column.default}")
    return " ".join(words)


def _column(old: ColumnInfo, new: ColumnInfo) -> list[str]:
    words = []
    if old.type != new.type:
        words.append(f"~ type {new.name} {old.type} → {new.type}")
    if old.default != new.default:
        words.append(f"~ default {new.name} {old.default or 'none'} → {new.default or 'none'}")
    if old.nullable != new.nullable:
        words.append(f"~ column {new.name} {'null' if new.nullable else 'not null'}")
    return words


def _parts(table: TableInfo) -> set[str]:
    """Keys and indexes.  Indexes of keys go by PostgreSQL's names for them, and are told as keys already."""
    key = [column.name for column in table.columns if column.primary_key]
    found = {f"primary key ({', '.join(key)})"} if key else set()
    found |= {f"unique ({column.name})" for column in table.columns if column.unique and [column.name] != key}
    found |= {
        f"foreign key ({', '.join(each.columns)}) → {each.references} ({', '.join(each.references_columns)})"
        for each in table.foreign_keys
    }
    return found | {f"index {name}" for name in table.indexes if not name.endswith(("_pkey", "_key"))}
