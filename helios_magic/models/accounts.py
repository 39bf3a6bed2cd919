"""API reference, "Authentication Endpoints"; decisions.md, "Accounts"."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from helios_magic.models.base import Request, Response, Timestamp


class SignupRequest(Request):
    """`POST /auth/signup`"""

    email: Annotated[str, Meta(max_length=254)]
    password: Annotated[str, Meta(max_length=1024)]


class Signup(Response):
    user_id: str
    email: str
    verification_sent: bool


class LoginRequest(Request):
    """`POST /auth/login`"""

    email: Annotated[str, Meta(max_length=254)]
    password: Annotated[str, Meta(max_length=1024)]


class User(Response):
    id: str
    email: str


class Login(Response):
    """Answer of `POST /auth/login` and `POST /auth/refresh`."""

    token: str
    expires_at: Timestamp
    user: User
    token_type: Literal["bearer"] = "bearer"


class Logout(Response):
    revoked: bool
