"""All that is known of one table, from one list of tables and one small query."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from helios_magic.errors import NotFoundError
from helios_magic.schema import label, quoted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from helios_magic.client.results import Result
    from helios_magic.models.tables import ForeignKeyInfo, TableInfo
    from helios_magic.session.session import Session


@dataclass(frozen=True, slots=True, weakref_slot=True)
class Description:
    """A table or view, the foreign keys of others that point at it, and its first rows (None: not asked for)."""

    table: TableInfo
    referred_by: Sequence[tuple[str, ForeignKeyInfo]]
    sample: Result | None

    @property
    def name(self) -> str:
        return label(self.table.schema, self.table.name)


def describe(session: Session, name: str, *, branch: str | None = None, rows: int = 5) -> Description:
    """The table that a name means: `orders`, `shop.orders`, in any case where only one fits.

    `rows` are read as a sample, none for 0.  Raises NotFoundError that names the nearest, or those there are.
    """
    tables = session.tables(branch).tables
    table = _find(name, tables, branch or session.branch)
    own = label(table.schema, table.name)
    referred = [
        (label(other.schema, other.name), key)
        for other in tables
        for key in other.foreign_keys
        if key.references in (own, f"{table.schema}.{table.name}")
    ]
    sample = None
    if rows > 0:
        place = ".".join(quoted(part) for part in (table.schema, table.name))
        sample = session.client.sql(f"SELECT * FROM {place} LIMIT {rows}", branch=branch or session.branch)
    return Description(table, referred, sample)


def _find(name: str, tables: Sequence[TableInfo], branch: str) -> TableInfo:
    plain = name.replace('"', "")
    known = {label(table.schema, table.name): table for table in tables}
    known |= {f"{table.schema}.{table.name}": table for table in tables}
    exact = known.get(name) or known.get(plain)
    if exact is not None:
        return exact
    alike = {id(table): table for spelled, table in known.items() if spelled.lower() == plain.lower()}
    if len(alike) == 1:
        return next(iter(alike.values()))
    raise _unknown(plain, [label(table.schema, table.name) for table in tables], branch)


def _unknown(name: str, names: Sequence[str], branch: str) -> NotFoundError:
    import difflib

    near = difflib.get_close_matches(name.lower(), [known.lower() for known in names], n=2, cutoff=0.5)
    spelled = [known for each in near for known in names if known.lower() == each]
    hint = f"Its tables: {', '.join(names[:8])}{', …' if len(names) > 8 else ''}." if names else None
    if spelled:
        hint = f"Did you mean {' or '.join(dict.fromkeys(spelled))}?"
    return NotFoundError(
        f"{branch} has no table “{name}”.",
        hint=hint or "It has no tables yet: begin with CREATE TABLE in %%helios sql.",
        details={"resource": "table", "table": name, "nearest": spelled},
    )
