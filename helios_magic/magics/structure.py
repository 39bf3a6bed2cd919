"""`tables` and `describe`: what the branch is made of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from helios_magic.display import lists
from helios_magic.display.footer import Where
from helios_magic.display.result import ResultTable
from helios_magic.errors import HeliosError
from helios_magic.magics import requests
from helios_magic.magics.drawings import Drawing
from helios_magic.magics.failures import Scene, happened
from helios_magic.magics.workbench import Workbench

if TYPE_CHECKING:
    from helios_magic.client.results import Result
    from helios_magic.session.descriptions import Description


def tables(request: requests.Tables, workbench: Workbench) -> None:
    """The branch's tables and views as a list."""
    from helios_magic.display import catalog

    listed = workbench.session.tables(request.branch)
    listing = catalog.tables(listed, workbench.where(request.branch), pattern=request.pattern, sort=request.sort)
    workbench.show(lists.html(listing), lists.text(listing))


def describe(request: requests.Describe, workbench: Workbench) -> Description:
    """One table in full."""
    from helios_magic.display import described
    from helios_magic.session.descriptions import describe as find

    where = workbench.where(request.branch)
    try:
        found = find(workbench.session, request.table, branch=request.branch, rows=request.rows)
    except HeliosError as error:
        happened(error, Scene(where))
        raise
    sample = None if found.sample is None else _sample(found.sample, where)
    shown = described.Described(found.table, found.referred_by, sample, where)
    workbench.drawings.remember(found, Drawing(described.html(shown), described.text(shown)))
    return found


def _sample(result: Result, where: Where) -> ResultTable | None:
    from helios_magic.magics.frames import values_of
    from helios_magic.models.pgtypes import pg_type

    rows = result.table
    if rows is None:
        return None
    types = [pg_type(field) for field in rows.schema]
    columns = [values_of(column) for column in rows.columns]
    return ResultTable(rows.column_names, types, columns, rows.num_rows, where)
