"""The one grammar of %helios and %%helios, as a table: subcommands, those under them, their options, their help.

The parser, the help and the completion all read it; a subcommand that is not here does not exist.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from helios_magic.models.strategies import BY_NAME as STRATEGIES

Kind = Literal["text", "switch", "whole", "seconds"]
#: `sql`: the rest of a line, or the body of a cell, is SQL.
Body = Literal["none", "sql"]
#: What completion offers where a value is due: nothing, the names of branches or tables, or `branch` on both sides of
#: `A..B`.
Completes = Literal["", "branch", "range", "table"]


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
    example: str = ""
    captures: bool = False
    """Whether `name <<` may stand before the SQL."""
    notes: tuple[str, ...] = field(default_factory=tuple)
    under: tuple[Subcommand, ...] = ()

    @property
    def word(self) -> str:
        return self.name.rpartition(" ")[2]

    def find(self, word: str) -> Subcommand | None:
        """The subcommand under this one that a word names."""
        return next((each for each in self.under if each.word == word), None)


_BRANCH = Option(
    "--branch", "The branch to work on; the current one without it.", placeholder="NAME", completes="branch"
)
_YES = Option("--yes", "Write to main without being asked, where protect_main asks.", kind="switch")
_TIMEOUT = Option(
    "--timeout", "Stop after this long: 5, 5s or 200ms; at most 600 s.", kind="seconds", placeholder="SECONDS"
)
_PARAMS = Option(
    "--params",
    "Values for $1, $2, …: a JSON list, or the name of a variable with a list, tuple or dict.",
    placeholder="JSON|NAME",
)
_BOUND = ":name and {{name}} take the notebook's variables. Values are always bound, never pasted into the SQL."

_BRANCHES: tuple[Subcommand, ...] = (
    Subcommand(
        "branch create",
        "Make a branch: all of another's tables and rows, at once and at no cost.",
        (Argument("name", "Its name, such as what-if or fix/prices."),),
        (
            Option(
                "--from",
                "The branch to begin from; the current one without it.",
                placeholder="BRANCH",
                field="parent",
                completes="branch",
            ),
            Option("--use", "Go on working on it.", kind="switch"),
        ),
        example="%helios branch create what-if --use",
    ),
    Subcommand(
        "branch use",
        "Work on another branch from here on.",
        (Argument("name", "The branch.", completes="branch"),),
        example="%helios branch use main",
    ),
    Subcommand(
        "branch diff",
        "What one branch has against another: structure first, then rows, table by table.",
        (
            Argument(
                "sides",
                "B against A; one name: that branch against its parent; none: the current branch against its parent.",
                required=False,
                completes="range",
                shown="A..B",
            ),
        ),
        (
            Option("--table", "This table only.", placeholder="TABLE", completes="table"),
            Option("--limit", "Fetch at most N rows of each table, 100 without it; all are counted.", "whole", "N"),
        ),
        example="changes = %helios branch diff main..what-if --table products",
        notes=(
            "The value holds a DataFrame per table. A..B shows what B has and A has not, as git does.",
            "A.. or ..B: the current branch is the other side.",
        ),
    ),
    Subcommand(
        "branch merge",
        "Bring a branch's changes into another, all or nothing.",
        (Argument("name", "The branch whose changes are brought.", completes="branch"),),
        (
            Option("--into", "The branch that takes them; main without it.", placeholder="BRANCH", completes="branch"),
            Option(
                "--strategy",
                "three-way without it: cell by cell, and a conflict changes nothing.",
                placeholder="STRATEGY",
                choices=("three-way", "fast-forward", "source-wins", "target-wins"),
                also=tuple(STRATEGIES),
            ),
            Option("--dry-run", "Say what would change and what conflicts; change nothing.", kind="switch"),
            Option(
                "--take",
                "In every conflict of rows take this side: source, target or the branch's name.",
                placeholder="SIDE",
                completes="branch",
            ),
            Option(
                "--settle",
                "Settle one conflict: source, target or a value of your own. May be repeated.",
                placeholder="'TABLE(KEY).COLUMN=SIDE|VALUE'",
                many=True,
            ),
            _YES,
        ),
        example="%helios branch merge what-if --settle 'products(214).price=source' --settle 'products(388).stock=12'",
        notes=(
            "source is the branch that is merged, target the one that takes. TABLE(KEY)=SIDE settles a whole row.",
            "A key of several columns is written in its order: stock(3, 'A7').amount=target",
        ),
    ),
    Subcommand(
        "branch delete",
        "Delete a branch; what is only there is lost, so it asks first.",
        (Argument("name", "The branch.", completes="branch"),),
        (Option("--force", "Do not ask, whatever is lost.", kind="switch"),),
        example="%helios branch delete what-if",
    ),
)

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
    Subcommand(
        "tables",
        "List the tables and views of the branch, with their rows and sizes.",
        (Argument("pattern", "Only names like this: a part of them, or with * and ?.", required=False),),
        (
            Option("--sort", "The order; by name without it.", placeholder="BY", choices=("name", "rows", "size")),
            _BRANCH,
        ),
        example="%helios tables order* --sort size",
    ),
    Subcommand(
        "describe",
        "One table in full: columns, keys both ways, indexes, checks, size, first rows.",
        (Argument("table", "Its name, with its schema where that is not public.", completes="table"),),
        (Option("--rows", "Show the first N rows; 5 without it, 0 for none.", "whole", "N"), _BRANCH),
        example="%helios describe orders",
    ),
    Subcommand(
        "branch",
        "Where you are among the branches; make, switch, compare, merge and delete them.",
        example="%helios branch create what-if --use",
        under=_BRANCHES,
    ),
    Subcommand(
        "sql",
        "Run one SQL statement; the value is a DataFrame.",
        options=(
            _PARAMS,
            _BRANCH,
            _TIMEOUT,
            Option("--limit", "Keep only the first N rows (0: all); it still runs once.", "whole", "N"),
            Option("--out", "What the value is.", placeholder="KIND", choices=("pandas", "polars", "arrow")),
            _YES,
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
            _YES,
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
        (
            Argument("source", "A variable that holds a frame, or a file."),
            Argument("table", "The table.", completes="table"),
        ),
        (
            Option(
                "--mode",
                "append to the table, replace its rows, or create it.",
                placeholder="MODE",
                choices=("append", "replace", "create"),
            ),
            _BRANCH,
            _YES,
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
        (
            Argument("subcommand", "Its name.", required=False),
            Argument("part", "The one under it, as in help branch merge.", required=False),
        ),
        example="%helios help sql",
    ),
)
BY_NAME: dict[str, Subcommand] = {subcommand.name: subcommand for subcommand in SUBCOMMANDS}

#: The rest of the family.  Each answers “not built yet” in one line until it is.
COMING: dict[str, str] = {
    "schema": "Design tables from a description.",
    "vectors": "Search by meaning.",
    "embed": "Turn text into vectors.",
    "codegen": "Make types, a REST API or GraphQL from tables.",
    "metrics": "Usage and latency.",
    "webhooks": "Register and watch webhooks.",
    "login": "Sign in to a remote HeliosDB.",
    "auth": "Accounts and tokens.",
    "snippets": "Keep and reuse statements.",
    "push": "Send a branch to a remote HeliosDB.",
    "pull": "Fetch a branch from a remote HeliosDB.",
    "ui": "Interactive panels.",
}
