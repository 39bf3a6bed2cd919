"""The scoring rules of the cases: recall of tables, columns and relationships, and a proxy for precision.

Names are compared in lower case, snake case, singular and plural as equal; one generated table satisfies at most one
expected table.  Columns are counted over the tables that were found.  An expected relationship is there when the
foreign keys say so: many-to-one one from the first to the second, one-to-one one in either direction, many-to-many a
table with one to each side.
"""

from __future__ import annotations

import json
import re
import tomllib
from dataclasses import dataclass, field
from pathlib import Path

from helios_magic.schema import Schema, Table

CASES = Path(__file__).parent / "cases"


@dataclass(frozen=True)
class Expected:
    """What a description must lead to; the first name of each table is the one that columns and keys go by."""

    domain: str
    style: str
    description: str
    tables: dict[str, tuple[str, ...]]
    columns: dict[str, list[tuple[str, ...]]]
    relationships: list[tuple[str, str, str]]
    optional: tuple[str, ...] = ()
    """Tables that are welcome and not asked for: junctions under a name of their own, and what may be a column."""


@dataclass
class Score:
    """Hits and wishes of each measure, and what was missed in words."""

    counts: dict[str, tuple[int, int]]
    missed: list[str] = field(default_factory=list)

    def share(self, measure: str) -> float:
        got, wanted = self.counts[measure]
        return got / wanted if wanted else 1.0


MEASURES = ("tables", "columns", "relationships", "precision")


def given(path: Path = CASES / "given.json") -> list[Expected]:
    """The six given cases, or those of another file of their format."""
    cases = []
    for case in json.loads(path.read_text())["cases"]:
        cases.append(
            Expected(
                case["domain"],
                case["style"],
                case["description"],
                {table["name"]: (table["name"], *table["synonyms"]) for table in case["must_tables"]},
                {table: [tuple(any_of) for any_of in wanted] for table, wanted in case["must_columns"].items()},
                [(r["from_table"], r["to_table"], r["type"]) for r in case["must_relationships"]],
            )
        )
    return cases


_ARROWS = {">": "many-to-one", "-": "one-to-one", "<>": "many-to-many"}


def own(name: str = "own") -> list[Expected]:
    """The cases of one of our own files."""
    cases = []
    for case in tomllib.loads((CASES / f"{name}.toml").read_text())["cases"]:
        tables = [tuple(part.strip().split("|")) for part in case["tables"].split(";")]
        relationships = []
        for part in case["relationships"].split(";"):
            child, arrow, parent = part.split()
            relationships.append((child, parent, _ARROWS[arrow]))
        columns = {
            table: [tuple(part.strip().split("|")) for part in wanted.split(";")]
            for table, wanted in case["columns"].items()
        }
        cases.append(
            Expected(
                case["domain"],
                case["style"],
                case["description"],
                {names[0]: names for names in tables},
                columns,
                relationships,
                tuple(re.split(r"[;|] ?", case.get("optional", ""))),
            )
        )
    return cases


def normal(name: str) -> str:
    """Lower case, words joined by `_`, the last one as a singular."""
    words = re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")
    for ending, singular in (("ies", "y"), ("sses", "ss"), ("ches", "ch"), ("shes", "sh"), ("xes", "x"), ("s", "")):
        if words.endswith(ending) and not words.endswith(("ss", "us", "is")):
            return words.removesuffix(ending) + singular
    return words


def score(expected: Expected, schema: Schema) -> Score:
    """How well a schema meets what is expected."""
    found = _matched(expected, schema)
    missed = [f"no table {name}" for name in expected.tables if name not in found]
    columns = _columns(expected, found, missed)
    related = [rel for rel in expected.relationships if _related(rel, found, schema)]
    missed += [
        f"no {kind} from {child} to {parent}"
        for child, parent, kind in expected.relationships
        if (child, parent, kind) not in related
    ]
    fitting = {table.name for table in found.values()}
    welcome = set(map(normal, expected.optional))
    surplus = [
        table
        for table in schema.tables
        if table.name not in fitting and not _connects(table) and normal(table.name) not in welcome
    ]
    missed += [f"a table {table.name} that nobody asked for" for table in surplus]
    counts = {
        "tables": (len(found), len(expected.tables)),
        "columns": columns,
        "relationships": (len(related), len(expected.relationships)),
        "precision": (len(schema.tables) - len(surplus), len(schema.tables)),
    }
    return Score(counts, missed)


def _matched(expected: Expected, schema: Schema) -> dict[str, Table]:
    found: dict[str, Table] = {}
    taken: set[str] = set()
    for rank in range(max(map(len, expected.tables.values()))):
        for name, synonyms in expected.tables.items():
            if name in found or rank >= len(synonyms):
                continue
            for table in schema.tables:
                if table.name not in taken and normal(table.name) == normal(synonyms[rank]):
                    found[name] = table
                    taken.add(table.name)
                    break
    return found


def _columns(expected: Expected, found: dict[str, Table], missed: list[str]) -> tuple[int, int]:
    got = wanted = 0
    for name, lists in expected.columns.items():
        if name not in found:
            continue
        there = {column.name for column in found[name].columns}
        for any_of in lists:
            wanted += 1
            if there & set(any_of):
                got += 1
            else:
                missed.append(f"no column {'|'.join(any_of)} in {found[name].name}")
    return got, wanted


def _related(relationship: tuple[str, str, str], found: dict[str, Table], schema: Schema) -> bool:
    child, parent, kind = relationship
    if child not in found or parent not in found:
        return False
    one, other = found[child], found[parent]
    if kind == "many-to-one":
        return _points(one, other)
    if kind == "one-to-one":
        return _points(one, other) or _points(other, one)
    need = 2 if one.name == other.name else 1
    return any(
        table.name not in {one.name, other.name}
        and sum(key.references == one.name for key in table.foreign_keys) >= need
        and sum(key.references == other.name for key in table.foreign_keys) >= need
        for table in schema.tables
    )


def _points(child: Table, parent: Table) -> bool:
    return any(key.references == parent.name for key in child.foreign_keys)


def _connects(table: Table) -> bool:
    """A junction: its primary key, or all it has, is foreign keys to two tables."""
    keyed = {column for key in table.foreign_keys for column in key.columns}
    return len(table.foreign_keys) >= 2 and set(table.primary_key) <= keyed
