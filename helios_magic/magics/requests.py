"""What a line can ask for: one frozen dataclass per subcommand.  The grammar makes them, the actions take them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Out = Literal["pandas", "polars", "arrow"]
Mode = Literal["append", "replace", "create"]
Sort = Literal["name", "rows", "size"]
Operation = Literal["create", "read", "update", "delete", "list"]
Period = Literal["1h", "24h", "7d", "30d"]
Metric = Literal["cosine", "l2", "inner_product"]
Dialect = Literal["postgresql", "mysql", "sqlite", "duckdb"]
Tier = Literal["free", "developer", "team", "enterprise"]


@dataclass(frozen=True, slots=True)
class Connect:
    target: str | None = None
    token_env: str | None = None
    database: str | None = None
    branch: str | None = None


@dataclass(frozen=True, slots=True)
class Disconnect:
    pass


@dataclass(frozen=True, slots=True)
class Status:
    pass


@dataclass(frozen=True, slots=True)
class Login:
    """`at` is a target; without it where the session is.  `password_env` names an environment variable."""

    email: str | None = None
    at: str | None = None
    database: str | None = None
    keep: bool = False
    password_env: str | None = None


@dataclass(frozen=True, slots=True)
class Logout:
    pass


@dataclass(frozen=True, slots=True)
class Whoami:
    pass


@dataclass(frozen=True, slots=True)
class Signup:
    email: str | None = None
    at: str | None = None
    password_env: str | None = None


@dataclass(frozen=True, slots=True)
class Databases:
    pass


@dataclass(frozen=True, slots=True)
class DatabasesCreate:
    name: str
    tier: Tier = "free"
    region: str = "us-east-1"
    use: bool = False


@dataclass(frozen=True, slots=True)
class Use:
    database: str


@dataclass(frozen=True, slots=True)
class Tables:
    """`pattern` is a part of the names, or one with * and ?."""

    pattern: str | None = None
    sort: Sort = "name"
    branch: str | None = None


@dataclass(frozen=True, slots=True)
class Describe:
    """`rows` of the table are shown with it, 0 for none."""

    table: str
    rows: int = 5
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
    yes: bool = False


@dataclass(frozen=True, slots=True)
class Batch(Query):
    transaction: bool = True
    yes: bool = False


@dataclass(frozen=True, slots=True)
class Explain(Query):
    analyze: bool = False


@dataclass(frozen=True, slots=True)
class Load:
    """`source` is a variable holding a frame, or a file; `embed` a column of it whose texts become vectors."""

    source: str
    table: str
    mode: Mode = "append"
    embed: str | None = None
    into: str | None = None
    model: str | None = None
    branch: str | None = None
    yes: bool = False


@dataclass(frozen=True, slots=True)
class Codegen:
    """`write` is a path or a folder; over files that are there only with `force`, or after a question."""

    tables: tuple[str, ...]
    write: str | None = None
    force: bool = False
    branch: str | None = None


@dataclass(frozen=True, slots=True)
class CodegenTypes(Codegen):
    language: str = "typescript"
    style: str | None = None


@dataclass(frozen=True, slots=True)
class CodegenRest(Codegen):
    """`operations` empty means all; `open` asks no token of a caller."""

    operations: tuple[Operation, ...] = ()
    open: bool = False


@dataclass(frozen=True, slots=True)
class CodegenGraphql(Codegen):
    mutations: bool = True
    subscriptions: bool = False


@dataclass(frozen=True, slots=True)
class Embed:
    """`source` is a variable, a text, or `table.column`."""

    source: str
    into: str | None = None
    model: str | None = None
    again: bool = False
    branch: str | None = None
    yes: bool = False


@dataclass(frozen=True, slots=True)
class EmbeddingsInstall:
    wheel: str | None = None


@dataclass(frozen=True, slots=True)
class VectorsSearch:
    """`column` is `table.column`, `text` the question, `columns` names parted by commas."""

    column: str
    text: str
    limit: int = 10
    threshold: float | None = None
    where: str | None = None
    metric: Metric = "cosine"
    columns: str | None = None
    branch: str | None = None


@dataclass(frozen=True, slots=True)
class Branch:
    pass


@dataclass(frozen=True, slots=True)
class BranchCreate:
    name: str
    parent: str | None = None
    use: bool = False


@dataclass(frozen=True, slots=True)
class BranchUse:
    name: str


@dataclass(frozen=True, slots=True)
class BranchDiff:
    """`sides` is `A..B`, either side left out, or one name."""

    sides: str | None = None
    table: str | None = None
    limit: int = 100


@dataclass(frozen=True, slots=True)
class BranchMerge:
    """`take` settles every conflict of rows, each text of `settle` one."""

    name: str
    into: str = "main"
    strategy: str | None = None
    dry_run: bool = False
    take: str | None = None
    settle: tuple[str, ...] = ()
    yes: bool = False


@dataclass(frozen=True, slots=True)
class BranchDelete:
    name: str
    force: bool = False


@dataclass(frozen=True, slots=True)
class SchemaGenerate:
    """`text` is the description; `more` goes on with the last design, `new` does not, whatever the text begins with."""

    text: str
    dialect: Dialect = "postgresql"
    apply: bool = False
    branch: str | None = None
    more: bool = False
    new: bool = False
    yes: bool = False


@dataclass(frozen=True, slots=True)
class SchemaErd:
    """`design` draws the last design; `write` is a path that ends in .svg, .mmd or .md."""

    pattern: str | None = None
    design: bool = False
    write: str | None = None
    force: bool = False
    branch: str | None = None


@dataclass(frozen=True, slots=True)
class SchemaDiff:
    """`sides` as in BranchDiff."""

    sides: str | None = None


@dataclass(frozen=True, slots=True)
class MetricsUsage:
    pass


@dataclass(frozen=True, slots=True)
class MetricsPerformance:
    period: Period = "24h"


@dataclass(frozen=True, slots=True)
class WebhooksList:
    pass


@dataclass(frozen=True, slots=True)
class WebhooksCreate:
    """`events` empty means all; `secret_env` names an environment variable."""

    url: str
    events: tuple[str, ...] = ()
    secret_env: str | None = None


@dataclass(frozen=True, slots=True)
class WebhooksDelete:
    """`webhook` is an id or a variable's name, as below."""

    webhook: str | None = None


@dataclass(frozen=True, slots=True)
class WebhooksDeliveries:
    webhook: str | None = None


@dataclass(frozen=True, slots=True)
class WebhooksTest:
    webhook: str | None = None


@dataclass(frozen=True, slots=True)
class History:
    limit: int = 20


@dataclass(frozen=True, slots=True)
class Help:
    """`part` is one under the subcommand: `branch`, `merge`."""

    subcommand: str | None = None
    part: str | None = None


Branching = Branch | BranchCreate | BranchUse | BranchDiff | BranchMerge | BranchDelete
Structure = Tables | Describe | SchemaGenerate | SchemaErd | SchemaDiff
Accounts = Login | Logout | Whoami | Signup
Places = Connect | Disconnect | Status | Databases | DatabasesCreate | Use
Operations = (
    MetricsUsage
    | MetricsPerformance
    | WebhooksList
    | WebhooksCreate
    | WebhooksDelete
    | WebhooksDeliveries
    | WebhooksTest
)
Code = CodegenTypes | CodegenRest | CodegenGraphql
Vectors = Embed | EmbeddingsInstall | VectorsSearch
Request = (
    Places
    | Accounts
    | Structure
    | Code
    | Vectors
    | Sql
    | Batch
    | Explain
    | Load
    | Branching
    | Operations
    | History
    | Help
)
