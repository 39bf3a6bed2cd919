"""What PostgreSQL calls a column of the result that has no alias (FigureColname in its parser)."""

from __future__ import annotations

from sqlglot import exp

from helios_magic.engine.dialect.pgcatalog.types import cast_target
from helios_magic.engine.dialect.pgtypes import base, from_tree, is_array
from helios_magic.engine.dialect.typed import name_of

UNNAMED = "?column?"
_FIXED: dict[type[exp.Expression], str] = {
    exp.Exists: "exists",
    exp.Array: "array",
    exp.Extract: "extract",
    exp.Substring: "substring",
    exp.StrPosition: "position",
    exp.Overlay: "overlay",
    exp.AtTimeZone: "timezone",
    exp.CurrentDate: "current_date",
    exp.CurrentTime: "current_time",
    exp.CurrentTimestamp: "current_timestamp",
    exp.Localtime: "localtime",
    exp.Localtimestamp: "localtimestamp",
    exp.CurrentUser: "current_user",
    exp.CurrentRole: "current_role",
    exp.SessionUser: "session_user",
    exp.CurrentSchema: "current_schema",
    exp.CurrentCatalog: "current_catalog",
    exp.Overlaps: "overlaps",
}
_WEAK: dict[type[exp.Expression], str] = {exp.Interval: "interval"}


def column_name(node: exp.Expression, enums: frozenset[str]) -> str:
    """The name of a projection as it was parsed."""
    return _name(node, enums)[0]


def _name(node: exp.Expression, enums: frozenset[str]) -> tuple[str, int]:
    """The name and its strength: 2 for a real name, 1 for one made up, 0 for none."""
    kind = type(node)
    if kind in _FIXED:
        return _FIXED[kind], 2
    if kind in _WEAK:
        return _WEAK[kind], 1
    if isinstance(node, (exp.Alias, exp.Column)):
        return name_of(node.args["alias"] if isinstance(node, exp.Alias) else node.this), 2
    if isinstance(node, exp.Anonymous):
        return ("array" if node.name.lower() == "array" else name_of(node)), 2
    if isinstance(node, exp.Dot):
        return name_of(node.expression), 2
    if isinstance(node, (exp.Window, exp.Filter, exp.WithinGroup, exp.Paren, exp.Bracket, exp.Collate)):
        return _name(node.this, enums)
    if isinstance(node, exp.Trim):
        return {"LEADING": "ltrim", "TRAILING": "rtrim"}.get(str(node.args.get("position") or ""), "btrim"), 2
    return _composed(node, enums)


def _composed(node: exp.Expression, enums: frozenset[str]) -> tuple[str, int]:
    if isinstance(node, exp.Cast):
        name, strength = _name(node.this, enums)
        return (name, strength) if strength > 1 else (_type_name(node, enums), 1)
    if isinstance(node, exp.Case):
        default = node.args.get("default")
        name, strength = _name(default, enums) if default is not None else (UNNAMED, 0)
        return (name, strength) if strength > 1 else ("case", 1)
    if isinstance(node, exp.Subquery) and isinstance(node.this, exp.Query):
        first = next((s for s in node.this.selects if isinstance(s, exp.Expression)), None)
        # The query has named its column by then, be it ?column?.
        return (_name(first, enums)[0], 2) if first is not None else (UNNAMED, 0)
    if isinstance(node, exp.Subquery) and isinstance(node.this, exp.Values):
        return "column1", 2
    return UNNAMED, 0


def _type_name(node: exp.Cast, enums: frozenset[str]) -> str:
    name = cast_target(node.to) or from_tree(node.to, enums)
    while is_array(name):
        name = name[:-2]
    return base(name)
