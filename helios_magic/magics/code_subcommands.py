"""Code made of the branch's tables."""

from __future__ import annotations

from helios_magic.magics.subcommand import BRANCH, Argument, Option, Subcommand

#: As decisions.md, "Codegen", lists them.
LANGUAGES = ("typescript", "python", "go", "rust", "java", "csharp", "kotlin", "swift", "prisma")
_TABLES = Argument("tables", "Their names, one after another.", completes="table", shown="TABLE…", many=True)
_FORCE = Option("--force", "Write over files that are there.", kind="switch")

CODEGEN = Subcommand(
    "codegen",
    "Make types, a REST API or a GraphQL API from tables.",
    example="%helios codegen types users orders --language typescript",
    under=(
        Subcommand(
            "codegen types",
            "A type for a row of each table.",
            (_TABLES,),
            (
                Option("--language", "Whose types; typescript without it.", placeholder="LANGUAGE", choices=LANGUAGES),
                Option(
                    "--style",
                    "Another form: supabase (typescript), pydantic or sqlalchemy (python).",
                    placeholder="STYLE",
                ),
                Option("--write", "Also as a file; in a folder under its usual name.", placeholder="PATH"),
                _FORCE,
                BRANCH,
            ),
            example="%helios codegen types users orders --language python --style pydantic --write models.py",
        ),
        Subcommand(
            "codegen rest",
            "A FastAPI application over the tables, with its own tests.",
            (_TABLES,),
            (
                Option(
                    "--operation",
                    "What it can do; all without it. May be repeated.",
                    placeholder="NAME",
                    choices=("create", "read", "update", "delete", "list"),
                    field="operations",
                    many=True,
                ),
                Option("--open", "Without a bearer token.", kind="switch"),
                Option("--write", "Also as files, in this folder.", placeholder="FOLDER"),
                _FORCE,
                BRANCH,
            ),
            example="%helios codegen rest users orders --write api",
        ),
        Subcommand(
            "codegen graphql",
            "A GraphQL schema, and an Ariadne application that answers it.",
            (_TABLES,),
            (
                Option("--no-mutations", "For reading only.", kind="switch", field="mutations", value=False),
                Option("--subscriptions", "With changes told as they are made.", kind="switch"),
                Option("--write", "Also as files, in this folder.", placeholder="FOLDER"),
                _FORCE,
                BRANCH,
            ),
            example="%helios codegen graphql users orders --subscriptions --write graph",
        ),
    ),
)
