"""to_char and to_number of numbers: PostgreSQL's templates, digit by digit.

Source: NUM_processor and its kin in src/backend/utils/adt/formatting.c; the locale is C.
"""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Context, Decimal

_WIDE = Context(prec=400)
_WORDS = (
    "EEEE",
    "FM",
    "MI",
    "PL",
    "PR",
    "RN",
    "SG",
    "SP",
    "TH",
    "th",
    ",",
    ".",
    "0",
    "9",
    "B",
    "C",
    "D",
    "G",
    "L",
    "S",
    "V",
)
_ROMAN = ((1000, "M"), (900, "CM"), (500, "D"), (400, "CD"), (100, "C"), (90, "XC"), (50, "L"), (40, "XL"), (10, "X"),
          (9, "IX"), (5, "V"), (4, "IV"), (1, "I"))  # fmt: skip


@dataclass(slots=True)
class Template:
    """A template taken apart: its words and plain characters, and what they say together."""

    nodes: list[tuple[str, bool]] = field(default_factory=list)
    pre: int = 0
    post: int = 0
    multiplied: int = 0
    zero_start: int = 0
    zero_end: int = 0
    sign_at: str = ""
    digits_before_sign: int = 0
    flags: set[str] = field(default_factory=set)


def _wrong(message: str) -> ValueError:
    return ValueError(f"[42601] {message}")


@functools.lru_cache(256)
def read(text: str) -> Template:
    """Read a template.  Raises `[42601]`, and `[0A000]` for what PostgreSQL does not do either."""
    template = Template()
    at = 0
    while at < len(text):
        if text[at] == '"':
            end = at + 1
            while end < len(text) and text[end] != '"':
                end += text[end] == "\\" and end + 1 < len(text)
                template.nodes.append((text[end], False))
                end += 1
            at = end + 1
            continue
        if text[at] == "\\" and text[at + 1 : at + 2] == '"':
            template.nodes.append(('"', False))
            at += 2
            continue
        word = next(
            (w for w in _WORDS if text[at : at + len(w)] == w or text[at : at + len(w)].upper() == w != "TH"), ""
        )
        if word:
            _note(template, word)
            template.nodes.append((word, True))
        else:
            template.nodes.append((text[at], False))
        at += len(word) or 1
    return template


def _note(t: Template, word: str) -> None:  # noqa: C901 - one branch for each word
    flags = t.flags
    if "EEEE" in flags and word not in ("9", "0", "FM"):
        raise _wrong('"EEEE" must be the last pattern used')
    if word in "90":
        if "PR" in flags:
            raise _wrong(f'"{word}" must be ahead of "PR"')
        if "V" in flags and word == "9":
            t.multiplied += 1
            return
        if word == "0" and not flags & {"0", "."}:
            flags.add("0")
            t.zero_start = t.pre
        if "." in flags:
            t.post += 1
        else:
            t.pre += 1
        if word == "0":
            t.zero_end = t.pre + t.post
    elif word in (".", "D"):
        if "." in flags:
            raise _wrong("multiple decimal points")
        if "V" in flags:
            raise _wrong('cannot use "V" and decimal point together')
        flags.add(".")
    elif word == "S":
        if "S" in flags:
            raise _wrong('cannot use "S" twice')
        if flags & {"PL", "MI", "SG", "PR"}:
            raise _wrong('cannot use "S" and "PL"/"MI"/"SG"/"PR" together')
        flags.add("S")
        if "." in flags:
            t.sign_at = t.sign_at or "post"
        else:
            t.sign_at, t.digits_before_sign = "pre", t.pre
    elif word in ("MI", "PL", "SG", "PR") and "S" in flags:
        raise _wrong(f'cannot use "S" and "{word}" together')
    elif word == "EEEE":
        if flags - {"FM", ".", "0"}:
            raise _wrong('"EEEE" is incompatible with other formats')
        flags.add(word)
    elif word not in (",", "G", "L", "SP", "B", "C"):
        flags.add(word)
        if word == "V" and "." in flags:
            raise _wrong('cannot use "V" and decimal point together')


def to_char(value: str, text: str, kind: str) -> str:
    """A number by a template; `kind` is PostgreSQL's type, `value` its text."""
    t = read(text)
    number = Decimal(value)
    if not number.is_finite():
        raise ValueError("[0A000] to_char of an infinite or undefined number is not supported")
    if "RN" in t.flags:
        return _roman(number, t)
    if "EEEE" in t.flags:
        digits = f"{abs(number):.{t.post}e}" if number and kind != "float8" else f"{abs(float(number)):.{t.post}e}"
        mantissa, exponent = digits.split("e")
        return f"{'-' if number < 0 else ' '}{mantissa}e{exponent[0]}{int(exponent[1:]):02d}"
    pre, post = t.pre + t.multiplied, t.post
    if t.multiplied:
        number = number.scaleb(t.multiplied, _WIDE)
    if kind in ("float4", "float8"):
        most = 6 if kind == "float4" else 15
        whole = len(str(int(abs(number))))
        post = 0 if whole >= most else min(post, most - whole)
        rounded = Decimal(f"{float(number):.{post}f}")
    else:
        rounded = number.quantize(Decimal(1).scaleb(-post), ROUND_HALF_UP, _WIDE)
    shown = format(abs(rounded), f".{post}f")
    negative = rounded < 0 or (rounded.is_signed() and kind in ("float4", "float8"))
    before = len(shown.partition(".")[0])
    if before > pre:
        shown = "#" * pre + "." + "#" * post
    return _Printer(t, shown, "-" if negative else "+", max(pre - before, 0), pre, post).run()


def _roman(number: Decimal, t: Template) -> str:
    whole = int(number.to_integral_value(ROUND_HALF_UP))
    if not 0 < whole < 4000:
        return "#" * 15
    text = ""
    for size, letters in _ROMAN:
        times, whole = divmod(whole, size)
        text += letters * times
    return text if "FM" in t.flags else text.rjust(15)


class _Printer:
    """NUM_processor: one step for each part of the template."""

    def __init__(self, t: Template, number: str, sign: str, blanks: int, pre: int, post: int) -> None:
        self.t, self.number, self.sign, self.blanks = t, number, sign, blanks
        self.flags = set(t.flags)
        self.filled = "FM" in self.flags
        self.out: list[str] = []
        self.place = self.at = 0
        self.inside = False
        self.post = post
        self.sign_at = t.sign_at
        if self.flags & {"MI", "PL", "SG"}:
            self.signed = not ("PL" in self.flags and not self.flags & {"MI", "SG"})
        else:
            if sign != "-" and self.filled:
                self.flags.discard("PR")
            self.signed = sign == "+" and self.filled and "S" not in self.flags
            if t.sign_at == "pre" and t.pre == t.digits_before_sign:
                self.sign_at = "post"
        self.count = post + pre - 1 + (not self.signed and blanks == 0)
        self.relevant = self._last_relevant() if self.filled and "." in self.flags else None

    def _last_relevant(self) -> int | None:
        point = self.number.find(".")
        if point < 0:
            return None
        last = max((i for i in range(point, len(self.number)) if self.number[i] != "0"), default=point)
        if self.t.zero_end > self.blanks:
            last = max(last, min(len(self.number) - 1, self.t.zero_end - self.blanks))
        return last

    def run(self) -> str:  # noqa: C901 - one branch for each word
        for word, special in self.t.nodes:
            if not special:
                self.out.append(word)
            elif word in ("9", "0", ".", "D"):
                self._digit(word)
            elif word in (",", "G"):
                if self.inside:
                    self.out.append(",")
                elif not self.filled:
                    self.out.append(" ")
            elif word == "L":
                self.out.append(" ")
            elif word in ("TH", "th"):
                self._ordinal(word)
            elif word in ("MI", "PL"):
                wanted = "-" if word == "MI" else "+"
                if self.sign == wanted:
                    self.out.append(wanted)
                elif not self.filled:
                    self.out.append(" ")
            elif word == "SG":
                self.out.append(self.sign)
        return "".join(self.out)

    def _ordinal(self, word: str) -> None:
        if self.number[:1] == "#" or self.sign == "-" or "." in self.flags:
            return
        self.out.append(ordinal(self.number, upper=word == "TH"))

    def _mark(self) -> str:
        return self.number[self.at : self.at + 1]

    def _blank_before_point(self) -> bool:
        return "0" not in self.flags and self.at == 0 and self.number[:1] == "0" and self.t.post != 0

    def _at_point(self) -> bool:
        return self.relevant is not None and self.number[self.relevant] == "."

    def _digit(self, word: str) -> None:
        self.inside = False
        zeros = "0" in self.flags
        starts = self.place >= self.blanks or (zeros and self.t.zero_start == self.place)
        if not self.signed and starts and (not self._blank_before_point() or self._at_point()):
            self._sign()
        if self.place < self.blanks and (self.t.zero_start > self.place or not zeros):
            if not self.filled:
                self.out.append(" ")
        elif zeros and self.place < self.blanks and self.t.zero_start <= self.place:
            self.out.append("0")
            self.inside = True
        else:
            self._of_number(word)
            self.at += bool(self._mark())
        end = self.count + (self.blanks > 0) + ("." in self.flags)
        if self.relevant is not None and self.relevant == self.at:
            end = self.place
        if self.place + 1 == end:
            if self.signed and "PR" in self.flags:
                self.out.append(" " if self.sign == "+" else ">")
            elif "S" in self.flags and self.sign_at == "post":
                self.out.append(self.sign)
        self.place += 1

    def _of_number(self, word: str) -> None:
        mark = self._mark()
        if mark == ".":
            self.out.append(".")
        elif self.relevant is not None and self.at > self.relevant and word != "0":
            return
        elif self._blank_before_point():
            if not self.filled:
                self.out.append(" ")
            elif self._at_point():
                self.out.append("0")
        elif mark:
            self.out.append(mark)
            self.inside = True

    def _sign(self) -> None:
        if "S" in self.flags:
            if self.sign_at == "pre":
                self.out.append(self.sign)
                self.signed = True
            return
        if "PR" in self.flags:
            self.out.append(" " if self.sign == "+" else "<")
        elif self.sign == "-" or not self.filled:
            self.out.append("-" if self.sign == "-" else " ")
        self.signed = True


def ordinal(digits: str, *, upper: bool) -> str:
    """The ending of 1st, 2nd, 3rd, 11th."""
    ending = "th" if digits[-2:-1] == "1" else {"1": "st", "2": "nd", "3": "rd"}.get(digits[-1:], "th")
    return ending.upper() if upper else ending


def to_number(text: str, template: str) -> str:  # noqa: C901 - one branch for each word
    """The number that a text has by a template, as text."""
    t = read(template)
    if t.flags & {"RN", "EEEE", "V", "TH", "th"}:
        raise ValueError("[0A000] this template of to_number is not supported")
    sign, digits, at = "", "", 0
    for word, special in t.nodes:
        if at >= len(text):
            break
        if special and word in ("9", "0"):
            while not digits and not sign and at < len(text) and text[at] == " ":
                at += 1
            if not digits and not sign and text[at : at + 1] in ("-", "+", "<") and at < len(text):
                sign = "+" if text[at] == "+" else "-"
                at += 1
            if text[at : at + 1].isdigit():
                digits += text[at]
                at += 1
        elif special and word in (".", "D"):
            if text[at] == ".":
                digits, at = digits + ".", at + 1
        elif special and word in (",", "G"):
            at += text[at] == ","
        elif special and word in ("S", "MI", "PL", "SG", "PR"):
            if text[at] in "+-":
                sign, at = text[at], at + 1
        elif not special or word == "L":
            at += text[at] not in "0123456789.,+-"
    if t.flags & {"S", "MI", "SG"} and not sign and text[at : at + 1] == "-":
        sign = "-"
    if not re.search(r"\d", digits):
        raise ValueError(f'[22P02] invalid input syntax for type numeric: "{(sign + digits) or " "}"')
    return ("-" if sign == "-" else "") + digits


_T = "VARCHAR"
NUMBER_FUNCTIONS = (
    ("pg_to_char_number", to_char, (_T, _T, _T), _T),
    ("pg_to_number", to_number, (_T, _T), _T),
)
