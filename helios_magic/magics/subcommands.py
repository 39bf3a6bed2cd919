"""The one grammar of %helios and %%helios, as a table: subcommands, those under them, their options, their help.

A subcommand that is not here does not exist.
"""

from __future__ import annotations

from helios_magic.magics.account_subcommands import ACCOUNTS, CONNECTING
from helios_magic.magics.branch_subcommands import BRANCHES
from helios_magic.magics.code_subcommands import CODEGEN
from helios_magic.magics.operation_subcommands import OPERATIONS
from helios_magic.magics.schema_subcommands import SCHEMA
from helios_magic.magics.subcommand import BRANCH, YES, Argument, Option, Subcommand
from helios_magic.magics.vector_subcommands import MODEL, VECTORS

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
    *CONNECTING,
    Subcommand(
        "tables",
        "List the tables and views of the branch, with their rows and sizes.",
        (Argument("pattern", "Only names like this: a part of them, or with * and ?.", required=False),),
        (
            Option("--sort", "The order; by name without it.", placeholder="BY", choices=("name", "rows", "size")),
            BRANCH,
        ),
        example="%helios tables order* --sort size",
    ),
    Subcommand(
        "describe",
        "One table in full: columns, keys both ways, indexes, checks, size, first rows.",
        (Argument("table", "Its name, with its schema where that is not public.", completes="table"),),
        (Option("--rows", "Show the first N rows; 5 without it, 0 for none.", "whole", "N"), BRANCH),
        example="%helios describe orders",
    ),
    Subcommand(
        "branch",
        "Where you are among the branches; make, switch, compare, merge and delete them.",
        example="%helios branch create what-if --use",
        under=BRANCHES,
    ),
    Subcommand(
        "sql",
        "Run one SQL statement; the value is a DataFrame.",
        options=(
            _PARAMS,
            BRANCH,
            _TIMEOUT,
            Option("--limit", "Keep only the first N rows (0: all); it still runs once.", "whole", "N"),
            Option("--out", "What the value is.", placeholder="KIND", choices=("pandas", "polars", "arrow")),
            YES,
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
            BRANCH,
            _TIMEOUT,
            Option(
                "--no-transaction",
                "Each statement on its own; stop at the first error.",
                kind="switch",
                field="transaction",
                value=False,
            ),
            YES,
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
            BRANCH,
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
            Option(
                "--embed",
                "Embed this column of texts, in batches after the rows are there.",
                placeholder="COLUMN",
            ),
            Option("--into", "The column for the vectors; embedding without it.", placeholder="COLUMN"),
            MODEL,
            BRANCH,
            YES,
        ),
        example="%helios load orders_df orders --mode create",
        notes=("Stopped while it embeds, the rows are there: %helios embed TABLE.COLUMN goes on.",),
    ),
    *VECTORS,
    SCHEMA,
    CODEGEN,
    *ACCOUNTS,
    *OPERATIONS,
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
    "snippets": "Keep and reuse statements.",
    "push": "Send a branch to a remote HeliosDB.",
    "pull": "Fetch a branch from a remote HeliosDB.",
    "ui": "Interactive panels.",
}
