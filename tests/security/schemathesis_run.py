"""schemathesis over the whole OpenAPI document of a running server: `python -m tests.security.schemathesis_run`.

It generates what fits the document and what does not, follows the links between operations, and finds whatever is
answered with a 5xx, with a status, a header, a media type or a body that the document does not have, or without the
envelope.  `--seconds` is the time it may take in all.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from helios_magic.emulator.service import ANSWERERS
from helios_magic.models.endpoints import ENDPOINTS
from tests.contract.serving import Served, serving
from tests.security.schemathesis_hooks import ANOTHER

ROOT = Path(__file__).parent.parent.parent
CHECKS = (
    "not_a_server_error,status_code_conformance,content_type_conformance,response_headers_conformance,"
    "response_schema_conformance,negative_data_rejection,unsupported_method,allow_header_conformance,ignored_auth,"
    "use_after_free,envelope,only_the_unbuilt_are_501"
)
CONFIGURATION = """\
[checks.not_a_server_error]
expected-statuses = ["2xx", "3xx", "4xx", "501"]
[checks.negative_data_rejection]
expected-statuses = ["400", "401", "403", "404", "405", "409", "413", "415", "501"]
[cache]
enabled = false
"""


def main(arguments: list[str] | None = None) -> int:
    """Run it; 0: nothing was found."""
    parser = argparse.ArgumentParser(prog="python -m tests.security.schemathesis_run", description=__doc__)
    parser.add_argument("--seconds", type=int, default=90)
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--only", help="one operation's id")
    options = parser.parse_args(arguments)
    with serving("--memory") as server, tempfile.TemporaryDirectory(prefix="schemathesis-") as folder:
        _prepare(server)
        began = time.monotonic()
        counts = Path(folder) / "answered.json"
        environment = {**_environment(server), "SECURITY_COUNTS": str(counts)}
        status = subprocess.run(_command(server, options, Path(folder)), cwd=folder, env=environment).returncode
        _print_answers(json.loads(counts.read_text()))
        alive = server.process.poll() is None and server.ask("GET", "/health")[0] == 200
        print(f"ran {time.monotonic() - began:.0f} s; the server {'answers still' if alive else 'IS GONE'}")
        return status or (0 if alive else 1)


def _print_answers(answered: dict[str, int]) -> None:
    """How often each operation answered with which status: a run that never gets past a 400 proves little."""
    print(f"{sum(answered.values())} requests")
    for endpoint in ENDPOINTS:
        counted = sorted((key.split()[1], count) for key, count in answered.items() if key.split()[0] == endpoint.name)
        print(f"  {endpoint.name:16}", "  ".join(f"{status}: {count}" for status, count in counted))


def _prepare(server: Served) -> None:
    """A database with something in it, and an account that may sign out."""
    server.sql("CREATE TABLE users (id serial PRIMARY KEY, email text UNIQUE)")
    server.sql("CREATE TABLE orders (id serial PRIMARY KEY, user_id int REFERENCES users, total numeric(10,2))")
    server.sql("INSERT INTO users (email) SELECT 'u' || i || '@example.com' FROM generate_series(1, 20) g(i)")
    server.sql("INSERT INTO orders (user_id, total) SELECT i, i * 1.5 FROM generate_series(1, 20) g(i)")
    server.sql("CREATE TABLE documents (id serial PRIMARY KEY, content text, embedding vector(1536))")
    server.sql("INSERT INTO documents (content, embedding) VALUES ('one', $1), ('no', NULL)", [0.1] * 1536)
    for name in ("feature/a", "b"):
        server.ask("POST", "/db/default/api/v1/branches", {"name": name})
    server.ask("POST", "/v1/auth/signup", ANOTHER, token=None)


def _command(server: Served, options: argparse.Namespace, folder: Path) -> list[str]:
    configuration = folder / "schemathesis.toml"
    configuration.write_text(CONFIGURATION)
    command = [sys.executable, "-m", "schemathesis.cli", "--config-file", str(configuration), "--no-color"]
    command += ["run", f"{server.url}/openapi.json", "--checks", CHECKS, "--max-time", str(options.seconds)]
    command += ["--continue-on-failure", "--suppress-health-check", "all", "--warnings", "off", "--workers", "1"]
    command += ["--generation-database", "none"]
    if options.seed is not None:
        command += ["--seed", str(options.seed)]
    if options.only:
        command += ["--include-operation-id", options.only]
    return command


def _environment(server: Served) -> dict[str, str]:
    unbuilt = ",".join(endpoint.name for endpoint in ENDPOINTS if endpoint.name not in ANSWERERS)
    return {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "SCHEMATHESIS_HOOKS": "tests.security.schemathesis_hooks",
        "SECURITY_TOKEN": server.token,
        "SECURITY_URL": server.url,
        "SECURITY_UNBUILT": unbuilt,
    }


if __name__ == "__main__":
    sys.exit(main())
