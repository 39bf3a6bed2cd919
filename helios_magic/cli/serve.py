"""`helios serve`: a local HeliosDB over HTTP."""

from __future__ import annotations

import argparse
import json
import os
import shlex
import socket
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from helios_magic.errors import StoreInUseError, UsageError
from helios_magic.settings import resolve

if TYPE_CHECKING:
    from helios_magic.emulator.local import Local
    from helios_magic.emulator.serve import Address

_HOST, _PORT = "127.0.0.1", 8765
#: A shared server leaves after so long without a request, and waits so long for the one it replaces.
_IDLE_SECONDS, _REPLACED_SECONDS = 30 * 60.0, 10.0


def add(commands: Any) -> None:
    parser = commands.add_parser(
        "serve",
        help="serve a local HeliosDB over HTTP",
        description="Serve a local HeliosDB: the REST API of the reference, on DuckDB files in one folder.",
    )
    parser.add_argument("--host", default=_HOST, help="address to listen on (default: %(default)s)")
    parser.add_argument("--port", type=int, default=_PORT, help="port, 0 for any free one (default: %(default)s)")
    where = parser.add_mutually_exclusive_group()
    where.add_argument(
        "--store", metavar="DIR", help="folder of the store (default: HELIOS_STORE, or your data folder)"
    )
    where.add_argument("--memory", action="store_true", help="a private store that is removed at the end")
    parser.add_argument("--tls-self-signed", action="store_true", help="HTTPS with a certificate made here")
    parser.add_argument("--tls-cert", metavar="F", type=Path, help="HTTPS with this certificate (PEM)")
    parser.add_argument("--tls-key", metavar="F", type=Path, help="and its key (PEM)")
    parser.add_argument(
        "--enforce-limits", action="store_true", help="refuse what a tier's rate limits and quotas do not allow"
    )
    # How `local_server` starts the one that all processes of this machine share.
    parser.add_argument("--shared", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--idle-seconds", type=float, default=_IDLE_SECONDS, help=argparse.SUPPRESS)
    parser.add_argument("--json", action="store_true", help="say where it answers as one JSON object, the first line")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    _check(options)
    from helios_magic.emulator.process import keep_apart_large_blocks, limit_memory, share_interpreter

    limit_memory()
    keep_apart_large_blocks()
    share_interpreter()
    from helios_magic.emulator import serve
    from helios_magic.emulator.local import open_local

    address = serve.Address(options.host, options.port, options.tls_cert, options.tls_key)
    listener = serve.listen(address)
    try:
        local = _patiently(
            lambda: open_local(
                None if options.memory else resolve("store", options.store),
                memory_limit=resolve("memory_limit"),
                exposed=serve.exposed(listener),
                enforce_limits=options.enforce_limits,
                slow_seconds=resolve("slow_query"),
                close_idle=resolve("close_idle"),
                open_databases=resolve("open_databases"),
            ),
            _REPLACED_SECONDS if options.shared else 0.0,
        )
        try:
            if options.tls_self_signed:
                address = serve.certify(address, local)
            _serve(local, address, listener, options)
        finally:
            local.close()
    finally:
        listener.close()
    return 0


def _patiently(opened: Callable[[], Local], seconds: float) -> Local:
    """Open a store; the server that is being replaced may hold it for a moment yet."""
    give_up = time.monotonic() + seconds
    while True:
        try:
            return opened()
        except StoreInUseError:
            if time.monotonic() > give_up:
                raise
            time.sleep(0.05)


def _serve(local: Local, address: Address, listener: socket.socket, options: argparse.Namespace) -> None:
    """Serve, found by other processes of this user where they could speak to it."""
    from helios_magic.emulator import serve
    from helios_magic.local_server.serving import offered

    if options.memory or address.certificate or options.host != _HOST:
        serve.run(local, address, listener, lambda url: _announce(url, local, address, options))
        return
    with offered(local.store_path, local.token, idle_seconds=options.idle_seconds if options.shared else None) as (
        shared,
        write_down,
    ):

        def announce(url: str) -> None:
            write_down(url)
            _announce(url, local, address, options)

        serve.run(local, address, listener, announce, shared)


def _check(options: argparse.Namespace) -> None:
    if options.tls_self_signed and (options.tls_cert or options.tls_key):
        raise UsageError("--tls-self-signed makes its own certificate", hint="Leave out --tls-cert and --tls-key.")
    if bool(options.tls_cert) != bool(options.tls_key):
        raise UsageError("--tls-cert and --tls-key go together", hint="Name both files.")
    for path in (options.tls_cert, options.tls_key):
        if path is not None and not path.is_file():
            raise UsageError(f"there is no file {path}", hint="--tls-cert and --tls-key name PEM files.")


def _announce(url: str, local: Local, address: Address, options: argparse.Namespace) -> None:
    token_file = local.store.token_path
    if options.json:
        facts = {"url": url, "pid": os.getpid(), "store": str(local.store_path), "token_file": str(token_file)}
        print(json.dumps(facts), flush=True)
        return
    print("\n".join(_lines(url, local, address, options)), flush=True)
    if url.startswith("http:") and options.host not in {"127.0.0.1", "localhost", "::1"}:
        print("Tokens and rows travel unencrypted: --tls-self-signed or --tls-cert mends that.", file=sys.stderr)


def _lines(url: str, local: Local, address: Address, options: argparse.Namespace) -> list[str]:
    token_file = str(local.store.token_path)
    kept = f"{local.store_path} (private, removed at the end)" if options.memory else str(local.store_path)
    certificate = str(address.certificate) if options.tls_self_signed else ""
    verify = f", verify={certificate!r}" if certificate else ""
    trusted = f" --cacert {shlex.quote(certificate)}" if certificate else ""
    return [
        f"HeliosDB answers at {url}",
        "",
        f"  data     {kept}",
        f"  token    {token_file} (the owner's; keep it to yourself)",
        *([f"  TLS      {certificate} (made here; programs have to be told of it)"] if certificate else []),
        f"  API      {url}/docs",
        "",
        "  Python   import helios_magic, pathlib",
        f"           helios_magic.connect({url!r}, token=pathlib.Path({token_file!r}).read_text().strip(){verify})",
        f"  curl     curl{trusted} {url}/db/default/api/v1/sql -H 'Content-Type: application/json' \\",
        f'             -H "Authorization: Bearer $(cat {shlex.quote(token_file)})" -d \'{{"query": "SELECT 1"}}\'',
        "",
        "Ctrl-C stops it; what was answered is kept.",
    ]
