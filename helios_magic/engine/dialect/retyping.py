"""What becomes of a column's values when only its type changes."""

from __future__ import annotations

from collections.abc import Iterable

from sqlglot import exp

from helios_magic.engine.dialect.conversion import cast, coerce
from helios_magic.engine.dialect.expressions import visit
from helios_magic.engine.dialect.failures import Refusal
from helios_magic.engine.dialect.queries import Binder
from helios_magic.engine.dialect.scope import Field, Scope, Source
from helios_magic.engine.dialect.tableshape import unqualified
from helios_magic.schema import Column, Enum, Schema, Table


def conversion(column: str, kind: str, to: str, enums: Iterable[Enum] = ()) -> str:
    """The expression that makes values of PostgreSQL type `to` of those of a column of type `kind`."""
    binder = Binder(Schema((Table("t", (Column(column, kind),)),), enums=tuple(enums)))
    return unqualified(cast(binder, _read(binder, column, kind), to))


def is_plain(binder: Binder, using: str, column: str, kind: str, to: str) -> bool:
    """Whether USING says no more than the new type does."""
    if using == unqualified(cast(binder, _read(binder, column, kind), to)):
        return True
    try:
        return using == unqualified(coerce(binder, _read(binder, column, kind), to, assignment=True))
    except Refusal:  # no assignment does it
        return False


def _read(binder: Binder, column: str, kind: str) -> exp.Expression:
    scope = Scope(sources=[Source("t", [Field(column, kind)])])
    return visit(binder, exp.Column(this=exp.to_identifier(column, quoted=True)), scope)
