"""One statement on both sides: PostgreSQL's answer goes back to the application, ours is compared with it."""

from __future__ import annotations

import datetime
import decimal
import json
import re
import uuid
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import helios_magic
from helios_magic.sqltext import split

_TRANSACTIONS = re.compile(r"\s*(BEGIN|START|COMMIT|ROLLBACK|SAVEPOINT|RELEASE|SET CONSTRAINTS|SET\b)", re.IGNORECASE)
_ORDERED = re.compile(r"\bORDER BY\b", re.IGNORECASE)
_LIMITED = re.compile(r"\bLIMIT\b", re.IGNORECASE)
_NUMBER = re.compile(r"\b\d{5,}\b")
_NAMES = re.compile(r'“[^”]*”|"[^"]*"|\'[^\']*\'|\d+')


@dataclass(frozen=True, slots=True)
class Finding:
    """How a statement went: `same`, `refused` (ours raised), `different` (rows, or only PostgreSQL raised)."""

    statement: str
    verdict: str
    sqlstate: str | None = None
    message: str = ""

    @property
    def cause(self) -> str:
        """The message without names and numbers."""
        return f"{self.sqlstate or ''} {_NAMES.sub('…', self.message)}".strip()


@dataclass(slots=True)
class Recorder:
    """A session of ours beside the application's connection."""

    name: str
    session: Any = field(default_factory=lambda: helios_magic.connect(":memory:"))
    findings: list[Finding] = field(default_factory=list)
    oids: dict[str, str] = field(default_factory=dict)
    """Ours by PostgreSQL's, as answers have told them: statements name what earlier ones were told."""

    def close(self) -> None:
        if self.session is not None:
            self.session.close()

    def compare(
        self,
        statement: str,
        params: Sequence[Any] | None,
        columns: Sequence[str] | None,
        rows: Sequence[Sequence[Any]],
        failure: str | None = None,
        *,
        told: bool = True,
    ) -> None:
        """Run the statement here and note how its answer compares.

        `failure` is PostgreSQL's SQLSTATE; without `told` its rows are not known, only that it ran.
        """
        # Django sends `ALTER TABLE …; SET CONSTRAINTS … IMMEDIATE`: the second has no meaning between transactions.
        kept = [part for part in split(statement) if not _TRANSACTIONS.match(part.text)]
        if len(kept) != 1:
            return
        statement = kept[0].text
        statement = _NUMBER.sub(lambda found: self.oids.get(found[0], found[0]), statement)
        try:
            result = self.session.run(statement, list(params) if params else None)
        except helios_magic.HeliosError as error:
            state = getattr(error, "sqlstate", None)
            verdict = "same" if failure is not None and state == failure else "refused"
            self.findings.append(Finding(statement, verdict, state, str(error).splitlines()[0]))
            return
        if failure is not None:
            self.findings.append(Finding(statement, "different", failure, "PostgreSQL refuses it"))
            return
        outer = _outer(statement)
        ordered = bool(_ORDERED.search(outer))
        # Which rows a LIMIT leaves is free where nothing orders them.
        free = not ordered and bool(_LIMITED.search(outer))
        odd = _difference(result, columns, rows, self.oids, ordered=ordered, free=free) if told else ""
        self.findings.append(Finding(statement, "different" if odd else "same", None, odd))

    def counted(self) -> Counter[str]:
        return Counter(finding.verdict for finding in self.findings)


def _difference(
    result: Any,
    columns: Sequence[str] | None,
    rows: Sequence[Sequence[Any]],
    oids: dict[str, str],
    *,
    ordered: bool,
    free: bool,
) -> str:
    """What is not the same; nothing where all is."""
    if columns is None:
        return "rows where PostgreSQL has none" if result.table is not None else ""
    if result.table is None:
        return "no rows where PostgreSQL has some"
    if list(result.columns) != list(columns):
        return f"columns {list(result.columns)} for {list(columns)}"
    kinds = [kind in ("json", "jsonb") for kind in result.types]
    listed = zip(*(column.to_pylist() for column in result.table.columns), strict=True) if columns else ()
    numbers = [at for at, name in enumerate(columns) if name == "oid" or name.endswith("relid")]
    ours = [_apart(tuple(map(_cell, row, kinds)), numbers) for row in listed]
    theirs = [_apart(tuple(map(_cell, row, kinds)), numbers) for row in rows]
    if not ordered or numbers:
        ours, theirs = sorted(ours, key=repr), sorted(theirs, key=repr)
    if [row for row, _ in ours] == [row for row, _ in theirs] and numbers:
        for (_, mine), (_, other) in zip(ours, theirs, strict=True):
            oids.update(zip(map(str, other), map(str, mine), strict=True))
        return ""
    if ours == theirs or (free and len(ours) == len(theirs)):
        return ""
    odd = next(((a, b) for a, b in zip(ours, theirs, strict=False) if a != b), (len(ours), len(theirs)))
    return f"rows {odd[0]!r:.150} for {odd[1]!r:.150}"


def _outer(statement: str) -> str:
    """The statement without what stands in brackets or quotes."""
    kept, depth, quote = [], 0, ""
    for letter in statement:
        if quote:
            quote = "" if letter == quote else quote
        elif letter in "'\"":
            quote = letter
        elif letter in "([":
            depth += 1
        elif letter in ")]":
            depth -= 1
        elif depth == 0:
            kept.append(letter)
    return "".join(kept)


def _apart(row: tuple[Any, ...], numbers: list[int]) -> tuple[tuple[Any, ...], list[Any]]:
    """A row without its oids, and these: each side numbers its objects in its own way."""
    return tuple(v for at, v in enumerate(row) if at not in numbers), [int(row[at]) for at in numbers if row[at]]


def _cell(value: Any, is_json: bool) -> Any:
    if not is_json or value is None:
        return plain(value)
    try:
        return json.dumps(json.loads(value) if isinstance(value, str) else value, sort_keys=True)
    except ValueError:
        return json.dumps(value)  # psycopg has read the JSON, and it is a string


def plain(value: Any) -> Any:
    """A value as both sides can be compared by."""
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, decimal.Decimal | int):
        return decimal.Decimal(value).normalize()
    if isinstance(value, float):
        return decimal.Decimal(repr(value)).normalize()
    if isinstance(value, uuid.UUID):
        return str(value)
    if isinstance(value, memoryview):
        return bytes(value)
    if isinstance(value, datetime.datetime) and value.tzinfo is not None:
        return value.astimezone(datetime.UTC)
    if isinstance(value, datetime.timedelta):
        return round(value.total_seconds(), 6)
    if type(value).__name__ == "MonthDayNano":
        return round(value.months * 30 * 86400 + value.days * 86400 + value.nanoseconds / 1e9, 6)
    if isinstance(value, dict):
        return json.dumps(value, sort_keys=True)
    if isinstance(value, list | tuple):
        return tuple(map(plain, value))
    return _json(value) if isinstance(value, str) else value


def _json(text: str) -> Any:
    if text[:1] not in "[{":
        return text
    try:
        return json.dumps(json.loads(text), sort_keys=True)
    except ValueError:
        return text


def report(recorders: Iterable[Recorder]) -> str:
    """The pass rates, and what is missing by cause, the commonest first."""
    lines, causes, examples = [], Counter[str](), {}
    for recorder in recorders:
        counts = recorder.counted()
        total = max(1, counts.total())
        lines.append(
            f"{recorder.name}: {counts['same']} of {total} statements as PostgreSQL ({counts['same'] / total:.1%}), "
            f"{counts['refused']} refused, {counts['different']} different"
        )
        for finding in recorder.findings:
            if finding.verdict != "same":
                causes[finding.verdict, finding.cause] += 1  # type: ignore[index]
                examples.setdefault((finding.verdict, finding.cause), (recorder.name, finding))
    lines.append("")
    for key, count in causes.most_common():
        name, finding = examples[key]  # type: ignore[index]
        lines.append(f"{count:5} {finding.verdict}: {finding.sqlstate or ''} {finding.message}")
        lines.append(f"      {name}: {' '.join(finding.statement.split())[:300]}")
    return "\n".join(lines)
