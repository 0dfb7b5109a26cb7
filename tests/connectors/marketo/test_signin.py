"""Signing in: once an hour for all, with the secret in the body, and what Marketo's refusals mean."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from time import monotonic
from typing import Any
from urllib.parse import parse_qs

import pytest

from connectors import behaviours
from connectors.base import Receipt
from connectors.errors import DeliveryError, Misconfigured, Unavailable
from connectors.fakes import FakeServer, Line, Recorded
from connectors.http import GuardedSession, open_session
from connectors.marketo import pace, signin
from connectors.marketo.config import MarketoConfig
from connectors.marketo.imitation.subscription import Subscription
from tests.connectors.leads import LEAD, lead
from tests.connectors.marketo.acting import STORED, deliver, deliver_one, deliver_within
from tests.connectors.marketo.workers import together


@pytest.fixture(autouse=True)
def _server(server: FakeServer) -> None:
    """Stand behind every host."""


@pytest.fixture
def session() -> Iterator[GuardedSession]:
    with open_session(deadline=5, pool_size=2) as session:
        yield session


def refused(server: FakeServer, status: int, body: str | dict[str, Any]) -> DeliveryError:
    server.queue.append(behaviours.answer(status, body))
    result = deliver_one()
    assert isinstance(result, DeliveryError)
    return result


class TestAsking:
    def test_puts_the_secret_into_the_body(self, server: FakeServer) -> None:
        deliver_one()
        request = server.requests[0]
        assert (request.method, request.path) == ("POST", "/identity/oauth/token")
        assert parse_qs(request.body.decode()) == {
            "grant_type": ["client_credentials"],
            "client_id": [STORED["client_id"]],
            "client_secret": [STORED["client_secret"]],
        }

    def test_is_not_a_call_of_the_api(self, subscription: Subscription) -> None:
        deliver_one()
        assert subscription.meter.today == 2

    @pytest.mark.parametrize(
        ("status", "body", "sentence"),
        [
            (
                401,
                {"error": "invalid_client", "error_description": "Bad client credentials"},
                "refused the client secret.",
            ),
            (
                401,
                {"error": "unauthorized", "error_description": "No client with requested id: a1"},
                "does not know the client ID.",
            ),
            (
                401,
                {"error": "unauthorized", "error_description": "Full authentication"},
                "refused the client ID or secret.",
            ),
        ],
    )
    def test_says_what_to_mend(self, status: int, body: dict[str, Any], sentence: str, server: FakeServer) -> None:
        problem = refused(server, status, body)
        assert type(problem) is Misconfigured
        assert (problem.sentence, problem.cause) == (f"Marketo {sentence}", "sign-in")
        assert "LaunchPoint" in problem.fix

    @pytest.mark.parametrize("status", [429, 500, 502, 503])
    def test_of_a_service_that_is_away_is_not_the_publishers_fault(self, status: int, server: FakeServer) -> None:
        assert isinstance(refused(server, status, "<html>"), Unavailable)

    def test_shows_nothing_that_was_sent(self, server: FakeServer) -> None:
        server.queue.append(behaviours.echo(401))
        problem = deliver_one()
        assert isinstance(problem, DeliveryError)
        assert STORED["client_secret"] not in problem.answer


class TestAToken:
    def test_serves_for_its_hour(self, subscription: Subscription) -> None:
        for number in range(5):
            deliver_one(lead(number))
        assert subscription.identity.sign_ins == 1

    def test_with_little_life_left_is_waited_out(self, subscription: Subscription) -> None:
        subscription.identity.issue("grant_type=client_credentials", b"")
        subscription.identity.ends_at = monotonic() + 0.8
        assert isinstance(deliver_one(), Receipt)
        assert subscription.identity.sign_ins == 3
        assert subscription.identity.refused == []

    def test_that_ends_sooner_than_it_said_is_asked_for_anew(self, subscription: Subscription) -> None:
        deliver_one()
        subscription.identity.ends_at = monotonic() - 1
        assert isinstance(deliver_one(lead(1)), Receipt)
        assert subscription.identity.refused == ["602"]
        assert subscription.identity.sign_ins == 2

    def test_that_is_refused_is_asked_for_anew_once(self, subscription: Subscription) -> None:
        deliver_one()
        subscription.identity.revoke()
        assert isinstance(deliver_one(lead(1)), Receipt)
        assert subscription.identity.sign_ins == 2

    @pytest.mark.parametrize("code", ["601", "602"])
    def test_that_is_refused_for_ever_costs_two_sign_ins(
        self, code: str, subscription: Subscription, server: FakeServer
    ) -> None:
        deliver_one()
        subscription.identity.always = code
        came = len(server.requests)
        result = deliver_one(lead(1))
        assert type(result) is Misconfigured
        assert (result.cause, result.sentence) == ("sign-in", "Marketo no longer accepts our access token.")
        assert len(server.requests) - came == 3  # refused, a sign-in, refused
        assert subscription.identity.sign_ins == 2

    def test_that_is_refused_by_status_is_asked_for_anew_too(
        self, subscription: Subscription, server: FakeServer
    ) -> None:
        deliver_one()
        server.queue.append(behaviours.answer(401, ""))
        assert isinstance(deliver_one(lead(1)), Receipt)

    def test_refused_to_twenty_at_once_is_asked_for_anew_once(
        self, subscription: Subscription, server: FakeServer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(pace, "AT_ONCE", 20)
        subscription.meter.at_once = 20
        deliver_one()
        subscription.identity.revoke()
        all_here = Barrier(20, timeout=20)

        def after_all_have_come(request: Recorded, line: Line) -> None:
            all_here.wait()
            usual(request, line)

        usual = server.always
        server.queue.extend([after_all_have_come] * 20)
        with ThreadPoolExecutor(20) as threads:
            batches = threads.map(deliver, [[lead(number)] for number in range(20)])
            results = [result for batch in batches for result in batch]
        assert {type(result) for result in results} == {Receipt}
        assert subscription.identity.refused == ["601"] * 20
        assert subscription.identity.sign_ins == 2

    def test_of_another_secret_is_another(self, subscription: Subscription) -> None:
        deliver_one()
        deliver_one(client_secret="another")
        assert subscription.identity.sign_ins == 2

    def test_of_the_api_user_is_shown_nowhere(self, server: FakeServer, subscription: Subscription) -> None:
        deliver_one()
        server.queue.append(behaviours.echo(400))
        result = deliver_one(lead(1))
        assert isinstance(result, DeliveryError)
        assert subscription.identity.token not in result.answer


class TestFourWorkers:
    def test_that_start_at_once_sign_in_once(self, subscription: Subscription, server: FakeServer) -> None:
        counted = together([{"detour": server.url, "from": start, "leads": 30} for start in (0, 100, 200, 300)])
        assert counted == [30] * 4
        assert subscription.identity.sign_ins == 1
        assert len(subscription.live()) == 120

    def test_refused_together_sign_in_once_more(self, subscription: Subscription, server: FakeServer) -> None:
        deliver_one()
        subscription.identity.revoke()
        counted = together([{"detour": server.url, "from": start, "leads": 5} for start in (0, 100, 200, 300)])
        assert counted == [5] * 4
        assert subscription.identity.sign_ins == 2


def test_a_sign_in_that_hangs_ends_with_the_deadline(server: FakeServer) -> None:
    server.always = behaviours.hang
    began = monotonic()
    [result] = deliver_within(0.5, [LEAD])
    assert monotonic() - began < 5
    assert isinstance(result, Unavailable)


def test_one_is_asked_for_whatever_is_cached_where_somebody_checks(
    session: GuardedSession, subscription: Subscription
) -> None:
    config = MarketoConfig.load(STORED)
    for _ in range(2):
        signin.token(session, config, anew=True)
    assert subscription.identity.sign_ins == 2
