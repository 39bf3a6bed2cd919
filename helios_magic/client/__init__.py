"""The client: one typed method per endpoint, over HTTP or in process.

>>> from helios_magic.client import Client, transports
>>> client = Client(transports.http("https://api.heliosdb.io"), token=token, database="shop")
>>> client.sql("SELECT * FROM users WHERE status = $1", ["active"]).to_pandas()
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from helios_magic.client import transports
    from helios_magic.client.client import Client
    from helios_magic.client.results import BatchOutcome, Result

__all__ = ["BatchOutcome", "Client", "Result", "transports"]


def __getattr__(name: str) -> Any:
    """Import when first used: httpx and pyarrow are not paid for by who only names a result."""
    import importlib

    if name == "Client":
        return importlib.import_module("helios_magic.client.client").Client
    if name in {"BatchOutcome", "Result"}:
        return getattr(importlib.import_module("helios_magic.client.results"), name)
    if name == "transports":
        return importlib.import_module("helios_magic.client.transports")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
