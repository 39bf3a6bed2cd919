"""Completion of %helios lines: subcommands, options, values, branches and tables, from the grammar's tables."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

from IPython.core.completer import CompletionContext, SimpleCompletion, context_matcher

from helios_magic.magics.subcommand import Completes, Option, Subcommand
from helios_magic.magics.subcommands import BY_NAME

_LAST = re.compile(r"\S*\Z")
#: The names of one kind, at once or none: `branch`, `table`, `target` and the like.
Known = Callable[[Completes], Sequence[str]]
Found = list[tuple[str, str]]


def matcher(name: str, known: Known) -> Any:
    """A matcher that answers on `%name` and `%%name` lines only, and then for good: Jedi would take seconds."""
    line = re.compile(rf"(?:^|.*=\s*)%{{1,2}}{name}\s+(?P<words>.*)\Z", re.DOTALL)

    @context_matcher()  # type: ignore[untyped-decorator]
    def helios_matcher(context: CompletionContext) -> dict[str, Any]:
        match = line.match(context.line_with_cursor[: context.cursor_position])
        if match is None:
            return {"completions": [], "suppress": False}
        fragment = _LAST.search(match["words"])
        assert fragment is not None  # noqa: S101 - the pattern matches the empty text too
        found = _candidates(match["words"][: fragment.start()].split(), fragment[0], known)
        return {
            "completions": [SimpleCompletion(text, type=kind) for text, kind in found],
            "matched_fragment": fragment[0],
            "suppress": bool(found),
            "ordered": True,
        }

    helios_matcher.matcher_identifier = f"{name}_matcher"
    return helios_matcher


def _candidates(before: list[str], fragment: str, known: Known) -> Found:
    if not before:
        return _beginning(BY_NAME, fragment, "subcommand")
    subcommand = BY_NAME.get(before[0])
    if subcommand is None:
        return []
    if subcommand.name == "help":
        return _help_words(before[1:], fragment)
    before = before[1:]
    if subcommand.under:
        inner = subcommand.find(before[0]) if before else None
        if inner is None:
            return [] if before else _words_under(subcommand, fragment)
        subcommand, before = inner, before[1:]
    return _within(subcommand, before, fragment, known)


def _within(subcommand: Subcommand, before: list[str], fragment: str, known: Known) -> Found:
    """After the words of a subcommand: a value that is due, an argument, or an option."""
    flag, equals, value = fragment.partition("=")
    option = _option(subcommand, flag) if equals else _option(subcommand, before[-1] if before else "")
    if option is not None and option.kind != "switch":
        start = f"{flag}=" if equals else ""
        due = _values(option, value if equals else fragment, known)
        return [(start + text, kind) for text, kind in due]
    if not fragment.startswith("-"):
        at = _arguments(subcommand, before)
        if subcommand.arguments and subcommand.arguments[-1].many:
            at = min(at, len(subcommand.arguments) - 1)
        completes = subcommand.arguments[at].completes if at < len(subcommand.arguments) else ""
        if completes:
            return _names(completes, fragment, known)
        if fragment:
            return []
    return [
        (option.flag, "option")
        for option in subcommand.options
        if option.flag.startswith(fragment) and (option.many or option.flag not in before)
    ]


def _values(option: Option, fragment: str, known: Known) -> Found:
    return _beginning(option.choices, fragment, "value") or _names(option.completes, fragment, known)


def _names(completes: Completes, fragment: str, known: Known) -> Found:
    if not completes:
        return []
    start = ""
    if completes == "range":
        first, dots, second = fragment.partition("..")
        start, fragment = (first + dots, second) if dots else ("", first)
        completes = "branch"
    # A name with a blank is one word in quotes only.
    written = [(name, f"'{name}'" if " " in name else name) for name in known(completes)]
    return [
        (start + word, completes) for name, word in written if name.startswith(fragment) or word.startswith(fragment)
    ]


def _option(subcommand: Subcommand, flag: str) -> Option | None:
    return next((option for option in subcommand.options if option.flag == flag), None)


def _arguments(subcommand: Subcommand, before: Sequence[str]) -> int:
    """How many arguments stand in these words."""
    count, value_due = 0, False
    for word in before:
        if value_due:
            value_due = False
        elif word.startswith("--"):
            option = _option(subcommand, word)
            value_due = option is not None and option.kind != "switch"
        else:
            count += 1
    return count


def _help_words(before: list[str], fragment: str) -> Found:
    if not before:
        return _beginning(BY_NAME, fragment, "subcommand")
    subcommand = BY_NAME.get(before[0])
    return [] if subcommand is None or len(before) > 1 else _words_under(subcommand, fragment)


def _words_under(subcommand: Subcommand, fragment: str) -> Found:
    return _beginning([each.word for each in subcommand.under], fragment, "subcommand")


def _beginning(words: Any, fragment: str, kind: str) -> Found:
    return [(word, kind) for word in words if word.startswith(fragment)]
