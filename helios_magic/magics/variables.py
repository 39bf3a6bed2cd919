"""Values for a statement: `--params`, `:name` and `{{name}}` from the notebook's variables; always bound.

Everything here also knows the way back: where a character of the text that was sent stood in the user's text.
"""

from __future__ import annotations

import json
import re
from collections import ChainMap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from helios_magic.errors import UsageError
from helios_magic.sqltext import Token, bind_names, scan

_BRACES = re.compile(r"\{\{(?P<inside>[^{}\n]*)\}\}")


@dataclass(frozen=True, slots=True)
class Bound:
    """A statement as it is sent, its values, and the way back to the text as it was written."""

    text: str
    values: Sequence[Any]
    pairs: tuple[tuple[int, int, int], ...] = ()
    """Per placeholder that was renamed: its start in the sent text, in the written one, and how much longer it was."""

    def written(self, offset: int) -> int:
        """The offset in the written text of a character of the sent one."""
        shift = 0
        for sent, written, longer in self.pairs:
            if sent > offset:
                break
            if sent == offset:
                return written
            shift += longer
        return offset + shift


@dataclass(frozen=True, slots=True)
class Values:
    """What `--params` gave: a list for `$n`, names for `:name`."""

    positional: Sequence[Any] = ()
    names: Mapping[str, Any] | None = None


def given(params: str | None, variables: Mapping[str, Any]) -> Values:
    """The values of `--params`: a JSON list or object, or a variable that holds a list, tuple or dict."""
    if params is None:
        return Values()
    text = params.strip()
    if text[:1] in "[{":
        try:
            value = json.loads(text)
        except json.JSONDecodeError as problem:
            raise UsageError(
                f"--params is no valid JSON: {problem.msg} at character {problem.pos + 1}.",
                hint="Write --params '[1, \"two\", null]', or the name of a variable.",
            ) from None
    elif text in variables:
        value = variables[text]
    else:
        raise UsageError(
            f"--params “{text}” is neither JSON nor a variable.",
            hint="Write --params '[1, 2]', or the name of a variable with a list, tuple or dict.",
        )
    if isinstance(value, Mapping):
        return Values(names=value)
    if isinstance(value, (list, tuple)):
        return Values(positional=[_bindable(item, f"${place}") for place, item in enumerate(value, 1)])
    raise UsageError(
        f"--params “{text}” is a {type(value).__name__}, not a list, tuple or dict.",
        hint=f"Write --params '[…]', or make it a list: [{text}]." if text.isidentifier() else None,
    )


def bind(sql: str, values: Values, variables: Mapping[str, Any]) -> Bound:
    """The statement with `$n` for every name.  Raises UsageError for a name that is not defined or cannot be bound."""
    if ":" not in sql and "{{" not in sql:
        return Bound(sql, values.positional)
    _refuse_expressions(sql)
    names = _Names(ChainMap(dict(values.names or {}), variables))  # type: ignore[arg-type]
    text, bound = bind_names(sql, names, values.positional)
    return Bound(text, bound, _pairs(sql, text))


class _Names(Mapping[str, Any]):
    """The notebook's variables, each checked when it is looked up."""

    def __init__(self, variables: Mapping[str, Any]) -> None:
        self._variables = variables

    def __getitem__(self, name: str) -> Any:
        return _bindable(self._variables[name], name)

    def __iter__(self) -> Any:
        return iter(self._variables)

    def __len__(self) -> int:
        return len(self._variables)


def _bindable(value: Any, name: str) -> Any:
    kind = type(value)
    module = kind.__module__.partition(".")[0]
    if module in ("pandas", "polars", "pyarrow") and kind.__name__ in ("DataFrame", "Series", "Index", "Table"):
        mend = (
            f"Load it into a table first: %helios load {name} TABLE --mode create"
            if kind.__name__ in ("DataFrame", "Table")
            else f"Make it a list: {name}.to_list(), and compare with = ANY(:{name})"
        )
        raise UsageError(f"“{name}” is a {module} {kind.__name__}, not one value.", hint=mend)
    if isinstance(value, (set, frozenset)):
        raise UsageError(f"“{name}” is a set, which has no order.", hint=f"Make it a list: sorted({name})")
    if callable(value):
        raise UsageError(f"“{name}” is a {kind.__name__}, not a value.", hint="Keep its result in a variable first.")
    return value


def _refuse_expressions(sql: str) -> None:
    """`{{row.id}}`, `:row.id`: names only, because an expression in a template is how values get pasted."""
    tokens = [token for token in scan(sql) if token.kind not in ("string", "comment", "identifier")]
    for token, following in pairwise(tokens):
        if following.start != token.end:
            continue
        if token.kind == "named" and token.text.startswith(":") and following.text == ".":
            raise _expression(token, f"{token.text}.…", token.name)
        if token.kind == "named" and following.kind in ("number", "word"):
            # `{{a}}5` would become $15.
            raise _expression(token, f"{token.text}{following.text}", token.name)
        if token.text == "{" and following.text == "{":
            match = _BRACES.match(sql, token.start)
            shown = match[0] if match else "{{"
            raise _expression(token, shown, re.split(r"\W", (match["inside"] if match else "").strip() or "x")[0])


def _expression(token: Token, shown: str, name: str) -> UsageError:
    return UsageError(
        f"{shown} is more than a name; only names of variables are bound.",
        hint=f"Keep the value in a variable first: value = {name}…, then :value",
        details={"offset": token.start, "length": len(shown.rstrip("….")) or 1},
    )


def _pairs(written: str, sent: str) -> tuple[tuple[int, int, int], ...]:
    """Token by token: a placeholder stays one token, everything else keeps its length."""
    pairs: list[tuple[int, int, int]] = []
    shift = 0
    for token in scan(written):
        if token.kind == "named":
            start = token.start - shift
            end = start + 1
            while end < len(sent) and sent[end].isdigit():
                end += 1
            longer = (token.end - token.start) - (end - start)
            pairs.append((start, token.start, longer))
            shift += longer
    return tuple(pairs)
