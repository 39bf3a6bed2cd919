"""Rate limits: the reference's table, to the request, over boundaries, under threads, and their headers."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator

import pytest

from helios_magic.models.endpoints import ENDPOINTS
from tests.emulator.calling import Answered, Api, an_api, any_path

NAMES = ("X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset")
#: 2026-01-01T00:00:00Z, where the clock stands.
START = 1767225600


@pytest.fixture
def enforcing() -> Iterator[Api]:
    api = an_api(enforce_limits=True)
    yield api
    api.local.close()


def free(api: Api, name: str = "shop") -> str:
    """The token of an account with one free database; its first request is spent."""
    token = api.account(f"{name}@example.com")
    assert api("POST", "/databases", {"name": name, "tier": "free"}, token=token).status == 201
    return token


def shown(answered: Answered) -> tuple[str | None, ...]:
    return tuple(answered.headers.get(name) for name in NAMES)


def one(api: Api, token: str, database: str = "shop") -> Answered:
    return api.sql("SELECT 1", database=database, token=token)


def test_the_61st_query_of_a_minute_is_refused(enforcing: Api) -> None:
    token = free(enforcing)
    for number in range(60):
        answered = one(enforcing, token)
        assert answered.status == 200
        assert shown(answered) == ("60", str(59 - number), str(START + 60))
    refused = one(enforcing, token)
    assert refused.code == (429, "RATE_LIMITED")
    assert refused.headers["Retry-After"] == "60"
    assert shown(refused) == ("60", "0", str(START + 60))
    assert refused.error["message"] == ("this account made 60 queries in the last minute; the free tier allows no more")
    assert refused.error["details"] == {
        "resource": "queries_per_minute", "limit": 60, "tier": "free", "retry_after": 60,
        "hint": "Try again in 60 seconds.",
    }  # fmt: skip
    # What is refused is not counted: 39 requests that are no queries are left.
    for number in range(39):
        answered = enforcing("GET", "/branches", database="shop", token=token)
        assert (answered.status, shown(answered)) == (200, ("100", str(38 - number), str(START + 60)))
    assert enforcing("GET", "/branches", database="shop", token=token).code == (429, "RATE_LIMITED")


def test_the_101st_request_of_a_minute_is_refused(enforcing: Api) -> None:
    token = free(enforcing)
    answered = [enforcing("GET", "/databases", token=token) for _ in range(100)]
    assert [each.status for each in answered] == [200] * 99 + [429]
    assert answered[-1].headers["Retry-After"] == "60"
    assert answered[-1].error["details"]["resource"] == "requests_per_minute"
    assert one(enforcing, token).code == (429, "RATE_LIMITED")


def test_the_minute_slides(enforcing: Api) -> None:
    token = free(enforcing)
    for _ in range(30):
        assert one(enforcing, token).status == 200
    enforcing.clock.move(seconds=30)
    for _ in range(30):
        assert one(enforcing, token).status == 200
    refused = one(enforcing, token)
    assert (refused.status, refused.headers["Retry-After"], shown(refused)[2]) == (429, "30", str(START + 60))
    enforcing.clock.move(seconds=29.999999)
    assert (one(enforcing, token).status, one(enforcing, token).headers["Retry-After"]) == (429, "1")
    enforcing.clock.move(seconds=0.000001)
    # The first thirty are a minute old, to the microsecond.
    assert [one(enforcing, token).status for _ in range(31)] == [200] * 30 + [429]
    enforcing.clock.move(seconds=30)
    assert [one(enforcing, token).status for _ in range(31)] == [200] * 30 + [429]


def test_eight_threads_get_what_is_allowed_and_no_more(enforcing: Api) -> None:
    token = free(enforcing)
    answered: list[Answered] = []
    start = threading.Barrier(8)

    def ask() -> None:
        start.wait()
        for _ in range(10):
            answered.append(one(enforcing, token))

    for round_ in range(3):
        answered.clear()
        threads = [threading.Thread(target=ask) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert Counter(each.status for each in answered) == {200: 60, 429: 20}, round_
        left = sorted(int(each.headers["X-RateLimit-Remaining"]) for each in answered if each.status == 200)
        assert left == list(range(60))
        enforcing.clock.move(seconds=60)


def test_each_account_and_each_tier_has_a_minute_of_its_own(enforcing: Api) -> None:
    ada, bob = free(enforcing, "ada"), free(enforcing, "bob")
    while one(enforcing, ada, "ada").status == 200:
        pass
    assert one(enforcing, bob, "bob").status == 200
    assert enforcing("POST", "/databases", {"name": "larger", "tier": "developer"}, token=ada).status == 201
    assert shown(one(enforcing, ada, "larger")) == ("600", "599", str(START + 60))
    assert one(enforcing, ada, "ada").status == 429
    # The control plane counts by the highest tier.
    assert shown(enforcing("GET", "/databases", token=ada)) == ("1000", "998", str(START + 60))


def test_two_databases_of_one_tier_share_a_minute(enforcing: Api) -> None:
    token = free(enforcing)
    assert enforcing("POST", "/databases", {"name": "second", "tier": "free"}, token=token).status == 201
    assert shown(one(enforcing, token))[1] == "59"
    assert shown(one(enforcing, token, "second"))[1] == "58"


def test_mistakes_count_for_whoever_is_known(enforcing: Api) -> None:
    token = free(enforcing)
    wrong = [
        enforcing("GET", "/nowhere", token=token),
        enforcing("PATCH", "/databases", token=token),
        enforcing("GET", "/branches", database="no-such", token=token),
        enforcing("GET", "/branches", database="default", token=token),
        enforcing("POST", "/sql", b"{", database="shop", token=token),
    ]
    assert [each.status for each in wrong] == [404, 405, 404, 403, 400]
    assert [shown(each)[1] for each in wrong] == ["98", "97", "96", "95", "59"]
    for _ in range(94):
        assert enforcing("GET", "/nowhere", token=token).status == 404
    assert enforcing("GET", "/nowhere", token=token).code == (429, "RATE_LIMITED")


def test_no_headers_without_an_account_or_a_limit(enforcing: Api) -> None:
    body = {"email": "ada@example.com", "password": "secure-password-123"}
    answers = [
        enforcing("POST", "/auth/signup", body, token=None),
        enforcing("POST", "/auth/login", body, token=None),
        enforcing("GET", "/databases", token=None),
        enforcing("GET", "/databases", token="hdb_live_unknown"),
        enforcing.sql("SELECT 1"),  # the owner's database has the enterprise tier
        enforcing("GET", "/databases"),
    ]
    assert [each.status for each in answers] == [201, 200, 401, 401, 200, 200]
    assert [shown(each) for each in answers] == [(None, None, None)] * 6


def test_an_account_without_databases_is_of_the_free_tier(enforcing: Api) -> None:
    token = enforcing.account("new@example.com")
    assert shown(enforcing("GET", "/databases", token=token)) == ("100", "99", str(START + 60))


def test_every_endpoint_that_needs_a_token_shows_the_headers(api: Api) -> None:
    token = free(api)
    for endpoint in ENDPOINTS:
        if endpoint.authenticated and endpoint.name != "logout":
            database = "shop" if endpoint.plane == "data" else None
            answered = api(endpoint.method, any_path(endpoint), {}, database=database, token=token)
            assert None not in shown(answered), endpoint.name


def test_unenforced_limits_are_shown_and_refuse_nothing(api: Api) -> None:
    token = free(api)
    answered = [one(api, token) for _ in range(130)]
    assert {each.status for each in answered} == {200}
    assert [shown(each)[1] for each in answered] == [str(max(0, 59 - number)) for number in range(130)]
    api.clock.move(seconds=60)
    assert shown(one(api, token))[1] == "59"


def test_a_clock_that_is_set_back_locks_nobody_out(enforcing: Api) -> None:
    token = free(enforcing)
    while one(enforcing, token).status == 200:
        pass
    enforcing.clock.move(seconds=-30)
    assert one(enforcing, token).status == 429
    enforcing.clock.move(hours=-2)
    assert one(enforcing, token).status == 200


@pytest.mark.parametrize(
    ("tier", "requests", "queries"), [("developer", 1000, 600), ("team", 10_000, 6_000)], ids=["developer", "team"]
)
def test_the_larger_tiers_hold_to_the_request_too(enforcing: Api, tier: str, requests: int, queries: int) -> None:
    from helios_magic.emulator.limits import RateLimits
    from helios_magic.errors import RateLimitedError

    limits = RateLimits(enforcing.clock, enforced=True)
    for _ in range(queries):
        limits.admit("usr_1", tier, query=True)  # type: ignore[arg-type]
    with pytest.raises(RateLimitedError):
        limits.admit("usr_1", tier, query=True)  # type: ignore[arg-type]
    for _ in range(requests - queries):
        limits.admit("usr_1", tier, query=False)  # type: ignore[arg-type]
    with pytest.raises(RateLimitedError):
        limits.admit("usr_1", tier, query=False)  # type: ignore[arg-type]
