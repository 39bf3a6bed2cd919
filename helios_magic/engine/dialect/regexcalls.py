"""`~`, SIMILAR TO and the regexp functions: in DuckDB's engine where it answers as PostgreSQL does, else in ours."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from sqlglot import exp

from helios_magic.engine.dialect import regexfunctions, regexre2, regexsyntax
from helios_magic.engine.dialect.conversion import coerce, implicit
from helios_magic.engine.dialect.expressions import rule, visit
from helios_magic.engine.dialect.failures import UNDEFINED_FUNCTION, Refusal, unsupported
from helios_magic.engine.dialect.operators import no_operator
from helios_magic.engine.dialect.pgtypes import STRINGS, UNKNOWN, long_name
from helios_magic.engine.dialect.regextrees import Pattern
from helios_magic.engine.dialect.scope import Scope
from helios_magic.engine.dialect.typed import Node, base_of, is_string, literal, name_of, place_of, sql

if TYPE_CHECKING:
    from helios_magic.engine.dialect.queries import Binder

Build = Callable[["Binder", Node, list[Node]], Node]


def known_pattern(pattern: Node, flags: str, place: int | None) -> Pattern | None:
    """A constant pattern, read now, so that a wrong one is refused before anything runs."""
    if not is_string(pattern):
        return None
    try:
        return regexsyntax.read(str(pattern.this), flags)
    except ValueError as error:
        raise Refusal(str(error)[1:6], str(error)[8:], place=place) from None


def _literal(text: str) -> str:
    return literal(text).replace("{", "{{").replace("}", "}}")


def regular(binder: Binder, value: Node, pattern: Node, *, folded: bool, at: Node) -> Node:
    """value ~ pattern, or ~* where folded; both are text."""
    flags = "i" if folded else ""
    known = known_pattern(pattern, flags, place_of(at))
    fast = regexre2.written(known) if known is not None else None
    if fast is not None:
        return sql(f"regexp_matches({{0}}, {_literal(fast)})", value, pg="bool")
    return sql(f"pg_regexp_like({{0}}, {{1}}, '{flags}')", value, pattern, pg="bool")


@rule(exp.RegexpLike, exp.RegexpILike)
def _regular(binder: Binder, node: Node, scope: Scope) -> Node:
    folded = isinstance(node, exp.RegexpILike)
    if isinstance(node.expression, exp.Any | exp.All):
        if isinstance(node.parent, exp.Not):
            # x !~ ANY (…) and NOT x ~ ANY (…) mean different things, and are read as the same.
            raise unsupported("!~ over an array", place=place_of(node), hint="Write NOT (x ~ ALL (…)), in brackets.")
        from helios_magic.engine.dialect.textarrays import quantified_text

        return quantified_text(binder, node, scope, negated=False)
    left, right = visit(binder, node.this, scope), visit(binder, node.expression, scope)
    if base_of(left) not in (*STRINGS, UNKNOWN) or base_of(right) not in (*STRINGS, UNKNOWN):
        raise no_operator(node, "~*" if folded else "~", left, right)
    left = left if base_of(left) == "bpchar" else coerce(binder, left, "text")
    return regular(binder, left, coerce_pattern(binder, right), folded=folded, at=node)


def coerce_pattern(binder: Binder, pattern: Node) -> Node:
    """A pattern as text; a constant stays one that can be read."""
    return pattern if is_string(pattern) else coerce(binder, pattern, "text")


@rule(exp.SimilarTo)
def _similar(binder: Binder, node: Node, scope: Scope) -> Node:
    return similar(binder, node, scope, "\\")


def similar(binder: Binder, node: Node, scope: Scope, escape: str) -> Node:
    """x SIMILAR TO pattern ESCAPE escape."""
    value = coerce(binder, visit(binder, node.this, scope), "text")
    pattern = coerce_pattern(binder, visit(binder, node.expression, scope))
    if not is_string(pattern):
        return sql(f"pg_similar_to({{0}}, {{1}}, {_literal(escape)})", value, pattern, pg="bool")
    try:
        read = regexsyntax.read(regexfunctions.similar(str(pattern.this), escape))
    except ValueError as error:
        raise Refusal(str(error)[1:6], str(error)[8:], place=place_of(node)) from None
    fast = regexre2.written(read)
    if fast is not None:
        return sql(f"regexp_matches({{0}}, {_literal(fast)})", value, pg="bool")
    return sql(f"pg_similar_to({{0}}, {{1}}, {_literal(escape)})", value, pattern, pg="bool")


def by_pattern(binder: Binder, value: Node, pattern: Node, node: Node) -> Node:
    """substring(value FROM pattern): the first group, or the whole of the match."""
    value, pattern = coerce(binder, value, "text"), coerce_pattern(binder, pattern)
    known = known_pattern(pattern, "", place_of(node))
    fast = _fast(known)
    if known is None or fast is None:
        return sql("pg_regexp_substring({0}, {1})", value, pattern, pg="text")
    group = min(known.groups, 1)
    written = _literal(fast)
    return sql(
        f"CASE WHEN regexp_matches({{0}}, {written}) THEN regexp_extract({{0}}, {written}, {group}) END",
        value,
        pg="text",
    )


def by_similar_pattern(binder: Binder, value: Node, pattern: Node, escape: Node) -> Node:
    """substring(value SIMILAR pattern ESCAPE escape)."""
    parts = [coerce(binder, part, "text") for part in (value, pattern, escape)]
    return sql("pg_similar_substring({0}, {1}, {2})", *parts, pg="text")


def _fast(known: Pattern | None) -> str | None:
    """The pattern for DuckDB's engine, where both engines take the same from a text."""
    return regexre2.written(known) if known is not None and regexre2.decided(known) else None


def _arguments(binder: Binder, node: Node, values: list[Node], kinds: tuple[str, ...], least: int) -> list[Node]:
    """The arguments as these types, the last ones left out where they may be."""
    good = least <= len(values) <= len(kinds) and all(
        implicit(base_of(value), kind) for value, kind in zip(values, kinds, strict=False)
    )
    if not good:
        raise _unknown(node, values)
    return [
        value if is_string(value) and kind == "text" else coerce(binder, value, kind)
        for value, kind in zip(values, kinds, strict=False)
    ]


def _unknown(node: Node, values: list[Node]) -> Refusal:
    shown = ", ".join(long_name(base_of(value)) for value in values)
    return Refusal(
        UNDEFINED_FUNCTION,
        f"function {name_of(node)}({shown}) does not exist",
        place=place_of(node),
        hint="You may need an explicit cast, (…)::type.",
    )


def _flags_of(node: Node, value: Node | None, *, globally: bool) -> str | None:
    """Constant flags; None where they are computed."""
    if value is None:
        return ""
    if not is_string(value):
        return None
    flags = str(value.this)
    if "g" in flags and not globally:
        raise Refusal(
            "22023",
            f'{name_of(node)}() does not support the "global" option',
            place=place_of(node),
            hint="Use the regexp_matches function instead." if name_of(node) == "regexp_match" else None,
        )
    return flags


def _checked(node: Node, pattern: Node, flags: str | None) -> Pattern | None:
    return None if flags is None else known_pattern(pattern, flags.replace("g", ""), place_of(node))


def _match(binder: Binder, node: Node, arguments: list[Node]) -> Node:
    values = _arguments(binder, node, arguments, ("text", "text", "text"), 2)
    given = values[2] if len(values) > 2 else None
    known = _checked(node, values[1], _flags_of(node, given, globally=False))
    fast = _fast(known)
    if known is None or fast is None:
        flags = given if given is not None else exp.Literal.string("")
        return sql("pg_regexp_match({0}, {1}, {2})", values[0], values[1], flags, pg="text[]")
    written = _literal(fast)
    groups = range(1, known.groups + 1) if known.groups else (0,)
    listed = ", ".join(f"regexp_extract({{0}}, {written}, {group})" for group in groups)
    return sql(f"CASE WHEN regexp_matches({{0}}, {written}) THEN [{listed}] END", values[0], pg="text[]")


def _replace(binder: Binder, node: Node, arguments: list[Node]) -> Node:
    if len(arguments) == 4 and base_of(arguments[3]) not in ("int2", "int4"):
        values = _arguments(binder, node, arguments, ("text", "text", "text", "text"), 4)
        flags = _flags_of(node, values[3], globally=True)
        if flags is not None and flags[:1].isdigit():
            raise Refusal(
                "22023",
                f'invalid regular expression option: "{flags[0]}"',
                place=place_of(node),
                hint="If you meant to use regexp_replace() with a start parameter, cast the fourth argument to integer"
                " explicitly.",
            )
        known = _checked(node, values[1], flags)
        fast = _replaced(known, values[2])
        if fast is not None:
            option = ", 'g'" if flags is not None and "g" in flags else ""
            return sql(f"regexp_replace({{0}}, {fast[0]}, {fast[1]}{option})", values[0], pg="text")
        which = sql("CASE WHEN contains({0}, 'g') THEN 0 ELSE 1 END", values[3].copy(), pg="int4")
        return sql("pg_regexp_replace({0}, {1}, {2}, 1, {4}, {3})", *values[:3], values[3], which, pg="text")
    values = _arguments(binder, node, arguments, ("text", "text", "text", "int4", "int4", "text"), 3)
    flags = _flags_of(node, values[5] if len(values) > 5 else None, globally=True)
    known = _checked(node, values[1], flags)
    fast = _replaced(known, values[2]) if len(values) == 3 else None
    if fast is not None:
        return sql(f"regexp_replace({{0}}, {fast[0]}, {fast[1]})", values[0], pg="text")
    rest = [*values[3:], *[sql("1", pg="int4"), sql("1", pg="int4"), exp.Literal.string("")][len(values) - 3 :]]
    if len(values) == 4 and flags == "":
        rest[1] = sql("1", pg="int4")
    return sql("pg_regexp_replace({0}, {1}, {2}, {3}, {4}, {5})", *values[:3], *rest, pg="text")


def _replaced(known: Pattern | None, replacement: Node) -> tuple[str, str] | None:
    """Pattern and replacement for DuckDB's engine."""
    fast = _fast(known)
    if known is None or fast is None or not is_string(replacement):
        return None
    text = str(replacement.this)
    if any(int(digit) > known.groups for digit in re.findall(r"\\([1-9])", text.replace("\\\\", ""))):
        return None

    def part(found: re.Match[str]) -> str:
        sign = found[1]
        return "\\0" if sign == "&" else found[0] if sign in "123456789\\" and sign else "\\\\" + sign

    return _literal(fast), _literal(re.sub(r"\\(.?)", part, text, flags=re.DOTALL))


def _split(binder: Binder, node: Node, arguments: list[Node]) -> Node:
    return split_list(binder, node, arguments)


def split_list(binder: Binder, node: Node, arguments: list[Node]) -> Node:
    """The pieces of a text between the matches, as a list."""
    values = _arguments(binder, node, arguments, ("text", "text", "text"), 2)
    given = values[2] if len(values) > 2 else None
    known = _checked(node, values[1], _flags_of(node, given, globally=False))
    fast = _fast(known)
    if fast is not None:
        return sql(f"string_split_regex({{0}}, {_literal(fast)})", values[0], pg="text[]")
    return sql("pg_regexp_parts({0}, {1}, {2})", *values[:2], given or exp.Literal.string(""), pg="text[]")


def matches_list(binder: Binder, node: Node, arguments: list[Node]) -> Node:
    """regexp_matches: a list of its rows, each a list."""
    values = _arguments(binder, node, arguments, ("text", "text", "text"), 2)
    given = values[2] if len(values) > 2 else None
    _checked(node, values[1], _flags_of(node, given, globally=True))
    return sql("pg_regexp_matches({0}, {1}, {2})", *values[:2], given or exp.Literal.string(""), pg="text[]")


def _numbered(function: str, kinds: tuple[str, ...], result: str) -> Build:
    """regexp_count, _instr, _like and _substr: numbers are 1 (0 for subexpr and endoption), flags none."""
    defaults = {"start": "1", "n": "1", "endoption": "0", "flags": "''", "subexpr": "0"}

    def build(binder: Binder, node: Node, arguments: list[Node]) -> Node:
        types = ("text", "text", *("text" if kind == "flags" else "int4" for kind in kinds))
        values = _arguments(binder, node, arguments, types, 2)
        at = kinds.index("flags") + 2
        flags = _flags_of(node, values[at] if len(values) > at else None, globally=False)
        known = _checked(node, values[1], flags)
        if function == "pg_regexp_like" and known is not None and (fast := regexre2.written(known)) is not None:
            return sql(f"regexp_matches({{0}}, {_literal(fast)})", values[0], pg="bool")
        slots = [f"{{{i}}}" if i < len(values) else defaults[kinds[i - 2]] for i in range(len(types))]
        return sql(f"{function}({', '.join(slots)})", *values, pg=result)

    return build


SPECIAL: dict[str, Build] = {
    "regexp_match": _match,
    "regexp_replace": _replace,
    "regexp_split_to_array": _split,
    "regexp_like": _numbered("pg_regexp_like", ("flags",), "bool"),
    "regexp_count": _numbered("pg_regexp_count", ("start", "flags"), "int4"),
    "regexp_instr": _numbered("pg_regexp_instr", ("start", "n", "endoption", "flags", "subexpr"), "int4"),
    "regexp_substr": _numbered("pg_regexp_substr", ("start", "n", "flags", "subexpr"), "text"),
}
