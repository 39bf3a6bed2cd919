"""The functions that tools send beside pg_catalog: definitions, names, privileges, sizes, comments."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from sqlglot import exp

from helios_magic.engine.dialect.failures import UNDEFINED_FUNCTION, Refusal, nearest, unsupported
from helios_magic.engine.dialect.pgcatalog import contents, definitions, rows, system, types
from helios_magic.engine.dialect.pgcatalog.names import qualified
from helios_magic.engine.dialect.pgcatalog.objects import Objects, objects
from helios_magic.engine.dialect.pgtypes import STRINGS, UNKNOWN
from helios_magic.engine.dialect.typed import Node, base_of, is_string, literal, name_of, place_of, quoted, sql

if TYPE_CHECKING:
    from helios_magic.engine.dialect.queries import Binder

Builder = Callable[["Binder", Node, list[Node]], Node]
_ARITY: dict[str, tuple[int, int]] = {}
FUNCTIONS: dict[str, Builder] = {}
"""By name; each takes the binder, the call and its resolved arguments."""


def _function(*names: str, arguments: tuple[int, int]) -> Callable[[Builder], Builder]:
    def register(builder: Builder) -> Builder:
        for name in names:
            _ARITY[name] = arguments
            FUNCTIONS[name] = _checked(name, builder)
        return builder

    return register


def _checked(name: str, builder: Builder) -> Builder:
    def call(binder: Binder, node: Node, arguments: list[Node]) -> Node:
        least, most = _ARITY[name]
        if not least <= len(arguments) <= most:
            shown = f"function {name} with {len(arguments)} arguments does not exist"
            raise Refusal(UNDEFINED_FUNCTION, shown, place=place_of(node))
        return builder(binder, node, arguments)

    return call


def _oid(binder: Binder, value: Node, kind: str = "regclass") -> Node:
    """An argument that is an object: an oid, a reg… value, or a name."""
    if base_of(value) in (UNKNOWN, *STRINGS):
        return types.cast(binder, value, kind)
    return value if base_of(value) == kind else types.cast(binder, value, "oid")


def _text(value: Node) -> Node:
    return sql("CAST({0} AS VARCHAR)", value, pg="text")


def _looked_up(binder: Binder, value: Node, found: dict[int, str], kind: str = "regclass") -> Node:
    return sql(rows.lookup(found, "BIGINT", "VARCHAR"), _oid(binder, value, kind), pg="text")


@_function("pg_get_constraintdef", arguments=(1, 2))
def _constraintdef(binder: Binder, node: Node, arguments: list[Node]) -> Node:
    made = definitions.constraint_definitions(objects(binder.schema), pretty=_pretty(node, arguments, 1))
    return _looked_up(binder, arguments[0], made)


def _pretty(node: Node, arguments: list[Node], place: int) -> bool:
    """Whether the definition is wanted without the brackets that are not needed."""
    if len(arguments) <= place:
        return False
    value = arguments[place]
    if not isinstance(value, exp.Boolean):
        raise unsupported(f"{name_of(node)} with a computed argument", place=place_of(node))
    return bool(value.this)


@_function("pg_get_viewdef", arguments=(1, 2))
def _viewdef(binder: Binder, node: Node, arguments: list[Node]) -> Node:
    return _looked_up(binder, arguments[0], definitions.view_definitions(objects(binder.schema)))


@_function("pg_get_indexdef", arguments=(1, 3))
def _indexdef(binder: Binder, node: Node, arguments: list[Node]) -> Node:
    known = objects(binder.schema)
    if len(arguments) == 1:
        return _looked_up(binder, arguments[0], definitions.index_definitions(known, pretty=False))
    pretty = _pretty(node, arguments, 2)
    whole = rows.lookup(definitions.index_definitions(known, pretty=pretty), "BIGINT", "VARCHAR")
    parts = {
        f"{relation.oid} {number}": definitions.index_key(key, table, order=False, pretty=pretty)
        for relation, _, table in known.indexes()
        for number, key in enumerate(relation.keys, 1)
    }
    found = rows.lookup(parts, "VARCHAR", "VARCHAR", "concat({0}, ' ', {1})")
    return sql(f"CASE WHEN {{1}} = 0 THEN {whole} ELSE coalesce({found}, CASE WHEN {{0}} IS NOT NULL THEN '' END) END",
               _oid(binder, arguments[0]), arguments[1], pg="text")  # fmt: skip


@_function("pg_get_expr", arguments=(2, 3))
def _expression(binder: Binder, node: Node, arguments: list[Node]) -> Node:
    """The catalogues keep expressions as they are printed."""
    if _pretty(node, arguments, 2):
        texts = definitions.pretty_expressions(objects(binder.schema))
        found = rows.lookup(texts, "VARCHAR", "VARCHAR", "CAST({0} AS VARCHAR)")
        return sql(f"CASE WHEN {{1}} IS NOT NULL THEN coalesce({found}, CAST({{0}} AS VARCHAR)) END", arguments[0],
                   arguments[1], pg="text")  # fmt: skip
    return sql("CASE WHEN {1} IS NOT NULL THEN CAST({0} AS VARCHAR) END", arguments[0], arguments[1], pg="text")


@_function("format_type", arguments=(2, 2))
def _format_type(binder: Binder, node: Node, arguments: list[Node]) -> Node:
    names = rows.lookup(types.type_names(objects(binder.schema)), "BIGINT", "VARCHAR")
    return sql(
        f"CASE WHEN {{0}} IS NULL THEN NULL WHEN {{0}} = 0 THEN '-' "
        f"ELSE pg_typed(coalesce({names}, '???'), CAST({{0}} AS BIGINT), CAST({{1}} AS INTEGER)) END",
        _oid(binder, arguments[0], "regtype"), arguments[1] if base_of(arguments[1]) != UNKNOWN else
        sql("CAST({0} AS INTEGER)", arguments[1], pg="int4"), pg="text",
    )  # fmt: skip


@_function("pg_table_is_visible", "pg_type_is_visible", "pg_opclass_is_visible", "pg_collation_is_visible",
           "pg_function_is_visible", "pg_operator_is_visible", "pg_ts_config_is_visible",
           "pg_statistics_obj_is_visible", arguments=(1, 1))  # fmt: skip
def _visible(binder: Binder, node: Node, arguments: list[Node]) -> Node:
    known, name = objects(binder.schema), name_of(node)
    if name == "pg_table_is_visible":
        hidden = [r.oid for r in known.relations if r.schema != "public"]
        hidden += [r.oid for r in system.relations().values() if r.schema != "pg_catalog"]
        there = list(types.registered(known, "regclass"))
    else:
        hidden = [known.enums[e.name][at] for e in known.schema.enums if e.schema != "public" for at in (0, 1)]
        there = list(types.type_names(known)) if name == "pg_type_is_visible" else []
    shown = {oid: oid not in hidden for oid in there}
    if not there:
        return sql("({0} IS NOT NULL)", arguments[0], pg="bool")
    return sql(rows.lookup(shown, "BIGINT", "BOOLEAN"), _oid(binder, arguments[0]), pg="bool")


@_function("to_regclass", "to_regtype", "to_regnamespace", "to_regrole", arguments=(1, 1))
def _to_registered(binder: Binder, node: Node, arguments: list[Node]) -> Node:
    kind, known = name_of(node).removeprefix("to_"), objects(binder.schema)
    value = arguments[0]
    if is_string(value):
        found = types.find(known, kind, value.name)
        return sql(f"CAST({'NULL' if found is None else found} AS BIGINT)", pg=kind)
    return sql(types.spelled_lookup(known, kind), _text(value), pg=kind)


@_function("obj_description", arguments=(1, 2))
def _object_comment(binder: Binder, node: Node, arguments: list[Node]) -> Node:
    told = [(oid, of, text) for oid, of, part, text in contents.comments(objects(binder.schema)) if part == 0]
    value = _oid(binder, arguments[0])
    if len(arguments) == 1:
        return sql(rows.lookup({oid: text for oid, _, text in told}, "BIGINT", "VARCHAR"), value, pg="text")
    names = {made.oid: made.name for made in system.relations().values()}
    found = {f"{oid} {names[of]}": text for oid, of, text in told}
    return sql(rows.lookup(found, "VARCHAR", "VARCHAR", "concat({0}, ' ', {1})"), value, _text(arguments[1]), pg="text")


@_function("col_description", arguments=(2, 2))
def _column_comment(binder: Binder, node: Node, arguments: list[Node]) -> Node:
    told = {f"{oid} {part}": text for oid, _, part, text in contents.comments(objects(binder.schema)) if part}
    value = _oid(binder, arguments[0])
    return sql(rows.lookup(told, "VARCHAR", "VARCHAR", "concat({0}, ' ', {1})"), value, arguments[1], pg="text")


@_function("shobj_description", arguments=(2, 2))
def _shared_comment(binder: Binder, node: Node, arguments: list[Node]) -> Node:
    """Databases and roles have no comments here."""
    return sql("CAST(NULL AS VARCHAR)", pg="text")


@_function("pg_get_ruledef", "pg_get_triggerdef", "pg_get_statisticsobjdef", "pg_get_statisticsobjdef_columns",
           "pg_get_functiondef", "pg_get_partkeydef", "pg_get_partition_constraintdef", arguments=(1, 2))  # fmt: skip
def _nothing(binder: Binder, node: Node, arguments: list[Node]) -> Node:
    """Of what does not exist here PostgreSQL has no definition either."""
    return sql("CASE WHEN {0} IS NULL THEN NULL ELSE CAST(NULL AS VARCHAR) END", arguments[0], pg="text")


@_function("pg_relation_is_publishable", arguments=(1, 1))
def _publishable(binder: Binder, node: Node, arguments: list[Node]) -> Node:
    there = {relation.oid: relation.kind == "r" for relation in objects(binder.schema).relations}
    return sql(rows.lookup(there, "BIGINT", "BOOLEAN"), _oid(binder, arguments[0]), pg="bool")


@_function("pg_tablespace_location", arguments=(1, 1))
def _location(binder: Binder, node: Node, arguments: list[Node]) -> Node:
    return sql("CASE WHEN {0} IS NOT NULL THEN '' END", arguments[0], pg="text")


@_function("getdatabaseencoding", arguments=(0, 0))
def _database_encoding(binder: Binder, node: Node, arguments: list[Node]) -> Node:
    return sql("'UTF8'", pg="name")


@_function("current_setting", arguments=(1, 2))
def _setting(binder: Binder, node: Node, arguments: list[Node]) -> Node:
    """A setting's value; with `true` an unknown one is NULL."""
    from helios_magic.engine.dialect.settings import SETTINGS

    name = arguments[0]
    unknown_is_null = _pretty(node, arguments, 1)
    if not is_string(name):
        found = rows.lookup(SETTINGS, "VARCHAR", "VARCHAR", "lower({0})")
        return sql(found, _text(name), pg="text")
    text = name.name.lower()
    if text in SETTINGS:
        return sql(rows.escaped(literal(SETTINGS[text])), pg="text")
    if unknown_is_null:
        return sql("CAST(NULL AS VARCHAR)", pg="text")
    message = f'unrecognized configuration parameter "{name.name}"'
    raise Refusal("42704", message, place=place_of(node), hint=nearest(text, SETTINGS))


def serial_sequence(binder: Binder, arguments: list[Node]) -> Node:
    """pg_get_serial_sequence of names that are known only when it runs; NULL where nothing of the name is."""
    known = objects(binder.schema)
    found = {}
    for relation in known.relations:
        owner = contents.owned_by(known, relation)
        if owner is not None:
            table, _, column = owner
            for name in (qualified(table.schema, table.name), qualified(table.schema, table.name, always=True)):
                found[f"{name} {column.name}"] = qualified(relation.schema, relation.name, always=True)
    template = rows.lookup(found, "VARCHAR", "VARCHAR", "concat({0}, ' ', {1})")
    return sql(template, *(_text(argument) for argument in arguments), pg="text")


@_function("set_config", arguments=(3, 3))
def _set_config(binder: Binder, node: Node, arguments: list[Node]) -> Node:
    """What SET may be told, it may be told too: the value that already is."""
    from helios_magic.engine.dialect.settings import HARMLESS, SETTINGS

    name, value = arguments[0], arguments[1]
    if not is_string(name) or not is_string(value):
        raise unsupported("set_config of a computed setting", place=place_of(node))
    setting = name.name.lower()
    if setting not in SETTINGS and setting not in HARMLESS:
        message = f'unrecognized configuration parameter "{name.name}"'
        raise Refusal("42704", message, place=place_of(node), hint=nearest(setting, SETTINGS))
    if setting not in HARMLESS and value.name.lower() != SETTINGS[setting].lower():
        raise unsupported(f"set_config of {setting}", place=place_of(node), hint=f"It is {SETTINGS[setting]} here.")
    return sql(rows.escaped(literal(value.name)), pg="text")


@_function("pg_get_userbyid", arguments=(1, 1))
def _role_name(binder: Binder, node: Node, arguments: list[Node]) -> Node:
    unknown = "'unknown (OID=' || CAST({0} AS VARCHAR) || ')'"
    value = _oid(binder, arguments[0], "regrole")
    return sql(
        f"CASE WHEN {{0}} = {system.OWNER} THEN {literal(system.OWNER_NAME)} ELSE {unknown} END", value, pg="name"
    )


@_function("pg_encoding_to_char", arguments=(1, 1))
def _encoding(binder: Binder, node: Node, arguments: list[Node]) -> Node:
    names = {0: "SQL_ASCII", 6: "UTF8", 8: "LATIN1"}
    found = rows.lookup(names, "BIGINT", "VARCHAR", "CAST({0} AS BIGINT)")
    return sql(f"CASE WHEN {{0}} IS NOT NULL THEN coalesce({found}, '') END", arguments[0], pg="name")


_PRIVILEGES = {
    "table": "regclass", "any_column": "regclass", "sequence": "regclass", "schema": "regnamespace", "type": "regtype",
}  # fmt: skip


@_function(*(f"has_{what}_privilege" for what in _PRIVILEGES), arguments=(2, 3))
def _has_privilege(binder: Binder, node: Node, arguments: list[Node]) -> Node:
    """The one role owns all there is: true for what exists, an error for a name that does not, NULL for an oid."""
    what = name_of(node).removeprefix("has_").removesuffix("_privilege")
    kind = _PRIVILEGES[what]
    there = dict.fromkeys(types.registered(objects(binder.schema), kind), True)
    return sql(rows.lookup(there, "BIGINT", "BOOLEAN"), _oid(binder, arguments[-2], kind), pg="bool")


@_function("has_database_privilege", "has_language_privilege", "pg_has_role", "has_tablespace_privilege",
           "has_function_privilege", arguments=(2, 3))  # fmt: skip
def _has_any_privilege(binder: Binder, node: Node, arguments: list[Node]) -> Node:
    return sql("({0} IS NOT NULL)", arguments[-2], pg="bool")


@_function("has_column_privilege", arguments=(3, 4))
def _has_column_privilege(binder: Binder, node: Node, arguments: list[Node]) -> Node:
    there = dict.fromkeys(types.registered(objects(binder.schema), "regclass"), True)
    return sql(rows.lookup(there, "BIGINT", "BOOLEAN"), _oid(binder, arguments[-3]), pg="bool")


@_function("current_schemas", arguments=(1, 1))
def _schemas(binder: Binder, node: Node, arguments: list[Node]) -> Node:
    inner = "CASE WHEN {0} THEN ['pg_catalog', 'public'] ELSE ['public'] END"
    return sql(f"CASE WHEN {{0}} IS NOT NULL THEN {inner} END", arguments[0], pg="name[]")


@_function("pg_backend_pid", arguments=(0, 0))
def _backend(binder: Binder, node: Node, arguments: list[Node]) -> Node:
    return sql("CAST(current_connection_id() AS INTEGER)", pg="int4")


@_function("pg_is_in_recovery", arguments=(0, 0))
def _recovery(binder: Binder, node: Node, arguments: list[Node]) -> Node:
    return sql("false", pg="bool")


@_function("pg_size_pretty", arguments=(1, 1))
def _size_pretty(binder: Binder, node: Node, arguments: list[Node]) -> Node:
    return sql("pg_pretty(CAST({0} AS HUGEINT))", arguments[0], pg="text")


@_function("pg_relation_size", "pg_table_size", "pg_total_relation_size", "pg_indexes_size", arguments=(1, 2))
def _relation_size(binder: Binder, node: Node, arguments: list[Node]) -> Node:
    """The blocks that a table's columns fill; an index has none of its own in the file."""
    known = objects(binder.schema)
    if name_of(node) == "pg_indexes_size":
        return sql("CASE WHEN {0} IS NOT NULL THEN CAST(0 AS BIGINT) END", _oid(binder, arguments[0]), pg="int8")
    whens = [f"WHEN {r.oid} THEN {_stored(known, r.schema, r.name)}" for r, _ in known.tables("rm")]
    rest = "ELSE CASE WHEN {0} IS NOT NULL THEN CAST(0 AS BIGINT) END"
    body = f"CASE {{0}} {' '.join(whens)} {rest} END" if whens else rest.removeprefix("ELSE ")
    return sql(body, _oid(binder, arguments[0]), pg="int8")


def _stored(known: Objects, schema: str, name: str) -> str:
    """Bytes of a table: its blocks, of 256 KB each."""
    table = rows.escaped(literal(f"{quoted(schema)}.{quoted(name)}"))
    return (
        "(SELECT CAST(count(DISTINCT block_id) * 262144 AS BIGINT) "
        f"FROM pragma_storage_info({table}) WHERE block_id >= 0)"
    )


@_function("pg_database_size", arguments=(1, 1))
def _database_size(binder: Binder, node: Node, arguments: list[Node]) -> Node:
    raise unsupported("pg_database_size", place=place_of(node), hint="GET /databases tells a database's size.")
