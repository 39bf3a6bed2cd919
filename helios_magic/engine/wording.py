"""Names and values that DuckDB complains of, in PostgreSQL's words."""

from __future__ import annotations

import re

from helios_magic.engine.rules import Failing, Rules, Said, nearest

RULES = Rules()
_TYPES = {
    "BOOL": "boolean",
    "BOOLEAN": "boolean",
    "INT8": "smallint",
    "INT16": "smallint",
    "INT32": "integer",
    "INT64": "bigint",
    "INT128": "numeric",
    "TINYINT": "smallint",
    "INTEGER": "integer",
    "FLOAT": "real",
    "DOUBLE": "double precision",
    "UUID": "uuid",
    "DATE": "date",
    "TIME": "time without time zone",
    "TIMESTAMP": "timestamp without time zone",
    "TIMESTAMP WITH TIME ZONE": "timestamp with time zone",
    "VARCHAR": "text",
    "INTEGER_LITERAL": "integer",
    "STRING_LITERAL": "unknown",
    "BLOB": "bytea",
    "HUGEINT": "numeric",
}


def type_name(duckdb_name: str) -> str:
    """How PostgreSQL's messages spell a type."""
    if duckdb_name.startswith("DECIMAL"):
        return "numeric"
    if duckdb_name.endswith("[]"):
        return type_name(duckdb_name[:-2]) + "[]"
    return _TYPES.get(duckdb_name.upper(), duckdb_name.lower())


# Names ------------------------------------------------------------------------------------------------------------


@RULES.rule(r'Table with name "?(?P<name>[^"\s]+)"? does not exist')
def _no_table(match: re.Match[str], failing: Failing) -> Said:
    name = match["name"]
    hint = nearest(name.rpartition(".")[2], (table.name for table in failing.schema.tables))
    return Said("42P01", f'relation "{name}" does not exist', name, hint)


@RULES.rule(r'View with name "?(?P<name>[^"\s]+)"? does not exist')
def _no_view(match: re.Match[str], failing: Failing) -> Said:
    views = (table.name for table in failing.schema.tables if table.kind == "view")
    return Said("42P01", f'view "{match["name"]}" does not exist', match["name"], nearest(match["name"], views))


@RULES.rule(r'Type with name "?(?P<name>[^"\s]+)"? does not exist')
def _no_type(match: re.Match[str], failing: Failing) -> Said:
    hint = nearest(match["name"], (enum.name for enum in failing.schema.enums))
    return Said("42704", f'type "{match["name"]}" does not exist', match["name"], hint)


@RULES.rule(r'Index with name "?(?P<name>[^"\s]+)"? does not exist')
def _no_index(match: re.Match[str], failing: Failing) -> Said:
    known = (index.name for table in failing.schema.tables for index in table.indexes)
    return Said("42704", f'index "{match["name"]}" does not exist', match["name"], nearest(match["name"], known))


@RULES.rule(
    r'(?:Schema with name|schema) "?(?P<name>[^"\s]+)"? does not exist|Catalog "(?P<catalog>[^"]+)" does not exist'
)
def _no_schema(match: re.Match[str], failing: Failing) -> Said:
    name = match["name"] or match["catalog"]
    return Said("3F000", f'schema "{name}" does not exist', name, nearest(name, failing.schema.schemas))


@RULES.rule(r'(?:Scalar |Aggregate |Table |Macro )?(?:Function|Macro) with name "?(?P<name>[^"\s]+)"? does not exist')
def _no_function(match: re.Match[str], _: Failing) -> Said:
    return Said("42883", f"function {match['name']} does not exist", match["name"])


@RULES.rule(r'Referenced (?:update )?column "?(?P<name>[^"\s]+)"? (?:not found|was not found)')
def _no_column(match: re.Match[str], failing: Failing) -> Said:
    name = match["name"]
    return Said("42703", f'column "{name}" does not exist', name, nearest(name, _columns(failing)))


@RULES.rule(r'Table "(?P<table>[^"]+)" does not have a column (?:with name|named) "(?P<name>[^"]+)"')
def _no_column_of(match: re.Match[str], failing: Failing) -> Said:
    table, name = failing.table(match["table"]), match["name"]
    known = [column.name for column in table.columns] if table is not None else _columns(failing)
    if table is None:
        return Said("42703", f"column {match['table']}.{name} does not exist", name, nearest(name, known))
    return Said("42703", f'column "{name}" of relation "{table.name}" does not exist', name, nearest(name, known))


@RULES.rule(r'Referenced table "(?P<name>[^"]+)" not found')
def _no_from(match: re.Match[str], failing: Failing) -> Said:
    hint = nearest(match["name"], (table.name for table in failing.schema.tables))
    return Said("42P01", f'missing FROM-clause entry for table "{match["name"]}"', match["name"], hint)


@RULES.rule(r"(?:No function matches the given name and argument types '|function call \")(?P<call>[^'\n]+?)(?:'|\"\.)")
def _no_such_call(match: re.Match[str], failing: Failing) -> Said:
    name, _, arguments = match["call"].partition("(")
    kinds = [type_name(part.strip()) for part in re.split(r",\s*(?![^(]*\))", arguments.rstrip(")"))]
    hint = "You might need to add explicit type casts."
    if not re.match(r"\w", name):
        return Said("42883", f"operator does not exist: {f' {name} '.join(kinds)}", name, hint)
    return Said("42883", f"function {name}({', '.join(kinds)}) does not exist", name, hint)


@RULES.rule(r'column "(?P<name>[^"]+)" must appear in the GROUP BY clause')
def _not_grouped(match: re.Match[str], _: Failing) -> Said:
    message = f'column "{match["name"]}" must appear in the GROUP BY clause or be used in an aggregate function'
    return Said("42803", message, match["name"])


@RULES.rule(r'(?P<kind>Table|View|Index|Type|Column|Schema) with name "?(?P<name>[^"]+?)"? already exists')
def _already(match: re.Match[str], _: Failing) -> Said:
    kind, name = match["kind"].lower(), match["name"]
    if kind == "column":
        return Said("42701", f'column "{name}" already exists', name)
    if kind == "type":
        return Said("42710", f'type "{name}" already exists', name)
    if kind == "schema":
        return Said("42P06", f'schema "{name}" already exists', name)
    return Said("42P07", f'relation "{name}" already exists', name)


def _columns(failing: Failing) -> list[str]:
    """Columns of the tables that the text names, before those of all others."""
    words = set(re.findall(r"\w+", failing.query.lower()))
    named = [table for table in failing.schema.tables if table.name.lower() in words]
    return [column.name for table in named or failing.schema.tables for column in table.columns]


RULES.plain(
    r'Ambiguous reference to column name "(?P<name>[^"]+)"',
    "42702",
    'column reference "{name}" is ambiguous',
    word="name",
)
RULES.plain(
    r'Duplicate column name "(?P<name>[^"]+)" in INSERT',
    "42701",
    'column "{name}" specified more than once',
    word="name",
)

# Values -----------------------------------------------------------------------------------------------------------


@RULES.rule(
    r"Could not convert string ['\"](?P<value>.*)['\"] to (?P<type>[A-Z].*?)(?: when casting from source column .*)?$"
)
def _not_a(match: re.Match[str], failing: Failing) -> Said:
    value, target = match["value"], match["type"]
    if target.startswith("ENUM"):
        labels = tuple(re.findall(r"'((?:[^']|'')*)'", target))
        enum = next((enum for enum in failing.schema.enums if enum.labels == labels), None)
        name = enum.name if enum is not None else "enum"
        hint = nearest(value, labels) or f"The labels are: {', '.join(labels)}."
        return Said("22P02", f'invalid input value for enum {name}: "{value}"', f"'{value}'", hint)
    if target.startswith("DECIMAL(") and re.fullmatch(r"\s*[-+]?\d+(?:\.\d*)?(?:e[-+]?\d+)?\s*", value, re.IGNORECASE):
        return Said("22003", "numeric field overflow", f"'{value}'")
    state = "22007" if target in ("DATE", "TIME") or target.startswith("TIMESTAMP") else "22P02"
    return Said(state, f'invalid input syntax for type {type_name(target)}: "{value}"', f"'{value}'")


@RULES.rule(
    r"(?:Could not cast|Casting) value (?P<value>\S+) to (?:type )?DECIMAL\((?P<precision>\d+),\s*(?P<scale>\d+)\)"
)
def _numeric_overflow(match: re.Match[str], _: Failing) -> Said:
    room = int(match["precision"]) - int(match["scale"])
    detail = (
        f"A field with precision {match['precision']}, scale {match['scale']} must round to an absolute value less "
        f"than 10^{room}."
    )
    return Said("22003", "numeric field overflow", match["value"], detail=detail)


@RULES.rule(
    r"with value (?P<value>\S+) can't be cast because the value is out of range for the destination type (?P<t>\w+)"
)
def _out_of_range(match: re.Match[str], _: Failing) -> Said:
    return Said("22003", f"{type_name(match['t'])} out of range", match["value"])


@RULES.rule(r"(?P<what>date|time|timestamp) field value out of range: \"(?P<value>[^\"]*)\"")
def _no_date(match: re.Match[str], _: Failing) -> Said:
    value = match["value"]
    if re.match(r"\s*\d", value):
        return Said("22008", f'date/time field value out of range: "{value}"', f"'{value}'")
    kind = {"date": "date", "time": "time", "timestamp": "timestamp"}[match["what"]]
    return Said("22007", f'invalid input syntax for type {kind}: "{value}"', f"'{value}'")


RULES.plain(
    r"invalid (?P<t>date|time|timestamp) field format: \"(?P<v>[^\"]*)\"",
    "22007",
    'invalid input syntax for type {t}: "{v}"',
)


@RULES.rule(r"[Dd]ate out of range: (?P<y>-?\d+)-(?P<m>-?\d+)-(?P<d>-?\d+)")
def _no_such_day(match: re.Match[str], _: Failing) -> Said:
    day = f"{int(match['y']):04d}-{int(match['m']):02d}-{int(match['d']):02d}"
    return Said("22008", f"date field value out of range: {day}")


RULES.plain(
    r"In a DISTINCT aggregate, ORDER BY expressions must appear",
    "42P10",
    "in an aggregate with DISTINCT, ORDER BY expressions must appear in argument list",
)
RULES.plain(r"Overflow in division of (?P<x>-2147483648)", "22003", "integer out of range")
RULES.plain(
    r"[Nn]eeded scale \d+ to accurately represent",
    "0A000",
    "a product of numerics with more than 38 digits after the point is not supported: round the factors first",
)
RULES.plain(r"interval cannot be 0", "22023", "step size cannot equal zero")
RULES.plain(r"Division by zero", "22012", "division by zero")


@RULES.rule(r"(?:Failed to cast decimal value|Could not convert|[Cc]asting value) \S+ to type INT(?P<bits>16|32|64)")
def _integer_range(match: re.Match[str], _: Failing) -> Said:
    return Said("22003", f"{ {'16': 'smallint', '32': 'integer', '64': 'bigint'}[match['bits']] } out of range")


@RULES.rule(r"[Cc]asting value \"(?P<value>\S+)\" to type DECIMAL\((?P<precision>\d+),\s*(?P<scale>\d+)\) failed")
def _numeric_cast(match: re.Match[str], failing: Failing) -> Said:
    return _numeric_overflow(match, failing)


RULES.plain(
    r"[Ll]ike pattern must not end with escape character", "22025", "LIKE pattern must not end with escape character"
)
RULES.plain(
    r"subqueries in lambda expressions", "0A000", "a subquery as the argument of this function is not supported"
)
RULES.plain(r"[Oo]verflow on abs\(-32768\)", "22003", "smallint out of range")
RULES.plain(r"[Oo]verflow on abs\(-2147483648\)", "22003", "integer out of range")
RULES.plain(r"[Oo]verflow on abs\(", "22003", "bigint out of range")
RULES.plain(r"Overflow in [\w ]+ of INT8", "22003", "smallint out of range")
RULES.plain(r"Overflow in [\w ]+ of INT16", "22003", "smallint out of range")
RULES.plain(r"Overflow in [\w ]+ of INT32", "22003", "integer out of range")
RULES.plain(r"Overflow in [\w ]+ of INT64", "22003", "bigint out of range")
RULES.plain(r"(?:Overflow in|too large for type|Could not cast value)", "22003", "value out of range")
RULES.plain(r"Malformed JSON", "22P02", "invalid input syntax for type json")
RULES.plain(r'extract specifier "(?P<unit>[^"]*)" not recognized', "22023", 'unit "{unit}" not recognized', word="unit")
RULES.plain(
    r"More than one row returned by a subquery",
    "21000",
    "more than one row returned by a subquery used as an expression",
)
RULES.plain(r"Subquery returns \d+ columns", "42601", "subquery must return only one column")
RULES.plain(
    r"same number of result columns", "42601", "each query of a set operation must have the same number of columns"
)
RULES.plain(
    r"expected (?P<n>\d+) columns but (?P<m>\d+) values|has (?P<a>\d+) columns but (?P<b>\d+) values",
    "42601",
    "INSERT has not as many expressions as target columns",
)
RULES.plain(r"aggregate function calls cannot be nested", "42803", "aggregate function calls cannot be nested")
RULES.plain(r"[Mm]ax expression depth limit", "54001", "the statement is nested too deeply")
RULES.plain(r"WHERE clause cannot contain aggregates", "42803", "aggregate functions are not allowed in WHERE")
RULES.plain(r"LIMIT/OFFSET cannot be negative", "2201W", "LIMIT must not be negative")
RULES.plain(r'syntax error at or near "(?P<w>[^"]*)"', "42601", 'syntax error at or near "{w}"', word="w")
RULES.plain(r"syntax error at end of input", "42601", "syntax error at end of input")
RULES.plain(
    r"Values were not provided for the following parameters: (?P<n>\d+)",
    "08P01",
    "no value was given for ${n}",
    word="n",
)
RULES.plain(
    r"contains duplicates on indexed column",
    "23505",
    "could not create unique index: the rows that are there have the same values more than once",
)
RULES.plain(
    r"index depends on a column after it",
    "0A000",
    "dropping a column that stands before an indexed one is not supported; drop the index first, and make it again",
)
RULES.plain(
    r"[Cc]annot create index with outstanding updates",
    "0A000",
    "an index on a table that was updated in the same transaction is not supported; create it on its own",
)
RULES.plain(r"table only has one column remaining", "0A000", "dropping the only column of a table is not supported")
RULES.plain(r"Cannot create a string of size", "54000", "requested length too large")
RULES.plain(
    r"Current transaction is aborted",
    "25P02",
    "current transaction is aborted, commands ignored until end of transaction block",
)
RULES.plain(
    r"Can only (?P<verb>delete|update|insert) (?:from|into)? ?base table", "42809", "a view cannot be written to"
)
