"""The contract as one declarative table: every endpoint, its request, its answer.

The router, the OpenAPI document, the client and the tests all read this table; an endpoint that is not in it does
not exist.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from helios_magic.models import accounts, branches, code, databases, metrics, sql, tables, vectors, webhooks

Plane = Literal["control", "data"]
Method = Literal["GET", "POST", "DELETE"]


@dataclass(frozen=True, slots=True)
class QueryParameter:
    """A parameter in the address, as text; `values` lists the known ones where the set is closed."""

    name: str
    description: str
    values: tuple[str, ...] = ()
    default: str | None = None
    integer: bool = False


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One endpoint.

    `path` is relative to its plane: `/v1` for the control plane, `/api/v1` of a database for the data plane.
    `request` is the model of the JSON body (None: no body, or an Arrow stream where `arrow_body` says so).
    `added` marks what the reference does not show (decisions.md).
    """

    name: str
    method: Method
    path: str
    plane: Plane
    family: str
    summary: str
    response: type[Any]
    request: type[Any] | None = None
    status: int = 200
    authenticated: bool = True
    query: tuple[QueryParameter, ...] = ()
    arrow_body: bool = False
    arrow_answer: bool = False
    counts_as_query: bool = False
    added: bool = False


_BRANCH = QueryParameter("branch", "The branch to look at.", default="main")

ENDPOINTS: tuple[Endpoint, ...] = (
    # Authentication
    Endpoint(
        "signup",
        "POST",
        "/auth/signup",
        "control",
        "accounts",
        "Create a new account.",
        accounts.Signup,
        accounts.SignupRequest,
        status=201,
        authenticated=False,
    ),
    Endpoint(
        "login",
        "POST",
        "/auth/login",
        "control",
        "accounts",
        "Authenticate and receive a token.",
        accounts.Login,
        accounts.LoginRequest,
        authenticated=False,
    ),
    # Refresh reads its own token: it takes one that expired less than seven days ago.
    Endpoint(
        "refresh",
        "POST",
        "/auth/refresh",
        "control",
        "accounts",
        "Refresh an expiring token.",
        accounts.Login,
        authenticated=False,
    ),
    Endpoint("logout", "POST", "/auth/logout", "control", "accounts", "Invalidate the current token.", accounts.Logout),
    # Databases
    Endpoint(
        "create_database",
        "POST",
        "/databases",
        "control",
        "databases",
        "Create a new database.",
        databases.Database,
        databases.DatabaseRequest,
        status=201,
    ),
    Endpoint(
        "list_databases", "GET", "/databases", "control", "databases", "List all databases.", databases.DatabaseList
    ),
    Endpoint(
        "get_database",
        "GET",
        "/databases/{id}",
        "control",
        "databases",
        "Get database details.",
        databases.DatabaseDetails,
    ),
    Endpoint(
        "delete_database",
        "DELETE",
        "/databases/{id}",
        "control",
        "databases",
        "Delete a database.",
        databases.DatabaseDeleted,
    ),
    # SQL
    Endpoint(
        "sql",
        "POST",
        "/sql",
        "data",
        "sql",
        "Execute a SQL query.",
        sql.SqlResult,
        sql.SqlRequest,
        arrow_answer=True,
        counts_as_query=True,
    ),
    Endpoint(
        "batch",
        "POST",
        "/sql/batch",
        "data",
        "sql",
        "Execute multiple SQL statements in a transaction.",
        sql.BatchResult,
        sql.BatchRequest,
        counts_as_query=True,
    ),
    Endpoint(
        "explain",
        "POST",
        "/sql/explain",
        "data",
        "sql",
        "Get query execution plan.",
        sql.Explanation,
        sql.ExplainRequest,
        counts_as_query=True,
    ),
    # Branches
    Endpoint(
        "create_branch",
        "POST",
        "/branches",
        "data",
        "branches",
        "Create a database branch.",
        branches.BranchCreated,
        branches.BranchRequest,
        status=201,
    ),
    Endpoint("list_branches", "GET", "/branches", "data", "branches", "List all branches.", branches.BranchList),
    Endpoint(
        "merge_branch",
        "POST",
        "/branches/merge",
        "data",
        "branches",
        "Merge a branch.",
        branches.MergeResult,
        branches.MergeRequest,
    ),
    Endpoint(
        "delete_branch",
        "DELETE",
        "/branches/{name}",
        "data",
        "branches",
        "Delete a branch.",
        branches.BranchDeleted,
    ),
    Endpoint(
        "diff_branch",
        "GET",
        "/branches/{name}/diff",
        "data",
        "branches",
        "What a branch changed against another.",
        branches.BranchDiff,
        query=(
            QueryParameter("against", "The branch to compare with.", default="main"),
            QueryParameter("table", "Only this table."),
            QueryParameter("limit", "Rows per table.", default="100", integer=True),
            QueryParameter("offset", "Rows to skip.", default="0", integer=True),
        ),
        added=True,
    ),
    # Schema and bulk loading
    Endpoint(
        "tables",
        "GET",
        "/schema/tables",
        "data",
        "tables",
        "List all tables.",
        tables.TableList,
        query=(_BRANCH,),
    ),
    Endpoint(
        "load",
        "POST",
        "/tables/{name}/rows",
        "data",
        "tables",
        "Load rows from an Arrow IPC stream, in one transaction.",
        sql.LoadResult,
        query=(
            QueryParameter("branch", "The branch to write to.", default="main"),
            QueryParameter("mode", "What becomes of the table.", ("append", "replace", "create"), "append"),
        ),
        arrow_body=True,
        added=True,
    ),
    Endpoint(
        "generate_schema",
        "POST",
        "/schema/generate",
        "data",
        "design",
        "Generate schema from natural language.",
        tables.Design,
        tables.DesignRequest,
    ),
    # Vectors
    Endpoint(
        "embed",
        "POST",
        "/vectors/embed",
        "data",
        "vectors",
        "Generate embeddings.",
        vectors.Embeddings,
        vectors.EmbedRequest,
    ),
    Endpoint(
        "search",
        "POST",
        "/vectors/search",
        "data",
        "vectors",
        "Semantic vector search.",
        vectors.VectorSearchResult,
        vectors.VectorSearchRequest,
        counts_as_query=True,
    ),
    # Code generation
    Endpoint(
        "generate_rest",
        "POST",
        "/codegen/rest",
        "data",
        "code",
        "Generate REST API for tables.",
        code.RestCode,
        code.RestRequest,
    ),
    Endpoint(
        "generate_graphql",
        "POST",
        "/codegen/graphql",
        "data",
        "code",
        "Generate GraphQL schema.",
        code.GraphqlCode,
        code.GraphqlRequest,
    ),
    Endpoint(
        "generate_types",
        "POST",
        "/codegen/types",
        "data",
        "code",
        "Generate type definitions.",
        dict[str, str],
        code.TypesRequest,
    ),
    # Metrics
    Endpoint("usage", "GET", "/metrics/usage", "data", "metrics", "Get usage metrics.", metrics.Usage),
    Endpoint(
        "performance",
        "GET",
        "/metrics/performance",
        "data",
        "metrics",
        "Get performance metrics.",
        metrics.Performance,
        query=(QueryParameter("period", "How far back.", ("1h", "24h", "7d", "30d"), "24h"),),
    ),
    # Webhooks
    Endpoint(
        "create_webhook",
        "POST",
        "/webhooks",
        "control",
        "webhooks",
        "Register a webhook.",
        webhooks.Webhook,
        webhooks.WebhookRequest,
        status=201,
    ),
    Endpoint(
        "list_webhooks",
        "GET",
        "/webhooks",
        "control",
        "webhooks",
        "List all webhooks.",
        webhooks.WebhookList,
        added=True,
    ),
    Endpoint(
        "delete_webhook",
        "DELETE",
        "/webhooks/{id}",
        "control",
        "webhooks",
        "Delete a webhook.",
        webhooks.WebhookDeleted,
        added=True,
    ),
    Endpoint(
        "list_deliveries",
        "GET",
        "/webhooks/{id}/deliveries",
        "control",
        "webhooks",
        "List a webhook's deliveries.",
        webhooks.DeliveryList,
        added=True,
    ),
    Endpoint(
        "test_webhook",
        "POST",
        "/webhooks/{id}/test",
        "control",
        "webhooks",
        "Send a test event to a webhook.",
        webhooks.Delivery,
        added=True,
    ),
    Endpoint(
        "replay_delivery",
        "POST",
        "/webhooks/{id}/deliveries/{delivery}/replay",
        "control",
        "webhooks",
        "Send a delivery once more.",
        webhooks.Delivery,
        added=True,
    ),
)

BY_NAME: dict[str, Endpoint] = {endpoint.name: endpoint for endpoint in ENDPOINTS}
