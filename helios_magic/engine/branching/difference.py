"""What two branches differ in, state against state: what a diff shows and what a fast-forward brings."""

from __future__ import annotations

from helios_magic.engine.branching import ancestry
from helios_magic.engine.branching.diff import table_difference
from helios_magic.engine.branching.pairs import pairs
from helios_magic.engine.branching.sides import Side, TablePair
from helios_magic.engine.database import Branch, Database
from helios_magic.engine.execute import Work
from helios_magic.engine.face import Page, TableChange, TableDifference
from helios_magic.engine.instance import Attachment
from helios_magic.engine.limits import Guard
from helios_magic.engine.plans import Plans
from helios_magic.engine.rules import nearest
from helios_magic.engine.turns import Turns
from helios_magic.errors import NotFoundError


def differences(
    database: Database, branch: str, against: str, page: Page | None, guard: Guard, plans: Plans
) -> list[TableDifference]:
    """The tables in which `branch` differs from `against`, by name; without a page only counts.

    Raises `NotFoundError` for an unknown branch, and for a table that neither has.
    """
    with database.mutex:
        newer, older = database.head(branch), database.head(against)
        nodes = database.nodes()
        new, old = database.pin(newer, guard.check), database.pin(older, guard.check)
    try:
        base = ancestry.base(nodes, older.id, newer.id)
        # Marked before each commit, so never too few.
        written = ancestry.written(nodes, base, older.id) | ancestry.written(nodes, base, newer.id)
        written |= old.written | new.written
        before, after = (side_of(database, file, guard, plans) for file in (old, new))
        _check_table(page, before, after)
        every = [pair for pair in pairs(before.schema, after.schema) if _asked_for(pair, page)]
        wanted = [pair for pair in every if pair.changes or _names(pair) & written]
        at = Branch(branch, new, database.writers(branch))
        with database.work(at, guard, plans) as work, work.transaction(commit=False):
            for side in (before, after):
                # A transaction sees a file as it is when it first looks at it.
                work.ask(f"SELECT 1 FROM {side.alias}._helios.tables LIMIT 1")
            found = [_compare(work, pair, before, after, page) for pair in wanted]
    finally:
        database.unpin(new)
        database.unpin(old)
    return [each for each in found if each.change.rows or each.change.schema]


def side_of(database: Database, file: Attachment, guard: Guard, plans: Plans) -> Side:
    """A pinned file with its structure."""
    with database.work(Branch("", file, Turns()), guard, plans, "nothing") as work:
        return Side(file.alias, work.schema()[1])


def _names(pair: TablePair) -> set[str]:
    return {table.full_name for table in (pair.older, pair.newer) if table is not None}


def _asked_for(pair: TablePair, page: Page | None) -> bool:
    if page is None or page.table is None:
        return True
    return page.table in {table.label for table in (pair.older, pair.newer) if table is not None}


def _compare(work: Work, pair: TablePair, before: Side, after: Side, page: Page | None) -> TableDifference:
    tables = [table for table in (pair.older, pair.newer) if table is not None]
    if any(table.kind != "table" for table in tables):
        return TableDifference(TableChange(tables[-1].label, schema=pair.changes))
    return table_difference(work, pair, before, after, page)


def _check_table(page: Page | None, *sides: Side) -> None:
    if page is None or page.table is None:
        return
    known = sorted({table.label for side in sides for table in side.schema.tables})
    if page.table not in known:
        raise NotFoundError(
            f"there is no table “{page.table}” on either branch",
            hint=nearest(page.table, known) or None,
            details={"resource": "table", "table": page.table},
        )
