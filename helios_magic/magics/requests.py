"""What a line can ask for: one frozen dataclass per subcommand.  The grammar makes them, the actions take them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Out = Literal["pandas", "polars", "arrow"]
Mode = Literal["append", "replace", "create"]


@dataclass(frozen=True, slots=True)
class Connect:
    target: str | None = None
    token_env: str | None = None
    database: str | None = None
    branch: str | None = None


@dataclass(frozen=True, slots=True)
class Status:
    pass


@dataclass(frozen=True, slots=True)
class Databases:
    pass


@dataclass(frozen=True, slots=True)
class Use:
    database: str


@dataclass(frozen=True, slots=True)
class Tables:
    branch: str | None = None


@dataclass(frozen=True, slots=True)
class Query:
    """What sql, batch and explain share.

    `lines_before` is how many lines of the magic come before the text: its own, or None for a line magic.  An error
    shows a line as the cell numbers it, which may hold more above (`Workbench.lines_before`).  `timeout` is in seconds.
    """

    text: str
    params: str | None = None
    branch: str | None = None
    timeout: float | None = None
    lines_before: int | None = None


@dataclass(frozen=True, slots=True)
class Sql(Query):
    """`name` keeps the result in a variable; `show` says whether it is shown all the same.  `limit` 0 means all."""

    name: str | None = None
    show: bool = True
    limit: int | None = None
    out: Out | None = None


@dataclass(frozen=True, slots=True)
class Batch(Query):
    transaction: bool = True


@dataclass(frozen=True, slots=True)
class Explain(Query):
    analyze: bool = False


@dataclass(frozen=True, slots=True)
class Load:
    """`source` is a variable holding a frame, or a file."""

    source: str
    table: str
    mode: Mode = "append"
    branch: str | None = None


@dataclass(frozen=True, slots=True)
class History:
    limit: int = 20


@dataclass(frozen=True, slots=True)
class Help:
    subcommand: str | None = None


Request = Connect | Status | Databases | Use | Tables | Sql | Batch | Explain | Load | History | Help
