"""Where a webhook may point: never into a private network (decisions.md, "Metrics, limits, quotas, webhooks").

Registration looks at the syntax and at literal addresses; names are resolved at each delivery, once, and every
address that comes of it is looked at before the first is connected to.
"""

from __future__ import annotations

import ipaddress
import re
import socket
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

MAX_URL = 2048
_PORTS = {"http": 80, "https": 443}
_NAME = re.compile(r"(?=.{1,253}$)(?!-)[A-Za-z0-9_-]{1,63}(?<!-)(\.(?!-)[A-Za-z0-9_-]{1,63}(?<!-))*\.?")

#: Not `is_loopback`: of ::ffff:127.0.0.1 some versions of Python say that it is.
_LOOPBACK = (ipaddress.ip_network("127.0.0.0/8"), ipaddress.ip_network("::1/128"))
#: Beside what is not globally reachable: networks that carry another address inside, or lead to many.
_BLOCKED = tuple(
    (ipaddress.ip_network(network), name)
    for network, name in (
        ("10.0.0.0/8", "a private address"),
        ("172.16.0.0/12", "a private address"),
        ("192.168.0.0/16", "a private address"),
        ("169.254.0.0/16", "a link-local address"),
        ("100.64.0.0/10", "an address of a carrier's own network"),
        ("192.88.99.0/24", "a 6to4 relay"),
        ("224.0.0.0/3", "a multicast or reserved address"),
        ("0.0.0.0/8", "an address of this machine"),
        ("fe80::/10", "a link-local address"),
        ("fec0::/10", "a site-local address"),
        ("fc00::/7", "a private address"),
        ("ff00::/8", "a multicast address"),
        ("64:ff9b::/96", "a NAT64 address"),
        ("64:ff9b:1::/48", "a NAT64 address"),
        ("2002::/16", "a 6to4 address"),
        ("2001::/32", "a Teredo address"),
        ("::ffff:0:0/96", "an IPv4 address written as IPv6"),
        ("::ffff:0:0:0/96", "an IPv4 address written as IPv6"),
        ("::/96", "an IPv4 address written as IPv6"),
    )
)


class RefusedError(ValueError):
    """Nothing is sent there; the message says why, `expected` what would be right."""

    def __init__(self, message: str, expected: str = "the address of a public server") -> None:
        super().__init__(message)
        self.expected = expected


@dataclass(frozen=True, slots=True)
class Destination:
    """The parts of a webhook's URL; `host` is without brackets, `target` is path and query."""

    scheme: Literal["http", "https"]
    host: str
    port: int
    target: str

    @property
    def host_header(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORTS[self.scheme] else f"{host}:{self.port}"

    @staticmethod
    def of(url: str) -> Destination:
        """Raises `RefusedError` for what is no plain http(s) URL."""
        if len(url) > MAX_URL or not re.fullmatch(r"[\x21-\x7e]+", url) or "\\" in url:
            raise RefusedError("it has blanks, signs beyond ASCII or is too long", "a URL, percent-encoded")
        try:
            parts = urlsplit(url)
            port, host = parts.port, parts.hostname or ""
        except ValueError as error:
            raise RefusedError(f"it is no URL: {error}", "a URL") from None
        if parts.scheme != "http" and parts.scheme != "https":
            raise RefusedError("it does not begin with https://", "an https:// URL")
        if parts.username is not None or parts.password is not None or "@" in parts.netloc:
            raise RefusedError("it has a user or a password in it", "a URL without them: deliveries are signed")
        if parts.fragment or url.endswith("#"):
            raise RefusedError("it has a fragment (#…), which no server sees", "a URL without one")
        known = literal(host) is not None if "[" in parts.netloc else _NAME.fullmatch(host)
        if port == 0 or not known:
            raise RefusedError("its host or port cannot be", "a host name or an address, and a port up to 65535")
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        return Destination("http" if parts.scheme == "http" else "https", host, port or _PORTS[parts.scheme], target)


def literal(host: str) -> Address | None:
    """The address that a host is written as; None for a name."""
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


@dataclass(frozen=True, slots=True)
class Guard:
    """What this server may connect to.

    `local`: it is itself bound to loopback (or to nothing, in process), so loopback is its own user's.
    """

    local: bool

    def check(self, destination: Destination) -> None:
        """All that is known before a name is resolved.  Raises `RefusedError`."""
        host = destination.host.removesuffix(".")
        address = literal(host)
        if address is not None:
            self.check_address(destination, address)
            return
        try:
            socket.inet_aton(host)
        except OSError:
            pass
        else:
            raise RefusedError(f"{host} is a number", "an address as four numbers, or a name")
        at_home = host == "localhost" or host.endswith(".localhost")
        if at_home and not self.local:
            raise RefusedError(f"{host} is this server's own machine")
        if destination.scheme == "http" and not at_home:
            raise RefusedError("plain http is for receivers on this machine only", "an https:// URL")

    def check_address(self, destination: Destination, address: Address) -> None:
        """Raises `RefusedError` for an address that must not be connected to."""
        if any(address.version == network.version and address in network for network in _LOOPBACK):
            if not self.local:
                raise RefusedError(f"{address} is this server's own machine")
            return
        reason = refusal(address)
        if reason is not None:
            raise RefusedError(f"{address} is {reason}")
        if destination.scheme == "http":
            raise RefusedError("plain http is for receivers on this machine only", "an https:// URL")


def refusal(address: Address) -> str | None:
    """Why nothing outside may be reached there; None for a public address."""
    for network, name in _BLOCKED:
        if address.version == network.version and address in network:
            return name
    return None if address.is_global and not address.is_multicast else "no public address"
