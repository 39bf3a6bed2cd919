"""What a SQL/JSON path finds in a value: lax or strict, errors raised or silent, as PostgreSQL's executor has it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Context, Decimal, DivisionByZero, InvalidOperation
from typing import Any

from helios_magic.engine.dialect.functions import _dump, _load, _Number, _object
from helios_magic.engine.dialect.jsonpath import Path, Step, read
from helios_magic.engine.dialect.regexmatching import matcher

_EXACT = Context(prec=200, traps=[InvalidOperation, DivisionByZero])


class _Failed(Exception):  # noqa: N818 - an answer of the executor, not of the program
    """An error that the argument silent, a predicate or the operators @? and @@ keep quiet."""

    def __init__(self, state: str, message: str) -> None:
        super().__init__(f"[{state}] {message}")


def _kind(value: Any) -> str:
    if isinstance(value, _Number):
        return "number"
    return {dict: "object", list: "array", str: "string", bool: "boolean"}.get(type(value), "null")


def _number(value: Decimal) -> _Number:
    return _Number(format(value, "f"))


@dataclass(slots=True)
class _Run:
    lax: bool
    root: Any
    variables: dict[str, Any]
    size: int | None = None
    """Of the array whose subscripts are computed: what `last` is one less than."""

    def items(self, step: Step, current: Any) -> Iterator[Any]:
        """What a path (or a value) yields."""
        if step.kind == "chain":
            yield from self._chain(step.parts, 0, current)
        elif step.kind == "root":
            yield self.root
        elif step.kind == "current":
            yield current
        elif step.kind == "literal":
            yield step.value
        elif step.kind == "number":
            yield _number(Decimal(step.value))
        elif step.kind == "variable":
            if step.value not in self.variables:
                raise ValueError(f'[42704] could not find jsonpath variable "{step.value}"')
            yield self.variables[step.value]
        elif step.kind == "last":
            if self.size is None:
                raise ValueError("[42601] LAST is allowed only in array subscripts")
            yield _Number(str(self.size - 1))
        elif step.kind == "arithmetic":
            yield self._arithmetic(step, current)
        elif step.kind == "sign":
            yield from self._signed(step, current)
        else:
            yield self.holds(step, current)

    def _chain(self, steps: list[Step], at: int, current: Any) -> Iterator[Any]:
        found: Iterator[Any] = self.items(steps[0], current)
        for step in steps[1:]:
            found = self._after(step, found)
        yield from found

    def _after(self, step: Step, values: Iterator[Any]) -> Iterator[Any]:
        for value in values:
            yield from self._access(step, value)

    def _access(self, step: Step, value: Any) -> Iterator[Any]:
        if step.kind == "key":
            yield from self._member(step.value, value)
        elif step.kind == "members":
            yield from self._members(value)
        elif step.kind == "items":
            yield from self._listed(value, "jsonpath wildcard array accessor can only be applied to an array")
        elif step.kind == "subscripts":
            yield from self._subscripts(step, value)
        elif step.kind == "filter":
            for item in value if self.lax and isinstance(value, list) else [value]:
                if self.holds(step.parts[0], item) is True:
                    yield item
        elif step.kind == "levels":
            yield from _levels(value, *step.value)
        else:
            yield from self._method(step.value, value)

    def _listed(self, value: Any, refusal: str) -> list[Any]:
        if isinstance(value, list):
            return value
        if not self.lax:
            raise _Failed("22039", refusal)
        return [value]

    def _member(self, key: str, value: Any) -> Iterator[Any]:
        if isinstance(value, list) and self.lax:
            for item in value:
                if isinstance(item, dict) and key in item:
                    yield item[key]
            return
        if not isinstance(value, dict):
            if not self.lax:
                raise _Failed("2203A", "jsonpath member accessor can only be applied to an object")
            return
        if key in value:
            yield value[key]
        elif not self.lax:
            raise _Failed("2203A", f'JSON object does not contain key "{key}"')

    def _members(self, value: Any) -> Iterator[Any]:
        for item in value if isinstance(value, list) and self.lax else [value]:
            if isinstance(item, dict):
                yield from (member for _, member in _ordered(item))
            elif not self.lax:
                raise _Failed("2203C", "jsonpath wildcard member accessor can only be applied to an object")

    def _subscripts(self, step: Step, value: Any) -> Iterator[Any]:
        listed = self._listed(value, "jsonpath array accessor can only be applied to an array")
        before, self.size = self.size, len(listed)
        try:
            spans = [[self._place(edge, value) for edge in part.parts] for part in step.parts]
        finally:
            self.size = before
        for span in spans:
            low, high = span[0], span[-1]
            if not self.lax and (low < 0 or low > high or high >= len(listed)):
                raise _Failed("22033", "jsonpath array subscript is out of bounds")
            yield from listed[max(low, 0) : high + 1]

    def _place(self, step: Step, value: Any) -> int:
        found = list(self.items(step, value))
        if len(found) != 1 or not isinstance(found[0], _Number):
            raise _Failed("22033", "jsonpath array subscript is not a single numeric value")
        return int(Decimal(found[0]))

    def _operand(self, step: Step, current: Any) -> list[Any]:
        """The values of an operand; in lax mode arrays are taken apart."""
        found = []
        for value in self.items(step, current):
            found += value if self.lax and isinstance(value, list) else [value]
        return found

    def _arithmetic(self, step: Step, current: Any) -> _Number:
        sides = []
        for part, which in zip(step.parts, ("left", "right"), strict=True):
            found = self._operand(part, current)
            if len(found) != 1 or not isinstance(found[0], _Number):
                message = f"{which} operand of jsonpath operator {step.value} is not a single numeric value"
                raise _Failed("22038", message)
            sides.append(Decimal(found[0]))
        left, right = sides
        if step.value in "/%" and not right:
            raise _Failed("22012", "division by zero")
        if step.value == "/":
            from helios_magic.engine.dialect.division import division_scale

            quotient = _EXACT.divide(left, right)
            return _number(quotient.quantize(Decimal(1).scaleb(-division_scale(left, right)), rounding="ROUND_HALF_UP"))
        compute = {"+": _EXACT.add, "-": _EXACT.subtract, "*": _EXACT.multiply, "%": _EXACT.remainder}[step.value]
        return _number(compute(left, right))

    def _signed(self, step: Step, current: Any) -> Iterator[Any]:
        for value in self._operand(step.parts[0], current):
            if not isinstance(value, _Number):
                raise _Failed("2203B", f"operand of unary jsonpath operator {step.value} is not a numeric value")
            yield _number(-Decimal(value)) if step.value == "-" else value

    def holds(self, step: Step, current: Any) -> bool | None:
        """A predicate: true, false, or None for unknown."""
        if step.kind in ("and", "or"):
            one, other = (self.holds(part, current) for part in step.parts)
            decisive = step.kind == "or"
            if decisive in (one, other):
                return decisive
            return None if None in (one, other) else not decisive
        if step.kind == "not":
            inner = self.holds(step.parts[0], current)
            return None if inner is None else not inner
        if step.kind == "unknown":
            return self.holds(step.parts[0], current) is None
        try:
            return self._tested(step, current)
        except _Failed:
            return None

    def _tested(self, step: Step, current: Any) -> bool | None:
        if step.kind == "exists":
            return next(iter(self.items(step.parts[0], current)), self) is not self
        left = self._operand(step.parts[0], current)
        if step.kind == "regex":
            return self._any(_matches(value, *step.value) for value in left)
        if step.kind not in ("compare", "starts"):
            raise ValueError("[42601] syntax error in jsonpath input: a predicate is expected")
        right = self._operand(step.parts[1], current)
        if step.kind == "starts":
            return self._any(_starts(value, start) for value in left for start in right)
        return self._any(_compare(step.value, one, other) for one in left for other in right)

    def _any(self, answers: Iterator[bool | None]) -> bool | None:
        found = unknown = False
        for answer in answers:
            if answer is None:
                if not self.lax:
                    return None
                unknown = True
            elif answer:
                if self.lax:
                    return True
                found = True
        return True if found else None if unknown else False

    def _method(self, name: str, value: Any) -> Iterator[Any]:
        if name == "type":
            yield _kind(value)
        elif name == "size":
            yield _Number(str(len(self._listed(value, "jsonpath item method .size() can only be applied to an array"))))
        else:
            for item in value if self.lax and isinstance(value, list) else [value]:
                yield from _converted(name, item)


def _ordered(value: dict[str, Any]) -> list[tuple[str, Any]]:
    return _object(_dump(value)) if value else []


def _levels(value: Any, low: int, high: int, level: int = 0) -> Iterator[Any]:
    inner = (
        [member for _, member in _ordered(value)]
        if isinstance(value, dict)
        else value
        if isinstance(value, list)
        else []
    )
    leaf = not inner
    if (low == -1 and leaf) or (low >= 0 and level >= low and (high == -1 or level <= high)):
        yield value
    if high == -1 or level < high:
        for member in inner:
            yield from _levels(member, low, high, level + 1)


def _converted(name: str, value: Any) -> Iterator[Any]:
    method = f"jsonpath item method .{name}()"
    if name == "keyvalue":
        raise ValueError("[0A000] the jsonpath method .keyvalue() is not supported")
    if name in ("ceiling", "floor", "abs"):
        if not isinstance(value, _Number):
            raise _Failed("22036", f"{method} can only be applied to a numeric value")
        number = Decimal(value)
        rounded = {"ceiling": ROUND_CEILING, "floor": ROUND_FLOOR}.get(name)
        yield _number(abs(number) if rounded is None else number.to_integral_value(rounded))
    elif name == "string":
        if isinstance(value, dict | list) or value is None:
            raise _Failed("22036", f"{method} can only be applied to a boolean, string, numeric, or datetime value")
        yield value if type(value) is str else str(_dump(value))
    elif name == "boolean":
        yield _boolean(value, method)
    else:
        yield _numeric(name, value, method)


def _boolean(value: Any, method: str) -> bool:
    from helios_magic.engine.dialect.constants import _FALSE, _TRUE

    if isinstance(value, bool):
        return value
    if isinstance(value, _Number) and Decimal(value) == int(Decimal(value)):
        return bool(int(Decimal(value)))
    if type(value) is str and value.strip().lower() in (*_TRUE, *_FALSE):
        return value.strip().lower() in _TRUE
    raise _Failed("22036", f'argument "{value}" of {method} is invalid for type boolean')


def _numeric(name: str, value: Any, method: str) -> _Number:
    if not isinstance(value, str):
        raise _Failed("22036", f"{method} can only be applied to a string or numeric value")
    kind = {"double": "double precision", "number": "numeric"}.get(name, name)
    try:
        number = Decimal(value)
    except InvalidOperation:
        raise _Failed("22036", f'argument "{value}" of {method} is invalid for type {kind}') from None
    if name in ("bigint", "integer"):
        limit = 2**63 if name == "bigint" else 2**31
        whole = number.to_integral_value("ROUND_HALF_UP")
        if (type(value) is str and number != whole) or not -limit <= whole < limit:
            raise _Failed("22036", f'argument "{value}" of {method} is invalid for type {kind}')
        return _number(whole)
    return _number(Decimal(repr(float(number))).normalize() if name == "double" and type(value) is str else number)


def _starts(value: Any, start: Any) -> bool | None:
    if type(value) is not str or type(start) is not str:
        return None
    return value.startswith(start)


def _matches(value: Any, pattern: str, flags: str) -> bool | None:
    if type(value) is not str:
        return None
    unknown = set(flags) - set("ismxq")
    if unknown:
        raise ValueError(
            f'[42601] invalid input syntax for type jsonpath: unrecognized flag character "{min(unknown)}"'
        )
    if "x" in flags and "q" not in flags:
        raise ValueError('[0A000] XQuery "x" flag (expanded regular expressions) is not implemented')
    stops = {(False, False): "p", (False, True): "n", (True, False): "", (True, True): "w"}["s" in flags, "m" in flags]
    return matcher(pattern, ("q" if "q" in flags else stops) + ("i" if "i" in flags else "")).matches(value)


def _compare(sign: str, one: Any, other: Any) -> bool | None:
    kinds = (_kind(one), _kind(other))
    if kinds[0] != kinds[1]:
        # null is unequal to everything else; other types cannot be compared.
        return sign == "!=" if "null" in kinds else None
    if kinds[0] in ("object", "array"):
        return None
    if kinds[0] == "null":
        return sign in ("==", "<=", ">=")
    left, right = (Decimal(one), Decimal(other)) if kinds[0] == "number" else (one, other)
    answers = {"==": left == right, "!=": left != right, "<": left < right, "<=": left <= right, ">": left > right}
    return bool(answers.get(sign, left >= right))


def _found(text: str, path: str, variables: str, *, silent: bool) -> tuple[Path, list[Any]]:
    known = read(path)
    named = _load(variables)
    if not isinstance(named, dict):
        raise ValueError('[22023] "vars" argument is not an object')  # noqa: TRY004 - SQLSTATE in its message
    run = _Run(known.lax, _load(text), named)
    found: list[Any] = []
    try:
        found.extend(run.items(known.root, run.root))
    except _Failed as failure:
        if not silent:
            raise ValueError(str(failure)) from None
    except RecursionError:
        raise ValueError("[54001] the jsonpath goes too deep") from None
    return known, found


def query(text: str, path: str, variables: str, silent: bool) -> list[str]:
    return [json.dumps(v, ensure_ascii=False) if type(v) is str else _dump(v)
            for v in _found(text, path, variables, silent=silent)[1]]  # fmt: skip


def exists(text: str, path: str, variables: str, silent: bool) -> bool | None:
    known, found = read(path), None
    run = _Run(known.lax, _load(text), _load(variables))
    try:
        found = next(iter(run.items(known.root, run.root)), run) is not run
    except _Failed as failure:
        if not silent:
            raise ValueError(str(failure)) from None
    return found


def match(text: str, path: str, variables: str, silent: bool) -> bool | None:
    _, found = _found(text, path, variables, silent=silent)
    if len(found) == 1 and (found[0] is None or isinstance(found[0], bool)):
        return found[0]
    if silent:
        return None
    raise ValueError("[22038] single boolean result is expected")


_T = "VARCHAR"
PATH_FUNCTIONS = (
    ("pg_json_path_query", query, (_T, _T, _T, "BOOLEAN"), "VARCHAR[]"),
    ("pg_json_path_exists", exists, (_T, _T, _T, "BOOLEAN"), "BOOLEAN"),
    ("pg_json_path_match", match, (_T, _T, _T, "BOOLEAN"), "BOOLEAN"),
)
