"""Expressions of the catalogue as PostgreSQL prints them (ruleutils): every operator in brackets, constants typed.

The engine keeps checks as they were written and defaults as it runs them; both are read here and written out again.
What no rule knows is printed as the parser has it.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from sqlglot import exp
from sqlglot.errors import SqlglotError

from helios_magic.engine.dialect.failures import Refusal
from helios_magic.engine.dialect.grammar import READING
from helios_magic.engine.dialect.pgtypes import NUMBERS, UNKNOWN, base, element, from_tree, is_array, long_name
from helios_magic.engine.dialect.pgtypes import modifiers as sizes_of
from helios_magic.engine.dialect.typed import literal, name_of
from helios_magic.engine.sequences import shown
from helios_magic.schema import Column, Table

_Typed = tuple[str, str]
"""Text and type; the type of a constant that has none yet is unknown, and the text then its value."""

_SIGNS: dict[type[exp.Expression], str] = {
    exp.EQ: "=", exp.NEQ: "<>", exp.LT: "<", exp.LTE: "<=", exp.GT: ">", exp.GTE: ">=", exp.Add: "+", exp.Sub: "-",
    exp.Mul: "*", exp.Div: "/", exp.Mod: "%", exp.DPipe: "||", exp.Like: "~~", exp.ILike: "~~*",
    exp.RegexpLike: "~", exp.RegexpILike: "~*",
}  # fmt: skip
_TEXTS = frozenset({"~~", "~~*", "~", "~*", "||"})
_WORDS: dict[type[exp.Expression], tuple[str, str]] = {
    exp.CurrentDate: ("CURRENT_DATE", "date"),
    exp.CurrentTimestamp: ("CURRENT_TIMESTAMP", "timestamptz"),
    exp.Localtimestamp: ("LOCALTIMESTAMP", "timestamp"),
    exp.CurrentUser: ("CURRENT_USER", "name"),
}
_WORD_CALLS = {"now": "timestamptz", "gen_random_uuid": "uuid", "uuidv7": "uuid", "clock_timestamp": "timestamptz"}
#: Functions of the engine that stand for what PostgreSQL does by itself: only their first argument was written.
_SILENT = frozenset({"pg_fitting", "rtrim", "rpad", "left", "pg_exact", "pg_jsonb", "pg_whole"})
_INTEGERS = ("int2", "int4", "int8")
_NULL = "\0"


@functools.lru_cache(4096)
def columns_read(text: str) -> tuple[str, ...]:
    """The names of the columns in an expression, in the order of their first use."""
    tree = _parse(text)
    columns = tree.find_all(exp.Column, bfs=False) if tree is not None else ()
    return tuple(dict.fromkeys(name_of(column.this) for column in columns))


@functools.lru_cache(1024)
def condition(text: str, table: Table, *, pretty: bool = False) -> str:
    """A check's or a partial index's condition, or an index's expression."""
    return _written(text, table, "bool", pretty=pretty)


@functools.lru_cache(1024)
def default(text: str, column: Column) -> str:
    """A column's default."""
    if "current_connection_id" in text:
        return shown(text)
    return _written(text, None, column.type)


@functools.lru_cache(1024)
def generated(text: str, table: Table, kind: str, *, pretty: bool = False) -> str:
    """The expression of a generated column."""
    return _written(text, table, kind, pretty=pretty)


def _parse(text: str) -> exp.Expression | None:
    try:
        tree = READING.parse(f"SELECT {text}")[0]
    except (SqlglotError, IndexError):
        return None
    return tree.expressions[0] if isinstance(tree, exp.Select) and len(tree.expressions) == 1 else None


def _written(text: str, table: Table | None, kind: str, *, pretty: bool = False) -> str:
    tree = _parse(text)
    if tree is None:
        return text
    try:
        return _as(_Printer(table, pretty=pretty).print(tree), kind, bare=True)
    except _UnknownError:
        return text


class _UnknownError(Exception):
    """No rule prints this."""


def _as(value: _Typed, kind: str, *, bare: bool = False) -> str:
    """A value where `kind` is wanted: a constant takes the type, anything else is cast where PostgreSQL would."""
    text, own = value
    plain = base(kind)
    if own == UNKNOWN:
        return "NULL::" + long_name(plain) if text == _NULL else _constant(text, plain)
    if bare or own == plain or plain == UNKNOWN:
        return text
    if plain in NUMBERS and own in NUMBERS:
        if own in _INTEGERS and plain in _INTEGERS:
            return text
        return (
            f"({text})::{long_name(plain)}" if text.isdigit() or not text.startswith("(") else _bracketed(text, plain)
        )
    if plain == "text" and own in ("varchar", "bpchar", "name"):
        return f"({text})::text"
    return text


def _bracketed(text: str, plain: str) -> str:
    return f"({text})::{long_name(plain)}"


def _constant(text: str, plain: str) -> str:
    if plain == "bool" and text.lower() in ("t", "f", "true", "false"):
        return "true" if text.lower().startswith("t") else "false"
    if plain in NUMBERS:
        return text if plain in (*_INTEGERS, "numeric") and not text.startswith("-") else _typed_constant(text, plain)
    return _typed_constant(text, plain)


def _typed_constant(text: str, plain: str) -> str:
    return f"{literal(text)}::{'bpchar' if plain == 'bpchar' else long_name(plain)}"


class _Printer:
    """One expression over the columns of one table."""

    def __init__(self, table: Table | None, *, pretty: bool) -> None:
        self._table, self._pretty = table, pretty

    def _wrap(self, text: str) -> str:
        return text if self._pretty else f"({text})"

    def _operand(self, node: exp.Expression) -> _Typed:
        """A side of an operator: pretty text has brackets only where operators meet."""
        text, kind = self.print(node)
        inner = node.unnest()
        if self._pretty and type(inner) in _SIGNS:
            text = f"({text})"
        return text, kind

    def print(self, node: exp.Expression) -> _Typed:
        if isinstance(node, exp.Paren):
            return self.print(node.this)
        if type(node) in _WORDS:
            return _WORDS[type(node)]
        if type(node) in _SIGNS:
            return self._binary(node, _SIGNS[type(node)])
        rule = _RULES.get(type(node))
        if rule is None:
            raise _UnknownError
        return rule(self, node)

    def column(self, node: exp.Expression) -> _Typed:
        name = name_of(node.this)
        found = self._table.column(name) if self._table is not None else None
        if found is None:
            raise _UnknownError
        from helios_magic.engine.dialect.pgcatalog.names import quote

        return quote(name), base(found.type)

    def literal(self, node: exp.Expression) -> _Typed:
        if node.is_string:
            return node.name, UNKNOWN
        return node.name, "int4" if node.name.isdigit() else "numeric"

    def boolean(self, node: exp.Expression) -> _Typed:
        return ("true" if node.this else "false"), "bool"

    def negative(self, node: exp.Expression) -> _Typed:
        text, kind = self.print(node.this)
        if isinstance(node.this, exp.Literal):
            return f"'-{text}'::{long_name('int4' if kind == 'int4' else kind)}", kind
        return f"(- {text})", kind

    def both(self, node: exp.Expression) -> _Typed:
        sides = [self._side(side, node) for side in node.flatten()]
        return self._wrap(f" {node.key.upper()} ".join(sides)), "bool"

    def _side(self, side: Any, node: exp.Expression) -> str:
        text = self.print(side)[0]
        mixed = isinstance(side.unnest(), exp.Or) and isinstance(node, exp.And)
        return f"({text})" if self._pretty and mixed else text

    def negated(self, node: exp.Expression) -> _Typed:
        text = self.print(node.this)[0]
        composed = isinstance(node.this.unnest(), exp.Connector)
        return self._wrap(f"NOT ({text})" if self._pretty and composed else f"NOT {text}"), "bool"

    def null_test(self, node: exp.Expression) -> _Typed:
        word = "IS NOT" if node.args.get("negate") else "IS"
        what = node.expression
        if not isinstance(what, exp.Null | exp.Boolean):
            raise _UnknownError
        shown_as = "NULL" if isinstance(what, exp.Null) else str(what.this).upper()
        return self._wrap(f"{self._operand(node.this)[0]} {word} {shown_as}"), "bool"

    def between(self, node: exp.Expression) -> _Typed:
        low = self.operator(">=", self.print(node.this), self.print(node.args["low"]))[0]
        high = self.operator("<=", self.print(node.this), self.print(node.args["high"]))[0]
        return self._wrap(f"{low} AND {high}"), "bool"

    def one_of(self, node: exp.Expression) -> _Typed:
        if node.args.get("query") is not None or not node.expressions:
            raise _UnknownError
        value, members = self.print(node.this), [self.print(member) for member in node.expressions]
        if len(members) == 1:
            return self.operator("=", value, members[0])
        listed = ", ".join(_as(member, value[1]) for member in members)
        if value[1] == "varchar" and self._pretty:
            return f"{value[0]}::text = ANY (ARRAY[{listed}]::text[])", "bool"
        if value[1] == "varchar":
            return f"(({value[0]})::text = ANY ((ARRAY[{listed}])::text[]))", "bool"
        return self._wrap(f"{value[0]} = ANY (ARRAY[{listed}])"), "bool"

    def _binary(self, node: exp.Expression, sign: str) -> _Typed:
        sign = "!" + sign if node.args.get("negate") else sign
        return self.operator(sign, self._operand(node.this), self._operand(node.expression))

    def operator(self, sign: str, left: _Typed, right: _Typed) -> _Typed:
        one, other = left[1], right[1]
        wanted = one if other == UNKNOWN else other if one == UNKNOWN else _wider(one, other)
        if wanted in ("varchar", UNKNOWN) or sign.lstrip("!") in _TEXTS:
            wanted = "text"
        result = wanted if sign in ("+", "-", "*", "/", "%", "||") else "bool"
        return self._wrap(f"{self._cast(left, wanted)} {sign} {self._cast(right, wanted)}"), result

    def _cast(self, value: _Typed, wanted: str) -> str:
        text = _as(value, wanted)
        plain = value[0]
        if self._pretty and text.startswith(f"({plain})::") and plain.isidentifier():
            return plain + text[len(plain) + 2 :]
        return text

    def cast(self, node: exp.Expression) -> _Typed:
        inner = node.this
        try:
            kind = from_tree(node.args["to"])
        except Refusal:  # a type of the user's own, or one that only the engine has
            kind = ""
        text, own = self.print(inner)
        if not kind:
            name = node.args["to"].sql("postgres").removeprefix("public.").strip('"')
            return (_typed_constant(text, name), name) if own == UNKNOWN else (f"({text})::{name}", name)
        if text == "now()" and base(kind) == "date":
            return "CURRENT_DATE", "date"
        if own == "numeric" and base(kind) == "numeric" and isinstance(inner, exp.Cast):
            return text, "numeric"
        if own == UNKNOWN and base(kind) == "int8":
            return text, "int8"
        if own == UNKNOWN and base(kind) == "numeric":
            return (text if _is_own(text, kind) else _typed_constant(text, "numeric")), "numeric"
        if own == UNKNOWN:
            if base(kind) in ("json", "text", "varchar") or is_array(base(kind)):
                return text, UNKNOWN  # the engine's own cast, or one that the column's type repeats
            return _constant(text, base(kind)), base(kind)
        if own in _INTEGERS and base(kind) == "numeric" and sizes_of(kind)[1:] == (0,) and text.isdigit():
            return text, own
        shown_as = f"{text}::{long_name(base(kind))}" if self._pretty and text.isidentifier() else None
        cast_text = shown_as or f"({text})::{long_name(base(kind))}"
        return (text, own) if own == base(kind) else (cast_text, base(kind))

    def call(self, node: exp.Expression) -> _Typed:
        name = name_of(node)
        if name in _SILENT and node.expressions:
            return self.print(node.expressions[0])
        if name == "list_value":
            return "{" + ",".join(self.print(member)[0] for member in node.expressions) + "}", UNKNOWN
        arguments = [self.print(argument) for argument in node.expressions]
        listed = ", ".join(
            self._cast(value, "text" if value[1] in ("varchar", UNKNOWN) else value[1]) for value in arguments
        )
        kind = _WORD_CALLS.get(name, "int4" if "length" in name else "text")
        return f"{name}({listed})", kind

    def array(self, node: exp.Expression) -> _Typed:
        members = [self.print(member) for member in node.expressions]
        kind = next((own for _, own in members if own != UNKNOWN), "text")
        return "ARRAY[" + ", ".join(_as(member, kind) for member in members) + "]", kind + "[]"

    def null(self, node: exp.Expression) -> _Typed:
        return _NULL, UNKNOWN


def _is_own(text: str, kind: str) -> bool:
    """Whether a numeric type is the one that a bare number has: as many digits as it is written with."""
    whole, _, fraction = text.partition(".")
    return sizes_of(kind) == (max(len(whole.lstrip("0")) + len(fraction), 1), len(fraction))


def _wider(one: str, other: str) -> str:
    if one in NUMBERS and other in NUMBERS:
        return one if NUMBERS.index(one) >= NUMBERS.index(other) else other
    if is_array(one):
        return element(one) + "[]"
    return "text" if "text" in (one, other) else one


_RULES: dict[type[exp.Expression], Callable[[_Printer, exp.Expression], _Typed]] = {
    exp.Column: _Printer.column, exp.Literal: _Printer.literal, exp.Boolean: _Printer.boolean,
    exp.Neg: _Printer.negative, exp.And: _Printer.both, exp.Or: _Printer.both, exp.Not: _Printer.negated,
    exp.Is: _Printer.null_test, exp.Between: _Printer.between, exp.In: _Printer.one_of, exp.Cast: _Printer.cast,
    exp.Anonymous: _Printer.call, exp.Array: _Printer.array, exp.Null: _Printer.null,
}  # fmt: skip
