"""Who may call: those who send API_TOKEN as a bearer token.  Without API_TOKEN the application does not start."""

from __future__ import annotations

import os
import secrets
from typing import Any

from ariadne.exceptions import WebSocketConnectionError
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

TOKEN = os.environ.get("API_TOKEN", "")
if not TOKEN:
    raise RuntimeError("API_TOKEN is not set: callers send it as “Authorization: Bearer …”, and nobody gets in without")


def is_known(authorization: str) -> bool:
    """Whether it is the token, told in the same time whatever was sent."""
    return secrets.compare_digest(authorization.encode(), f"Bearer {TOKEN}".encode())


class Guarded:
    """Asks every request for the token, but for the page to explore the schema, which shows nothing by itself."""

    def __init__(self, inside: ASGIApp) -> None:
        self.inside = inside

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["method"] == "GET" or is_known(Request(scope).headers.get("authorization", "")):
            await self.inside(scope, receive, send)
            return
        refusal = JSONResponse(
            {"errors": [{"message": "This needs a valid bearer token."}]}, 401, {"WWW-Authenticate": "Bearer"}
        )
        await refusal(scope, receive, send)


def connected(websocket: Any, payload: Any) -> None:
    """The same for a subscription's connection, whose browser cannot send headers."""
    sent = payload.get("Authorization", "") if isinstance(payload, dict) else ""
    if not is_known(str(sent)):
        raise WebSocketConnectionError({"message": "This needs a valid bearer token."})
