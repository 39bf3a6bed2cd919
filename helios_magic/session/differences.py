"""What one branch has against another, as a mapping of DataFrames."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from helios_magic.models.branches import BranchDiff

if TYPE_CHECKING:
    import pandas as pd


class Differences(Mapping[str, "pd.DataFrame"]):
    """The tables that differ, each as a DataFrame of its rows (columns: `client.diffs.frame`), made when it is read.

    `answer` is the API's own answer.  Its counts are of everything; the frames hold the rows that were fetched.
    """

    def __init__(self, answer: BranchDiff) -> None:
        self.answer = answer
        self._tables = {table.table: table for table in answer.tables}
        self._frames: dict[str, pd.DataFrame] = {}

    @property
    def branch(self) -> str:
        return self.answer.branch

    @property
    def against(self) -> str:
        return self.answer.against

    def __getitem__(self, table: str) -> pd.DataFrame:
        if table not in self._frames:
            from helios_magic.client.diffs import frame

            self._frames[table] = frame(self._tables[table])
        return self._frames[table]

    def __iter__(self) -> Iterator[str]:
        return iter(self._tables)

    def __len__(self) -> int:
        return len(self._tables)

    def __repr__(self) -> str:
        tables = ", ".join(
            f"{table.table} +{table.inserted} ~{table.updated} -{table.deleted}" for table in self._tables.values()
        )
        return f"<Differences of {self.branch} against {self.against}: {tables or 'none'}>"
