"""pgvector's type: operators, functions and casts, as version 0.8 answers.

A column is FLOAT[n]; a vector of no declared length is FLOAT[].  Distances are computed in double precision, where
pgvector adds up in single and rounds in the seventh digit.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sqlglot import exp

from helios_magic.engine.dialect.conversion import coerce
from helios_magic.engine.dialect.failures import UNDEFINED_FUNCTION, Refusal
from helios_magic.engine.dialect.pgtypes import NUMBERS, STRINGS, UNKNOWN, base, element, is_array, long_name, modifiers
from helios_magic.engine.dialect.typed import Node, base_of, is_null, name_of, place_of, sql, type_of

if TYPE_CHECKING:
    from helios_magic.engine.dialect.queries import Binder

#: Operator to (DuckDB's function of two arrays, our macro for any two vectors, what both are put into).
DISTANCES = {
    "<->": ("array_distance", "pg_vector_l2", "{0}"),
    "<=>": ("array_cosine_distance", "pg_vector_cosine", "{0}"),
    "<#>": ("array_inner_product", "pg_vector_inner", "(-{0})"),
    "<+>": ("", "pg_vector_l1", "{0}"),
}
_FUNCTIONS = {
    "l2_distance": ("<->", "{0}"), "cosine_distance": ("<=>", "{0}"), "l1_distance": ("<+>", "{0}"),
    "inner_product": ("<#>", "(-{0})"),
}  # fmt: skip
_NUMBER = r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?"
_ARITHMETIC = {"+": "pg_vector_add", "-": "pg_vector_sub", "*": "pg_vector_mul", "||": "pg_vector_join"}
LONGEST = 16_000


def read(text: str) -> list[float]:
    """The numbers of `[1,2,3]`; raises ValueError as `[SQLSTATE] message` where pgvector refuses."""
    import numpy as np

    refused = ValueError(f'[22P02] invalid input syntax for type vector: "{text}"')
    inner = text.strip()
    if not inner.startswith("[") or not inner.endswith("]"):
        raise refused
    if not inner[1:-1].strip():
        raise ValueError("[22000] vector must have at least 1 dimension")
    numbers = []
    for part in inner[1:-1].split(","):
        word = part.strip()
        if re.fullmatch(_NUMBER, word) is None:
            plain = word.lower().lstrip("+-")
            if plain == "nan":
                raise ValueError("[22000] NaN not allowed in vector")
            if plain in ("inf", "infinity"):
                raise ValueError("[22000] infinite value not allowed in vector")
            raise refused
        with np.errstate(over="ignore"):
            number = float(np.float32(word))
        if abs(number) == float("inf"):
            raise ValueError(f'[22003] "{word}" is out of range for type vector')
        numbers.append(number)
    if len(numbers) > LONGEST:
        raise ValueError(f"[54000] vector cannot have more than {LONGEST} dimensions")
    return numbers


def literal(value: Node, text: str, target: str) -> Node:
    """A string literal as a vector, read while the statement is prepared."""
    try:
        numbers = read(text)
    except ValueError as error:
        raise Refusal(str(error)[1:6], str(error)[8:], place=place_of(value)) from None
    if "(" in target:
        check_length(len(numbers), target, value)
        return sql(f"CAST({{0}} AS FLOAT[{len(numbers)}])", _written(numbers), pg=target)
    made = sql("CAST({0} AS FLOAT[])", _written(numbers), pg="vector")
    made.meta["dimensions"] = len(numbers)
    return made


def check_length(found: int, target: str, at: Node) -> None:
    (expected,) = modifiers(target)
    if found != expected:
        raise Refusal("22000", f"expected {expected} dimensions, not {found}", place=place_of(at))


def _written(numbers: list[float]) -> Node:
    return exp.Literal.string("[" + ",".join(map(repr, numbers)) + "]")


def parameter(value: Node, target: str) -> Node:
    """A list, an array or a text that is sent with the statement."""
    return sized(sql("pg_vector_in(CAST({0} AS VARCHAR))", value, pg="vector"), target)


def sized(value: Node, target: str) -> Node:
    """A vector of any length as one of the target's."""
    if "(" not in target:
        return sql("{0}", value, pg="vector")
    (length,) = modifiers(target)
    if type_of(value) == target:
        return value
    return sql(f"CAST(pg_vector_sized(CAST({{0}} AS FLOAT[]), {length}) AS FLOAT[{length}])", value, pg=target)


def cast(binder: Binder, value: Node, source: str, target: str) -> Node | None:
    """Casts to and from vector, as an assignment makes them too; None where there is none."""
    plain = base(target)
    if source == plain == "vector":
        return sized(value, target)
    if plain == "vector":
        if source in STRINGS:
            return sized(sql("pg_vector_in({0})", value, pg="vector"), target)
        if is_array(source) and element(source) in NUMBERS:
            return sized(sql("pg_vector_of(CAST({0} AS DOUBLE[]))", value, pg="vector"), target)
    elif plain == "float4[]":
        return sql("CAST({0} AS FLOAT[])", value, pg=plain)
    return None


def assignable(source: str, target: str) -> bool:
    """Whether an INSERT or UPDATE converts without being asked."""
    return (target == "vector" and is_array(source) and element(source) in NUMBERS) or (
        source == "vector" and target == "float4[]"
    )


def to_text(value: Node) -> Node:
    return sql("pg_vector_out(CAST({0} AS FLOAT[]))", value, pg="text")


def distance(binder: Binder, node: Node, sign: str, left: Node, right: Node) -> Node:
    """A distance of two vectors, float8.  42883 and 42725 where PostgreSQL has no such operator."""
    from helios_magic.engine.dialect.operators import no_operator, not_unique

    if base_of(left) == base_of(right) == UNKNOWN:
        raise not_unique(node, sign, left, right)
    if "vector" not in (base_of(left), base_of(right)) or {base_of(left), base_of(right)} - {"vector", UNKNOWN}:
        raise no_operator(node, sign, left, right)
    left, right = coerce(binder, left, "vector"), coerce(binder, right, "vector")
    fast, macro, around = DISTANCES[sign]
    lengths = [modifiers(type_of(side)) for side in (left, right)]
    length = next((each[0] for each in lengths if each), None)
    if length is not None and fast and len({*filter(None, lengths)}) == 1:
        sides = [_of_length(side, length, first=side is left) for side in (left, right)]
        made = sql(f"{fast}({{0}}, {{1}})", *sides, pg="float8")
    else:
        made = sql(f"{macro}(CAST({{0}} AS DOUBLE[]), CAST({{1}} AS DOUBLE[]))", left, right, pg="float8")
    return sql(around, made, pg="float8")


def _of_length(side: Node, length: int, *, first: bool) -> Node:
    """A side as DOUBLE[n]; one whose length shows only at run time is looked at then."""
    if "(" not in type_of(side) and side.meta.get("dimensions") != length:
        expected = f"CAST({{0}} AS FLOAT[]), {length}, {'true' if first else 'false'}"
        side = sql(f"pg_vector_beside({expected})", side, pg="vector")
    return sql(f"CAST({{0}} AS DOUBLE[{length}])", side, pg=f"vector({length})")


def arithmetic(binder: Binder, sign: str, left: Node, right: Node) -> Node | None:
    """`+`, `-`, `*` and `||` of vectors; None where the operator is another's."""
    kinds = {base_of(left), base_of(right)}
    if "vector" not in kinds or kinds - {"vector", UNKNOWN} or sign not in _ARITHMETIC:
        return None
    left, right = (sql("CAST({0} AS FLOAT[])", coerce(binder, side, "vector"), pg="vector") for side in (left, right))
    return sql(f"{_ARITHMETIC[sign]}({{0}}, {{1}})", left, right, pg="vector")


def of_any_length(value: Node) -> Node:
    """The vector without its declared length, so that DuckDB compares it with any other."""
    return sql("CAST({0} AS FLOAT[])", value, pg="vector")


def _arguments(binder: Binder, node: Node, arguments: list[Node], vectors: int, others: tuple[str, ...]) -> list[Node]:
    """The arguments as the function takes them, or PostgreSQL's refusal."""
    kinds = [base_of(each) for each in arguments]
    wanted = ["vector"] * vectors + list(others)
    name = name_of(node)
    if len(kinds) == len(wanted) and all(kind == UNKNOWN for kind in kinds[:vectors]):
        shown = ", ".join(long_name(kind) for kind in kinds)
        raise Refusal(
            "42725",
            f"function {name}({shown}) is not unique",
            place=place_of(node),
            hint="Could not choose a best candidate function. You might need to add explicit type casts.",
        )
    fitting = len(kinds) == len(wanted) and all(
        kind in (need, UNKNOWN) or (need == "int4" and kind == "int2") for kind, need in zip(kinds, wanted, strict=True)
    )
    if not fitting:
        shown = ", ".join(long_name(kind) for kind in kinds)
        raise Refusal(
            UNDEFINED_FUNCTION,
            f"function {name}({shown}) does not exist",
            place=place_of(node),
            hint="You may need an explicit cast, (…)::vector.",
        )
    return [coerce(binder, each, need) for each, need in zip(arguments, wanted, strict=True)]


def _distance_call(binder: Binder, node: Node, arguments: list[Node]) -> Node:
    sign, around = _FUNCTIONS[name_of(node)]
    left, right = _arguments(binder, node, arguments, 2, ())
    return sql(around, distance(binder, node, sign, left, right), pg="float8")


def _of_one(template: str, pg: str, *others: str):  # type: ignore[no-untyped-def]
    def build(binder: Binder, node: Node, arguments: list[Node]) -> Node:
        first, *rest = _arguments(binder, node, arguments, 1, others)
        return sql(template, of_any_length(first), *rest, pg=pg)

    return build


def null(target: str) -> Node:
    """NULL of a vector's type."""
    kind = f"FLOAT[{modifiers(target)[0]}]" if "(" in target else "FLOAT[]"
    return sql(f"CAST(NULL AS {kind})", pg=target)


def aggregate(name: str, values: Node) -> Node:
    """`sum` and `avg` of the vectors in a list."""
    return sql(f"pg_vector_{name}({{0}})", values, pg="vector")


def from_unknown(value: Node, target: str) -> Node | None:
    """NULL or a string literal as a vector; None for anything else."""
    if is_null(value):
        return null(target)
    if isinstance(value, exp.Literal) and value.is_string:
        return literal(value, str(value.this), target)
    return None


SPECIAL = {
    **dict.fromkeys(_FUNCTIONS, _distance_call),
    "vector_dims": _of_one("CAST(len({0}) AS INTEGER)", "int4"),
    "vector_norm": _of_one("pg_vector_norm(CAST({0} AS DOUBLE[]))", "float8"),
    "l2_normalize": _of_one("pg_vector_unit({0})", "vector"),
    "subvector": _of_one("pg_vector_part({0}, {1}, {2})", "vector", "int4", "int4"),
}
