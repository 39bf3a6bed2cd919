"""Completion of %helios lines: subcommands and options, from the grammar's tables."""

from __future__ import annotations

import re
from typing import Any

from IPython.core.completer import CompletionContext, SimpleCompletion, context_matcher

_LAST = re.compile(r"\S*\Z")


def matcher(name: str) -> Any:
    """A matcher that answers on `%name` and `%%name` lines only, and then for good: Jedi would take seconds."""
    line = re.compile(rf"(?:^|.*=\s*)%{{1,2}}{name}\s+(?P<words>.*)\Z", re.DOTALL)

    @context_matcher()  # type: ignore[untyped-decorator]
    def helios_matcher(context: CompletionContext) -> dict[str, Any]:
        match = line.match(context.line_with_cursor[: context.cursor_position])
        if match is None:
            return {"completions": [], "suppress": False}
        fragment = _LAST.search(match["words"])
        assert fragment is not None  # noqa: S101 - the pattern matches the empty text too
        found = _candidates(match["words"][: fragment.start()].split(), fragment[0])
        return {
            "completions": [SimpleCompletion(text, type=kind) for text, kind in found],
            "matched_fragment": fragment[0],
            "suppress": bool(found),
            "ordered": True,
        }

    helios_matcher.matcher_identifier = f"{name}_matcher"
    return helios_matcher


def _candidates(before: list[str], fragment: str) -> list[tuple[str, str]]:
    from helios_magic.magics.subcommands import BY_NAME

    if not before:
        return [(name, "subcommand") for name in BY_NAME if name.startswith(fragment)]
    subcommand = BY_NAME.get(before[0])
    if subcommand is None:
        return []
    if before[0] == "help":
        return [(name, "subcommand") for name in BY_NAME if name.startswith(fragment)]
    last = next((option for option in subcommand.options if option.flag == before[-1]), None)
    if last is not None and last.choices:
        return [(choice, "value") for choice in last.choices if choice.startswith(fragment)]
    if not fragment.startswith("-") and fragment:
        return []
    return [
        (option.flag, "option")
        for option in subcommand.options
        if option.flag.startswith(fragment) and option.flag not in before
    ]
