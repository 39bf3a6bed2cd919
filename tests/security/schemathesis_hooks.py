"""What schemathesis is told about HeliosDB: names that exist, SQL that runs, and the envelope as a check.

Loaded by schemathesis itself (`SCHEMATHESIS_HOOKS`); `tests.security.schemathesis_run` starts it.
"""

from __future__ import annotations

import atexit
import json
import os
import urllib.request
import zlib
from collections import Counter
from pathlib import Path
from typing import Any

import pyarrow as pa
import schemathesis
from hypothesis import strategies as st

from helios_magic.models.arrowstream import write_stream
from helios_magic.models.seam import ARROW_STREAM

SQL = [
    "SELECT 1",
    "SELECT $1",
    "SELECT $1::int + 1 AS n",
    "SELECT * FROM users",
    "SELECT * FROM users WHERE id = $1 ORDER BY email LIMIT 5",
    "SELECT count(*), avg(total) FROM orders GROUP BY user_id",
    "SELECT u.email, o.total FROM users u LEFT JOIN orders o ON o.user_id = u.id",
    "SELECT emial FROM users",
    "SELECT * FROM generate_series(1, 50) AS g(i)",
    "SELECT '[1,2]'::jsonb, ARRAY[1,2], now(), 'NaN'::float8, 1.5::numeric(10,2), '\\x00'::bytea",
    "SELECT 1/0",
    "SELECT NULL; SELECT 2",
    "INSERT INTO users (email) VALUES ($1) RETURNING *",
    "INSERT INTO orders (user_id, total) VALUES (1, 2.5)",
    "INSERT INTO orders (user_id, total) VALUES (-1, 2.5)",
    "UPDATE orders SET total = total + 1 RETURNING id",
    "DELETE FROM orders WHERE id > 20",
    "CREATE TABLE IF NOT EXISTS t (id int PRIMARY KEY, v text)",
    "ALTER TABLE t ADD COLUMN w int",
    "DROP TABLE IF EXISTS t",
    "CREATE VIEW v AS SELECT * FROM users",
    "DROP VIEW v",
    "BEGIN",
    "SHOW server_version",
    "TRUNCATE orders",
    "WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r WHERE n < 9) SELECT * FROM r",
]
BRANCHES = ["main", "feature/a", "b", "nowhere"]
TABLES = ["users", "orders", "documents", "documents", "t", "nothing"]
KNOWN: dict[str, list[str]] = {
    "branch": BRANCHES, "from": BRANCHES, "source": BRANCHES, "target": BRANCHES, "against": BRANCHES,
    "table": TABLES, "embedding_column": ["embedding", "nothing", "content", "embedding"], "query": SQL,
    "strategy": ["fast-forward", "three-way", "ours", "theirs"],
    "url": ["http://127.0.0.1:9/nobody", "https://192.0.2.1/hook"],
    "language": ["python", "typescript", "rust", "go", "cobol"], "columns": ["id", "content", "nothing"],
    "secret": ["whsec_c2VjcmV0LXNlY3JldC1zZWNyZXQ="],
}  # fmt: skip
OWNER, URL = os.environ.get("SECURITY_TOKEN", ""), os.environ.get("SECURITY_URL", "")
COUNTS = os.environ.get("SECURITY_COUNTS", "")
ANSWERED: Counter[str] = Counter()
UNBUILT = frozenset(os.environ.get("SECURITY_UNBUILT", "").split(","))
_WRITE_OFF = {"refresh", "logout"}

STREAMS = [
    write_stream(pa.table(columns)).to_pybytes()
    for columns in (
        {"id": pa.array([None], pa.int32()), "email": ["z"]},
        {"id": [1, 2], "v": ["a", "b"]},
        {"id": pa.array([], pa.int64())},
        {"a": pa.array([{"b": 1}]), "c": pa.array([[1.5]]), "d": pa.array([b"\x00"])},
        {"": [1], "  ": [2]},
    )
]
schemathesis.openapi.media_type(ARROW_STREAM, st.sampled_from(STREAMS) | st.binary(max_size=200))


@schemathesis.serializer(ARROW_STREAM)
def as_it_is(context: Any, value: Any) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode()


def _known(name: str, value: Any) -> Any:
    """Two times of three a word that means something here, the same one for the same text."""
    if isinstance(value, list) and name == "tables":
        # Not one by one: most lists that are generated would name one table twice, which is refused.
        drawn = zlib.crc32(repr(value).encode("utf-8", "surrogatepass"))
        return TABLES[: 1 + drawn % 3] if drawn % 4 and all(isinstance(each, str) for each in value) else value
    if isinstance(value, list) and name == "vector":
        return [0.5] * 1536 if len(value) % 2 else value
    if isinstance(value, list) and name == "statements":
        return [{**each, "query": _known("query", each["query"])} if _is_statement(each) else each for each in value]
    if name == "timeout" and isinstance(value, int):
        return min(value, 2000)
    words = KNOWN.get(name)
    if words is None or not isinstance(value, str):
        return value
    drawn = zlib.crc32(f"{name} {value}".encode("utf-8", "surrogatepass"))
    return words[drawn // 3 % len(words)] if drawn % 3 else value


def _someone(name: str, value: Any) -> Any:
    """An address or a password that can be one, two times of three: what is generated is hardly ever."""
    if not isinstance(value, str) or name not in ANOTHER:
        return value
    drawn = zlib.crc32(value.encode("utf-8", "surrogatepass"))
    return value if not drawn % 3 and value else f"u{drawn}@example.com" if name == "email" else f"password-{drawn:010}"


def _is_statement(value: Any) -> bool:
    return isinstance(value, dict) and isinstance(value.get("query"), str)


@schemathesis.auth(refresh_interval=None)
class Token:
    """The owner's; what ends a token gets one of its own, for a run must not sign itself out."""

    def get(self, case: Any, context: Any) -> str:
        return _another_token() if _name(case) in _WRITE_OFF else OWNER

    def set(self, case: Any, token: str, context: Any) -> None:
        case.headers = {**(case.headers or {}), "Authorization": f"Bearer {token}"}


@schemathesis.hook
def before_call(context: Any, case: Any, kwargs: dict[str, Any]) -> None:
    """Most requests reach what exists, in every phase; and a run must not drop the database that it works in."""
    parameters = case.path_parameters or {}
    if "database" in parameters and len(str(parameters["database"])) % 5:
        parameters["database"] = "default"
    if "name" in parameters:
        parameters["name"] = _known("table" if _name(case) == "load" else "branch", parameters["name"])
    if _name(case) == "search" and isinstance(case.body, dict) and len(case.body) % 5:
        # Either a text or a vector, never both; in the one table that has vectors.
        case.body.pop("vector" if isinstance(case.body.setdefault("query", "one"), str) else "query", None)
        case.body.update(table="documents", branch="main")
    if _name(case) == "signup" and isinstance(case.body, dict):
        case.body.update({name: _someone(name, value) for name, value in case.body.items()})
    for fields in (case.query, case.body):
        if isinstance(fields, dict):
            fields.update({name: _known(name, value) for name, value in fields.items()})
    if _name(case) == "delete_database" and parameters.get("id") in _kept():
        parameters["id"] = "db_another"


@schemathesis.hook
def after_call(context: Any, case: Any, response: Any) -> None:
    ANSWERED[f"{_name(case)} {response.status_code}"] += 1


@atexit.register
def _tell() -> None:
    if COUNTS:
        Path(COUNTS).write_text(json.dumps(ANSWERED))


@schemathesis.check
def envelope(ctx: Any, response: Any, case: Any) -> None:
    """Every answer has the envelope, and says itself which request it was."""
    kind = response.headers.get("content-type", [""])[0]
    if kind.startswith("application/vnd.apache.arrow"):
        return
    assert kind == "application/json", f"Content-Type {kind}"
    body = json.loads(response.content)
    good = response.status_code < 400
    assert set(body) == {"success", "data" if good else "error", "meta"}, sorted(body)
    assert body["success"] is good
    assert response.headers["x-request-id"][0], "X-Request-Id"
    assert {"request_id", "duration_ms", "timestamp"} <= set(body["meta"])
    if not good:
        assert isinstance(body["error"]["details"], dict)
        assert body["error"]["message"]
        assert body["error"]["code"]


@schemathesis.check
def only_the_unbuilt_are_501(ctx: Any, response: Any, case: Any) -> None:
    """501 is the answer of endpoints that are not built, and of no other."""
    if response.status_code == 501:
        assert _name(case) in UNBUILT


def _name(case: Any) -> str:
    return str(case.operation.definition.raw.get("operationId"))


def _ask(method: str, path: str, body: Any = None) -> Any:
    headers = {"Authorization": f"Bearer {OWNER}", "Content-Type": "application/json"}
    request = urllib.request.Request(
        URL + path, None if body is None else json.dumps(body).encode(), headers, method=method
    )
    with urllib.request.urlopen(request, timeout=60) as answer:
        return json.load(answer)["data"]


def _another_token() -> str:
    return str(_ask("POST", "/v1/auth/login", ANOTHER)["token"])


_kept_ids: set[str] = set()


def _kept() -> set[str]:
    if not _kept_ids:
        listed = _ask("GET", "/v1/databases")["databases"]
        _kept_ids.update(each["id"] for each in listed if each["name"] == "default")
    return _kept_ids


ANOTHER = {"email": "another@example.com", "password": "secure-password-123"}


@schemathesis.hook
def filter_failure(context: Any, failure: Any, case: Any, response: Any) -> bool:
    """`DELETE /branches/merge` deletes a branch of that name, so `Allow` is right to list it."""
    return not (response.status_code == 405 and case.path.endswith("/branches/merge"))
