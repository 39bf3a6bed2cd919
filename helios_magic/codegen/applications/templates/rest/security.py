"""Who may call: those who send API_TOKEN as a bearer token.  Without API_TOKEN the application does not start."""

from __future__ import annotations

import os
import secrets
from typing import Annotated

from fastapi import Depends, HTTPException, status
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

TOKEN = os.environ.get("API_TOKEN", "")
if not TOKEN:
    raise RuntimeError("API_TOKEN is not set: callers send it as “Authorization: Bearer …”, and nobody gets in without")

_scheme = HTTPBearer(auto_error=False)


def bearer(credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_scheme)]) -> None:
    """Refuse a call without the token, in the same time whatever was sent."""
    sent = credentials.credentials if credentials is not None else ""
    if not secrets.compare_digest(sent.encode(), TOKEN.encode()):
        raise HTTPException(
            status.HTTP_401_UNAUTHORIZED,
            "This needs a valid bearer token.",
            headers={"WWW-Authenticate": "Bearer"},
        )
