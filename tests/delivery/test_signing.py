"""Signatures as the field's own library verifies them."""

from __future__ import annotations

import base64

import pytest
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from helios_magic.delivery.signing import headers, key_of
from helios_magic.settings import Secret

BODY = '{"id":"evt_1","type":"branch.created","data":{"name":"ä🌱"}}'.encode()
KEY = bytes(range(32))


def test_the_specification_s_own_example() -> None:
    signed = headers(
        Secret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"),
        "msg_p5jXN8AQM9LWM0D4loKWxJek",
        1614265330,
        b'{"test": 2432232314}',
    )
    assert signed["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    assert signed["webhook-timestamp"] == "1614265330"
    assert signed["webhook-id"] == "msg_p5jXN8AQM9LWM0D4loKWxJek"


@pytest.mark.parametrize(
    ("secret", "key"),
    [
        ("whsec_" + base64.b64encode(KEY).decode(), KEY),
        ("whsec_" + base64.b64encode(KEY).decode().rstrip("="), KEY),
        ("your-webhook-secret", b"your-webhook-secret"),
        ("geheim-ß", "geheim-ß".encode()),
    ],
)
def test_a_receiver_verifies_with_the_library(secret: str, key: bytes) -> None:
    import time

    signed = headers(Secret(secret), "evt_1", int(time.time()), BODY)
    assert Webhook(key).verify(BODY, signed)["id"] == "evt_1"
    for changed in (
        {**signed, "webhook-id": "evt_2"},
        {**signed, "webhook-timestamp": str(int(signed["webhook-timestamp"]) - 1)},
    ):
        with pytest.raises(WebhookVerificationError):
            Webhook(key).verify(BODY, changed)
    with pytest.raises(WebhookVerificationError):
        Webhook(key).verify(BODY + b" ", signed)
    with pytest.raises(WebhookVerificationError):
        Webhook(b"another").verify(BODY, signed)


@pytest.mark.parametrize("secret", ["whsec_not base64!", "whsec_*", "\ud800"])
def test_a_secret_that_is_none(secret: str) -> None:
    with pytest.raises(ValueError):
        key_of(Secret(secret))
