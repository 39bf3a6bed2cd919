"""API reference, "Authentication Endpoints"; decisions.md, "Accounts"."""

from __future__ import annotations

import re

from helios_magic.emulator import tokens
from helios_magic.emulator.request import Answer, Answerer, Request, Rooms
from helios_magic.errors import AuthenticationError, TokenExpiredError, ValidationError
from helios_magic.models.accounts import Login, LoginRequest, Logout, Signup, SignupRequest, User
from helios_magic.store import Account

MIN_PASSWORD = 8

_EMAIL = re.compile(r"[^@\s\x00-\x1f\"<>()\[\],;:\\]{1,64}@(?:\w(?:[\w-]{0,61}\w)?\.)+\w{2,63}")


def signup(rooms: Rooms, request: Request) -> Answer:
    body: SignupRequest = request.body
    if not _EMAIL.fullmatch(body.email):
        raise ValidationError(
            "Invalid email format",
            hint="An address looks like user@example.com.",
            details={"field": "email", "expected": "an email address", "got": body.email},
        )
    if len(body.password) < MIN_PASSWORD:
        raise ValidationError(
            f"the password has {len(body.password)} characters, {MIN_PASSWORD} are the least",
            details={"field": "password", "expected": f"string of length >= {MIN_PASSWORD}", "got": "a shorter one"},
        )
    account = rooms.store.accounts.add(body.email, rooms.passwords.hash(body.password))
    # No mail is sent here, and the answer does not claim one was.
    return Answer(Signup(user_id=account.id, email=account.email, verification_sent=False))


def login(rooms: Rooms, request: Request) -> Answer:
    body: LoginRequest = request.body
    account = rooms.store.accounts.with_email(body.email)
    matches = rooms.passwords.verify(body.password, account.password_hash if account else None)
    if account is None or not matches:
        raise AuthenticationError("no account has this email and password", hint="POST /v1/auth/signup makes one.")
    token, expires_at = tokens.new_token(), rooms.store.clock() + tokens.LIFETIME
    rooms.store.accounts.add_token(account.id, token, expires_at)
    return Answer(Login(token=token, expires_at=expires_at, user=_user(account)))


def refresh(rooms: Rooms, request: Request) -> Answer:
    """A new token for one that is alive, or ended less than seven days ago.

    A token that was replaced more than 30 s ago and comes again was copied by someone: its whole family is revoked.
    """
    accounts, now = rooms.store.accounts, rooms.store.clock()
    old = tokens.bearer(request.call.headers)
    known = tokens.known(rooms.store, old)
    if known.replaced_at is not None and now > known.replaced_at + tokens.GRACE:
        accounts.revoke(known.family)
        raise TokenExpiredError(
            "this token was replaced before; all tokens of its login are revoked now", hint="Log in again."
        )
    if known.expires_at is not None and now >= known.expires_at + tokens.REFRESHABLE:
        raise TokenExpiredError("this token ended more than 7 days ago", hint="Log in again.")
    new, expires_at = tokens.new_token(), now + tokens.LIFETIME
    if known.expires_at is None:  # the owner's own stays: other programs read it from the store's folder
        accounts.add_token(known.account.id, new, expires_at)
    else:
        accounts.replace_token(old, new, expires_at)
    return Answer(Login(token=new, expires_at=expires_at, user=_user(known.account)))


def logout(rooms: Rooms, request: Request) -> Answer:
    """Revoke the token, and those it was refreshed from or into."""
    if request.token is not None:
        rooms.store.accounts.revoke(request.token.family)
    return Answer(Logout(revoked=True))


def _user(account: Account) -> User:
    return User(id=account.id, email=account.email)


ENDPOINTS: dict[str, Answerer] = {"signup": signup, "login": login, "refresh": refresh, "logout": logout}
