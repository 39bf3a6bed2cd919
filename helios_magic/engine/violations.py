"""Broken constraints in PostgreSQL's words, under the names that our catalogue keeps for them."""

from __future__ import annotations

import re

from helios_magic.engine.dialect.pgcatalog.indexes import index_keys, predicate
from helios_magic.engine.rules import Failing, Rules, Said
from helios_magic.schema import Index

RULES = Rules()
_NAME = r'(?:"[^"]*"|\w+)'
_INSERTED = re.compile(
    rf"\s*insert\s+into\s+{_NAME}(?:\s*\.\s*{_NAME})?(?:\s+as\s+{_NAME})?\s*(?:\((?P<names>[^()]*)\))?"
    r"(?:\s*values\s*\((?P<values>[^()',]*(?:'[^']*'[^()',]*)?(?:,[^()',]*(?:'[^',]*'[^()',]*)?)*)\)(?!\s*,))?",
    re.IGNORECASE,
)


@RULES.rule(r'Duplicate key "(?P<pairs>.*)" violates (?P<kind>primary key|unique) constraint')
def _duplicate(match: re.Match[str], failing: Failing) -> Said:
    column = _left_out(failing)
    if column is not None:
        # PostgreSQL looks for NULLs before it looks for keys.
        return _is_null(column, failing.tables()[0].name)
    made = _of_an_index(match["pairs"], failing)
    if made is not None:
        return made
    columns = tuple(part.partition(": ")[0] for part in match["pairs"].split(", "))
    values = ", ".join(part.partition(": ")[2] for part in match["pairs"].split(", "))
    table, name = _unique_name(failing, columns, match["kind"] == "primary key")
    detail = f"Key ({', '.join(columns)})=({values}) already exists."
    return Said("23505", _violates_unique(name), word=table, detail=detail, constraint=name)


def _left_out(failing: Failing) -> str | None:
    """A NOT NULL column that the one row of an INSERT leaves without a value, as far as the text tells."""
    given = _INSERTED.match(failing.query)
    if given is None or len(failing.writes) != 1:
        return None
    columns = failing.tables()[0].columns
    names = [name.strip().strip('"').lower() for name in (given["names"] or "").split(",") if name.strip()]
    names = names or [column.name.lower() for column in columns]
    values = [value.strip().upper() for value in (given["values"] or "").split(",")]
    told = dict(zip(names, values, strict=False)) if len(values) <= len(names) else {}
    for column in columns:
        owned = column.default or column.identity or column.generated
        value = told.get(column.name.lower(), "DEFAULT" if column.name.lower() not in names else "")
        if not column.nullable and (value == "NULL" or (value == "DEFAULT" and not owned)):
            return column.name
    return None


def _of_an_index(pairs: str, failing: Failing) -> Said | None:
    """A key of an index whose keys are expressions or whose rows are some: DuckDB says its own text of them."""
    if not re.search(r"CASE  WHEN|\(", pairs.partition(": ")[0]):
        return None
    words = {word.lower() for word in re.findall(r"\w+", pairs)}
    fitting = [
        (table, index)
        for table in failing.tables()
        for index in table.indexes
        if index.unique and index.definition is not None and words.issuperset(_words(index))
        and index.partial == ("CASE  WHEN" in pairs)
    ]  # fmt: skip
    most = max((len(_words(index)) for _, index in fitting), default=0)
    fitting = [(table, index) for table, index in fitting if len(_words(index)) == most]
    if len(fitting) != 1:
        return Said("23505", _violates_unique(None))
    ((table, index),) = fitting
    keys = [key.expression.strip() for key in index_keys(index)]
    told = re.findall(r": (.*?)(?=, \(?CASE  WHEN|$)", pairs) if index.partial else [pairs.partition(": ")[2]]
    detail = None
    if len(told) == len(keys) and index.nulls_distinct:
        detail = f"Key ({', '.join(keys)})=({', '.join(told)}) already exists."
    return Said("23505", _violates_unique(index.name), word=table.name, detail=detail, constraint=index.name)


def _words(index: Index) -> set[str]:
    """The words of an index's keys and condition that DuckDB must say too."""
    said = [key.expression for key in index_keys(index)] + [predicate(index) or ""]
    return {word.lower() for text in said for word in re.findall(r"\w+", re.sub(r"'[^']*'|::\w+", "", text))}


@RULES.rule(r'PRIMARY KEY or UNIQUE constraint violation: duplicate key "(?P<values>.*)"')
def _duplicate_within(match: re.Match[str], failing: Failing) -> Said:
    """Two rows of one statement; DuckDB does not say which constraint they break."""
    width = match["values"].count(", ") + 1
    keys = [index for table in failing.tables() for index in table.indexes if index.unique]
    fitting = _most_fitting([index for index in keys if len(index.columns) == width], match["values"], failing)
    if len(fitting) != 1:
        return Said("23505", _violates_unique(None), detail=f"The key ({match['values']}) appears twice.")
    name, columns = fitting[0].name, ", ".join(fitting[0].columns)
    detail = f"Key ({columns})=({match['values']}) already exists."
    return Said("23505", _violates_unique(name), detail=detail, constraint=name)


@RULES.rule(r"NOT NULL constraint failed: (?P<table>.*)\.(?P<column>[^.]+)$")
def _not_null(match: re.Match[str], _: Failing) -> Said:
    return _is_null(match["column"].strip('"'), match["table"].rpartition(".")[2].strip('"'))


def _is_null(column: str, table: str) -> Said:
    message = f'null value in column "{column}" of relation "{table}" violates not-null constraint'
    return Said("23502", message, word=column)


@RULES.rule(r'CHECK constraint failed on table "(?P<table>[^"]+)"(?: with expression CHECK\((?P<condition>.*)\))?')
def _check(match: re.Match[str], failing: Failing) -> Said:
    name, table = match["table"], failing.table(match["table"])
    condition = _squeezed(match["condition"] or "")
    checks = table.checks if table is not None else ()
    found = next((check for check in checks if _squeezed(check.condition) == condition), None)
    length = re.fullmatch(r'length\("?(\w+)"?\)<=(\d+)', condition)
    if found is None and length is not None:
        column = table.column(length[1]) if table is not None else None
        kind = "character" if column is not None and column.type.startswith(("char", "bpchar")) else "character varying"
        return Said("22001", f"value too long for type {kind}({length[2]})", word=length[1])
    if found is None and len(checks) == 1:
        found = checks[0]
    if found is None:
        words = set(re.findall(r"\w+", condition))
        found = next((check for check in checks if set(re.findall(r"\w+", check.condition)) == words), None)
    label = found.name if found is not None else f"{name}_check"
    message = f'new row for relation "{name}" violates check constraint "{label}"'
    return Said("23514", message, word=name, constraint=label)


def _violates_unique(name: str | None) -> str:
    named = "a unique constraint" if name is None else f'unique constraint "{name}"'
    return f"duplicate key value violates {named}"


def _unique_name(failing: Failing, columns: tuple[str, ...], primary: bool) -> tuple[str | None, str | None]:
    for table in failing.tables():
        for index in sorted(table.indexes, key=lambda index: index.primary != primary):
            if index.unique and sorted(index.columns) == sorted(columns):
                return table.name, index.name
    return None, None


def _squeezed(condition: str) -> str:
    """A condition without blanks, quotes and outer brackets, to compare two spellings of it."""
    text = re.sub(r'\s+|"', "", condition).lower()
    while text.startswith("(") and text.endswith(")") and _balanced(text[1:-1]):
        text = text[1:-1]
    return text


def _balanced(text: str) -> bool:
    depth = 0
    for character in text:
        depth += {"(": 1, ")": -1}.get(character, 0)
        if depth < 0:
            return False
    return depth == 0


def _most_fitting(keys: list[Index], values: str, failing: Failing) -> list[Index]:
    """The keys whose column types the values look like, numbers before text."""
    kinds = {column.name: column.type for table in failing.tables() for column in table.columns}

    def looks(index: Index) -> int:
        score = 0
        for column, value in zip(index.columns, values.split(", "), strict=True):
            text = kinds.get(column, "text").startswith(("text", "varchar", "bpchar", "char"))
            number = re.fullmatch(r"-?\d+(?:\.\d+)?", value) is not None
            whole = kinds.get(column, "").startswith(("int", "numeric", "float"))
            score += 2 if number == whole and not (text and number) else 1 if text else -10
        return score

    best = max((looks(index) for index in keys), default=0)
    return [index for index in keys if looks(index) == best]
