"""Where a webhook may point, from a server of this machine's own user and from one that others reach."""

from __future__ import annotations

import ipaddress

import pytest

from helios_magic.delivery import Destination, Guard, RefusedError
from helios_magic.delivery.addresses import refusal

LOCAL, PUBLIC = Guard(local=True), Guard(local=False)

INNER = [
    "10.0.0.1", "10.255.255.255", "172.16.0.1", "172.31.255.255", "192.168.1.1",  # private
    "169.254.169.254", "169.254.0.1",  # link-local: where clouds keep their keys
    "100.64.0.1", "100.127.255.255",  # CGNAT
    "0.0.0.0", "0.1.2.3", "192.0.0.1", "192.0.2.1", "198.18.0.1", "198.51.100.1", "203.0.113.9", "192.88.99.1",
    "224.0.0.1", "239.255.255.250", "240.0.0.1", "255.255.255.255",
    "::", "fe80::1", "fe80::1%eth0", "fec0::1", "fc00::1", "fd12:3456:789a::1", "ff02::1", "2001:db8::1", "100::1",
    "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "64:ff9b::808:808", "64:ff9b:1::1",  # NAT64
    "2002:7f00:1::1", "2002:a9fe:a9fe::1", "2002:808:808::1",  # 6to4
    "2001:0:53aa:64c:0:fffe:80ff:fffe", "2001::1",  # Teredo
    "::ffff:10.0.0.1", "::ffff:127.0.0.1", "::ffff:8.8.8.8", "::ffff:0:127.0.0.1", "::127.0.0.1", "::8.8.8.8",
]  # fmt: skip
OUTER = ["8.8.8.8", "1.1.1.1", "93.184.216.34", "172.15.0.1", "172.32.0.1", "100.63.0.1", "100.128.0.1",
         "2606:4700:4700::1111", "2a00:1450:4001:80b::200e", "2003::1"]  # fmt: skip


@pytest.mark.parametrize("address", INNER)
def test_inner_addresses_are_refused_everywhere(address: str) -> None:
    assert refusal(ipaddress.ip_address(address)) is not None
    host = f"[{address}]" if ":" in address else address
    for guard in (LOCAL, PUBLIC):
        for scheme in ("https", "http"):
            with pytest.raises(RefusedError):
                guard.check(Destination.of(f"{scheme}://{host}/hook"))


@pytest.mark.parametrize("address", OUTER)
def test_public_addresses_are_let_through_with_tls_only(address: str) -> None:
    host = f"[{address}]" if ":" in address else address
    for guard in (LOCAL, PUBLIC):
        guard.check(Destination.of(f"https://{host}/hook"))
        with pytest.raises(RefusedError, match="plain http"):
            guard.check(Destination.of(f"http://{host}/hook"))


@pytest.mark.parametrize("host", ["127.0.0.1", "127.1.2.3", "[::1]", "localhost", "hooks.localhost", "localhost."])
def test_loopback_is_for_a_server_that_is_bound_to_it(host: str) -> None:
    for scheme in ("http", "https"):
        destination = Destination.of(f"{scheme}://{host}:9000/hook?a=b")
        LOCAL.check(destination)
        with pytest.raises(RefusedError, match="own machine"):
            PUBLIC.check(destination)


@pytest.mark.parametrize("host", ["127.1", "2130706433", "0x7f.1", "0177.0.0.1", "0x7f000001", "0", "1.2.3"])
def test_addresses_in_disguise(host: str) -> None:
    with pytest.raises(RefusedError):
        LOCAL.check(Destination.of(f"https://{host}/"))


@pytest.mark.parametrize(
    "url",
    [
        "", "hook", "//example.com/", "ftp://example.com/", "file:///etc/passwd", "gopher://example.com/", "https://",
        "https:///path", "https://user@example.com/", "https://user:pass@example.com/", "https://@example.com/",
        "https://example.com/#part", "https://example.com/#", "https://example.com:0/", "https://example.com:65536/",
        "https://example.com:x/", "https://exam ple.com/", "https://example.com/a b", "https://example.com/\r\nX: y",
        "https://example.com\\@127.0.0.1/", "https://exämple.com/", "https://[::1", "https://[v1.x]/", "https://-a.com/",
        "https://a..b/", "https://" + "a" * 64 + ".com/", "https://example.com/" + "a" * 2048, "https://[fe80::1%25]/",
        "https://exa%6dple.com/", "javascript:alert(1)",
    ],
)  # fmt: skip
def test_what_is_no_url_for_a_webhook(url: str) -> None:
    with pytest.raises(RefusedError):
        LOCAL.check(Destination.of(url))


def test_the_parts_of_a_url() -> None:
    reference = Destination.of("https://your-app.com/webhooks/helios")
    assert reference == Destination("https", "your-app.com", 443, "/webhooks/helios")
    assert reference.host_header == "your-app.com"
    PUBLIC.check(reference)
    assert Destination.of("http://[::1]:9000?x=%20").target == "/?x=%20"
    assert Destination.of("http://[::1]:9000?x=%20").host_header == "[::1]:9000"
    assert Destination.of("HTTPS://Example.COM:443").host_header == "example.com"
