"""What one subcommand is: its words, options and help.  The parser, the help and the completion all read it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Kind = Literal["text", "switch", "whole", "number", "seconds"]
#: `sql`: the rest of a line, or the body of a cell, is SQL; `text`: the body of a cell is a text in the user's words.
Body = Literal["none", "sql", "text"]
#: What completion offers where a value is due: nothing, names of branches, tables, their columns (`vector`: of
#: vectors), databases or webhooks, targets with
#: the profiles among them, environment variables, or `branch` on both sides of `A..B`.
Completes = Literal["", "branch", "range", "table", "column", "vector", "target", "database", "webhook", "variable"]


@dataclass(frozen=True, slots=True)
class Option:
    """`--flag VALUE`; `field` is the request's field, `value` what a switch sets it to.

    `choices` are offered and listed, `also` are understood beside them.  With `many` the option may be repeated, and
    the field is a tuple.
    """

    flag: str
    help: str
    kind: Kind = "text"
    placeholder: str = ""
    choices: tuple[str, ...] = ()
    field: str = ""
    value: bool = True
    also: tuple[str, ...] = ()
    many: bool = False
    completes: Completes = ""

    @property
    def name(self) -> str:
        return self.field or self.flag.removeprefix("--").replace("-", "_")


@dataclass(frozen=True, slots=True)
class Argument:
    """A positional argument."""

    name: str
    help: str
    required: bool = True
    completes: Completes = ""
    shown: str = ""
    """How usage writes it; the name in capitals without it."""
    many: bool = False
    """Whether it takes all that follow; the last argument may, and the field is a tuple."""

    @property
    def placeholder(self) -> str:
        return self.shown or self.name.upper()


@dataclass(frozen=True, slots=True)
class Subcommand:
    """`name` is what stands after %helios: `load`, or two words for one that stands under another, `branch merge`."""

    name: str
    summary: str
    arguments: tuple[Argument, ...] = ()
    options: tuple[Option, ...] = ()
    body: Body = "none"
    asks: str = "a question"
    """What the lines below are, where they are a text."""
    example: str = ""
    captures: bool = False
    """Whether `name <<` may stand before the SQL."""
    secret: str = ""
    """`password` or `secret` where a user may be tempted to write one: it is refused, and never quoted."""
    notes: tuple[str, ...] = field(default_factory=tuple)
    under: tuple[Subcommand, ...] = ()

    @property
    def word(self) -> str:
        return self.name.rpartition(" ")[2]

    def find(self, word: str) -> Subcommand | None:
        """The subcommand under this one that a word names."""
        return next((each for each in self.under if each.word == word), None)


BRANCH = Option(
    "--branch", "The branch to work on; the current one without it.", placeholder="NAME", completes="branch"
)
YES = Option("--yes", "Write to main without being asked, where protect_main asks.", kind="switch")
