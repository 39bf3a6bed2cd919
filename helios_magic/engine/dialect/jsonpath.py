"""SQL/JSON paths as PostgreSQL has them, read into a tree: `$.a[*] ? (@.b > $min)`.

Source: PostgreSQL 18, section 9.16.2, and src/backend/utils/adt/jsonpath_gram.y.
"""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass, field
from typing import Any

_TOKEN = re.compile(
    r"""\s*(?:(?P<string>"(?:[^"\\]|\\.)*")|(?P<variable>\$(?:\w+|"(?:[^"\\]|\\.)*"))|(?P<number>(?:\d+(?:\.\d*)?|\.\d+)"""
    r"""(?:[eE][+-]?\d+)?)|(?P<word>[^\W\d]\w*)|(?P<sign>\*\*|==|!=|<>|<=|>=|&&|\|\||[-+*/%.$@?()\[\]{},<>!:]))""",
    re.DOTALL,
)
METHODS = frozenset(
    {
        "type",
        "size",
        "double",
        "ceiling",
        "floor",
        "abs",
        "keyvalue",
        "bigint",
        "boolean",
        "integer",
        "number",
        "string",
    }
)
_REFUSED = frozenset({"datetime", "date", "time", "time_tz", "timestamp", "timestamp_tz", "decimal"})


@dataclass(slots=True)
class Step:
    """A node of a path; `kind` says what `value` and `parts` are."""

    kind: str
    value: Any = None
    parts: list[Step] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Path:
    lax: bool
    root: Step
    predicate: bool


def _broken(near: str) -> ValueError:
    where = f'at or near "{near}" of jsonpath input' if near else "at end of jsonpath input"
    return ValueError(f"[42601] syntax error {where}")


@functools.lru_cache(256)
def read(text: str) -> Path:
    """Read a path.  Raises `[42601]`, and `[0A000]` for methods of dates."""
    return _Reader(text).read()


class _Reader:
    def __init__(self, text: str) -> None:
        self.tokens: list[tuple[str, str]] = []
        at = 0
        while text[at:].strip():
            found = _TOKEN.match(text, at)
            if found is None:
                raise _broken(text[at:].strip()[:1])
            kind = str(found.lastgroup)
            self.tokens.append((kind, found[kind]))
            at = found.end()
        self.at = 0

    def read(self) -> Path:
        mode = self.tokens[0][1] if self.tokens and self.tokens[0][0] == "word" else ""
        self.at = int(mode in ("lax", "strict"))
        root = self._or()
        if self.at < len(self.tokens):
            raise _broken(self.tokens[self.at][1])
        return Path(
            mode != "strict", root, root.kind in ("compare", "and", "or", "not", "exists", "regex", "starts", "unknown")
        )

    def _next(self) -> str:
        return self.tokens[self.at][1] if self.at < len(self.tokens) and self.tokens[self.at][0] != "string" else ""

    def _take(self, *signs: str) -> str:
        sign = self._next()
        if sign and sign in signs:
            self.at += 1
            return sign
        return ""

    def _expect(self, sign: str) -> None:
        if not self._take(sign):
            raise _broken(self._next())

    def _kind(self) -> str:
        return self.tokens[self.at][0] if self.at < len(self.tokens) else ""

    def _or(self) -> Step:
        left = self._and()
        while self._take("||"):
            left = Step("or", None, [left, self._and()])
        return left

    def _and(self) -> Step:
        left = self._comparison()
        while self._take("&&"):
            left = Step("and", None, [left, self._comparison()])
        return left

    def _comparison(self) -> Step:
        if self._take("!"):
            return Step("not", None, [self._comparison()])
        left = self._sum()
        sign = self._take("==", "!=", "<>", "<", "<=", ">", ">=")
        if sign:
            return Step("compare", {"<>": "!="}.get(sign, sign), [left, self._sum()])
        if self._take("like_regex"):
            pattern = self._string()
            flags = self._string() if self._take("flag") else ""
            return Step("regex", (pattern, flags), [left])
        if self._take("starts"):
            self._expect("with")
            return Step("starts", None, [left, self._sum()])
        if self._take("is"):
            self._expect("unknown")
            return Step("unknown", None, [left])
        return left

    def _sum(self) -> Step:
        left = self._product()
        while sign := self._take("+", "-"):
            left = Step("arithmetic", sign, [left, self._product()])
        return left

    def _product(self) -> Step:
        left = self._signed()
        while sign := self._take("*", "/", "%"):
            left = Step("arithmetic", sign, [left, self._signed()])
        return left

    def _signed(self) -> Step:
        sign = self._take("+", "-")
        return Step("sign", sign, [self._signed()]) if sign else self._path()

    def _path(self) -> Step:
        chain = [self._primary()]
        while self._kind() != "string" and self._next() in (".", "[", "?", "**"):
            chain.append(self._accessor())
        return chain[0] if len(chain) == 1 else Step("chain", None, chain)

    def _primary(self) -> Step:
        kind, word = self.tokens[self.at] if self.at < len(self.tokens) else ("", "")
        self.at += 1
        if word == "$":
            return Step("root")
        if word == "@":
            return Step("current")
        if word == "(":
            inner = self._or()
            self._expect(")")
            return inner
        if kind == "variable":
            return Step("variable", _unquoted(word[1:]) if word[1] == '"' else word[1:])
        if kind == "string":
            return Step("literal", _unquoted(word))
        if kind == "number":
            return Step("number", word)
        if word in ("true", "false", "null"):
            return Step("literal", {"true": True, "false": False, "null": None}[word])
        if word == "last":
            return Step("last")
        if word == "exists":
            self._expect("(")
            inner = self._or()
            self._expect(")")
            return Step("exists", None, [inner])
        self.at -= 1
        raise _broken(word)

    def _accessor(self) -> Step:
        if self._take("["):
            return self._subscripts()
        if self._take("?"):
            self._expect("(")
            condition = self._or()
            self._expect(")")
            return Step("filter", None, [condition])
        self._expect(".")
        if self._take("*"):
            return Step("members")
        if self._take("**"):
            return self._levels()
        kind, word = self.tokens[self.at] if self.at < len(self.tokens) else ("", "")
        self.at += 1
        if kind == "string":
            return Step("key", _unquoted(word))
        if kind not in ("word", "variable"):
            raise _broken(word)
        if kind == "word" and self._next() == "(" and (word in METHODS or word in _REFUSED):
            self.at += 1
            self._expect(")")
            if word in _REFUSED:
                raise ValueError(f"[0A000] the jsonpath method .{word}() is not supported")
            return Step("method", word)
        return Step("key", word)

    def _levels(self) -> Step:
        low, high = 0, -1
        if self._take("{"):
            low = high = self._level()
            if self._take("to"):
                high = self._level()
            self._expect("}")
        return Step("levels", (low, high))

    def _level(self) -> int:
        if self._take("last"):
            return -1
        if self._kind() != "number":
            raise _broken(self._next())
        self.at += 1
        return int(self.tokens[self.at - 1][1])

    def _subscripts(self) -> Step:
        if self._take("*"):
            self._expect("]")
            return Step("items")
        parts = []
        while True:
            low = self._sum()
            parts.append(Step("range", None, [low, self._sum()] if self._take("to") else [low]))
            if not self._take(","):
                break
        self._expect("]")
        return Step("subscripts", None, parts)

    def _string(self) -> str:
        if self._kind() != "string":
            raise _broken(self._next())
        self.at += 1
        return _unquoted(self.tokens[self.at - 1][1])


def _unquoted(text: str) -> str:
    import json

    plain = re.sub(r"\\x([0-9a-fA-F]{2})", r"\\u00\1", text).replace("\\v", "\\u000b").replace("\\'", "'")
    try:
        return str(json.loads(plain, strict=False))
    except ValueError:
        raise ValueError(f"[42601] invalid escape in jsonpath input: {text}") from None
