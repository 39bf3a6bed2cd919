"""One typed method per endpoint of the contract."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

from msgspec import UNSET

from helios_magic.client.auth import Credentials, Renewed, SignedIn
from helios_magic.client.connection import Transport
from helios_magic.client.parameters import parameters
from helios_magic.client.requests import Requests
from helios_magic.client.results import BatchOutcome, Result, result_of
from helios_magic.client.vectors import Embedded, Found
from helios_magic.errors import ApiError, ConnectionFailedError
from helios_magic.models.accounts import LoginRequest, Logout, Signup, SignupRequest
from helios_magic.models.branches import (
    BranchCreated,
    BranchDeleted,
    BranchDiff,
    BranchList,
    BranchRequest,
    MergeRequest,
    MergeResult,
    Resolution,
)
from helios_magic.models.code import GraphqlCode, GraphqlRequest, Operation, RestCode, RestRequest, TypesRequest
from helios_magic.models.databases import (
    Database,
    DatabaseDeleted,
    DatabaseDetails,
    DatabaseList,
    DatabaseRequest,
    Tier,
)
from helios_magic.models.metrics import Performance, Usage
from helios_magic.models.sql import (
    DEFAULT_TIMEOUT_MS,
    MAX_TIMEOUT_MS,
    BatchRequest,
    BatchStatement,
    ExplainRequest,
    Explanation,
    LoadResult,
    SqlRequest,
)
from helios_magic.models.tables import Design, DesignRequest, Dialect, TableList
from helios_magic.models.vectors import DEFAULT_MODEL, EmbedRequest, VectorSearchRequest
from helios_magic.models.webhooks import Delivery as WebhookDelivery
from helios_magic.models.webhooks import DeliveryList, Event, Webhook, WebhookDeleted, WebhookList, WebhookRequest
from helios_magic.settings import Secret, hidden

if TYPE_CHECKING:
    import pyarrow as pa

    from helios_magic.client.budget import RateLimit

Params = Sequence[Any] | None
LoadMode = Literal["append", "replace", "create"]


class Client:
    """Every endpoint as a method, over any transport.

    Data-plane methods speak to `database`.  Timeouts are milliseconds, as on the wire.  Every method raises the error
    tree of `helios_magic.errors`; an expired token is renewed once and the request repeated.  Thread-safe.
    """

    def __init__(
        self,
        transport: Transport,
        *,
        token: str | Secret | None = None,
        database: str = "default",
        renewed: Renewed | None = None,
    ) -> None:
        token = hidden(token)
        self._requests = Requests(transport, Credentials(token, renewed), database)

    def __repr__(self) -> str:
        return f"<Client {self._requests.transport.address.base} database={self.database}>"

    @property
    def database(self) -> str:
        """The name of the database that data-plane methods speak to."""
        return self._requests.database

    @property
    def limit(self) -> RateLimit | None:
        """How many requests a minute the last answer said are left; None where they are not limited."""
        return self._requests.limit

    def for_database(self, database: str) -> Client:
        """The same connection and token, another database."""
        other = object.__new__(Client)
        other._requests = Requests(self._requests.transport, self._requests.credentials, database)
        return other

    def another(self, token: str | Secret | None = None) -> Client:
        """A client on the same connection for another account: with its token, or none to sign in with."""
        token = hidden(token)
        other = object.__new__(Client)
        other._requests = Requests(self._requests.transport, Credentials(token), self.database)
        return other

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of connections and threads; clients made by `for_database` share them."""
        self._requests.transport.close()

    # Authentication

    def signup(self, email: str, password: str | Secret) -> Signup:
        """`POST /auth/signup`: make an account."""
        password = hidden(password)
        data: Signup = self._requests.ask("signup", body=SignupRequest(email=email, password=password.reveal())).data
        return data

    def login(self, email: str, password: str | Secret) -> SignedIn:
        """`POST /auth/login`: sign in; this client uses the new token from now on."""
        password = hidden(password)
        data = self._requests.ask("login", body=LoginRequest(email=email, password=password.reveal())).data
        return self._adopt(SignedIn.of(data))

    def refresh(self) -> SignedIn:
        """`POST /auth/refresh`: replace the token by a fresh one; this client uses it from now on."""
        return self._adopt(SignedIn.of(self._requests.ask("refresh").data))

    def logout(self) -> Logout:
        """`POST /auth/logout`: invalidate the token, and forget it."""
        data: Logout = self._requests.ask("logout").data
        self._requests.credentials.adopt(None)
        return data

    def _adopt(self, signed_in: SignedIn) -> SignedIn:
        self._requests.credentials.adopt(signed_in.token)
        return signed_in

    # Databases

    def create_database(self, name: str, tier: Tier = "free", region: str = "us-east-1") -> Database:
        """`POST /databases`"""
        body = DatabaseRequest(name=name, tier=tier, region=region)
        data: Database = self._requests.ask("create_database", body=body).data
        return data

    def list_databases(self) -> DatabaseList:
        """`GET /databases`"""
        data: DatabaseList = self._requests.ask("list_databases").data
        return data

    def get_database(self, id: str) -> DatabaseDetails:  # noqa: A002 - the contract's name
        """`GET /databases/{id}`"""
        data: DatabaseDetails = self._requests.ask("get_database", names={"id": id}).data
        return data

    def delete_database(self, id: str) -> DatabaseDeleted:  # noqa: A002 - the contract's name
        """`DELETE /databases/{id}`.  `name` is empty where the answer was lost and the second try found it gone."""
        gone = DatabaseDeleted(id=id, name="", deleted=True)
        data: DatabaseDeleted = self._requests.ask("delete_database", names={"id": id}, gone=gone).data
        return data

    # SQL

    def sql(
        self, query: str, params: Params = None, *, timeout: int = DEFAULT_TIMEOUT_MS, branch: str = "main"
    ) -> Result:
        """`POST /sql`: run one statement, `params` bound to $1, $2, …; rows travel as Arrow where the server can."""
        body = SqlRequest(query=query, params=parameters(params), timeout=timeout, branch=branch)
        answer = self._requests.ask("sql", body=body, timeout_ms=timeout)
        return result_of(answer.data, answer.meta, answer.table)

    def batch(
        self,
        statements: Sequence[str | tuple[str, Sequence[Any]]],
        *,
        transaction: bool = True,
        timeout: int = DEFAULT_TIMEOUT_MS,
        branch: str = "main",
    ) -> BatchOutcome:
        """`POST /sql/batch`: run statements in order, all or nothing unless `transaction` is False.

        Without a transaction the error's `details["results"]` holds what was done before it.
        """
        pairs = [(entry, ()) if isinstance(entry, str) else entry for entry in statements]
        body = BatchRequest(
            statements=[BatchStatement(query=query, params=parameters(params)) for query, params in pairs],
            transaction=transaction,
            branch=branch,
            timeout=timeout,
        )
        answer = self._requests.ask("batch", body=body, timeout_ms=timeout)
        return BatchOutcome([result_of(each, answer.meta) for each in answer.data.results], answer.data.committed)

    def explain(
        self,
        query: str,
        params: Params = None,
        *,
        analyze: bool = False,
        timeout: int = DEFAULT_TIMEOUT_MS,
        branch: str = "main",
    ) -> Explanation:
        """`POST /sql/explain`: the plan; with `analyze` the statement runs and what it writes is rolled back."""
        body = ExplainRequest(query=query, params=parameters(params), analyze=analyze, timeout=timeout, branch=branch)
        data: Explanation = self._requests.ask("explain", body=body, timeout_ms=timeout).data
        return data

    # Branches

    def create_branch(self, name: str, from_: str = "main") -> BranchCreated:
        """`POST /branches`"""
        data: BranchCreated = self._requests.ask("create_branch", body=BranchRequest(name=name, from_=from_)).data
        return data

    def list_branches(self) -> BranchList:
        """`GET /branches`"""
        data: BranchList = self._requests.ask("list_branches").data
        return data

    def merge_branch(
        self,
        source: str,
        target: str = "main",
        *,
        strategy: str = "fast-forward",
        dry_run: bool = False,
        resolutions: Sequence[Resolution] = (),
    ) -> MergeResult:
        """`POST /branches/merge`; with `dry_run` nothing changes and the answer says what would."""
        body = MergeRequest(
            source=source, target=target, strategy=strategy, dry_run=dry_run, resolutions=list(resolutions)
        )
        data: MergeResult = self._requests.ask("merge_branch", body=body, timeout_ms=MAX_TIMEOUT_MS).data
        return data

    def delete_branch(self, name: str) -> BranchDeleted:
        """`DELETE /branches/{name}`"""
        gone = BranchDeleted(name=name, deleted=True)
        data: BranchDeleted = self._requests.ask("delete_branch", names={"name": name}, gone=gone).data
        return data

    def diff_branch(
        self, name: str, against: str = "main", *, table: str | None = None, limit: int = 100, offset: int = 0
    ) -> BranchDiff:
        """`GET /branches/{name}/diff`: in which tables and rows a branch differs from another.

        Counts are of everything; rows come `limit` a table from `offset` on (`client.diffs` reads them all, and makes
        DataFrames).  A server without this endpoint is asked by `/sql`, table by table; `computed_by` says so.
        """
        query = {"against": against, "table": table, "limit": limit, "offset": offset}
        try:
            data: BranchDiff = self._requests.ask(
                "diff_branch", names={"name": name}, query=query, timeout_ms=MAX_TIMEOUT_MS
            ).data
        except (ApiError, ConnectionFailedError) as error:
            from helios_magic.client import diff_fallback

            if not diff_fallback.is_missing(error, self, name, against):
                raise
            return diff_fallback.Comparison(self, self._requests, name, against).diff(table, limit, offset)
        return data

    # Schema and bulk loading

    def tables(self, branch: str = "main") -> TableList:
        """`GET /schema/tables`"""
        data: TableList = self._requests.ask("tables", query={"branch": branch}).data
        return data

    def load(
        self, name: str, rows: pa.Table, *, mode: LoadMode = "append", branch: str = "main", key: str | None = None
    ) -> LoadResult:
        """`POST /tables/{name}/rows`: add the rows in one transaction; a repeated `key` adds nothing."""
        data: LoadResult = self._requests.ask(
            "load",
            names={"name": name},
            query={"branch": branch, "mode": mode},
            rows=rows,
            timeout_ms=MAX_TIMEOUT_MS,
            key=key,
        ).data
        return data

    def generate_schema(
        self, description: str, dialect: Dialect = "postgresql", *, former: Design | None = None
    ) -> Design:
        """`POST /schema/generate`: tables made of prose; with a former design, only what is asked changes in it."""
        kept = None if former is None else former.representation
        body = DesignRequest(description=description, dialect=dialect, former=kept)
        data: Design = self._requests.ask("generate_schema", body=body).data
        return data

    # Vectors

    def embed(self, texts: Sequence[str], model: str = DEFAULT_MODEL) -> Embedded:
        """`POST /vectors/embed`: a vector for each of at most 2,048 texts."""
        body = EmbedRequest(texts=list(texts), model=model)
        return Embedded.of(self._requests.ask("embed", body=body, timeout_ms=MAX_TIMEOUT_MS))

    def search(
        self,
        table: str,
        embedding_column: str,
        query: str | None = None,
        *,
        vector: Sequence[float] | None = None,
        limit: int = 10,
        threshold: float | None = None,
        metric: Literal["cosine", "l2", "inner_product"] = "cosine",
        filter: Mapping[str, Any] | None = None,  # noqa: A002 - the contract's name
        columns: Sequence[str] | None = None,
        mode: Literal["vector", "hybrid"] = "vector",
        branch: str = "main",
    ) -> Found:
        """`POST /vectors/search`: rows nearest to a text `query` or a `vector`, best first."""
        body = VectorSearchRequest(
            table=table,
            embedding_column=embedding_column,
            query=UNSET if query is None else query,
            vector=UNSET if vector is None else [float(number) for number in vector],
            limit=limit,
            threshold=threshold,
            metric=metric,
            filter=None if filter is None else dict(filter),
            columns=None if columns is None else list(columns),
            mode=mode,
            branch=branch,
        )
        return Found.of(self._requests.ask("search", body=body))

    # Code generation

    def generate_rest(
        self,
        tables: Sequence[str],
        *,
        operations: Sequence[Operation] = ("create", "read", "update", "delete", "list"),
        authentication: Literal["bearer", "none"] = "bearer",
        branch: str = "main",
    ) -> RestCode:
        """`POST /codegen/rest`"""
        body = RestRequest(
            tables=list(tables), operations=list(operations), authentication=authentication, branch=branch
        )
        data: RestCode = self._requests.ask("generate_rest", body=body).data
        return data

    def generate_graphql(
        self,
        tables: Sequence[str],
        *,
        include_mutations: bool = True,
        include_subscriptions: bool = False,
        branch: str = "main",
    ) -> GraphqlCode:
        """`POST /codegen/graphql`"""
        body = GraphqlRequest(
            tables=list(tables),
            include_mutations=include_mutations,
            include_subscriptions=include_subscriptions,
            branch=branch,
        )
        data: GraphqlCode = self._requests.ask("generate_graphql", body=body).data
        return data

    def generate_types(
        self, tables: Sequence[str], language: str, *, style: str | None = None, branch: str = "main"
    ) -> dict[str, str]:
        """`POST /codegen/types`: `{"<language>": source}`."""
        body = TypesRequest(tables=list(tables), language=language, style=style, branch=branch)
        data: dict[str, str] = self._requests.ask("generate_types", body=body).data
        return data

    # Metrics

    def usage(self) -> Usage:
        """`GET /metrics/usage`"""
        data: Usage = self._requests.ask("usage").data
        return data

    def performance(self, period: Literal["1h", "24h", "7d", "30d"] = "24h") -> Performance:
        """`GET /metrics/performance`"""
        data: Performance = self._requests.ask("performance", query={"period": period}).data
        return data

    # Webhooks

    def create_webhook(self, url: str, events: Sequence[Event], secret: str | Secret) -> Webhook:
        """`POST /webhooks`"""
        secret = hidden(secret)
        data: Webhook = self._requests.ask(
            "create_webhook", body=WebhookRequest(url=url, events=list(events), secret=secret.reveal())
        ).data
        return data

    def list_webhooks(self) -> WebhookList:
        """`GET /webhooks`"""
        data: WebhookList = self._requests.ask("list_webhooks").data
        return data

    def delete_webhook(self, id: str) -> WebhookDeleted:  # noqa: A002 - the contract's name
        """`DELETE /webhooks/{id}`"""
        gone = WebhookDeleted(id=id, deleted=True)
        data: WebhookDeleted = self._requests.ask("delete_webhook", names={"id": id}, gone=gone).data
        return data

    def list_deliveries(self, id: str) -> DeliveryList:  # noqa: A002 - the contract's name
        """`GET /webhooks/{id}/deliveries`"""
        data: DeliveryList = self._requests.ask("list_deliveries", names={"id": id}).data
        return data

    def test_webhook(self, id: str) -> WebhookDelivery:  # noqa: A002 - the contract's name
        """`POST /webhooks/{id}/test`"""
        data: WebhookDelivery = self._requests.ask("test_webhook", names={"id": id}).data
        return data

    def replay_delivery(self, id: str, delivery: str) -> WebhookDelivery:  # noqa: A002 - the contract's name
        """`POST /webhooks/{id}/deliveries/{delivery}/replay`: send it once more, with the same event id."""
        data: WebhookDelivery = self._requests.ask("replay_delivery", names={"id": id, "delivery": delivery}).data
        return data
