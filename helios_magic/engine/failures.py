"""DuckDB's errors as PostgreSQL would have said them: SQLSTATE, wording, place in the user's own text, a hint.

DuckDB points into the rewritten text, so the word it complains of is looked for again in the text that was sent.
File paths, aliases and names of our own never appear in a message.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from helios_magic.engine import violations, wording
from helios_magic.engine.rules import Failing, Said
from helios_magic.engine.sequences import shown
from helios_magic.errors import ApiError, QueryError, ServerError
from helios_magic.sqltext import UnclosedError, find_identifier, position, scan

if TYPE_CHECKING:
    import duckdb

_PREFIX = re.compile(r"^(?:[A-Z][\w ]* )?(?:Error|Exception): ")
_CARET = re.compile(r"\n\n(?P<label>LINE \d+: )(?P<line>.*)\n(?P<blanks> *)(?P<carets>\^+)", re.DOTALL)
_BY_CLASS = {
    "ConversionException": "22P02",
    "OutOfRangeException": "22003",
    "ConstraintException": "23000",
    "CatalogException": "42704",
    "BinderException": "42P10",
    "ParserException": "42601",
    "SyntaxException": "42601",
    "DependencyException": "2BP01",
    "NotImplementedException": "0A000",
    "TransactionException": "25000",
    "TypeMismatchException": "42804",
    "SequenceException": "2200H",
    "InvalidTypeException": "42804",
}
_STATED = re.compile(r"\[(?P<state>[0-9A-Z]{5})\] (?P<message>[^\n]*)")
"""How the dialect's own functions and macros raise."""
_STATED_IN_CHECK = re.compile(r"\(Error: \[(?P<state>[0-9A-Z]{5})\] (?P<message>[^\n]*)\)\s*$")
"""The same in a CHECK, whose own text DuckDB repeats before it."""
_WITHIN_CHECK = re.compile(r"^CHECK constraint failed on table .* \(Error: (?P<cause>.*)\)$", re.DOTALL)
"""What a condition could not be computed for: the row breaks no constraint."""
_OURS = (
    (re.compile(r'"?\bnd_[0-9a-z]+"?\."?public"?\.'), ""),
    (re.compile(r'"?\bnd_[0-9a-z]+"?\."?_helios"?\.'), ""),
    (re.compile(r"\bnd_[0-9a-z]+\b\.?"), ""),
    (re.compile(r"\b(?:memory|_duckdb|_helios)\.(?:main\.)?"), ""),
    (re.compile(r"__duckdb_s\d+"), "query"),
    (re.compile(r"(?:[A-Za-z]:)?(?:[/\\][\w.\-~+@]+){2,}[/\\]?"), "the store"),
)
_RAISED = re.compile(r"Python exception occurred while executing the UDF: (?!ValueError)")
"""What one of our functions met: they refuse by ValueError."""
_DISK_FULL = ("no space left", "disk full", "disk quota", "not enough space")


def translate(error: duckdb.Error, failing: Failing) -> ApiError:
    """The refusal that a DuckDB error stands for."""
    import duckdb

    text = str(error)
    stated = _STATED_IN_CHECK.search(text) or _STATED.search(text)
    if stated is not None:
        return _placed(_broken_check(stated, failing) or _said_by_function(stated), failing.query, None)
    if "max_temp_directory_size" in text:
        return _temporary_full()
    if any(sign in text.lower() for sign in _DISK_FULL):
        return disk_full()
    if isinstance(error, duckdb.OutOfMemoryException):
        return QueryError(
            "the statement needs more memory than it may use",
            hint="Let it read or sort less at once: select fewer columns, filter earlier, add a LIMIT.",
            details={"sqlstate": "53200", "reason": "memory"},
        )
    if "corrupt database file" in text.lower():
        return ServerError(
            "the branch's file on disk is damaged",
            hint="Check the disk, and take the store's folder from its last copy; other branches may still be read.",
            details={"sqlstate": "XX001", "reason": "internal", "cause": scrub(_cause(text))},
        )
    if isinstance(error, duckdb.FatalException | duckdb.InternalException | duckdb.IOException) or _RAISED.search(text):
        return ServerError(
            "the database could not finish the statement",
            hint="What was acknowledged before is safe; run the statement again.",
            details={"reason": "internal", "cause": scrub(_cause(text))},
        )
    if isinstance(error, duckdb.PermissionException):
        return QueryError(
            "the statement reaches outside the database, which is not allowed",
            hint="Load files with %helios load, and query the table they become.",
            details={"sqlstate": "42501"},
        )
    cause = _cause(text)
    within = _WITHIN_CHECK.search(cause)
    cause = cause if within is None else within["cause"]
    said = violations.RULES.say(cause, failing) or wording.RULES.say(cause, failing) or _other(error, cause)
    return _placed(said, failing.query, _marked(text))


def scrub(text: str) -> str:
    """The text without paths, aliases and internal names."""
    text = shown(text)
    for pattern, instead in _OURS:
        text = pattern.sub(instead, text)
    return text


def place(query: str, word: str | None, *others: str | None) -> dict[str, int]:
    """Position, line and column (from 1) of the first of the words that the user's text has."""
    try:
        tokens = scan(query)
    except UnclosedError:
        return {}
    for candidate in (word, *others):
        if not candidate:
            continue
        for spelling in (candidate, candidate.rpartition(".")[2].strip('"')):
            token = find_identifier(query, spelling, tokens=tokens) or next(
                (token for token in tokens if token.code and token.text.lower() == spelling.lower()), None
            )
            if token is not None:
                line, column = position(query, token.start)
                return {"position": token.start + 1, "line": line, "column": column}
    return {}


def _placed(said: Said, query: str, marked: str | None) -> QueryError:
    details: dict[str, Any] = {"sqlstate": said.sqlstate}
    details |= place(query, said.word, marked)
    if said.detail is not None:
        details["detail"] = scrub(said.detail)
    if said.constraint is not None:
        details["constraint"] = said.constraint
    hint = said.hint if said.hint is not None else said.detail
    return QueryError(scrub(said.message), hint=None if hint is None else scrub(hint), details=details)


def _broken_check(stated: re.Match[str], failing: Failing) -> Said | None:
    """A CHECK was told its table's name when it was made; the table may have another by now."""
    found = re.fullmatch(r'new row for relation ".*" violates check constraint "(?P<name>.*)"', stated["message"])
    tables = [t for t in failing.tables() if found is not None and any(c.name == found["name"] for c in t.checks)]
    if found is None or not tables:
        return None
    message = f'new row for relation "{tables[0].name}" violates check constraint "{found["name"]}"'
    return Said(stated["state"], message, tables[0].name, constraint=found["name"])


def _said_by_function(stated: re.Match[str]) -> Said:
    quoted = re.search(r': "(?P<value>.*)"$', stated["message"])
    return Said(stated["state"], stated["message"], None if quoted is None else f"'{quoted['value']}'")


def _other(error: duckdb.Error, cause: str) -> Said:
    """What no rule knows: DuckDB's first sentence, under the class that DuckDB gave it."""
    first = cause.partition("\n")[0].strip().rstrip("!")
    spoken = first[:1].lower() + first[1:] if first[1:2].islower() else first
    return Said(_BY_CLASS.get(type(error).__name__, "22023"), spoken)


def _temporary_full() -> QueryError:
    return QueryError(
        "the statement needs more temporary room on disk than it may use",
        hint="Let it read or sort less at once: select fewer columns, filter earlier, add a LIMIT.",
        details={"sqlstate": "53400", "reason": "memory"},
    )


def disk_full() -> ServerError:
    """The refusal of what needs more room on disk than there is."""
    return ServerError(
        "the statement needs more room on disk than there is",
        hint="Free some space where the store lives, then run it again; nothing of it was written.",
        details={"reason": "disk_full"},
    )


def _cause(text: str) -> str:
    """DuckDB's own sentence, without its prefix and its drawing of the rewritten text."""
    return _PREFIX.sub("", text.partition("\n\nLINE ")[0]).strip()


def _marked(text: str) -> str | None:
    """What DuckDB's carets stand under."""
    match = _CARET.search(text)
    if match is None:
        return None
    start = max(0, len(match["blanks"]) - len(match["label"]))
    return match["line"][start : start + len(match["carets"])].strip(" ()'\"") or None
