"""The one grammar of %helios and %%helios, as a table: subcommands, their options, their help.

The parser, the help and the completion all read it; a subcommand that is not here does not exist.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Kind = Literal["text", "switch", "whole", "seconds"]
#: `sql`: the rest of a line, or the body of a cell, is SQL.
Body = Literal["none", "sql"]


@dataclass(frozen=True, slots=True)
class Option:
    """`--flag VALUE`; `field` is the request's field, `value` what a switch sets it to."""

    flag: str
    help: str
    kind: Kind = "text"
    placeholder: str = ""
    choices: tuple[str, ...] = ()
    field: str = ""
    value: bool = True

    @property
    def name(self) -> str:
        return self.field or self.flag.removeprefix("--").replace("-", "_")


@dataclass(frozen=True, slots=True)
class Argument:
    """A positional argument."""

    name: str
    help: str
    required: bool = True


@dataclass(frozen=True, slots=True)
class Subcommand:
    name: str
    summary: str
    arguments: tuple[Argument, ...] = ()
    options: tuple[Option, ...] = ()
    body: Body = "none"
    example: str = ""
    captures: bool = False
    """Whether `name <<` may stand before the SQL."""
    notes: tuple[str, ...] = field(default_factory=tuple)


_BRANCH = Option("--branch", "The branch to work on; the current one without it.", placeholder="NAME")
_TIMEOUT = Option(
    "--timeout", "Stop after this long: 5, 5s or 200ms; at most 600 s.", kind="seconds", placeholder="SECONDS"
)
_PARAMS = Option(
    "--params",
    "Values for $1, $2, …: a JSON list, or the name of a variable with a list, tuple or dict.",
    placeholder="JSON|NAME",
)
_BOUND = ":name and {{name}} take the notebook's variables. Values are always bound, never pasted into the SQL."

SUBCOMMANDS: tuple[Subcommand, ...] = (
    Subcommand(
        "connect",
        "Connect to a HeliosDB: local, :memory:, a store's folder, or https://…",
        (Argument("target", "Where to; your local store without it.", required=False),),
        (
            Option("--token-env", "The environment variable that holds the token.", placeholder="NAME"),
            Option("--database", "The database to use.", placeholder="NAME"),
            _BRANCH,
        ),
        example="%helios connect https://api.heliosdb.io --token-env HELIOS_TOKEN",
    ),
    Subcommand("status", "Where you are connected, and on which branch."),
    Subcommand("databases", "List the databases."),
    Subcommand("use", "Work in another database.", (Argument("database", "Its name."),), example="%helios use shop"),
    Subcommand("tables", "List the tables of the branch.", options=(_BRANCH,)),
    Subcommand(
        "sql",
        "Run one SQL statement; the value is a DataFrame.",
        options=(
            _PARAMS,
            _BRANCH,
            _TIMEOUT,
            Option("--limit", "Keep only the first N rows (0: all); it still runs once.", "whole", "N"),
            Option("--out", "What the value is.", placeholder="KIND", choices=("pandas", "polars", "arrow")),
        ),
        body="sql",
        captures=True,
        example="%%helios sql latest <<\nSELECT * FROM orders WHERE placed_at > :since",
        notes=(
            "name << keeps the result in a variable and shows nothing; name= << keeps and shows it.",
            "On one line the options come before the SQL: df = %helios sql --limit 10 SELECT * FROM orders",
            _BOUND,
        ),
    ),
    Subcommand(
        "batch",
        "Run several statements, all or nothing.",
        options=(
            _PARAMS,
            _BRANCH,
            _TIMEOUT,
            Option(
                "--no-transaction",
                "Each statement on its own; stop at the first error.",
                kind="switch",
                field="transaction",
                value=False,
            ),
        ),
        body="sql",
        example="%%helios batch\nCREATE TABLE t (x int);\nINSERT INTO t VALUES (1);",
        notes=(_BOUND,),
    ),
    Subcommand(
        "explain",
        "Show the plan of a statement.",
        options=(
            Option("--analyze", "Run it and measure; what it writes is rolled back.", kind="switch"),
            _PARAMS,
            _BRANCH,
            _TIMEOUT,
        ),
        body="sql",
        example="%%helios explain --analyze\nSELECT count(*) FROM orders",
        notes=(_BOUND,),
    ),
    Subcommand(
        "load",
        "Load a DataFrame or a file (.csv, .parquet) into a table.",
        (Argument("source", "A variable that holds a frame, or a file."), Argument("table", "The table.")),
        (
            Option(
                "--mode",
                "append to the table, replace its rows, or create it.",
                placeholder="MODE",
                choices=("append", "replace", "create"),
            ),
            _BRANCH,
        ),
        example="%helios load orders_df orders --mode create",
    ),
    Subcommand(
        "history",
        "What you ran, newest last.",
        options=(Option("--limit", "How many statements; 20 without it.", "whole", "N"),),
    ),
    Subcommand(
        "help",
        "This list, or one subcommand in full.",
        (Argument("subcommand", "Its name.", required=False),),
        example="%helios help sql",
    ),
)
BY_NAME: dict[str, Subcommand] = {subcommand.name: subcommand for subcommand in SUBCOMMANDS}

#: The rest of the family.  Each answers “not built yet” in one line until it is.
COMING: dict[str, str] = {
    "branch": "Make, switch, compare and merge branches.",
    "schema": "Design tables from a description.",
    "vectors": "Search by meaning.",
    "embed": "Turn text into vectors.",
    "codegen": "Make types, a REST API or GraphQL from tables.",
    "metrics": "Usage and latency.",
    "webhooks": "Register and watch webhooks.",
    "login": "Sign in to a remote HeliosDB.",
    "auth": "Accounts and tokens.",
    "describe": "One table in full.",
    "snippets": "Keep and reuse statements.",
    "push": "Send a branch to a remote HeliosDB.",
    "pull": "Fetch a branch from a remote HeliosDB.",
    "ui": "Interactive panels.",
}
