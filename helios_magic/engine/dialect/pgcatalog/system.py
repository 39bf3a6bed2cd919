"""What PostgreSQL 18 itself brings: the columns of its catalogues, its types, and their oids.

`relations.txt`, `types.txt` and `opclasses.txt` are read from a PostgreSQL 18 server; a relation that is not in the
list is refused.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from importlib import resources

PG_CATALOG, PUBLIC, INFORMATION_SCHEMA = 11, 2200, 12421
OWNER = 10
OWNER_NAME = "helios"
DATABASE = 5
HEAP, BTREE = 2, 403
#: The catalogues that other catalogues point at by oid.
PG_CLASS, PG_TYPE, PG_NAMESPACE, PG_CONSTRAINT, PG_ATTRDEF = 1259, 1247, 2615, 2606, 2604


@dataclass(frozen=True, slots=True)
class Relation:
    """A catalogue: its oid, `r` or `v`, and its columns with their types."""

    oid: int
    kind: str
    schema: str
    name: str
    columns: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Type:
    """A row of pg_type that PostgreSQL brings."""

    oid: int
    name: str
    length: int
    by_value: bool
    kind: str
    category: str
    preferred: bool
    element: int
    array: int
    collation: int
    align: str
    storage: str
    functions: tuple[str, ...]
    """Input, output, receive, send, modifiers in, modifiers out, subscript."""
    delimiter: str


def _lines(name: str) -> list[str]:
    return resources.files(__package__).joinpath(name).read_text("utf-8").splitlines()


@functools.cache
def relations() -> dict[tuple[str, str], Relation]:
    """By schema and name."""
    found = {}
    for line in _lines("relations.txt"):
        head, _, listed = line.partition(": ")
        oid, kind, full = head.split(" ")
        schema, name = full.split(".")
        columns = tuple((column, _spelled(of)) for column, of in (part.split(" ") for part in listed.split(", ")))
        found[schema, name] = Relation(int(oid), kind, schema, name, columns)
    return found


def _spelled(name: str) -> str:
    return name[1:] + "[]" if name.startswith("_") else name


@dataclass(frozen=True, slots=True)
class OperatorClass:
    """A row of pg_opclass."""

    oid: int
    method: int
    name: str
    family: int
    of: int
    default: bool
    key: int


@functools.cache
def classes() -> tuple[OperatorClass, ...]:
    """In the order of their oids."""
    found = []
    for line in _lines("opclasses.txt"):
        oid, method, name, family, of, default, key = line.split("\t")
        found.append(OperatorClass(int(oid), int(method), name, int(family), int(of), default == "true", int(key)))
    return tuple(found)


@functools.cache
def types() -> dict[str, Type]:
    """By typname."""
    found = {}
    for line in _lines("types.txt"):
        oid, name, length, by_value, kind, category, preferred, element, array, collation, align, storage, *rest = (
            line.split("\t")
        )
        found[name] = Type(
            int(oid), name, int(length), by_value == "t", kind, category, preferred == "t", int(element), int(array),
            int(collation), align, storage, tuple(rest[:7]), rest[7],
        )  # fmt: skip
    return found
