"""What to tell when nobody answered."""

from __future__ import annotations

import httpx

from helios_magic.client.connection import CONNECT_SECONDS
from helios_magic.errors import ConnectionFailedError


def connection_failed(
    problem: httpx.TransportError, request: httpx.Request, read_seconds: float
) -> ConnectionFailedError:
    """The error for a request that got no answer: cause, whether it may have been carried out, mend."""
    host = request.url.netloc.decode("ascii")
    reads = request.method == "GET"
    unsure = "" if reads else " It may have been carried out all the same."
    if isinstance(problem, httpx.ConnectTimeout):
        return ConnectionFailedError(
            f"{host} did not answer within {CONNECT_SECONDS:.0f} seconds. Nothing was sent.", hint=_REACH
        )
    if isinstance(problem, httpx.ConnectError):
        if "CERTIFICATE" in str(problem).upper():
            return ConnectionFailedError(
                f"The certificate of {host} is not trusted: {problem}.",
                hint="For a self-signed server of your own, give its certificate: connect(…, verify='cert.pem'), or "
                "before Jupyter starts: export SSL_CERT_FILE=cert.pem",
            )
        return ConnectionFailedError(f"{host} cannot be reached: {problem}. Nothing was sent.", hint=_REACH)
    if isinstance(problem, httpx.PoolTimeout):
        return ConnectionFailedError(f"All connections to {host} are in use. Nothing was sent.")
    if isinstance(problem, httpx.ReadTimeout):
        return ConnectionFailedError(
            f"{host} did not answer in {read_seconds:.0f} seconds.{unsure}",
            hint=None if reads else "A query may run on at the server until its own timeout.",
        )
    return ConnectionFailedError(f"The connection to {host} broke before the answer: {_told(problem)}.{unsure}")


def _told(problem: httpx.TransportError) -> str:
    return str(problem).rstrip(".") or type(problem).__name__


_REACH = "Check the address, and that the server runs: helios serve starts a local one."
