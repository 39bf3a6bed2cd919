"""The rows of information_schema: one function per view, over the objects of a branch."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from helios_magic.engine.dialect.pgcatalog import definitions
from helios_magic.engine.dialect.pgcatalog.names import quote
from helios_magic.engine.dialect.pgcatalog.objects import Constraint, Objects, Relation
from helios_magic.engine.dialect.pgcatalog.system import OWNER_NAME, relations
from helios_magic.engine.dialect.pgtypes import base, element, is_array, long_name, modifiers
from helios_magic.schema import Column, Table

Rows = Iterator[dict[str, Any]]
_PRECISION = {"int2": (16, 2, 0), "int4": (32, 2, 0), "int8": (64, 2, 0), "float4": (24, 2, None),
              "float8": (53, 2, None)}  # fmt: skip
_TIMES = {"timestamp": 6, "timestamptz": 6, "time": 6, "interval": 6, "date": 0}
_KINDS = {"p": "PRIMARY KEY", "u": "UNIQUE", "f": "FOREIGN KEY", "c": "CHECK", "n": "CHECK"}
_WIDEST = 1073741824


def schemata(known: Objects) -> Rows:
    for name in known.namespaces:
        yield {"catalog_name": known.schema.database, "schema_name": name, "schema_owner": OWNER_NAME}


def tables(known: Objects) -> Rows:
    for _, table in known.tables("rv"):
        view = table.kind == "view"
        yield {**_place(known, table), "table_type": "VIEW" if view else "BASE TABLE",
               "is_insertable_into": "NO" if view else "YES", "is_typed": "NO"}  # fmt: skip
    for made in relations().values():
        kind = "VIEW" if made.kind == "v" else "BASE TABLE"
        yield {"table_catalog": known.schema.database, "table_schema": made.schema, "table_name": made.name,
               "table_type": kind, "is_insertable_into": "NO", "is_typed": "NO"}  # fmt: skip


def _place(known: Objects, table: Table) -> dict[str, Any]:
    return {"table_catalog": known.schema.database, "table_schema": table.schema, "table_name": table.name}


def columns(known: Objects) -> Rows:
    for _, table in known.tables("rv"):
        for position, column in enumerate(table.columns, 1):
            yield {**_place(known, table), "column_name": column.name, "ordinal_position": position,
                   **_column(known, table, column), "dtd_identifier": str(position)}  # fmt: skip


def _column(known: Objects, table: Table, column: Column) -> dict[str, Any]:
    plain = base(column.type)
    array = is_array(plain)
    text = None if column.generated else definitions.column_default(column, table)
    generated = definitions.column_default(column, table) if column.generated else None
    named = "_" + element(plain) if array else plain
    return {
        **_sizes(column.type), "column_default": text,
        "is_nullable": "YES" if column.nullable and column.name not in table.primary_key else "NO",
        "data_type": _data_type(known, plain), "udt_catalog": known.schema.database,
        "udt_schema": _type_schema(known, plain), "udt_name": named, "is_self_referencing": "NO",
        **_identity(known, table, column), "is_generated": "ALWAYS" if column.generated else "NEVER",
        "generation_expression": generated, "is_updatable": "NO" if table.kind == "view" else "YES",
    }  # fmt: skip


def _data_type(known: Objects, plain: str) -> str:
    if is_array(plain):
        return "ARRAY"
    return "USER-DEFINED" if plain in known.enums or plain == "vector" else long_name(plain)


def _type_schema(known: Objects, plain: str) -> str:
    inner = plain.removesuffix("[]")
    made = next((enum.schema for enum in known.schema.enums if enum.name == inner), None)
    return made or ("public" if inner == "vector" else "pg_catalog")


def _sizes(kind: str) -> dict[str, Any]:
    plain, sizes = base(kind), modifiers(kind)
    if plain in ("varchar", "bpchar", "text", "char"):
        length = sizes[0] if sizes else None
        bytes_ = None if plain == "char" else length * 4 if length is not None else _WIDEST
        return {"character_maximum_length": length, "character_octet_length": bytes_}
    if plain == "numeric":
        precision, scale = (*sizes, 0)[:2] if sizes else (None, None)
        return {"numeric_precision": precision, "numeric_precision_radix": 10, "numeric_scale": scale}
    if plain in _PRECISION:
        precision, radix, scale = _PRECISION[plain]
        return {"numeric_precision": precision, "numeric_precision_radix": radix, "numeric_scale": scale}
    if plain in _TIMES:
        return {"datetime_precision": sizes[0] if sizes else _TIMES[plain]}
    return {}


def _identity(known: Objects, table: Table, column: Column) -> dict[str, Any]:
    if not column.identity:
        return {"is_identity": "NO", "identity_cycle": "NO"}
    owner = f"{table.name}.{column.name}"
    s = next((s for s in known.schema.sequences if s.owner == owner and s.schema == table.schema), None)
    bounds = (s.start, s.increment, s.maximum, s.minimum) if s is not None else (1, 1, None, 1)
    names = ("identity_start", "identity_increment", "identity_maximum", "identity_minimum")
    return {"is_identity": "YES", "identity_generation": column.identity,
            "identity_cycle": "YES" if s is not None and s.cycle else "NO",
            **{n: None if v is None else str(v) for n, v in zip(names, bounds, strict=True)}}  # fmt: skip


def views(known: Objects) -> Rows:
    for _, table in known.tables("v"):
        yield {**_place(known, table), "view_definition": definitions.view(table), "check_option": "NONE",
               "is_updatable": "NO", "is_insertable_into": "NO", "is_trigger_updatable": "NO",
               "is_trigger_deletable": "NO", "is_trigger_insertable_into": "NO"}  # fmt: skip


def view_table_usage(known: Objects) -> Rows:
    for _, table in known.tables("v"):
        for read in table.reads:
            schema, _, name = read.partition(".")
            yield {"view_catalog": known.schema.database, "view_schema": table.schema, "view_name": table.name,
                   "table_catalog": known.schema.database, "table_schema": schema, "table_name": name}  # fmt: skip


def _named(known: Objects, made: Constraint) -> dict[str, Any]:
    return {"constraint_catalog": known.schema.database, "constraint_schema": made.table.schema,
            "constraint_name": made.name}  # fmt: skip


def _of(known: Objects, relation: Relation) -> dict[str, Any]:
    return {"table_catalog": known.schema.database, "table_schema": relation.schema, "table_name": relation.name}


def table_constraints(known: Objects) -> Rows:
    for made in known.constraints:
        key = made.foreign
        yield {**_named(known, made), **_of(known, made.table), "constraint_type": _KINDS[made.kind],
               "is_deferrable": "YES" if definitions.deferrable(made) else "NO",
               "initially_deferred": "YES" if key is not None and key.deferred else "NO", "enforced": "YES",
               "nulls_distinct": _nulls(made)}  # fmt: skip


def _nulls(made: Constraint) -> str | None:
    if made.kind != "u" or made.index is None:
        return None
    return "YES" if definitions.nulls_distinct(made.index) else "NO"


def key_column_usage(known: Objects) -> Rows:
    for made in known.constraints:
        if made.kind not in "puf":
            continue
        target = _target_key(made)
        for place, column in enumerate(made.columns, 1):
            unique = None
            if made.foreign is not None and target:
                unique = target.index(made.foreign.references_columns[place - 1]) + 1
            yield {**_named(known, made), **_of(known, made.table), "column_name": column, "ordinal_position": place,
                   "position_in_unique_constraint": unique}  # fmt: skip


def _target_key(made: Constraint) -> tuple[str, ...]:
    if made.foreign is None:
        return ()
    return made.index.index.columns if made.index is not None and made.index.index is not None else ()


def constraint_column_usage(known: Objects) -> Rows:
    for made in known.constraints:
        if made.kind == "f" and made.target is not None and made.foreign is not None:
            relation, listed = made.target, made.foreign.references_columns
        else:
            relation, listed = made.table, made.columns
        for column in listed:
            yield {**_of(known, relation), "column_name": column, **_named(known, made)}


def constraint_table_usage(known: Objects) -> Rows:
    for made in known.constraints:
        relation = made.target if made.kind == "f" else made.table if made.kind in "pu" else None
        if relation is not None:
            yield {**_of(known, relation), **_named(known, made)}


def referential_constraints(known: Objects) -> Rows:
    for made in known.constraints:
        key = made.foreign
        if key is None:
            continue
        unique = next((c for c in known.constraints if made.index is not None and c.index is made.index
                       and c.kind in "pu"), None)  # fmt: skip
        yield {**_named(known, made), "unique_constraint_catalog": known.schema.database if unique else None,
               "unique_constraint_schema": unique.table.schema if unique else None,
               "unique_constraint_name": unique.name if unique else None, "match_option": "NONE",
               "update_rule": key.on_update, "delete_rule": key.on_delete}  # fmt: skip


def check_constraints(known: Objects) -> Rows:
    for made in known.constraints:
        if made.kind == "n":
            yield {**_named(known, made), "check_clause": f"{quote(made.columns[0])} IS NOT NULL"}
        elif made.kind == "c":
            yield {**_named(known, made), "check_clause": definitions.constraint(made)[7:-1]}


def sequences(known: Objects) -> Rows:
    """Those of identity columns are left out, as in PostgreSQL."""
    identities = {(t.schema, f"{t.name}.{c.name}") for _, t in known.tables("r") for c in t.columns if c.identity}
    for s in known.schema.sequences:
        if (s.schema, s.owner) in identities:
            continue
        yield {"sequence_catalog": known.schema.database, "sequence_schema": s.schema, "sequence_name": s.name,
               "data_type": long_name(s.type), "numeric_precision": _PRECISION[s.type][0],
               "numeric_precision_radix": 2, "numeric_scale": 0, "start_value": str(s.start),
               "minimum_value": str(s.minimum), "maximum_value": str(s.maximum), "increment": str(s.increment),
               "cycle_option": "YES" if s.cycle else "NO"}  # fmt: skip


def table_privileges(known: Objects) -> Rows:
    for _, table in known.tables("rv"):
        for privilege in ("INSERT", "SELECT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER"):
            yield {"grantor": OWNER_NAME, "grantee": OWNER_NAME, **_place(known, table), "privilege_type": privilege,
                   "is_grantable": "YES", "with_hierarchy": "YES" if privilege == "SELECT" else "NO"}  # fmt: skip


def element_types(known: Objects) -> Rows:
    for _, table in known.tables("rv"):
        for position, column in enumerate(table.columns, 1):
            if is_array(base(column.type)):
                inner = element(base(column.type))
                yield {"object_catalog": known.schema.database, "object_schema": table.schema,
                       "object_name": table.name, "object_type": "VIEW" if table.kind == "view" else "TABLE",
                       "collection_type_identifier": str(position), "data_type": _data_type(known, inner),
                       "udt_catalog": known.schema.database, "udt_schema": _type_schema(known, inner),
                       "udt_name": inner, "dtd_identifier": f"a{position}"}  # fmt: skip


def column_udt_usage(known: Objects) -> Rows:
    for _, table in known.tables("rv"):
        for column in table.columns:
            plain = base(column.type)
            yield {"udt_catalog": known.schema.database, "udt_schema": _type_schema(known, plain),
                   "udt_name": "_" + element(plain) if is_array(plain) else plain, **_place(known, table),
                   "column_name": column.name}  # fmt: skip


def information_schema_catalog_name(known: Objects) -> Rows:
    yield {"catalog_name": known.schema.database}


def enabled_roles(known: Objects) -> Rows:
    yield {"role_name": OWNER_NAME}


CONTENTS: dict[str, Callable[[Objects], Rows]] = {
    made.__name__: made
    for made in (
        schemata, tables, columns, views, view_table_usage, table_constraints, key_column_usage,
        constraint_column_usage, constraint_table_usage, referential_constraints, check_constraints, sequences,
        table_privileges, element_types, column_udt_usage, information_schema_catalog_name, enabled_roles,
    )
}  # fmt: skip
CONTENTS["role_table_grants"] = table_privileges
