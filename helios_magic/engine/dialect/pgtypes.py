"""PostgreSQL's types as the dialect reasons about them: names, families, and the DuckDB type that carries each.

A type is its `typname` with modifiers (`varchar(3)`, `numeric(10,2)`, `text[]`).  `UNKNOWN` is what PostgreSQL calls
unknown: a string literal, NULL or a parameter whose type its surroundings decide.
"""

from __future__ import annotations

from sqlglot import exp

from helios_magic.engine.dialect.failures import UNDEFINED_OBJECT, Refusal, unsupported

UNKNOWN = "unknown"
INTEGERS = ("int2", "int4", "int8")
NUMBERS = (*INTEGERS, "numeric", "float4", "float8")
STRINGS = ("text", "varchar", "bpchar", "name", "char")
TIMES = ("date", "timestamp", "timestamptz")

#: NUMERIC without precision: what its values must fit, exactly or not at all.
BARE_SCALE = 10
BARE_NUMERIC = f"DECIMAL(38,{BARE_SCALE})"

_DUCKDB = {
    "bool": "BOOLEAN",
    "int2": "SMALLINT",
    "int4": "INTEGER",
    "int8": "BIGINT",
    "float4": "FLOAT",
    "float8": "DOUBLE",
    "text": "VARCHAR",
    "varchar": "VARCHAR",
    "bpchar": "VARCHAR",
    "name": "VARCHAR",
    "date": "DATE",
    "time": "TIME",
    "timestamp": "TIMESTAMP",
    "timestamptz": "TIMESTAMPTZ",
    "interval": "INTERVAL",
    "uuid": "UUID",
    "bytea": "BLOB",
    "json": "JSON",
    "jsonb": "JSON",
    UNKNOWN: "VARCHAR",
    # What only catalogues have: a reg… value is its oid, and a name where it leaves the query.
    "oid": "BIGINT",
    "xid": "BIGINT",
    "char": "VARCHAR",
    "regclass": "BIGINT",
    "regtype": "BIGINT",
    "regnamespace": "BIGINT",
    "regrole": "BIGINT",
    "regproc": "VARCHAR",
    "pg_node_tree": "VARCHAR",
    "aclitem": "VARCHAR",
    "anyarray": "VARCHAR",
    "int2vector": "SMALLINT[]",
    "oidvector": "BIGINT[]",
}
_SPELLINGS = {
    "int": "int4",
    "integer": "int4",
    "bigint": "int8",
    "smallint": "int2",
    "serial": "int4",
    "bigserial": "int8",
    "smallserial": "int2",
    "serial4": "int4",
    "serial8": "int8",
    "serial2": "int2",
    "decimal": "numeric",
    "dec": "numeric",
    "double precision": "float8",
    "double": "float8",
    "real": "float4",
    "float": "float8",
    "boolean": "bool",
    "character varying": "varchar",
    "char": "bpchar",
    "character": "bpchar",
    "timestamp without time zone": "timestamp",
    "timestamp with time zone": "timestamptz",
    "time without time zone": "time",
}
_SQLGLOT = {
    exp.DType.INT: "int4",
    exp.DType.BIGINT: "int8",
    exp.DType.SMALLINT: "int2",
    exp.DType.SERIAL: "int4",
    exp.DType.BIGSERIAL: "int8",
    exp.DType.SMALLSERIAL: "int2",
    exp.DType.DECIMAL: "numeric",
    exp.DType.DOUBLE: "float8",
    exp.DType.FLOAT: "float4",
    exp.DType.BOOLEAN: "bool",
    exp.DType.VARCHAR: "varchar",
    exp.DType.CHAR: "bpchar",
    exp.DType.TEXT: "text",
    exp.DType.NAME: "name",
    exp.DType.DATE: "date",
    exp.DType.TIME: "time",
    exp.DType.TIMESTAMP: "timestamp",
    exp.DType.TIMESTAMPTZ: "timestamptz",
    exp.DType.INTERVAL: "interval",
    exp.DType.UUID: "uuid",
    exp.DType.VARBINARY: "bytea",
    exp.DType.JSON: "json",
    exp.DType.JSONB: "jsonb",
    exp.DType.VECTOR: "vector",
}
_LONG = {
    "int2": "smallint",
    "int4": "integer",
    "int8": "bigint",
    "float4": "real",
    "float8": "double precision",
    "bool": "boolean",
    "varchar": "character varying",
    "bpchar": "character",
    "timestamp": "timestamp without time zone",
    "timestamptz": "timestamp with time zone",
    "time": "time without time zone",
}
#: Arrays of the catalogues that count from 0 and are printed without brackets.
_VECTORS = {"int2vector": "int2", "oidvector": "oid"}
_OF_CATALOGUES = frozenset(
    {"oid", "xid", "char", "regclass", "regtype", "regnamespace", "regrole", "regproc", "pg_node_tree", "aclitem"}
    | {"anyarray", *_VECTORS}
)
KNOWN = frozenset((*_DUCKDB, "numeric", "vector")) - _OF_CATALOGUES


def base(name: str) -> str:
    """The type without modifiers: `numeric(10,2)` → `numeric`, `varchar(3)[]` → `varchar[]`."""
    if "(" not in name:
        return name
    return name[: name.index("(")] + name[name.rindex(")") + 1 :]


def modifiers(name: str) -> tuple[int, ...]:
    """`numeric(10,2)` → `(10, 2)`."""
    if "(" not in name:
        return ()
    return tuple(int(part) for part in name[name.index("(") + 1 : name.rindex(")")].split(","))


def is_array(name: str) -> bool:
    return name.endswith("[]") or name in _VECTORS


def element(name: str) -> str:
    return _VECTORS.get(name) or name[:-2]


def long_name(name: str) -> str:
    """As PostgreSQL prints the type in messages and for pg_typeof: `integer`, `character varying`."""
    if name.endswith("[]"):
        return long_name(element(name)) + "[]"
    return _LONG.get(base(name), base(name))


def canonical(name: str) -> str:
    """The typname of a spelling (`integer` → `int4`); an unknown one as it is."""
    if name.endswith("[]"):
        return canonical(element(name)) + "[]"
    plain = base(name)
    return (
        _SPELLINGS.get(plain, plain) + name[len(plain) :]
        if "(" not in name
        else (_SPELLINGS.get(plain, plain) + name[name.index("(") :])
    )


def duckdb_type(name: str, enums: frozenset[str] | set[str] = frozenset()) -> str:
    """The DuckDB type that carries a PostgreSQL type."""
    if name.endswith("[]"):
        return duckdb_type(element(name), enums) + "[]"
    plain = base(name)
    if plain == "numeric":
        return f"DECIMAL({','.join(str(part) for part in modifiers(name))})" if "(" in name else BARE_NUMERIC
    if plain == "vector":
        return f"FLOAT[{modifiers(name)[0]}]" if "(" in name else "FLOAT[]"
    if plain in _DUCKDB:
        return _DUCKDB[plain]
    if plain in enums:
        return f'"public"."{plain}"'
    raise Refusal(UNDEFINED_OBJECT, f'type "{plain}" does not exist')


def from_tree(node: exp.Expression, enums: frozenset[str] | set[str] = frozenset()) -> str:
    """The type that a parsed type name stands for; modifiers kept and checked."""
    if not isinstance(node, exp.DataType):
        raise unsupported(f"type {node.name.lower()}")
    if node.this == exp.DType.ARRAY:
        return from_tree(node.expressions[0], enums) + "[]" if node.expressions else "text[]"
    if node.this == exp.DType.USERDEFINED:
        return _named(node, enums)
    name = _SQLGLOT.get(node.this)
    if name is None:
        # sqlglot keeps oid, regclass and their like as bare words.
        raise unsupported(f"type {str(getattr(node.this, 'value', node.this)).lower()}")
    return name + _modifiers(node, name)


def _named(node: exp.DataType, enums: frozenset[str] | set[str]) -> str:
    kind = node.args.get("kind")
    name = kind.name if isinstance(kind, exp.Expression) else str(kind)
    quoted = isinstance(kind, exp.Identifier) and kind.quoted
    name = name if quoted else name.lower()
    name = name.removeprefix("public.")
    if name in enums:
        return name
    if not quoted and name in KNOWN:
        return name
    if name in (
        "regclass",
        "regtype",
        "inet",
        "cidr",
        "macaddr",
        "money",
        "xml",
        "tsvector",
        "tsquery",
        "point",
        "hstore",
    ):
        raise unsupported(f"type {name}")
    raise Refusal(
        UNDEFINED_OBJECT,
        f'type "{name}" does not exist',
        place=kind.meta.get("start") if isinstance(kind, exp.Expression) else None,
    )


_LONGEST = 10_485_760
_MOST_DIMENSIONS = 16_000


def _modifiers(node: exp.DataType, name: str) -> str:
    values = [parameter.name for parameter in node.expressions if isinstance(parameter, exp.DataTypeParam)]
    if not values:
        return "(1)" if name == "bpchar" else ""
    if name in ("timestamp", "timestamptz", "time", "interval"):
        if values == ["6"]:
            return ""
        if name != "interval" and values[0] in "012345":
            return f"({values[0]})"
        raise unsupported(f"{name}({values[0]}), a precision below microseconds,")
    if name == "numeric":
        precision, scale = int(values[0]), int(values[1]) if len(values) > 1 else 0
        if precision > 38 or not 0 <= scale <= precision:
            raise unsupported(f"numeric({','.join(values)})", hint="Up to 38 digits, the scale within them.")
        return f"({precision},{scale})"
    if name in ("varchar", "bpchar") and not 1 <= int(values[0]) <= _LONGEST:
        bound = "must be at least 1" if int(values[0]) < 1 else f"cannot exceed {_LONGEST}"
        raise Refusal("22023", f"length for type {'char' if name == 'bpchar' else name} {bound}")
    if name == "vector" and not 1 <= int(values[0]) <= _MOST_DIMENSIONS:
        bound = "must be at least 1" if int(values[0]) < 1 else f"cannot exceed {_MOST_DIMENSIONS}"
        raise Refusal("22023", f"dimensions for type vector {bound}")
    if name in ("varchar", "bpchar", "vector"):
        return f"({values[0]})"
    raise unsupported(f"type {name}({','.join(values)})")
