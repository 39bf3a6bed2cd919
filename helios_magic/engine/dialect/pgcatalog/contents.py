"""The rows of pg_catalog: one function per catalogue, over the objects of a branch."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from helios_magic.engine.dialect.pgcatalog import cluster, definitions, deparse, system
from helios_magic.engine.dialect.pgcatalog.indexes import method
from helios_magic.engine.dialect.pgcatalog.objects import (
    VECTOR,
    Constraint,
    Objects,
    Relation,
    default_of,
    derived,
    typmod,
)
from helios_magic.engine.dialect.pgtypes import base, is_array
from helios_magic.schema import Column, Comment

Rows = Iterator[dict[str, Any]]
_ACTIONS = {"NO ACTION": "a", "RESTRICT": "r", "CASCADE": "c", "SET NULL": "n", "SET DEFAULT": "d"}
_CLASS = {
    "relhasindex": False, "relisshared": False, "relpersistence": "p", "relhasrules": False, "relhastriggers": False,
    "relhassubclass": False, "relrowsecurity": False, "relforcerowsecurity": False, "relispopulated": True,
    "relispartition": False, "relowner": system.OWNER, "reltype": 0, "reloftype": 0, "reltablespace": 0, "relpages": 0,
    "relallvisible": 0, "relallfrozen": 0, "reltoastrelid": 0, "relchecks": 0, "relrewrite": 0, "relfrozenxid": 0,
    "relminmxid": 0,
}  # fmt: skip


def pg_class(known: Objects) -> Rows:
    for made in system.relations().values():
        yield {
            **_CLASS, "oid": made.oid, "relname": made.name, "relnamespace": known.namespaces[made.schema],
            "relam": system.HEAP if made.kind == "r" else 0, "relkind": made.kind, "reltuples": -1.0,
            "relnatts": len(made.columns), "relhasrules": made.kind == "v", "relreplident": "n", "relfilenode": 0,
        }  # fmt: skip
    checks = {c.table.oid: 0 for c in known.constraints}
    pointed = {c.target.oid for c in known.constraints if c.kind == "f" and c.target is not None}
    for c in known.constraints:
        checks[c.table.oid] += c.kind == "c"
        if c.kind == "f":
            pointed.add(c.table.oid)
    for made_by_user in known.relations:
        yield _class(known, made_by_user, checks.get(made_by_user.oid, 0), made_by_user.oid in pointed)


def _class(known: Objects, made: Relation, checks: int, pointed: bool) -> dict[str, Any]:
    kind, table = made.kind, made.table
    access = {"r": system.HEAP, "m": system.HEAP}.get(kind, 0)
    if kind == "i" and made.index is not None:
        access = cluster.METHODS.get(method(made.index), system.BTREE)
    columns = len(made.keys) if kind == "i" else 3 if kind == "S" else len(table.columns) if table is not None else 0
    return {
        **_CLASS, "oid": made.oid, "relname": made.name,
        "relnamespace": known.namespaces.get(made.schema, 0), "relam": access, "relkind": kind,
        "relfilenode": 0 if kind == "v" else made.oid, "reltuples": {"i": 0.0, "S": 1.0}.get(kind, -1.0),
        "relnatts": columns, "relchecks": checks, "relhasindex": kind in "rm" and bool(table and table.indexes),
        "relhasrules": kind in "vm", "relhastriggers": pointed, "relreplident": "d" if kind in "rm" else "n",
    }  # fmt: skip


_SYSTEM_COLUMNS = {-1: ("ctid", "tid"), -2: ("xmin", "xid"), -3: ("cmin", "cid"), -4: ("xmax", "xid"),
                   -5: ("cmax", "cid"), -6: ("tableoid", "oid")}  # fmt: skip


def pg_attribute(known: Objects) -> Rows:
    for relation in known.relations:
        if relation.kind == "i" and relation.table is not None:
            for number, key in enumerate(relation.keys, 1):
                column = relation.table.column(key.column) if key.column is not None else None
                name = key.column or f"expr{number if number > 1 else ''}"
                yield _attribute(known, relation, number, column or Column(name, "text"), bare=True)
        elif relation.kind == "S":
            for number, (name, kind) in enumerate((("last_value", "int8"), ("log_cnt", "int8"), ("is_called", "bool"))):
                yield _attribute(known, relation, number + 1, Column(name, kind, nullable=False))
        elif relation.table is not None:
            for number, column in enumerate(relation.table.columns, 1):
                yield _attribute(known, relation, number, column)
        if relation.kind in "rmS":
            for number, (name, kind) in _SYSTEM_COLUMNS.items():
                yield _attribute(known, relation, number, Column(name, kind, nullable=False))


def _attribute(
    known: Objects, relation: Relation, number: int, column: Column, *, bare: bool = False
) -> dict[str, Any]:
    of = _storage(column.type)
    key = relation.table.primary_key if relation.table is not None else ()
    return {
        "attrelid": relation.oid, "attname": column.name, "atttypid": known.type_oid(column.type), "attlen": of[0],
        "attnum": number, "atttypmod": typmod(column.type), "attndims": int(is_array(base(column.type))),
        "attbyval": of[1], "attalign": of[2], "attstorage": of[3], "attcompression": "",
        "attnotnull": not bare and (not column.nullable or column.name in key),
        "atthasdef": not bare and default_of(column) is not None, "atthasmissing": False,
        "attidentity": "" if bare or not column.identity else "a" if column.identity == "ALWAYS" else "d",
        "attgenerated": "s" if column.generated and not bare else "", "attisdropped": False, "attislocal": True,
        "attinhcount": 0, "attcollation": collation(column.type),
    }  # fmt: skip


def _storage(kind: str) -> tuple[int, bool, str, str]:
    plain = base(kind)
    if is_array(plain) or plain == "vector":
        return -1, False, "i", "x"
    found = system.types().get(plain)
    return (found.length, found.by_value, found.align, found.storage) if found is not None else (4, True, "i", "p")


def collation(kind: str) -> int:
    """The collation of a column of the type; 0 where it has none."""
    found = system.types().get(base(kind).removesuffix("[]"))
    return found.collation if found is not None else 0


def pg_attrdef(known: Objects) -> Rows:
    for relation, table in known.tables("r"):
        for number, column in enumerate(table.columns, 1):
            text = definitions.column_default(column, table)
            if text is not None:
                yield {"oid": _default_oid(relation, number), "adrelid": relation.oid, "adnum": number,
                       "adbin": text}  # fmt: skip


def _default_oid(relation: Relation, number: int) -> int:
    return derived("default", relation.oid, number)


def pg_type(known: Objects) -> Rows:
    for t in system.types().values():
        yield {**_type(t), "typnamespace": system.PG_CATALOG}
    text, listed = system.types()["text"], system.types()["_text"]
    enum = {**_type(text), "typlen": 4, "typbyval": True, "typtype": "e", "typcategory": "E", "typalign": "i",
            "typstorage": "p", "typinput": "enum_in", "typoutput": "enum_out", "typispreferred": False,
            "typreceive": "enum_recv", "typsend": "enum_send", "typcollation": 0}  # fmt: skip
    for made in known.schema.enums:
        oid, array = known.enums[made.name]
        place = known.namespaces.get(made.schema, system.PUBLIC)
        yield {**enum, "oid": oid, "typname": made.name, "typarray": array, "typnamespace": place}
        yield {**_type(listed), "oid": array, "typname": f"_{made.name}"[:63], "typelem": oid, "typcollation": 0,
               "typnamespace": place}  # fmt: skip
    yield {**_type(text), "oid": VECTOR[0], "typname": "vector", "typarray": VECTOR[1], "typcategory": "U",
           "typispreferred": False, "typcollation": 0, "typinput": "vector_in", "typoutput": "vector_out",
           "typnamespace": system.PUBLIC}  # fmt: skip
    yield {**_type(listed), "oid": VECTOR[1], "typname": "_vector", "typelem": VECTOR[0], "typcollation": 0,
           "typnamespace": system.PUBLIC}  # fmt: skip


def _type(t: system.Type) -> dict[str, Any]:
    names = ("typinput", "typoutput", "typreceive", "typsend", "typmodin", "typmodout", "typsubscript")
    return {
        "oid": t.oid, "typname": t.name, "typowner": system.OWNER, "typlen": t.length, "typbyval": t.by_value,
        "typtype": t.kind, "typcategory": t.category, "typispreferred": t.preferred, "typisdefined": True,
        "typdelim": t.delimiter, "typrelid": 0, "typelem": t.element, "typarray": t.array, "typanalyze": "-",
        "typalign": t.align, "typstorage": t.storage, "typnotnull": False, "typbasetype": 0, "typtypmod": -1,
        "typndims": 0, "typcollation": t.collation, **dict(zip(names, t.functions, strict=True)),
    }  # fmt: skip


def pg_constraint(known: Objects) -> Rows:
    for made in known.constraints:
        yield {**_constraint(made), "connamespace": known.namespaces.get(made.table.schema, 0)}


def _constraint(made: Constraint) -> dict[str, Any]:
    key, table = made.foreign, made.table.table
    check = definitions.constraint(made)[7:-1] if made.kind == "c" else None
    return {
        "oid": made.oid, "conname": made.name, "contype": made.kind, "condeferrable": definitions.deferrable(made),
        "condeferred": key.deferred if key is not None else False, "conenforced": True, "convalidated": True,
        "conrelid": made.table.oid, "contypid": 0, "conindid": made.index.oid if made.index is not None else 0,
        "conparentid": 0, "confrelid": made.target.oid if made.target is not None else 0,
        "confupdtype": _ACTIONS[key.on_update] if key is not None else " ",
        "confdeltype": _ACTIONS[key.on_delete] if key is not None else " ",
        "confmatchtype": "s" if key is not None else " ", "conislocal": True, "coninhcount": 0,
        "connoinherit": made.kind in "puf", "conperiod": False, "conkey": numbers(table, made.columns),
        "confkey": numbers(made.target.table, key.references_columns)
        if key is not None and made.target is not None else None, "conbin": check,
    }  # fmt: skip


def numbers(table: Any, columns: tuple[str, ...]) -> list[int]:
    """attnum of each column."""
    places = {column.name: number for number, column in enumerate(table.columns, 1)} if table is not None else {}
    return [places.get(name, 0) for name in columns]


def pg_index(known: Objects) -> Rows:
    for relation, index, table in known.indexes():
        owner = known.relation(table.schema, table.name)
        columns = [table.column(key.column) if key.column is not None else None for key in relation.keys]
        expressions = [definitions.key_expression(key, table) for key in relation.keys if key.column is None]
        condition = relation.predicate
        yield {
            "indexrelid": relation.oid, "indrelid": owner.oid if owner is not None else 0,
            "indnatts": len(relation.keys), "indnkeyatts": sum(not key.included for key in relation.keys),
            "indisunique": index.unique, "indnullsnotdistinct": not definitions.nulls_distinct(relation),
            "indisprimary": index.primary, "indisexclusion": False, "indimmediate": True, "indisclustered": False,
            "indisvalid": True, "indcheckxmin": False, "indisready": True, "indislive": True,
            "indisreplident": False, "indkey": [numbers(table, (c.name,))[0] if c else 0 for c in columns],
            "indcollation": [collation(c.type) if c else 0 for c in columns],
            "indclass": [_operator_class(c.type if c else "text") for c in columns],
            "indoption": [key.option for key in relation.keys], "indexprs": ", ".join(expressions) or None,
            "indpred": deparse.condition(condition, table) if condition is not None else None,
        }  # fmt: skip


def _operator_class(kind: str) -> int:
    plain = base(kind)
    known = system.types().get("text" if plain == "varchar" else plain)
    oid = _ANY_ARRAY if is_array(plain) else known.oid if known is not None else _ANY_ENUM
    return next((c.oid for c in system.classes() if c.method == system.BTREE and c.default and c.of == oid), 0)


#: The types that array_ops and enum_ops stand for.
_ANY_ARRAY, _ANY_ENUM = 2277, 3500


def pg_opclass(known: Objects) -> Rows:
    for c in system.classes():
        yield {"oid": c.oid, "opcmethod": c.method, "opcname": c.name, "opcnamespace": system.PG_CATALOG,
               "opcowner": system.OWNER, "opcfamily": c.family, "opcintype": c.of, "opcdefault": c.default,
               "opckeytype": c.key}  # fmt: skip


def pg_namespace(known: Objects) -> Rows:
    for name, oid in known.namespaces.items():
        yield {"oid": oid, "nspname": name, "nspowner": system.OWNER}


def pg_enum(known: Objects) -> Rows:
    for enum in known.schema.enums:
        oid = known.enums[enum.name][0]
        for place, label in enumerate(enum.labels, 1):
            yield {
                "oid": derived("label", oid, place),
                "enumtypid": oid,
                "enumsortorder": float(place),
                "enumlabel": label,
            }


def comments(known: Objects) -> Iterator[tuple[int, int, int, str]]:
    """objoid, classoid, objsubid and text of every comment."""
    for relation, table in known.tables():
        if table.comment is not None:
            yield relation.oid, system.PG_CLASS, 0, table.comment
        for number, column in enumerate(table.columns, 1):
            if column.comment is not None:
                yield relation.oid, system.PG_CLASS, number, column.comment
    for made in known.schema.comments:
        found = _commented(known, made)
        if found is not None:
            yield *found, 0, made.text


def _commented(known: Objects, made: Comment) -> tuple[int, int] | None:
    """What a comment of our own catalogue is on: its oid, and that of the catalogue it is in."""
    if made.kind == "schema":
        oid = known.namespaces.get(made.name)
        return None if oid is None else (oid, system.PG_NAMESPACE)
    if made.kind == "type":
        return (known.enums[made.name][0], system.PG_TYPE) if made.name in known.enums else None
    if made.kind == "constraint":
        at = (made.schema, made.name, made.part)
        own = (c.oid for c in known.constraints if (c.table.schema, c.table.name, c.name) == at)
        oid = next(own, None)
        return None if oid is None else (oid, system.PG_CONSTRAINT)
    relation = known.relation(made.schema, made.name)
    return None if relation is None else (relation.oid, system.PG_CLASS)


def pg_description(known: Objects) -> Rows:
    for oid, of, part, text in comments(known):
        yield {"objoid": oid, "classoid": of, "objsubid": part, "description": text}


def pg_sequence(known: Objects) -> Rows:
    for relation in known.relations:
        s = relation.sequence
        if s is not None:
            yield {"seqrelid": relation.oid, "seqtypid": known.type_oid(s.type), "seqstart": s.start,
                   "seqincrement": s.increment, "seqmax": s.maximum, "seqmin": s.minimum, "seqcache": 1,
                   "seqcycle": s.cycle}  # fmt: skip


def owned_by(known: Objects, relation: Relation) -> tuple[Relation, int, Column] | None:
    """The table and column that own a sequence."""
    if relation.sequence is None or relation.sequence.owner is None:
        return None
    for table, structure in known.tables("r"):
        for number, column in enumerate(structure.columns, 1):
            if table.schema == relation.schema and f"{table.name}.{column.name}" == relation.sequence.owner:
                return table, number, column
    return None


def pg_depend(known: Objects) -> Rows:
    """Sequences on their columns, defaults on sequences, views on what they read."""
    for relation in known.relations:
        owner = owned_by(known, relation)
        if owner is not None:
            table, number, column = owner
            yield _depends(system.PG_CLASS, relation.oid, table.oid, number, "i" if column.identity else "a")
            if not column.identity:
                default = _default_oid(table, number)
                yield _depends(system.PG_ATTRDEF, default, relation.oid, 0, "n")
    for made in known.constraints:
        if made.index is not None and made.kind in "pu":
            yield {**_depends(system.PG_CLASS, made.index.oid, made.oid, 0, "i"), "refclassid": system.PG_CONSTRAINT}
    for relation, view in known.tables("vm"):
        for read in view.reads:
            schema, _, name = read.partition(".")
            target = known.relation(schema, name)
            if target is not None:
                yield _depends(REWRITE, _rule_oid(relation), target.oid, 0, "n")


REWRITE = 2618


def _rule_oid(view: Relation) -> int:
    return derived("rule", view.oid, 0)


def _depends(of: int, oid: int, target: int, part: int, kind: str) -> dict[str, Any]:
    return {"classid": of, "objid": oid, "objsubid": 0, "refclassid": system.PG_CLASS, "refobjid": target,
            "refobjsubid": part, "deptype": kind}  # fmt: skip


def pg_rewrite(known: Objects) -> Rows:
    for relation, _ in known.tables("vm"):
        yield {"oid": _rule_oid(relation), "rulename": "_RETURN", "ev_class": relation.oid, "ev_type": "1",
               "ev_enabled": "O", "is_instead": True}  # fmt: skip


def pg_tables(known: Objects) -> Rows:
    pointed = {c.target.oid for c in known.constraints if c.kind == "f" and c.target is not None}
    pointed |= {c.table.oid for c in known.constraints if c.kind == "f"}
    for relation, table in known.tables("r"):
        yield {"schemaname": table.schema, "tablename": table.name, "tableowner": system.OWNER_NAME,
               "hasindexes": bool(table.indexes), "hasrules": False, "hastriggers": relation.oid in pointed,
               "rowsecurity": False}  # fmt: skip
    for made in system.relations().values():
        if made.kind == "r":
            yield {"schemaname": made.schema, "tablename": made.name, "tableowner": system.OWNER_NAME,
                   "hasindexes": True, "hasrules": False, "hastriggers": False, "rowsecurity": False}  # fmt: skip


def pg_views(known: Objects) -> Rows:
    for _, table in known.tables("v"):
        yield {"schemaname": table.schema, "viewname": table.name, "viewowner": system.OWNER_NAME,
               "definition": definitions.view(table)}  # fmt: skip


def pg_matviews(known: Objects) -> Rows:
    for _, table in known.tables("m"):
        yield {"schemaname": table.schema, "matviewname": table.name, "matviewowner": system.OWNER_NAME,
               "hasindexes": bool(table.indexes), "ispopulated": table.populated,
               "definition": definitions.view(table)}  # fmt: skip


def pg_indexes(known: Objects) -> Rows:
    for relation, index, table in known.indexes():
        yield {"schemaname": table.schema, "tablename": table.name, "indexname": index.name,
               "indexdef": definitions.index(relation, index, table)}  # fmt: skip


CONTENTS: dict[str, Callable[[Objects], Rows]] = cluster.CONTENTS | {
    made.__name__: made
    for made in (
        pg_attrdef, pg_attribute, pg_class, pg_constraint, pg_depend,
        pg_description, pg_enum, pg_index, pg_indexes, pg_matviews, pg_namespace,
        pg_opclass, pg_rewrite, pg_sequence, pg_tables, pg_type, pg_views,
    )
}  # fmt: skip
