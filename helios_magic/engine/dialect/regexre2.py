"""PostgreSQL's regular expressions in DuckDB's own engine (RE2), where it gives the same answer, faster.

Whether a text matches is the same in both for all that RE2 can express.  What a match takes is the same where a
pattern leaves no choice: PostgreSQL takes the longest match, RE2 the one that is tried first.
"""

from __future__ import annotations

import functools

from helios_magic.engine.dialect.regextrees import (
    Assertion,
    Choice,
    Group,
    Node,
    One,
    Pattern,
    Repeat,
    Sequence,
)

_ASSERTED = {"start": r"\A", "end": r"\z", "line_start": "(?m:^)", "line_end": "(?m:$)"}
_SPACES = r" \t\n\r\f\v\x{1680}\x{2000}-\x{2006}\x{2008}-\x{200a}\x{2028}\x{2029}\x{205f}\x{3000}"
_CLASSES = {"digit": "0-9", "xdigit": "0-9a-fA-F", "alpha": r"\p{L}", "alnum": r"\p{L}\p{N}", "word": r"\p{L}\p{N}_",
            "space": _SPACES, "blank": r" \t", "lower": r"\p{Ll}", "upper": r"\p{Lu}"}  # fmt: skip
_OTHERS = 1 << 128
"""The bit of every character beyond ASCII."""
_MOST = 1_000


class _Beyond(Exception):  # noqa: N818 - never seen outside
    """RE2 has no such thing, or another idea of it."""


@functools.lru_cache(512)
def written(tree: Pattern) -> str | None:
    """The pattern in RE2's syntax; None where it has none for it."""
    try:
        if _size(tree.tree) > _MOST:
            return None
        return _write(tree.tree)
    except _Beyond:
        return None


def _size(node: Node) -> int:
    if isinstance(node, Repeat):
        return _size(node.inner) * max(node.most or node.least, 1)
    if isinstance(node, Group):
        return _size(node.inner)
    if isinstance(node, Sequence):
        return sum(_size(item) for item in node.items)
    return sum(_size(branch) for branch in node.branches) if isinstance(node, Choice) else 1


def _write(node: Node) -> str:
    if isinstance(node, One):
        return _set(node)
    if isinstance(node, Sequence):
        return "".join(f"(?:{_write(item)})" if isinstance(item, Choice) else _write(item) for item in node.items)
    if isinstance(node, Choice):
        return "|".join(_write(branch) for branch in node.branches)
    if isinstance(node, Group):
        return f"({_write(node.inner)})"
    if isinstance(node, Assertion) and node.kind in _ASSERTED:
        return _ASSERTED[node.kind]
    if isinstance(node, Repeat):
        most = "" if node.most is None else str(node.most)
        sign = {(0, None): "*", (1, None): "+", (0, 1): "?"}.get((node.least, node.most), f"{{{node.least},{most}}}")
        return f"(?:{_write(node.inner)}){sign}{'?' if node.prefers == 'S' else ''}"
    raise _Beyond


def _set(node: One) -> str:
    if node.negated and not node.ranges and not node.classes:
        return "(?s:.)"
    if any(name not in _CLASSES for name in node.classes):
        raise _Beyond
    inside = "".join(_point(low) if low == high else f"{_point(low)}-{_point(high)}" for low, high in node.ranges)
    inside += "".join(_CLASSES[name] for name in node.classes)
    whole = f"[{'^' if node.negated else ''}{inside}]"
    return f"(?i:{whole})" if node.folded else whole


def _point(mark: str) -> str:
    return mark if mark.isascii() and mark.isalnum() else f"\\x{{{ord(mark):x}}}"


@functools.lru_cache(512)
def decided(tree: Pattern) -> bool:
    """Whether each text has one way to match from a place, never the empty one, groups always set."""
    try:
        _, empty = _decide(tree.tree, 0, last=True)
    except _Beyond:
        return False
    return not empty


def _decide(node: Node, after: int, *, last: bool, optional: bool = False) -> tuple[int, bool]:
    """The characters that a part can begin with, and whether it can be empty.

    `after` is what can follow it; `last` says that nothing does.
    """
    if isinstance(node, One):
        return _mask(node), False
    if isinstance(node, Assertion):
        if node.kind not in _ASSERTED:
            raise _Beyond
        return 0, True
    if isinstance(node, Group):
        if optional:
            raise _Beyond
        return _decide(node.inner, after, last=last)
    if isinstance(node, Sequence):
        return _decide_sequence(node.items, after, last=last, optional=optional)
    if isinstance(node, Choice):
        return _decide_choice(node, after, last=last)
    if isinstance(node, Repeat):
        return _decide_repeat(node, after, last=last, optional=optional)
    raise _Beyond


def _decide_sequence(items: list[Node], after: int, *, last: bool, optional: bool) -> tuple[int, bool]:
    first, empty = after, True
    end = last
    for item in reversed(items):
        begins, can_be_empty = _decide(item, first, last=end, optional=optional)
        first = begins | (first if can_be_empty else 0)
        empty = empty and can_be_empty
        # A place that must hold after a repetition can make it give back.
        end = end and isinstance(item, Assertion) and item.kind == "end"
    return first, empty


def _decide_choice(node: Choice, after: int, *, last: bool) -> tuple[int, bool]:
    met = 0
    for branch in node.branches:
        begins, empty = _decide(branch, after, last=last, optional=True)
        if empty or begins & met:
            raise _Beyond
        met |= begins
    return met, False


def _decide_repeat(node: Repeat, after: int, *, last: bool, optional: bool) -> tuple[int, bool]:
    if node.prefers == "S" or node.most == 0:
        raise _Beyond
    begins, _ = _decide(node.inner, 0, last=False, optional=True)
    inner, empty = _decide(node.inner, begins | after, last=False, optional=optional or node.least == 0)
    fixed = node.least == node.most
    if empty or (not fixed and not last and inner & after):
        raise _Beyond
    return inner, node.least == 0


def _mask(node: One) -> int:
    mask = sum(1 << code for code in range(128) if node.has(chr(code)))
    beyond = node.negated or node.folded or bool(node.classes) or any(high > "\x7f" for _, high in node.ranges)
    return mask | (_OTHERS if beyond else 0)
