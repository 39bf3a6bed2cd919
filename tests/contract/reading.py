"""The reference's text, read: its curl commands and the answers it shows.

`reference.txt` is the text as it was published; its line breaks were lost, so that `" \\ -H` is a continued line and
an example's answer follows its command on the same or the next line.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

REFERENCE = Path(__file__).with_name("reference.txt").read_text()

_HEADING = re.compile(r"(GET|POST|DELETE) (/\S+)$", re.MULTILINE)
_COMMAND = re.compile(r"""curl -X [A-Z]+ \S+(?: \\ -[A-Za-z] (?:"[^"]*"|'[^']*'))*""")


@dataclass(frozen=True)
class Example:
    """An endpoint's example: the command as it stands, and the answers shown for it."""

    endpoint: str
    command: str
    answers: tuple[dict[str, Any], ...]


def examples() -> dict[str, Example]:
    """The examples by endpoint (`POST /sql`), in the reference's order."""
    found = {}
    headings = list(_HEADING.finditer(REFERENCE))
    for heading, following in zip(headings, [*headings[1:], None], strict=True):
        section = REFERENCE[heading.end() : following.start() if following else None]
        command = _COMMAND.search(section)
        if command is not None:
            endpoint = f"{heading[1]} {heading[2]}"
            found[endpoint] = Example(endpoint, command[0], tuple(_answers(section)))
    # Webhooks stand under a heading of words.
    command = _COMMAND.search(REFERENCE[REFERENCE.index("\nWebhook Events\n") :])
    assert command is not None
    return {**found, "POST /webhooks": Example("POST /webhooks", command[0], ())}


def _answers(section: str) -> list[dict[str, Any]]:
    shown = []
    for start in re.finditer(r"Response[^\n]*:\n", section):
        try:
            shown.append(json.JSONDecoder().raw_decode(section[start.end() :])[0])
        except ValueError:
            continue  # shortened with `...` in the text itself
    return shown


def kind(value: Any) -> str:
    """The JSON type of a value."""
    if isinstance(value, bool):
        return "boolean"
    names = {str: "string", int: "number", float: "number", list: "array", dict: "object", type(None): "null"}
    return names[type(value)]


def missing_fields(shown: Any, answered: Any, path: str = "$") -> list[str]:
    """What the reference shows and the answer lacks, or has in another type."""
    if kind(shown) != kind(answered):
        return [f"{path}: {kind(shown)} shown, {kind(answered)} answered"]
    if isinstance(shown, dict):
        absent = [f"{path}.{name}: missing" for name in shown if name not in answered]
        return absent + [
            problem
            for name in shown.keys() & answered.keys()
            for problem in missing_fields(shown[name], answered[name], f"{path}.{name}")
        ]
    if isinstance(shown, list) and shown:
        if not answered:
            return [f"{path}: empty"]
        return missing_fields(shown[0], answered[0], f"{path}[0]")
    return []
