"""A line, and the body of its cell, become a request; anything else is a UsageError that names the nearest thing."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

from helios_magic.errors import UsageError
from helios_magic.magics import requests
from helios_magic.magics.secret_cells import SecretInCellError, refuse_literals, refuse_option
from helios_magic.magics.subcommand import Option, Subcommand
from helios_magic.magics.subcommands import BY_NAME, COMING
from helios_magic.magics.words import Word, next_word

_SECONDS = re.compile(r"(?P<number>\d+(?:\.\d+)?|\.\d+)\s*(?P<unit>ms|s|min|m)?")
_NUMBER = re.compile(r"-?(?:\d+(?:\.\d*)?|\.\d+)")
_UNITS = {None: 1.0, "ms": 0.001, "s": 1.0, "m": 60.0, "min": 60.0}
_LONGEST = 600.0
_CAPTURE = re.compile(r"(?P<name>[^\W\d]\w*)(?P<show>\s*=)?\s*<<(?=\s|$)")
_REQUESTS: dict[str, Callable[..., Any]] = {
    "connect": requests.Connect,
    "disconnect": requests.Disconnect,
    "status": requests.Status,
    "login": requests.Login,
    "logout": requests.Logout,
    "whoami": requests.Whoami,
    "signup": requests.Signup,
    "databases": requests.Databases,
    "databases create": requests.DatabasesCreate,
    "use": requests.Use,
    "tables": requests.Tables,
    "describe": requests.Describe,
    "sql": requests.Sql,
    "batch": requests.Batch,
    "explain": requests.Explain,
    "load": requests.Load,
    "embed": requests.Embed,
    "embeddings install": requests.EmbeddingsInstall,
    "vectors search": requests.VectorsSearch,
    "schema": partial(requests.Help, "schema"),
    "schema generate": requests.SchemaGenerate,
    "schema erd": requests.SchemaErd,
    "schema diff": requests.SchemaDiff,
    "codegen": partial(requests.Help, "codegen"),
    "codegen types": requests.CodegenTypes,
    "codegen rest": requests.CodegenRest,
    "codegen graphql": requests.CodegenGraphql,
    "branch": requests.Branch,
    "branch create": requests.BranchCreate,
    "branch use": requests.BranchUse,
    "branch diff": requests.BranchDiff,
    "branch merge": requests.BranchMerge,
    "branch delete": requests.BranchDelete,
    "metrics": requests.MetricsUsage,
    "metrics usage": requests.MetricsUsage,
    "metrics performance": requests.MetricsPerformance,
    "webhooks": requests.WebhooksList,
    "webhooks list": requests.WebhooksList,
    "webhooks create": requests.WebhooksCreate,
    "webhooks delete": requests.WebhooksDelete,
    "webhooks deliveries": requests.WebhooksDeliveries,
    "webhooks test": requests.WebhooksTest,
    "history": requests.History,
    "help": requests.Help,
}


def parse(line: str, body: str | None = None) -> requests.Request:
    """The request that `%helios line` (body None) or `%%helios line` with its body asks for.

    Raises UsageError: an unknown subcommand or option (with the nearest known one), a value that does not fit, a
    missing argument, SQL where none belongs or none where it does.  SecretInCellError for a token or a password in it.
    """
    first = next_word(line, 0)
    if first is None:
        return requests.Help()
    subcommand, at = _subcommand(first.text), first.end
    if subcommand.under:
        subcommand, at = _under(subcommand, line, at)
        if subcommand.name not in _REQUESTS:
            return requests.Help(subcommand.name)
    if subcommand.body != "sql":
        refuse_literals(line)
    magic = f"%helios {subcommand.name}" if body is None else f"%%helios {subcommand.name}"
    return _Reading(line, body, subcommand, magic).request(at)


class _Reading:
    """One line being read, word by word."""

    def __init__(self, line: str, body: str | None, subcommand: Subcommand, magic: str) -> None:
        self.line = line
        self.body = body
        self.subcommand = subcommand
        self.magic = magic
        self.fields: dict[str, Any] = {}
        self.arguments: list[Word] = []
        self.sql_start = len(line)

    def request(self, at: int) -> requests.Request:
        inline_sql = self.subcommand.body == "sql" and self.body is None
        while True:
            word = next_word(self.line, at)
            if word is None:
                break
            capture = self._capture(word.start)
            if capture is not None:
                at = capture
                continue
            if word.text in ("--help", "-h"):
                return requests.Help(*self.subcommand.name.split())
            if word.text == "--" and not word.quoted:
                self.sql_start = word.end
                if inline_sql:
                    break
                at = word.end
            elif word.text.startswith("--") and not word.quoted:
                at = self._option(word)
            elif inline_sql:
                self.sql_start = word.start
                break
            else:
                self.arguments.append(word)
                at = word.end
        self._place_arguments()
        if self.subcommand.body == "sql":
            self._place_sql()
        elif self.subcommand.body == "text":
            self._place_text()
        elif self.body is not None and self.body.strip():
            raise UsageError(
                f"{self.magic} takes nothing from the lines below it.",
                hint=f"Write %helios {self.subcommand.name} with one %.",
            )
        made: requests.Request = _REQUESTS[self.subcommand.name](**self.fields)
        return made

    def _capture(self, at: int) -> int | None:
        """`name <<` and `name= <<`; where reading goes on after it."""
        if not self.subcommand.captures or "name" in self.fields:
            return None
        match = _CAPTURE.match(self.line, at)
        if match is None:
            return None
        self._keep_as(match["name"], show=match["show"] is not None)
        return match.end()

    def _keep_as(self, name: str, *, show: bool) -> None:
        import keyword

        if keyword.iskeyword(name):
            raise UsageError(f"“{name}” is a word of Python and cannot name a variable.", hint="Choose another name.")
        self.fields["name"] = name
        self.fields["show"] = show

    def _option(self, word: Word) -> int:
        flag, equals, attached = word.text.partition("=")
        option = self._find(flag)
        if option.name in self.fields and not option.many:
            raise UsageError(f"{option.flag} is given twice.", hint="Once is enough.")
        if option.kind == "switch":
            if equals:
                raise UsageError(f"{option.flag} takes no value.", hint=f"Write {option.flag} alone.")
            self.fields[option.name] = option.value
            return word.end
        if equals:
            self._keep(option, attached)
            return word.end
        value = next_word(self.line, word.end)
        if value is None or (value.text.startswith("--") and not value.quoted):
            raise UsageError(f"{option.flag} needs a value.", hint=f"Write {option.flag} {option.placeholder}.")
        self._keep(option, value.text)
        return value.end

    def _keep(self, option: Option, text: str) -> None:
        value = _value(option, text)
        self.fields[option.name] = (*self.fields.get(option.name, ()), value) if option.many else value

    def _find(self, flag: str) -> Option:
        for option in self.subcommand.options:
            if option.flag == flag:
                return option
        known = [option.flag for option in self.subcommand.options]
        refuse_option(flag)
        listed = f"It takes {', '.join(known)}." if known else "It takes no options."
        raise _unknown(f"{self.magic} has no option {flag}.", flag, known, listed)

    def _place_arguments(self) -> None:
        if self.subcommand.captures and len(self.arguments) == 1 and "name" not in self.fields:
            word = self.arguments[0]
            if word.text.isidentifier():
                self._keep_as(word.text, show=True)
                return
        known = self.subcommand.arguments
        if known and known[-1].many and len(self.arguments) >= len(known):
            self.fields[known[-1].name] = tuple(word.text for word in self.arguments[len(known) - 1 :])
            known, self.arguments = known[:-1], self.arguments[: len(known) - 1]
        if len(self.arguments) > len(known):
            if self.subcommand.secret:
                # It may be one: what stands there is not repeated.
                raise SecretInCellError(self.subcommand.secret, may_be=True)
            extra = self.arguments[len(known)].text
            hint = (
                "Write the SQL on the lines below."
                if self.subcommand.body == "sql"
                else f"Write {usage(self.subcommand)}. Quote a name with blanks."
            )
            raise UsageError(f"{self.magic} does not take “{extra}”.", hint=hint)
        missing = [argument for argument in known[len(self.arguments) :] if argument.required]
        if missing:
            names = " and ".join(argument.placeholder for argument in missing)
            raise UsageError(f"{self.magic} needs {names}.", hint=f"Write {usage(self.subcommand)}.")
        for argument, word in zip(known, self.arguments, strict=False):
            self.fields[argument.name] = word.text

    def _place_sql(self) -> None:
        if self.body is not None:
            self.fields["text"], self.fields["lines_before"] = self.body, 1
            return
        text = self.line[self.sql_start :].strip()
        if not text:
            raise UsageError(
                f"{self.magic} needs SQL after it.",
                hint=f"Write {self.magic} SELECT 1, or %%helios {self.subcommand.name} and the SQL on the lines below.",
            )
        self._refuse_late_options(text)
        self.fields["text"] = text

    def _place_text(self) -> None:
        if self.body is None or not self.body.strip():
            raise UsageError(
                f"{self.magic} needs {self.subcommand.asks} on the lines below it.",
                hint=f"Write {usage(self.subcommand)}, and it below.",
            )
        self.fields["text"] = self.body.strip()

    def _refuse_late_options(self, text: str) -> None:
        """After the SQL an option would be an SQL comment, and the statement would run without it."""
        if "--" not in text:
            return
        from helios_magic.sqltext import UnclosedError, scan

        known = {option.flag for option in self.subcommand.options}
        try:
            comments = [token.text for token in scan(text) if token.kind == "comment"]
        except UnclosedError:
            return
        for comment in comments:
            flag = comment.split("=")[0].split()[0]
            if flag in known:
                raise UsageError(
                    f"{flag} stands after the SQL, where it is a comment.",
                    hint=f"Write {self.magic} {flag} … before it.",
                )


def usage(subcommand: Subcommand) -> str:
    """`%helios load SOURCE TABLE [--mode MODE] [--branch NAME]`"""
    words = [f"{'%' if subcommand.body == 'none' else '%%'}helios {subcommand.name}"]
    words += [a.placeholder if a.required else f"[{a.placeholder}]" for a in subcommand.arguments]
    words += [
        f"[{option.flag} {option.placeholder}".rstrip() + ("]…" if option.many else "]")
        for option in subcommand.options
    ]
    if subcommand.captures:
        words.append("[NAME <<]")
    return " ".join(words)


def _subcommand(name: str) -> Subcommand:
    if name in BY_NAME:
        return BY_NAME[name]
    if name in ("--help", "-h", "?"):
        return BY_NAME["help"]
    if name in COMING:
        raise UsageError(f"%helios {name} is not built yet.", hint="%helios help lists what is.")
    if name.lower() in ("select", "insert", "update", "delete", "create", "with", "alter", "drop"):
        raise UsageError(f"%helios has no subcommand “{name}”.", hint=f"Did you mean %helios sql {name} …?")
    raise _unknown(f"%helios has no subcommand “{name}”.", name, [*BY_NAME, *COMING], "%helios help lists them.")


def _under(subcommand: Subcommand, line: str, at: int) -> tuple[Subcommand, int]:
    """The subcommand that the next word names, and where reading goes on; without such a word the outer one."""
    word = next_word(line, at)
    if word is None or word.text.startswith("-"):
        return subcommand, at
    found = subcommand.find(word.text)
    if found is not None:
        return found, word.end
    known = [each.word for each in subcommand.under]
    raise _unknown(
        f"%helios {subcommand.name} has no subcommand “{word.text}”.",
        word.text,
        known,
        f"It has {', '.join(known)}; write one of them before “{word.text}”.",
    )


def _unknown(message: str, given: str, known: Iterable[str], otherwise: str) -> UsageError:
    near = difflib.get_close_matches(given.lower(), list(known), n=1, cutoff=0.6)
    return UsageError(message, hint=f"Did you mean {near[0]}?" if near else otherwise)


def _value(option: Option, text: str) -> Any:
    if option.choices and text not in option.choices + option.also:
        listed = f"Known: {', '.join(option.choices)}."
        raise _unknown(f"{option.flag} does not know “{text}”.", text, option.choices, listed)
    if option.kind == "whole":
        if not text.isdecimal():
            raise UsageError(f"{option.flag} is a whole number, not “{text}”.", hint=f"Write {option.flag} 100.")
        return int(text)
    if option.kind == "number":
        if not _NUMBER.fullmatch(text):
            raise UsageError(f"{option.flag} is a number, not “{text}”.", hint=f"Write {option.flag} 0.4.")
        return float(text)
    if option.kind == "seconds":
        return seconds(text)
    if option.completes == "variable" and not text.isidentifier():
        # It may be the secret itself: what stands there is not repeated.
        raise SecretInCellError(option.flag.removeprefix("--").removesuffix("-env"))
    return text


def seconds(text: str) -> float:
    """`5`, `5s`, `200ms`, `2min` as seconds."""
    match = _SECONDS.fullmatch(text.strip())
    value = float(match["number"]) * _UNITS[match["unit"]] if match else 0.0
    if not 0 < value <= _LONGEST:
        raise UsageError(
            f"“{text}” is no time limit.", hint="Write seconds or milliseconds: 5, 5s, 200ms; at most 600 s."
        )
    return value
