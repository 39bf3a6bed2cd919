"""What stands under `%helios branch`."""

from __future__ import annotations

from helios_magic.magics.subcommand import YES, Argument, Option, Subcommand
from helios_magic.models.strategies import BY_NAME as STRATEGIES

BRANCHES: tuple[Subcommand, ...] = (
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
            YES,
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
