"""Calls of text functions whose arguments have a form of their own: format, concat, normalize, overlay, U&'…'."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from sqlglot import exp

from helios_magic.engine.dialect.conversion import coerce, to_text
from helios_magic.engine.dialect.expressions import rule, visit
from helios_magic.engine.dialect.failures import UNDEFINED_FUNCTION, Refusal, unsupported
from helios_magic.engine.dialect.grammar import Variadic
from helios_magic.engine.dialect.pgtypes import UNKNOWN, element, is_array
from helios_magic.engine.dialect.scope import Scope
from helios_magic.engine.dialect.textfunctions import unescaped
from helios_magic.engine.dialect.typed import Node, base_of, name_of, place_of, sql, typed

if TYPE_CHECKING:
    from helios_magic.engine.dialect.queries import Binder


def printed(binder: Binder, value: Node) -> Node:
    """The value as concat prints it: t and f, and char(n) with its blanks."""
    kind = base_of(value)
    if kind == UNKNOWN:
        return coerce(binder, value, "text")
    if kind == "bool":
        return sql("CASE WHEN {0} THEN 't' WHEN NOT {0} THEN 'f' END", value, pg="text")
    return value if kind == "bpchar" else to_text(value)


@rule(Variadic)
def _variadic(binder: Binder, node: Node, scope: Scope) -> Node:
    value = visit(binder, node.this, scope)
    if base_of(value) == UNKNOWN:
        value = coerce(binder, value, "text[]")
    if not is_array(base_of(value)):
        raise Refusal("42804", "VARIADIC argument must be an array", place=place_of(node))
    result = sql("{0}", value, pg=base_of(value))
    result.meta["variadic"] = True
    return result


def spread(arguments: list[Node]) -> Node | None:
    """The array of a VARIADIC argument, where there is one."""
    return arguments[-1] if arguments and arguments[-1].meta.get("variadic") else None


def printed_list(binder: Binder, arguments: list[Node]) -> Node:
    """The arguments (or the members of the VARIADIC one) as a list of texts."""
    array = spread(arguments)
    if array is not None:
        if len(arguments) > 1:
            raise unsupported("VARIADIC beside other arguments", place=place_of(array))
        kind = element(base_of(array))
        member = "CASE WHEN m THEN 't' WHEN NOT m THEN 'f' END" if kind == "bool" else "{1}"
        shown = to_text(sql("m", pg=kind)) if kind != "bool" else sql("m", pg="text")
        return sql(f"list_transform({{0}}, lambda m: {member})", array, shown, pg="text[]")
    values = [printed(binder, argument) for argument in arguments]
    return sql("CAST([" + ", ".join(f"{{{i}}}" for i in range(len(values))) + "] AS VARCHAR[])", *values, pg="text[]")


def _format(binder: Binder, node: Node, arguments: list[Node]) -> Node:
    if not arguments:
        raise Refusal(UNDEFINED_FUNCTION, "function format() does not exist", place=place_of(node))
    template = coerce(binder, arguments[0], "text")
    return sql("pg_format({0}, {1})", template, printed_list(binder, arguments[1:]), pg="text")


def _concat(binder: Binder, node: Node, arguments: list[Node]) -> Node:
    if not arguments:
        raise Refusal(
            UNDEFINED_FUNCTION,
            "function concat() does not exist",
            place=place_of(node),
            hint="No function matches the given name and argument types.",
        )
    if spread(arguments) is not None:
        return sql("array_to_string({0}, '')", printed_list(binder, arguments), pg="text")
    values = [printed(binder, argument) for argument in arguments]
    return sql("concat(" + ", ".join(f"{{{i}}}" for i in range(len(values))) + ")", *values, pg="text")


def _concat_ws(binder: Binder, node: Node, arguments: list[Node]) -> Node:
    """The values that are not NULL with the separator between them."""
    if len(arguments) < 2:
        raise Refusal(UNDEFINED_FUNCTION, "concat_ws needs a separator and a value", place=place_of(node))
    separator = coerce(binder, arguments[0], "text")
    if spread(arguments) is not None:
        return sql("array_to_string({1}, {0})", separator, printed_list(binder, arguments[1:]), pg="text")
    values = [separator, *(printed(binder, value) for value in arguments[1:])]
    slots = ", ".join(f"{{{i}}}" for i in range(len(values)))
    return sql(f"concat_ws({slots})", *values, pg="text")


def _quote(binder: Binder, node: Node, arguments: list[Node]) -> Node:
    """quote_literal and quote_nullable take any value, by its text."""
    name = name_of(node)
    if len(arguments) != 1:
        raise Refusal(UNDEFINED_FUNCTION, f"function {name} takes one argument", place=place_of(node))
    value = arguments[0]
    text = coerce(binder, value, "text") if base_of(value) == UNKNOWN else to_text(value)
    quoted = sql("pg_quote_literal({0})", text, pg="text")
    return quoted if name == "quote_literal" else sql("coalesce({0}, 'NULL')", quoted, pg="text")


def _normalize(binder: Binder, node: Node, scope: Scope) -> Node:
    from helios_magic.engine.dialect.calls import known

    forms = node.expressions[1:]
    value = visit(binder, node.expressions[0], scope) if node.expressions else None
    if value is None or len(forms) > 1:
        raise Refusal(UNDEFINED_FUNCTION, "normalize takes a text and a form", place=place_of(node))
    if forms and isinstance(forms[0], exp.Column) and name_of(forms[0]) in ("nfc", "nfd", "nfkc", "nfkd"):
        return known(binder, "normalize", [value, typed(exp.Literal.string(forms[0].name), UNKNOWN)], node)
    return known(binder, "normalize", [value, *(visit(binder, form, scope) for form in forms)], node)


@rule(exp.Overlay, parts=("from_", "for_"))
def _overlay(binder: Binder, node: Node, scope: Scope) -> Node:
    from helios_magic.engine.dialect.calls import known

    parts = (node.this, node.expression, node.args.get("from_"), node.args.get("for_"))
    return known(binder, "overlay", [visit(binder, part, scope) for part in parts if part is not None], node)


@rule(exp.UnicodeString, parts=("escape",))
def _unicode(binder: Binder, node: Node, scope: Scope) -> Node:
    mark = node.args.get("escape")
    escape = mark.name if isinstance(mark, exp.Literal) else "\\"
    if len(escape) != 1 or escape in "+'\" \t\n" or escape in "0123456789abcdefABCDEF":
        raise Refusal("42601", "invalid Unicode escape character", place=place_of(node))
    try:
        text = unescaped(str(node.this), escape)
    except ValueError as error:
        raise Refusal(str(error)[1:6], str(error)[8:], place=place_of(node)) from None
    return typed(exp.Literal.string(text), UNKNOWN)


SPECIAL: dict[str, Callable[[Binder, Node, list[Node]], Node]] = {
    "format": _format,
    "concat": _concat,
    "concat_ws": _concat_ws,
    "quote_literal": _quote,
    "quote_nullable": _quote,
}
#: Functions that read their arguments themselves.
RAW: dict[str, Callable[[Binder, Node, Scope], Node]] = {"normalize": _normalize}
