"""SQL with its words told apart: keywords, texts, numbers, comments.  Pygments reads it; the theme has the colours."""

from __future__ import annotations

from html import escape

#: A kind of Pygments' tokens, and our class for it.
_CLASSES = (("Comment", "hm-sc"), ("Keyword", "hm-sk"), ("Literal.String", "hm-ss"), ("Literal.Number", "hm-sn"))


def html(sql: str) -> str:
    """The text as HTML for a `<pre>`; only its own characters, none taken as markup."""
    from pygments.lexers.sql import SqlLexer

    written = []
    for kind, text in SqlLexer(stripnl=False, ensurenl=False).get_tokens(sql):
        name = str(kind).removeprefix("Token.")
        found = next((cls for start, cls in _CLASSES if name.startswith(start)), "")
        written.append(f'<span class="{found}">{escape(text)}</span>' if found else escape(text))
    return "".join(written)
