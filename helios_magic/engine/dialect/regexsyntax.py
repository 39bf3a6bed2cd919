"""PostgreSQL's regular expressions (AREs) read into a tree: its escapes, classes, constraints and embedded options.

Source: PostgreSQL 18, section 9.7.3 and src/backend/regex.  A pattern that is wrong is `[2201B]`, in its words.
"""

from __future__ import annotations

import functools

from helios_magic.engine.dialect.regextrees import (
    Assertion,
    Back,
    Choice,
    Group,
    Look,
    Node,
    One,
    Pattern,
    Repeat,
    Sequence,
    broken,
    in_class,
)

_MOST = 255
_CLASSES = ("alnum", "alpha", "blank", "cntrl", "digit", "graph", "lower", "print", "punct", "space", "upper", "xdigit",
            "word")  # fmt: skip
_ESCAPED_CLASSES = {"d": "digit", "s": "space", "w": "word"}
_CONTROLS = {"a": "\a", "b": "\b", "B": "\\", "e": "\x1b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}
_ASSERTIONS = {"A": "start", "Z": "end", "m": "word_start", "M": "word_end", "y": "boundary", "Y": "inside"}


@functools.lru_cache(512)
def read(pattern: str, flags: str = "") -> Pattern:
    """Read a pattern with the flags of a regexp function (g left out).  Raises `[2201B]` and `[22023]`."""
    return _Reader(pattern, flags).read()


class _Reader:
    def __init__(self, pattern: str, flags: str) -> None:
        self.text, self.at = pattern, 0
        self.folded = self.expanded = self.quoted = False
        self.dot_stops = self.lines = False
        self.groups: dict[int, Group] = {}
        self.opened = 0
        self._options(flags, embedded=False)
        self._director()

    def read(self) -> Pattern:
        if self.quoted:
            tree: Node = Sequence([self._plain(mark) for mark in self.text[self.at :]])
        else:
            tree = self._choice()
            if self.at < len(self.text):
                raise broken("parentheses () not balanced")
        return Pattern(tree, self.opened, self.folded)

    def _options(self, flags: str, *, embedded: bool) -> None:
        for flag in flags:
            if flag in "ic":
                self.folded = flag == "i"
            elif flag in "nm":
                self.dot_stops = self.lines = True
            elif flag == "s":
                self.dot_stops = self.lines = False
            elif flag in "pw":
                self.dot_stops, self.lines = flag == "p", flag == "w"
            elif flag in "xt":
                self.expanded = flag == "x"
            elif flag == "q":
                self.quoted = True
            elif flag == "e":
                self.quoted = False
            elif flag == "b":
                raise ValueError("[0A000] basic regular expressions (flag b) are not supported")
            elif embedded:
                raise broken("invalid embedded option")
            else:
                raise ValueError(f'[22023] invalid regular expression option: "{flag}"')

    def _director(self) -> None:
        if self.quoted:
            return
        if self.text.startswith("***="):
            self.quoted, self.at = True, 4
            return
        if self.text.startswith("***:"):
            self.at = 4
        elif self.text.startswith("***"):
            raise broken("quantifier operand invalid")
        rest = self.text[self.at :]
        if rest.startswith("(?") and rest[2:3].isalpha():
            end = rest.find(")")
            if end < 0:
                raise broken("invalid embedded option")
            self._options(rest[2:end], embedded=True)
            self.at += end + 1

    def _plain(self, mark: str) -> One:
        return One(((mark, mark),), folded=self.folded and mark.lower() != mark.upper())

    def _peek(self, *words: str) -> bool:
        self._blanks()
        return any(self.text.startswith(word, self.at) for word in words)

    def _blanks(self) -> None:
        while self.text.startswith("(?#", self.at):
            end = self.text.find(")", self.at)
            self.at = len(self.text) if end < 0 else end + 1
        while self.expanded and self.at < len(self.text):
            if self.text[self.at] in " \t\n\r\f\v":
                self.at += 1
            elif self.text[self.at] == "#":
                end = self.text.find("\n", self.at)
                self.at = len(self.text) if end < 0 else end
            else:
                return

    def _choice(self) -> Node:
        branches = [self._branch()]
        while self._peek("|"):
            self.at += 1
            branches.append(self._branch())
        return branches[0] if len(branches) == 1 else Choice(branches)

    def _branch(self) -> Node:
        items: list[Node] = []
        while not self._peek("|", ")") and self.at < len(self.text):
            atom = self._atom()
            items.append(self._quantified(atom))
        return Sequence(items)

    def _quantified(self, atom: Node) -> Node:
        self._blanks()
        mark = self.text[self.at : self.at + 1]
        if mark in ("*", "+", "?") and mark:
            self.at += 1
            least, most = {"*": (0, None), "+": (1, None), "?": (0, 1)}[mark]
            prefers = "L"
        elif mark == "{" and self.text[self.at + 1 : self.at + 2].isdigit():
            least, most, prefers = self._bound()
        else:
            return atom
        if self.text.startswith("?", self.at):
            self.at += 1
            prefers = "S" if prefers else ""
        if isinstance(atom, Assertion | Look):
            raise broken("quantifier operand invalid")
        self._blanks()
        if self._quantifier_ahead():
            raise broken("quantifier operand invalid")
        return Repeat(atom, least, most, prefers)

    def _quantifier_ahead(self) -> bool:
        mark = self.text[self.at : self.at + 1]
        return (mark != "" and mark in "*+?") or (mark == "{" and self.text[self.at + 1 : self.at + 2].isdigit())

    def _bound(self) -> tuple[int, int | None, str]:
        end = self.text.find("}", self.at)
        if end < 0:
            raise broken("braces {} not balanced")
        low, comma, high = self.text[self.at + 1 : end].partition(",")
        if not low.isdigit() or not (high.isdigit() or high == ""):
            raise broken("invalid repetition count(s)")
        least, most = int(low), (int(high) if high else None) if comma else int(low)
        if least > _MOST or (most is not None and (most > _MOST or most < least)):
            raise broken("invalid repetition count(s)")
        self.at = end + 1
        return least, most, "L" if comma else ""

    def _atom(self) -> Node:
        mark = self.text[self.at]
        self.at += 1
        if mark == "(":
            return self._bracketed()
        if mark == "[":
            return self._set()
        if mark == ".":
            return One((("\n", "\n"),), negated=True) if self.dot_stops else One(negated=True)
        if mark == "^":
            return self._place("line_start" if self.lines else "start")
        if mark == "$":
            return self._place("line_end" if self.lines else "end")
        if mark == "\\":
            return self._escape()
        if mark in "*+?" or (mark == "{" and self.text[self.at : self.at + 1].isdigit()):
            raise broken("quantifier operand invalid")
        return self._plain(mark)

    def _place(self, kind: str) -> Assertion:
        if self._quantifier_ahead():
            raise broken("quantifier operand invalid")
        return Assertion(kind)

    def _bracketed(self) -> Node:
        for sign, behind, negated in (
            ("?=", False, False),
            ("?!", False, True),
            ("?<=", True, False),
            ("?<!", True, True),
        ):
            if self.text.startswith(sign, self.at):
                self.at += len(sign)
                before = self.opened
                inner = self._closed()
                self.opened = before
                return Look(_without_groups(inner), behind, negated)
        if self.text.startswith("?:", self.at):
            self.at += 2
            return self._closed()
        if self.text.startswith("?", self.at):
            raise broken("quantifier operand invalid")
        self.opened += 1
        number = self.opened
        group = Group(number, self._closed())
        self.groups[number] = group
        return group

    def _closed(self) -> Node:
        inner = self._choice()
        if self.at >= len(self.text):
            raise broken("parentheses () not balanced")
        self.at += 1
        return inner

    def _escape(self) -> Node:
        if self.at >= len(self.text):
            raise broken("invalid escape \\ sequence")
        mark = self.text[self.at]
        if mark in _ASSERTIONS:
            self.at += 1
            return self._place(_ASSERTIONS[mark])
        if mark.lower() in _ESCAPED_CLASSES:
            self.at += 1
            return One(classes=(_ESCAPED_CLASSES[mark.lower()],), negated=mark.isupper())
        if "1" <= mark <= "9":
            number = self._reference()
            if number is not None:
                if number not in self.groups:
                    raise broken("invalid backreference number")
                return Back(number, self.groups[number])
        return self._plain(self._character())

    def _reference(self) -> int | None:
        end = self.at
        while end < len(self.text) and self.text[end].isdigit():
            end += 1
        number = int(self.text[self.at : end])
        if end - self.at > 1 and number > self.opened:
            return None  # an octal character then
        self.at = end
        return number

    def _character(self) -> str:
        """The character that an escape stands for."""
        mark = self.text[self.at]
        self.at += 1
        if mark in _CONTROLS:
            return _CONTROLS[mark]
        if mark == "c" and self.at < len(self.text):
            self.at += 1
            return chr(ord(self.text[self.at - 1]) & 31)
        if mark in "uUx":
            return self._hex({"u": 4, "U": 8}.get(mark))
        if mark.isdigit():
            end = self.at
            while end < len(self.text) and end - self.at < 2 and self.text[end] in "01234567":
                end += 1
            digits, self.at = self.text[self.at - 1 : end], end
            if any(digit not in "01234567" for digit in digits):
                raise broken("invalid escape \\ sequence")
            return chr(int(digits, 8))
        if mark.isalnum():
            raise broken("invalid escape \\ sequence")
        return mark

    def _hex(self, size: int | None) -> str:
        end = self.at
        while end < len(self.text) and (size is None or end - self.at < size) and in_class("xdigit", self.text[end]):
            end += 1
        digits, self.at = self.text[self.at : end], end
        if not digits or (size is not None and len(digits) < size) or int(digits, 16) > 0x10FFFF:
            raise broken("invalid escape \\ sequence")
        return chr(int(digits, 16))

    def _set(self) -> Node:
        for word, kind in (("[:<:]]", "word_start"), ("[:>:]]", "word_end")):
            if self.text.startswith(word, self.at):
                self.at += len(word)
                return self._place(kind)
        negated = self.text.startswith("^", self.at)
        self.at += negated
        ranges: list[tuple[str, str]] = [("\n", "\n")] if negated and self.dot_stops else []
        classes: list[str] = []
        first = True
        while first or not self.text.startswith("]", self.at):
            first = False
            low = self._member(classes)
            if low is None:
                continue
            high = low
            if self.text.startswith("-", self.at) and self.text[self.at + 1 : self.at + 2] not in ("]", ""):
                self.at += 1
                high = self._member(classes) or ""
                if high < low:
                    raise broken("invalid character range")
            ranges.append((low, high))
        self.at += 1
        return One(tuple(ranges), tuple(classes), negated, self.folded)

    def _member(self, classes: list[str]) -> str | None:
        """One character of a set; None where it was a class."""
        if self.at >= len(self.text):
            raise broken("brackets [] not balanced")
        for kind in ":.=":
            if self.text.startswith("[" + kind, self.at):
                end = self.text.find(kind + "]", self.at + 2)
                if end < 0:
                    raise broken("brackets [] not balanced")
                name, self.at = self.text[self.at + 2 : end], end + 2
                if kind == ":":
                    if name not in _CLASSES:
                        raise broken("invalid character class")
                    classes.append(name)
                    return None
                if len(name) != 1:
                    raise broken("invalid collating element")
                return name
        mark = self.text[self.at]
        self.at += 1
        if mark != "\\":
            return mark
        if self.at >= len(self.text):
            raise broken("invalid escape \\ sequence")
        escaped = self.text[self.at]
        if escaped in _ESCAPED_CLASSES:
            self.at += 1
            classes.append(_ESCAPED_CLASSES[escaped])
            return None
        if escaped.lower() in _ESCAPED_CLASSES or escaped in _ASSERTIONS:
            raise broken("invalid escape \\ sequence")
        return self._character()


def _without_groups(node: Node) -> Node:
    """The same without captures: a look around keeps none."""
    if isinstance(node, Group):
        return _without_groups(node.inner)
    if isinstance(node, Repeat):
        return Repeat(_without_groups(node.inner), node.least, node.most, node.prefers)
    if isinstance(node, Sequence):
        return Sequence([_without_groups(item) for item in node.items])
    if isinstance(node, Choice):
        return Choice([_without_groups(branch) for branch in node.branches])
    return node
