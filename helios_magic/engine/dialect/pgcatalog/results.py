"""What leaves a query: reg… values and vectors of the catalogues as the text that PostgreSQL sends."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from helios_magic.engine.dialect.failures import unsupported
from helios_magic.engine.dialect.pgcatalog.types import REGISTERED, VECTORS, to_text
from helios_magic.engine.dialect.pgtypes import base
from helios_magic.engine.dialect.typed import Node, identifier, typed

if TYPE_CHECKING:
    from helios_magic.engine.dialect.queries import Binder
    from helios_magic.engine.dialect.scope import Field

_SHOWN = frozenset((*REGISTERED, *VECTORS))


def shown(binder: Binder, body: Node, fields: list[Field]) -> Node:
    """The query, around it the texts of those columns that are kept as something else."""
    kinds = [base(f.type) for f in fields]
    if not _SHOWN.intersection(kind.removesuffix("[]") for kind in kinds):
        return body
    listed = []
    for column, kind in zip(fields, kinds, strict=True):
        if kind.endswith("[]") and kind.removesuffix("[]") in _SHOWN:
            raise unsupported(f"a result of type {kind}", hint="Cast its members to text.")
        value: Node = typed(exp.Column(this=identifier(column.printed), table=identifier("_r")), column.type)
        if kind in _SHOWN:
            value = to_text(binder, value)
        listed.append(exp.Alias(this=value, alias=identifier(column.printed)))
    inner = body if isinstance(body, exp.Subquery) else exp.Subquery(this=body)
    inner.set("alias", exp.TableAlias(this=identifier("_r")))
    return exp.Select(expressions=listed, from_=exp.From(this=inner))
