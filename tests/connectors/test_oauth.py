"""Tokens: asked for once, shared, renewed in time, and never seen."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import count
from time import monotonic, sleep

import pytest
from cryptography.fernet import Fernet
from pytest_django.fixtures import Settings
from redis import Redis
from requests import Response

from connectors import behaviours, oauth, store, tokens
from connectors.behaviours import answer
from connectors.errors import DeliveryError, Misconfigured, Unanswered, Unavailable
from connectors.fakes import Behaviour, FakeServer, Line, Recorded
from connectors.grants import Grant, Token
from connectors.http import GuardedSession, open_session
from tests.connectors.workers import together

URL = "https://login.contoso.example/token"
GRANT = Grant(url=URL, fields={"client_id": "portal"}, secret_fields={"client_secret": "sesame-secret"})


def issuing(expires_in: object = 3600) -> Behaviour:
    """Issue token-1, token-2, ..."""
    numbers = count(1)

    def behave(request: Recorded, line: Line) -> None:
        answer(200, {"access_token": f"token-{next(numbers)}", "expires_in": expires_in})(request, line)

    return behave


@pytest.fixture(autouse=True)
def _forget() -> None:
    oauth.forget_all()


@pytest.fixture(autouse=True)
def _issuing(server: FakeServer) -> None:
    server.always = issuing()


def refusal(session: GuardedSession, grant: Grant = GRANT) -> DeliveryError:
    with pytest.raises(DeliveryError) as caught:
        oauth.fetch(session, grant)
    return caught.value


def test_asks_once_and_remembers(server: FakeServer, session: GuardedSession) -> None:
    assert [oauth.fetch(session, GRANT).value for _ in range(3)] == ["token-1"] * 3
    [request] = server.requests
    assert request.body == b"client_id=portal&client_secret=sesame-secret"
    assert request.headers["content-type"] == "application/x-www-form-urlencoded"


def test_another_secret_is_another_client(server: FakeServer, session: GuardedSession) -> None:
    other = Grant(url=URL, fields={"client_id": "portal"}, secret_fields={"client_secret": "another"})
    assert [oauth.fetch(session, grant).value for grant in (GRANT, other, GRANT)] == ["token-1", "token-2", "token-1"]


def test_basic_and_fresh_fields(server: FakeServer, session: GuardedSession) -> None:
    numbers = count(1)
    grant = Grant(
        url=URL,
        fields={"grant_type": "client_credentials"},
        basic=("portal", "sesame"),
        fresh=lambda: {"assertion": f"signed-{next(numbers)}"},
    )
    oauth.fetch(session, grant)
    oauth.renew(session, grant)
    assert [request.body for request in server.requests] == [
        b"grant_type=client_credentials&assertion=signed-1",
        b"grant_type=client_credentials&assertion=signed-2",
    ]
    assert server.requests[0].headers["authorization"] == "Basic cG9ydGFsOnNlc2FtZQ=="


def test_one_request_however_many_threads_want_it(server: FakeServer, session: GuardedSession) -> None:
    issue = issuing()

    def slow(request: Recorded, line: Line) -> None:
        sleep(0.1)
        issue(request, line)

    server.always = slow
    with ThreadPoolExecutor(8) as threads:
        tokens = list(threads.map(lambda _: oauth.fetch(session, GRANT).value, range(8)))
    assert tokens == ["token-1"] * 8
    assert len(server.requests) == 1


def test_one_refusal_is_everybodys(server: FakeServer, session: GuardedSession) -> None:
    def slow(request: Recorded, line: Line) -> None:
        sleep(0.1)
        answer(401)(request, line)

    server.always = slow
    with ThreadPoolExecutor(4) as threads:
        errors = list(threads.map(lambda _: refusal(session), range(4)))
    assert {type(error) for error in errors} == {Misconfigured}
    assert len(server.requests) == 1


class TestAServiceThatHandsOutTheSameTokenUntilItEnds:
    GRANT = Grant(url=URL, fields={"client_id": "portal"}, secret_fields={"client_secret": "s"}, reissued=True)

    def test_is_not_asked_before_that(
        self, server: FakeServer, session: GuardedSession, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        now = monotonic()
        oauth.fetch(session, self.GRANT)
        for seconds in (3_540, 3_599):
            monkeypatch.setattr("connectors.oauth.monotonic", partial(float, now + seconds))
            oauth.fetch(session, self.GRANT)
        assert len(server.requests) == 1
        monkeypatch.setattr("connectors.oauth.monotonic", partial(float, now + 3_602))
        oauth.renew(session, self.GRANT)
        assert len(server.requests) == 2

    def test_is_waited_for_where_little_is_left(self, server: FakeServer, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("connectors.grants.WHOLE_SECOND", 0.2)
        server.queue.append(answer(200, {"access_token": "short", "expires_in": 0}))
        began = monotonic()
        with open_session(deadline=5, pool_size=1) as session:
            assert oauth.fetch(session, self.GRANT).value == "token-1"
        assert monotonic() - began >= 0.2

    def test_is_not_waited_for_longer_than_there_is_time(self, server: FakeServer, session: GuardedSession) -> None:
        server.queue.append(answer(200, {"access_token": "short", "expires_in": 3}))
        assert oauth.fetch(session, self.GRANT).value == "short"


@pytest.mark.parametrize("expires_in", [0, "0", -5, 0.01])
def test_token_about_to_expire_is_used_once(expires_in: object, server: FakeServer, session: GuardedSession) -> None:
    server.always = issuing(expires_in)
    oauth.fetch(session, GRANT)
    sleep(0.02)
    assert oauth.fetch(session, GRANT).value == "token-2"


@pytest.mark.parametrize(("expires_in", "kept"), [(3600, 3540), ("100", 90), (None, 270), ("soon", 270)])
def test_renews_ahead_of_expiry(
    expires_in: object, kept: float, server: FakeServer, session: GuardedSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.always = issuing(expires_in)
    now = 1_000.0
    monkeypatch.setattr("connectors.oauth.monotonic", lambda: now)
    for clock in ("grants.monotonic", "tokens.monotonic", "tokens.time"):
        monkeypatch.setattr(f"connectors.{clock}", lambda: now)
    oauth.fetch(session, GRANT)
    now += kept - 1
    assert oauth.fetch(session, GRANT).value == "token-1"
    now += 2
    assert oauth.fetch(session, GRANT).value == "token-2"


def test_refused_token_is_renewed_once_and_the_request_sent_again(server: FakeServer, session: GuardedSession) -> None:
    seen: list[str] = []

    def send(token: Token) -> Response:
        seen.append(token.value)
        server.queue.append(answer(401 if token.value == "token-1" else 200))
        return session.post("https://leads.contoso.example")

    assert oauth.authorised(session, GRANT, send).status_code == 200
    assert seen == ["token-1", "token-2"]


def test_token_refused_again_is_the_answer(server: FakeServer, session: GuardedSession) -> None:
    seen: list[str] = []

    def send(token: Token) -> Response:
        seen.append(token.value)
        server.queue.append(answer(401))
        return session.post("https://leads.contoso.example")

    assert oauth.authorised(session, GRANT, send).status_code == 401
    assert len(seen) == 2


def test_forgetting_a_token_leaves_a_newer_one(server: FakeServer, session: GuardedSession) -> None:
    old = oauth.fetch(session, GRANT)
    new = oauth.renew(session, GRANT)
    oauth.forget(GRANT, old)
    assert oauth.fetch(session, GRANT) is new


@pytest.mark.parametrize("status", [400, 401, 403])
def test_refused_client(status: int, server: FakeServer, session: GuardedSession) -> None:
    server.always = answer(status, {"error": "invalid_client"})
    error = refusal(session)
    assert isinstance(error, Misconfigured)
    assert (error.cause, error.status, error.answer) == ("sign-in", status, '{"error": "invalid_client"}')


@pytest.mark.parametrize(
    "behaviour",
    [
        answer(429, Retry_After="7"),
        answer(503, Retry_After="7"),
        answer(400, {"error": "server_error"}, Retry_After="7"),
    ],
)
def test_service_that_is_away(behaviour: Behaviour, server: FakeServer, session: GuardedSession) -> None:
    server.always = behaviour
    error = refusal(session)
    assert isinstance(error, Unavailable)
    assert (error.cause, error.retry_after) == ("sign-in-away", 7)


@pytest.mark.parametrize(
    "behaviour",
    [
        answer(404),
        answer(302, Location="https://other.example"),
        answer(200, "<html>"),
        answer(200, "[]"),
        answer(200, {"access_token": ""}),
        answer(200, {"access_token": 7}),
        answer(200, b"[" * 1_000),
    ],
)
def test_address_that_issues_no_tokens(behaviour: Behaviour, server: FakeServer, session: GuardedSession) -> None:
    server.always = behaviour
    error = refusal(session)
    assert isinstance(error, Misconfigured)
    assert error.cause == "token-address"
    assert "login.contoso.example" in error.sentence


def test_service_that_hangs_is_asked_again_next_time(server: FakeServer, session: GuardedSession) -> None:
    server.always = behaviours.hang
    assert isinstance(refusal(session), Unanswered)
    server.always = issuing()
    assert oauth.fetch(session, GRANT).value == "token-1"


def test_waiting_for_another_threads_token_ends_with_ones_own_time(
    server: FakeServer, session: GuardedSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.always = behaviours.hang
    with ThreadPoolExecutor(1) as threads:
        first = threads.submit(refusal, session)
        while not server.requests:
            sleep(0.01)
        monkeypatch.setattr(session, "seconds_left", lambda: 0.05)
        assert refusal(session).cause == "sign-in-away"
        assert first.result().cause == "timeout"


def test_secrets_are_seen_nowhere(server: FakeServer, session: GuardedSession) -> None:
    token = oauth.fetch(session, GRANT)
    server.always = behaviours.echo(400)
    error = refusal(session, Grant(url=URL, fields={}, secret_fields={"client_secret": "sesame&secret"}))
    seen = f"{token!r} {GRANT!r} {GRANT.fingerprint} {error!r} {json.dumps(vars(error), default=repr)}"
    assert not [secret for secret in ("token-1", "sesame-secret", "sesame&secret", "sesame%26secret") if secret in seen]


def test_forgets_when_it_knows_too_many(
    server: FakeServer, session: GuardedSession, redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(oauth, "MOST_KEPT", 2)
    grants = [Grant(url=URL, fields={"client_id": str(number)}) for number in range(4)]
    for grant in grants:
        oauth.fetch(session, grant)
    redis.flushdb()
    assert oauth.fetch(session, grants[0]).value == "token-5"


# Shared by all workers


def test_another_process_needs_no_sign_in(server: FakeServer, session: GuardedSession) -> None:
    first = oauth.fetch(session, GRANT)
    oauth.forget_all()
    again = oauth.fetch(session, GRANT)
    assert (again.value, len(server.requests)) == ("token-1", 1)
    assert again.said == first.said
    assert again.renew_at == pytest.approx(first.renew_at, abs=1)


def test_a_refused_token_is_taken_back_from_all_but_a_newer_one_is_not(
    server: FakeServer, session: GuardedSession
) -> None:
    old = oauth.fetch(session, GRANT)
    oauth.forget_all()
    oauth.forget(GRANT, old)
    new = oauth.fetch(session, GRANT)
    oauth.forget_all()
    oauth.forget(GRANT, old)
    assert [new.value, oauth.fetch(session, GRANT).value, len(server.requests)] == ["token-2", "token-2", 2]


def test_what_is_shared_is_encrypted_named_by_a_hash_and_ends(session: GuardedSession, redis: Redis) -> None:
    oauth.fetch(session, GRANT)
    [name] = redis.keys("*")
    stored = f"{name!r} {redis.hgetall(name)!r}"
    assert not [text for text in ("token-1", "sesame", "portal", GRANT.fingerprint) if text in stored]
    assert 3_530 <= redis.ttl(name) <= 3_540


def test_a_token_sealed_with_a_key_that_is_gone_is_asked_for_anew(
    session: GuardedSession, settings: Settings, redis: Redis
) -> None:
    oauth.fetch(session, GRANT)
    [name] = redis.keys("*")
    redis.hset(name, "sealed", Fernet(Fernet.generate_key()).encrypt(b"{}"))
    oauth.forget_all()
    assert oauth.fetch(session, GRANT).value == "token-2"


def test_without_redis_each_process_signs_in_for_itself(
    server: FakeServer, session: GuardedSession, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "_away_until", 0.0)
    settings.REDIS_URL = "unix:///nowhere/redis.sock"
    found = [oauth.fetch(session, GRANT).value for _ in range(2)]
    oauth.forget_all()
    assert [*found, oauth.fetch(session, GRANT).value] == ["token-1", "token-1", "token-2"]


def test_a_sign_in_of_another_worker_is_waited_for_no_longer_than_ones_own_time(
    server: FakeServer, session: GuardedSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session, "seconds_left", lambda: 0.2)
    with tokens.turn(GRANT, 5) as mine:
        assert mine
        assert refusal(session).cause == "sign-in-away"
    assert server.requests == []
    assert oauth.fetch(session, GRANT).value == "token-1"


def test_workers_that_start_at_once_make_one_sign_in(server: FakeServer) -> None:
    issue = issuing()

    def slow(request: Recorded, line: Line) -> None:
        sleep(0.3)
        issue(request, line)

    server.always = slow
    found = together("fetch", [{"url": URL, "detour": server.url}] * 4)
    assert found == ["token-1"] * 4
    assert len(server.requests) == 1


def test_twenty_that_are_refused_at_once_make_one_refresh(server: FakeServer, session: GuardedSession) -> None:
    issue = issuing()

    def behave(request: Recorded, line: Line) -> None:
        if request.path == "/token":
            issue(request, line)
        else:
            answer(401 if request.headers["authorization"] == "Bearer token-1" else 200)(request, line)

    server.always = behave
    oauth.fetch(session, GRANT)
    statuses = together("send", [{"url": URL, "detour": server.url, "threads": 5}] * 4)
    assert statuses == [[200] * 5] * 4
    assert [request.path for request in server.requests].count("/token") == 2


def test_clients_that_are_told_by_an_assertion_alone_are_not_mixed_up(
    server: FakeServer, session: GuardedSession
) -> None:
    ada, bob = (
        Grant(url=URL, fields={}, fresh=lambda: {"assertion": "signed"}, client=name) for name in ("ada", "bob")
    )
    assert [oauth.fetch(session, grant).value for grant in (ada, bob, ada)] == ["token-1", "token-2", "token-1"]
    assert "ada" not in repr(ada)


def test_an_assertion_that_is_echoed_is_masked(server: FakeServer, session: GuardedSession) -> None:
    server.always = behaviours.echo(400)
    told = refusal(session, Grant(url=URL, fields={}, fresh=lambda: {"assertion": "sesame.signed.text"}))
    assert "assertion=" in told.answer
    assert "sesame" not in told.answer
