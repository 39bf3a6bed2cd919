"""What the parser reads of the other DDL: CREATE SEQUENCE, CREATE EXTENSION and TRUNCATE."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from helios_magic.engine.dialect import sequences, truncating
from helios_magic.engine.dialect.failures import SYNTAX, Refusal, unsupported
from helios_magic.engine.dialect.plan import Plan
from helios_magic.engine.dialect.typed import place_of
from helios_magic.sqltext import Token

if TYPE_CHECKING:
    from helios_magic.engine.dialect.queries import Binder

#: Extensions whose functions are part of the product; CREATE EXTENSION changes nothing.
_EXTENSIONS = frozenset({"pgcrypto", "uuid-ossp", "plpgsql", "vector"})


def resolve(binder: Binder, tree: exp.Expression, tokens: list[Token]) -> Plan:
    """One DDL statement; what is not known is 0A000."""
    if isinstance(tree, exp.Create):
        if str(tree.kind or "").upper() == "SEQUENCE":
            return sequences.create(binder, tokens)
        raise unsupported(f"CREATE {str(tree.kind or '').upper()}", place=place_of(tree))
    if isinstance(tree, exp.Alter):
        raise unsupported(f"ALTER {str(tree.args.get('kind') or '').upper()}", place=place_of(tree))
    if isinstance(tree, exp.TruncateTable):
        return truncating.truncate(binder, tree)
    first = tokens[0]
    if isinstance(tree, exp.Column | exp.Alias | exp.Literal):
        raise Refusal(SYNTAX, f'syntax error at or near "{first.text}"', place=first.start)
    raise unsupported(first.text.upper(), place=first.start)


def extension(binder: Binder, words: list[Token]) -> Plan:
    """CREATE EXTENSION of what is there anyway; every other CREATE that is not read is refused."""
    names = [token.name for token in words]
    if len(names) < 3 or names[1] != "extension":
        raise unsupported(f"CREATE {words[1].text.upper() if len(words) > 1 else ''}".strip(), place=words[0].start)
    name = names[5] if names[2:5] == ["if", "not", "exists"] and len(names) > 5 else names[2]
    if name not in _EXTENSIONS:
        raise unsupported(f'extension "{name}"', place=words[0].start)
    return Plan("ddl", "CREATE EXTENSION", ["SELECT 1"], binder)
