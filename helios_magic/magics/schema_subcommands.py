"""Tables from prose, their picture, and how two branches differ in them."""

from __future__ import annotations

from helios_magic.magics.subcommand import BRANCH, YES, Argument, Option, Subcommand

DIALECTS = ("postgresql", "mysql", "sqlite", "duckdb")

SCHEMA = Subcommand(
    "schema",
    "Design tables from a description, draw them, compare them.",
    example="%%helios schema generate\nA library with books, authors and members; members borrow books.",
    under=(
        Subcommand(
            "schema generate",
            "Design tables from the description below; the value is the design.",
            (),
            (
                Option("--dialect", "Whose DDL; postgresql without it.", placeholder="DIALECT", choices=DIALECTS),
                Option("--apply", "Make it, on a new branch.", kind="switch"),
                Option(
                    "--branch",
                    "With --apply: that branch, made where it is not there; design without it.",
                    placeholder="NAME",
                    completes="branch",
                ),
                Option("--more", "On top of the last design.", kind="switch"),
                Option("--new", "Afresh, whatever the description begins with.", kind="switch"),
                YES,
            ),
            body="text",
            asks="a description",
            example="%%helios schema generate --apply --branch design\nUsers place orders. Orders contain products.",
            notes=(
                "A description that begins with add, also, remove, … goes on with the last design.",
                "--apply adds what the branch has not, and leaves what is there as it is.",
            ),
        ),
        Subcommand(
            "schema erd",
            "A picture of the branch's tables and what points where.",
            (Argument("pattern", "Only names like this: a part of them, or with * and ?.", required=False),),
            (
                Option("--design", "The last design instead of a branch.", kind="switch"),
                Option("--write", "Also as a file: .svg, or Mermaid's text as .mmd or .md.", placeholder="PATH"),
                Option("--force", "Over a file that is there.", kind="switch"),
                BRANCH,
            ),
            example="%helios schema erd --write docs/tables.svg",
        ),
        Subcommand(
            "schema diff",
            "Which tables and columns one branch has and another has not.",
            (Argument("sides", "A..B: what B has and A has not; one name: against its parent.", required=False,
                      completes="range", shown="A..B"),),
            example="%helios schema diff main..design",
        ),
    ),
)  # fmt: skip
