"""Sources with their words told apart: keywords, texts, numbers, comments.  the theme has the colours."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pygments.lexer import Lexer

#: A kind of Pygments' tokens, and our class for it.
_CLASSES = (("Comment", "hm-sc"), ("Keyword", "hm-sk"), ("Literal.String", "hm-ss"), ("Literal.Number", "hm-sn"))


def of_sql(sql: str) -> str:
    """SQL as HTML for a `<pre>`; only its own characters, none taken as markup."""
    from pygments.lexers.sql import SqlLexer

    return _coloured(sql, SqlLexer(stripnl=False, ensurenl=False))


def of_file(path: str, source: str) -> str:
    """The same for a file, in the language that its name tells."""
    from pygments.lexers import get_lexer_for_filename
    from pygments.lexers.special import TextLexer
    from pygments.util import ClassNotFound

    try:
        lexer = get_lexer_for_filename(path, stripnl=False, ensurenl=False)
    except ClassNotFound:
        lexer = TextLexer(stripnl=False, ensurenl=False)
    return _coloured(source, lexer)


def _coloured(source: str, lexer: Lexer) -> str:
    written = []
    for kind, text in lexer.get_tokens(source):
        name = str(kind).removeprefix("Token.")
        found = next((cls for start, cls in _CLASSES if name.startswith(start)), "")
        written.append(f'<span class="{found}">{escape(text)}</span>' if found else escape(text))
    return "".join(written)
