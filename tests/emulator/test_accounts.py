"""decisions.md, "Accounts"."""

from __future__ import annotations

import base64
import json
import re
import statistics
import time
from pathlib import Path

import pytest

from helios_magic.emulator.passwords import MEMORY_KIB, PASSES, Passwords
from tests.emulator.calling import Api, an_api

ADA = {"email": "ada@example.com", "password": "secure-password-123"}


def test_signup_login_refresh_logout(api: Api) -> None:
    signup = api("POST", "/auth/signup", ADA, token=None)
    assert signup.status == 201
    assert signup.data == {"user_id": signup.data["user_id"], "email": "ada@example.com", "verification_sent": False}
    assert re.fullmatch(r"usr_[0-9a-z]{12,}", signup.data["user_id"])

    login = api("POST", "/auth/login", ADA, token=None)
    assert login.status == 200
    assert login.data["token_type"] == "bearer"
    assert login.data["expires_at"] == "2026-01-08T00:00:00Z"
    assert login.data["user"] == {"id": signup.data["user_id"], "email": "ada@example.com"}
    token = login.data["token"]
    secret = token.removeprefix("hdb_live_")
    assert len(base64.urlsafe_b64decode(secret + "=" * (-len(secret) % 4))) == 32

    refreshed = api("POST", "/auth/refresh", token=token)
    assert refreshed.data.keys() == login.data.keys()
    assert refreshed.data["token"] != token
    assert api("POST", "/auth/logout", token=refreshed.data["token"]).data == {"revoked": True}
    for dead in (token, refreshed.data["token"]):
        assert api("GET", "/databases", token=dead).code == (401, "AUTH_REQUIRED")


@pytest.mark.parametrize(
    "email",
    ["", "ada", "ada@", "@example.com", "ada@example", "a da@example.com", "ada@exa mple.com", "a\x00@example.com"],
)
def test_a_malformed_email_is_refused_in_the_reference_s_words(shared: Api, email: str) -> None:
    answered = shared("POST", "/auth/signup", {"email": email, "password": "secure-password-123"}, token=None)
    assert answered.code == (400, "VALIDATION_ERROR")
    assert answered.error["message"] == "Invalid email format"
    assert answered.error["details"]["field"] == "email"
    assert answered.error["details"]["got"] == email


def test_a_short_password_is_refused_and_not_shown(shared: Api) -> None:
    answered = shared("POST", "/auth/signup", {"email": "b@example.com", "password": "seven77"}, token=None)
    assert answered.code == (400, "VALIDATION_ERROR")
    assert "seven77" not in json.dumps(answered.body)


def test_a_known_email_is_taken_whatever_its_case(api: Api) -> None:
    api("POST", "/auth/signup", ADA, token=None)
    again = api("POST", "/auth/signup", {**ADA, "email": "ADA@example.com"}, token=None)
    assert again.code == (409, "ALREADY_EXISTS")


def test_unknown_email_and_wrong_password_are_one_answer(api: Api) -> None:
    api("POST", "/auth/signup", ADA, token=None)
    wrong = api("POST", "/auth/login", {**ADA, "password": "another-password"}, token=None)
    unknown = api("POST", "/auth/login", {**ADA, "email": "eve@example.com"}, token=None)
    owner = api("POST", "/auth/login", {**ADA, "email": "owner@localhost"}, token=None)
    assert wrong.code == unknown.code == owner.code == (401, "AUTH_REQUIRED")
    assert wrong.error == unknown.error == owner.error
    assert wrong.headers["WWW-Authenticate"] == "Bearer"


def test_passwords_are_argon2id_as_owasp_says_and_cost_the_same_for_nobody() -> None:
    passwords = Passwords()
    known = passwords.hash("secure-password-123")
    assert known.startswith(f"$argon2id$v=19$m={MEMORY_KIB},t={PASSES},p=1$")
    assert (MEMORY_KIB, PASSES) == (19_456, 2)
    assert passwords.verify("secure-password-123", known)
    assert not passwords.verify("another", known)
    assert not passwords.verify("no account has this", None)

    def cost(hashed: str | None) -> float:
        began = time.thread_time()  # what else the machine does is no difference between the two
        passwords.verify("another", hashed)
        return time.thread_time() - began

    pairs = [(cost(known), cost(None)) for _ in range(5)]
    ratio = statistics.median(someone for someone, _ in pairs) / statistics.median(nobody for _, nobody in pairs)
    assert 0.4 < ratio < 2.5


def test_a_token_ends_after_seven_days_and_can_be_refreshed_for_seven_more(api: Api) -> None:
    token = api.account("ada@example.com")
    api.clock.move(days=7, seconds=-1)
    assert api("GET", "/databases", token=token).status == 200
    api.clock.move(seconds=1)
    ended = api("GET", "/databases", token=token)
    assert ended.code == (401, "AUTH_EXPIRED")
    assert ended.headers["WWW-Authenticate"] == "Bearer"
    api.clock.move(days=7, seconds=-1)
    new = api("POST", "/auth/refresh", token=token).data["token"]
    assert api("GET", "/databases", token=new).status == 200


def test_a_token_that_ended_seven_days_ago_is_over(api: Api) -> None:
    token = api.account("ada@example.com")
    api.clock.move(days=14)
    assert api("POST", "/auth/refresh", token=token).code == (401, "AUTH_EXPIRED")


def test_a_replaced_token_goes_on_for_thirty_seconds_and_can_be_refreshed_again(api: Api) -> None:
    first = api.account("ada@example.com")
    second = api("POST", "/auth/refresh", token=first).data["token"]
    api.clock.move(seconds=30)
    assert api("GET", "/databases", token=first).status == 200
    sibling = api("POST", "/auth/refresh", token=first).data["token"]  # two requests under way refresh at once
    api.clock.move(seconds=1)
    assert api("GET", "/databases", token=first).code == (401, "AUTH_EXPIRED")
    assert api("GET", "/databases", token=second).status == 200  # using the old one revokes nothing
    assert api("GET", "/databases", token=sibling).status == 200


def test_refreshing_a_token_that_was_replaced_long_ago_revokes_its_family_only(api: Api) -> None:
    first = api.account("ada@example.com")
    other_login = api("POST", "/auth/login", ADA, token=None).data["token"]
    second = api("POST", "/auth/refresh", token=first).data["token"]
    api.clock.move(seconds=31)
    assert api("POST", "/auth/refresh", token=first).code == (401, "AUTH_EXPIRED")
    assert api("GET", "/databases", token=second).code == (401, "AUTH_REQUIRED")
    assert api("POST", "/auth/refresh", token=second).code == (401, "AUTH_REQUIRED")
    assert api("GET", "/databases", token=other_login).status == 200


def test_the_owner_s_token_does_not_end_and_a_refresh_leaves_it(api: Api) -> None:
    refreshed = api("POST", "/auth/refresh")
    assert refreshed.data["user"]["email"] == "owner@localhost"
    api.clock.move(days=400)
    assert api("GET", "/databases").status == 200
    assert api("GET", "/databases", token=refreshed.data["token"]).code == (401, "AUTH_EXPIRED")


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer ", "Basic dXNlcjpwYXNz", "hdb_live_x", "Bearer hdb_live_x", "Bearer é\udcff"]
)
def test_what_is_no_token_is_refused(shared: Api, header: str) -> None:
    for path in ("/databases", "/auth/logout"):
        method = "POST" if path == "/auth/logout" else "GET"
        answered = shared(method, path, token=None, headers={"authorization": header})
        assert answered.code == (401, "AUTH_REQUIRED")
        assert "hdb_live_x" not in json.dumps(answered.body)
    assert shared("POST", "/auth/refresh", token=None, headers={"authorization": header}).code == (401, "AUTH_REQUIRED")


def test_an_owner_who_logged_out_gets_a_new_token_at_the_next_start(tmp_path: Path) -> None:
    api = an_api(tmp_path)
    assert api("POST", "/auth/logout").data == {"revoked": True}
    assert api("GET", "/databases").code == (401, "AUTH_REQUIRED")
    api.local.close()
    again = an_api(tmp_path)
    assert again.local.token != api.local.token
    assert again("GET", "/databases").data["total"] == 1
    again.local.close()
