"""The part of `/docs` that tells which SQL is answered and which refused.

It is read from `dialect.json`, which `python -m tests.dialect.support` makes by running every form beside PostgreSQL.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from html import escape
from importlib import resources
from typing import Any

_INTRODUCTION = (
    "<p>Made from the test that runs each of these forms beside {beside}: what is listed as answered gave the same "
    "rows, types and column names there; what is refused is an error 0A000 that names what is missing.</p>"
)


def section() -> Iterator[str]:
    """The section as HTML; nothing where the package was built without the measurements."""
    file = resources.files("helios_magic.emulator").joinpath("dialect.json")
    if not file.is_file():
        return
    measured = json.loads(file.read_text("utf-8"))
    yield '<h2 id="dialect">SQL: what is answered and what is refused</h2>'
    yield _INTRODUCTION.format(beside=escape(measured["beside"]))
    for construct in measured["constructs"]:
        yield from _construct(construct)


def _construct(construct: Mapping[str, Any]) -> Iterator[str]:
    answered, refused = construct["answered"], construct["refused"]
    counts = f"{construct['statements']} statements" if "statements" in construct else f"{len(answered)} forms"
    note = f"{counts}, {len(refused)} refusals" if refused else counts
    yield f"<details><summary><b>{escape(construct['name'])}</b><span>{escape(note)}</span></summary>"
    yield '<div class="inside">'
    if answered:
        heading = "Answered, for instance" if "statements" in construct else "Answered"
        yield f"<h3>{heading}</h3><pre>{escape(chr(10).join(answered))}</pre>"
    others = (("Refused", "refused"), ("Refused at times", "partly"), ("Not as PostgreSQL", "different"))
    for heading, key in others:
        if entries := construct[key]:
            yield f"<h3>{heading}</h3><table><tr><th>form</th><th>error</th></tr>"
            yield "".join(f"<tr><td><code>{escape(a)}</code></td><td>{escape(b)}</td></tr>" for a, b in entries)
            yield "</table>"
    yield "</div></details>"
