"""A sqlglot that is compiled (`sqlglot[c]`): our nodes and parsers cannot derive from its classes."""

from __future__ import annotations

from importlib.machinery import EXTENSION_SUFFIXES
from importlib.util import find_spec

from helios_magic.errors import ServerError


def refuse_compiled() -> None:
    """Raise `ServerError` where sqlglot's expressions are an extension module."""
    found = find_spec("sqlglot.expressions.core")
    if found is not None and found.origin is not None and found.origin.endswith(tuple(EXTENSION_SUFFIXES)):
        raise ServerError(
            "sqlglot is compiled here (sqlglotc), and its compiled classes cannot be derived from",
            hint="pip uninstall sqlglotc (sqlglot itself stays), then start again.",
            details={"reason": "compiled_sqlglot"},
        )
