"""The types that only catalogues have: oid, the reg… types, "char", int2vector.

A reg… value is kept as its oid and printed as a name where it leaves the query.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from helios_magic.engine.dialect.failures import Refusal, nearest, unsupported
from helios_magic.engine.dialect.pgcatalog import rows, system
from helios_magic.engine.dialect.pgcatalog.names import qualified
from helios_magic.engine.dialect.pgcatalog.objects import Objects, objects
from helios_magic.engine.dialect.pgtypes import STRINGS, UNKNOWN, base, canonical, element, is_array, long_name
from helios_magic.engine.dialect.typed import Node, base_of, is_parameter, is_string, place_of, sql
from helios_magic.sqltext import UnclosedError, scan

if TYPE_CHECKING:
    from helios_magic.engine.dialect.queries import Binder

REGISTERED = ("regclass", "regtype", "regnamespace", "regrole")
VECTORS = {"int2vector": "int2", "oidvector": "oid"}
#: What is kept as numbers and printed as text.
NAMED = frozenset((*REGISTERED, *VECTORS))
_OWN = frozenset({"oid", "char", "xid", "regproc", "regprocedure", *REGISTERED, *VECTORS})
_INTEGERS = ("int2", "int4", "int8")


def cast_target(node: Node) -> str | None:
    """The type of a cast where only catalogues have it (`regclass`, `oid`, `"char"`), or it is `pg_catalog.…`."""
    if isinstance(node, exp.ObjectIdentifier | exp.PseudoType):
        name = str(node.this).lower()
        return name if name in _OWN else None
    if not isinstance(node, exp.DataType):
        return None
    if node.this == exp.DType.ARRAY and node.expressions:
        inner = cast_target(node.expressions[0])
        return None if inner is None else inner + "[]"
    if node.this != exp.DType.USERDEFINED:
        return "char" if node.this == exp.DType.CHAR and _is_quoted(node) else None
    kind = node.args.get("kind")
    text = kind.sql("postgres") if isinstance(kind, exp.Expression) else str(kind)
    name = text.lower().removeprefix("pg_catalog.").strip('"')
    if name in _OWN or (name in system.types() and text.lower().startswith("pg_catalog.")):
        return name
    return None


def _is_quoted(node: exp.DataType) -> bool:
    return bool(node.args.get("quoted"))


def refuse_text(value: Node) -> None:
    """Refuse to print what is kept as a number, where the names are not at hand."""
    if base_of(value) in NAMED:
        raise unsupported(f"{base_of(value)} as text here", place=place_of(value), hint="Cast it: (…)::text.")


def involves(*kinds: str) -> bool:
    """Whether a type among them is only of the catalogues."""
    return any((k.removesuffix("[]")) in _OWN for k in kinds)


def cast(binder: Binder, value: Node, target: str) -> Node:
    """A cast to or from a type of the catalogues, or between two of them."""
    source, plain = base_of(value), base(target)
    if plain in ("char", *STRINGS):
        text = to_text(binder, value)
        return sql("{0}" if plain != "char" else "left({0}, 1)", text, pg=target)
    if plain in REGISTERED and source in (*STRINGS, UNKNOWN):
        return _named(binder, value, plain)
    if plain in ("regproc", "regprocedure"):
        return sql("{0}", value if source in STRINGS else to_text(binder, value), pg=target)
    if plain == "oid" and source in (*STRINGS, UNKNOWN):
        return sql("CAST({0} AS BIGINT)", value, pg=target)
    number = (*_INTEGERS, "oid", "xid", *REGISTERED)
    if plain in number and source in number:
        return sql(f"CAST({{0}} AS {_carrier(plain)})", value, pg=target) if plain in _INTEGERS else _as(value, target)
    if is_array(source) and is_array(plain):
        return sql(f"CAST({{0}} AS {_carrier(element(plain))}[])", value, pg=target)
    if is_array(plain) and source == UNKNOWN:
        from helios_magic.engine.dialect.conversion import from_unknown

        return sql("{0}", from_unknown(binder, value, "int8[]" if "oid" in plain else "text[]"), pg=target)
    raise Refusal("42846", f"cannot cast type {long_name(source)} to {long_name(plain)}", place=place_of(value))


def _carrier(kind: str) -> str:
    from helios_magic.engine.dialect.pgtypes import duckdb_type

    return duckdb_type(kind)


def _as(value: Node, target: str) -> Node:
    return sql("CAST({0} AS BIGINT)", value, pg=target)


def to_text(binder: Binder, value: Node) -> Node:
    """The value as PostgreSQL prints it: a regclass as the relation's name."""
    kind = base_of(value)
    if kind in REGISTERED:
        names = registered(objects(binder.schema), kind)
        found = rows.lookup(names, "BIGINT", "VARCHAR")
        nothing = "CASE WHEN {0} = 0 THEN '-' ELSE CAST({0} AS VARCHAR) END"
        return sql(f"coalesce({found}, {nothing})", value, pg="text")
    if kind in VECTORS:
        return sql("array_to_string({0}, ' ')", value, pg="text")
    if kind in ("oid", "xid"):
        return sql("CAST({0} AS VARCHAR)", value, pg="text")
    if is_array(kind) and element(kind) in REGISTERED:
        raise unsupported(f"{kind} as text", place=place_of(value))
    if is_array(kind):
        return sql("pg_array_text(CAST({0} AS VARCHAR[]))", value, pg="text")
    if kind in ("char", "regproc", *STRINGS, UNKNOWN):
        return value
    from helios_magic.engine.dialect.conversion import to_text as plain_text

    return plain_text(value)


def registered(known: Objects, kind: str) -> dict[int, str]:
    """The names that a reg… type prints, by oid."""
    if kind == "regclass":
        ours = {r.oid: qualified(r.schema, r.name) for r in known.relations}
        return {made.oid: qualified(made.schema, made.name) for made in system.relations().values()} | ours
    if kind == "regnamespace":
        return {oid: qualified("public", name) for name, oid in known.namespaces.items()}
    if kind == "regrole":
        return {system.OWNER: system.OWNER_NAME}
    return type_names(known)


def type_names(known: Objects) -> dict[int, str]:
    """format_type without modifiers, by oid."""
    names = {}
    for made in system.types().values():
        inner = made.name[1:] if made.category == "A" and made.name.startswith("_") else made.name
        shown = "character" if inner == "bpchar" else '"char"' if inner == "char" else long_name(inner)
        names[made.oid] = shown + ("[]" if inner != made.name else "")
    for enum in known.schema.enums:
        oid, array = known.enums[enum.name]
        names[oid] = qualified(enum.schema, enum.name)
        names[array] = names[oid] + "[]"
    vector, vectors = known.type_oid("vector"), known.type_oid("vector[]")
    return names | {vector: "vector", vectors: "vector[]"}


def _named(binder: Binder, value: Node, kind: str) -> Node:
    """Text as a reg… value: looked up now where it is a constant, else when it runs."""
    known = objects(binder.schema)
    if is_string(value):
        found = find(known, kind, value.name)
        if found is None:
            raise missing(binder, kind, value)
        return sql(f"CAST({found} AS BIGINT)", pg=kind)
    if isinstance(value, exp.Null):
        return sql("CAST(NULL AS BIGINT)", pg=kind)
    text = sql("CAST({0} AS VARCHAR)", value, pg="text") if is_parameter(value) else value
    code, message = _MISSING[kind]
    told = f"error('[{code}] {message.format(_SPLIT)}')".replace(_SPLIT, "' || {0} || '")
    digits = "regexp_full_match({0}, '\\d+')"
    return sql(
        f"CASE WHEN {{0}} IS NULL THEN NULL WHEN {digits} THEN CAST({{0}} AS BIGINT) "
        f"ELSE coalesce({spelled_lookup(known, kind)}, CAST({told} AS BIGINT)) END",
        text, pg=kind,
    )  # fmt: skip


_SPLIT = "\x01"
_MISSING = {
    "regclass": ("42P01", 'relation "{}" does not exist'),
    "regtype": ("42704", 'type "{}" does not exist'),
    "regnamespace": ("3F000", 'schema "{}" does not exist'),
    "regrole": ("42704", 'role "{}" does not exist'),
}


def spelled_lookup(known: Objects, kind: str) -> str:
    """A template that finds the oid of a name that is known only when it runs, quoted or not."""
    found: dict[str, int] = {}
    for oid, name in registered(known, kind).items():
        found.setdefault(name, oid)
    if kind == "regclass":
        for r in known.relations:
            found[qualified(r.schema, r.name, always=True)] = r.oid
        for made in system.relations().values():
            found[f"{made.schema}.{made.name}"] = made.oid
    if kind == "regtype":
        found |= {name: made.oid for name, made in system.types().items()}
    folded = "CASE WHEN contains({0}, '\"') THEN {0} ELSE lower({0}) END"
    return rows.lookup(found, "VARCHAR", "BIGINT", folded)


def find(known: Objects, kind: str, text: str) -> int | None:
    """The oid of a name in a string; None where there is none."""
    if text.isdigit():
        return int(text)
    if text == "-":
        return 0
    parts = _parts(text)
    if kind == "regclass":
        return _relation(known, parts)
    if kind == "regtype":
        return _type(known, text, parts)
    if kind == "regnamespace":
        return known.namespaces.get(parts[-1])
    return system.OWNER if parts[-1] == system.OWNER_NAME else None


def _relation(known: Objects, parts: list[str]) -> int | None:
    name = parts[-1]
    for schema in parts[:-1][-1:] or ["pg_catalog", "public"]:
        own = system.relations().get((schema, name))
        made = known.relation(schema, name)
        if own is not None or made is not None:
            return own.oid if own is not None else made.oid if made is not None else None
    return None


def _type(known: Objects, text: str, parts: list[str]) -> int | None:
    plain = base(text).strip().lower()
    array = plain.endswith("[]")
    inner = plain.removesuffix("[]").removeprefix("pg_catalog.")
    if parts[-1] in known.enums:
        return known.enums[parts[-1]][array]
    kind = {"char": "bpchar", '"char"': "char"}.get(inner) or canonical(inner)
    return known.type_oid(kind + ("[]" if array else "")) or None


def _parts(text: str) -> list[str]:
    """A name in a string: folded unless quoted, split at its dots."""
    try:
        tokens = [token for token in scan(text) if token.code]
    except UnclosedError:
        return [text]
    names = [token for token in tokens if token.text != "."]
    return [
        token.text[1:-1].replace('""', '"') if token.text.startswith('"') else token.text.lower() for token in names
    ] or [text]


def missing(binder: Binder, kind: str, value: Node) -> Refusal:
    """The refusal of a name that nothing has."""
    code, message = _MISSING[kind]
    text = value.name
    names = [table.name for table in binder.schema.tables] if kind == "regclass" else []
    return Refusal(code, message.format(text), place=place_of(value), hint=nearest(text, names))
