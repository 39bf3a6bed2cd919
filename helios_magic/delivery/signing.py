"""The signature of Standard Webhooks (standardwebhooks.com, "Signature scheme"), symmetric."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac

from helios_magic.settings import Secret

_PREFIX = "whsec_"


def key_of(secret: Secret) -> bytes:
    """The key: `whsec_` is followed by base64, any other secret is its UTF-8 bytes.  Raises ValueError."""
    text = secret.reveal()
    if not text.startswith(_PREFIX):
        return text.encode()  # a lone surrogate is a ValueError too
    encoded = text.removeprefix(_PREFIX)
    try:
        return base64.b64decode(encoded + "=" * (-len(encoded) % 4), validate=True)
    except binascii.Error:
        raise ValueError("what follows whsec_ is not base64") from None


def headers(secret: Secret, message_id: str, timestamp: int, body: bytes) -> dict[str, str]:
    """The three headers; `timestamp` is that of the attempt, in Unix seconds."""
    signed = b"%s.%d.%s" % (message_id.encode(), timestamp, body)
    signature = base64.b64encode(hmac.new(key_of(secret), signed, hashlib.sha256).digest()).decode()
    return {"webhook-id": message_id, "webhook-timestamp": str(timestamp), "webhook-signature": f"v1,{signature}"}
