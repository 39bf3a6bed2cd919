"""Where an endpoint is found, from the address a user gave (decisions.md, "Addressing")."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote, urlsplit

from helios_magic.errors import UsageError
from helios_magic.models.endpoints import Endpoint

PRODUCTION = "heliosdb.io"


@dataclass(frozen=True, slots=True)
class Address:
    """A server: HeliosDB's own, addressed by host, or any other, addressed by path.

    >>> Address.of("https://api.heliosdb.io").data("shop")
    'https://shop.heliosdb.io/api/v1'
    >>> Address.of("http://127.0.0.1:8765").data("shop")
    'http://127.0.0.1:8765/db/shop/api/v1'
    """

    base: str
    by_host: bool = False

    @staticmethod
    def of(url: str) -> Address:
        """Read a server's address.  Raises UsageError when it is none."""
        parts = urlsplit(url.strip())
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise UsageError(
                f"“{url}” is not the address of a server.", hint="Write it as https://host or http://host:port."
            )
        if parts.username or parts.password:
            raise UsageError(
                "The address holds a user name or a password.",
                hint="Give the token by itself, as token=… or HELIOS_TOKEN.",
            )
        if parts.hostname == PRODUCTION or parts.hostname.endswith(f".{PRODUCTION}"):
            port = f":{parts.port}" if parts.port else ""
            return Address(f"{parts.scheme}://api.{PRODUCTION}{port}", by_host=True)
        path = parts.path.rstrip("/").removesuffix("/v1")
        return Address(f"{parts.scheme}://{parts.netloc}{path}")

    @property
    def host(self) -> str:
        return urlsplit(self.base).netloc

    def control(self) -> str:
        return f"{self.base}/v1"

    def data(self, database: str) -> str:
        if self.by_host:
            return f"{self.base.replace('://api.', f'://{database}.', 1)}/api/v1"
        return f"{self.base}/db/{quote(database, safe='')}/api/v1"

    def of_endpoint(self, endpoint: Endpoint, names: dict[str, str], database: str) -> str:
        """The whole address of an endpoint; `names` fill its path and are percent-encoded, slashes too."""
        path = endpoint.path.format(**{key: quote(name, safe="") for key, name in names.items()})
        return (self.control() if endpoint.plane == "control" else self.data(database)) + path
