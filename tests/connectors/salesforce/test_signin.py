"""Signing in by each flow, and what Salesforce's refusals mean."""

from __future__ import annotations

from collections.abc import Iterator
from time import time
from typing import Any
from urllib.parse import parse_qs

import jwt
import pytest
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from connectors import behaviours
from connectors.base import Receipt
from connectors.errors import DeliveryError, Misconfigured, Unavailable
from connectors.fakes import FakeServer
from connectors.http import GuardedSession, open_session
from connectors.salesforce import signin
from connectors.salesforce.config import SalesforceConfig
from connectors.salesforce.imitation.organization import Organization
from tests.connectors.salesforce.acting import STORED, deliver_one
from tests.connectors.salesforce.test_contract import KEY_PEM

JWT: dict[str, Any] = {"auth": "jwt", "username": "portal@contoso.example", "private_key": KEY_PEM}
PASSWORD: dict[str, Any] = {
    "auth": "password",
    "username": "portal@contoso.example",
    "password": "opens ",
    "security_token": "sesame",
}


@pytest.fixture(autouse=True)
def _server(server: FakeServer) -> None:
    """Stand behind every host."""


@pytest.fixture
def session() -> Iterator[GuardedSession]:
    with open_session(deadline=5, pool_size=2) as session:
        yield session


def asked(server: FakeServer, **settings: Any) -> dict[str, str]:
    """Deliver with these settings, and return the form by which a token was asked for."""
    assert isinstance(deliver_one(**settings), Receipt)
    request = server.requests[0]
    assert request.path == "/services/oauth2/token"
    return {name: values[0] for name, values in parse_qs(request.body.decode(), strict_parsing=True).items()}


def refused(server: FakeServer, error: str, description: str, status: int = 400, **settings: Any) -> DeliveryError:
    server.queue.append(behaviours.answer(status, {"error": error, "error_description": description}))
    result = deliver_one(**settings)
    assert isinstance(result, DeliveryError)
    return result


class TestAsking:
    def test_by_client_credentials(self, server: FakeServer) -> None:
        assert asked(server) == {
            "grant_type": "client_credentials",
            "client_id": "3MVG9consumer",
            "client_secret": "sesame-consumer-secret",
        }
        assert server.requests[0].headers["host"] == "contoso.my.salesforce.com"

    def test_by_password_and_token(self, server: FakeServer) -> None:
        form = asked(server, **PASSWORD)
        assert (form["grant_type"], form["username"], form["password"]) == (
            "password",
            "portal@contoso.example",
            "opens sesame",
        )

    @pytest.mark.parametrize(("sandbox", "audience"), [(False, "login"), (True, "test")])
    def test_by_an_assertion_that_lasts_three_minutes(self, sandbox: bool, audience: str, server: FakeServer) -> None:  # noqa: FBT001
        form = asked(server, **JWT, sandbox=sandbox)
        assert form.keys() == {"grant_type", "assertion"}
        public: Any = load_pem_private_key(KEY_PEM.encode(), None).public_key()
        claims = jwt.decode(
            form["assertion"], public, algorithms=["RS256"], audience=f"https://{audience}.salesforce.com"
        )
        assert (claims["iss"], claims["sub"]) == ("3MVG9consumer", "portal@contoso.example")
        assert jwt.get_unverified_header(form["assertion"])["alg"] == "RS256"
        assert 170 < claims["exp"] - time() <= 180

    def test_one_user_is_not_taken_for_another(self, org: Organization) -> None:
        deliver_one(**JWT)
        deliver_one(**JWT | {"username": "other@contoso.example"})
        assert org.sign_ins == 2


class TestARefusal:
    @pytest.mark.parametrize(
        ("error", "description", "sentence"),
        [
            ("invalid_client_id", "client identifier invalid", "Salesforce does not know the consumer key."),
            ("invalid_client", "invalid client credentials", "Salesforce refused the consumer secret."),
            (
                "invalid_grant",
                "no client credentials user enabled",
                "Salesforce has no user for this app to run as.",
            ),
            (
                "invalid_grant",
                "user hasn't approved this consumer",
                "Salesforce has not let this user use the app.",
            ),
            ("invalid_grant", "audience is invalid", "Salesforce takes this for the wrong kind of organization."),
            ("invalid_grant", "invalid assertion", "Salesforce refused the signature."),
            ("inactive_user", "inactive user", "Salesforce has deactivated the user."),
            (
                "invalid_grant",
                "authentication failure",
                "Salesforce refused the user name, the password or the security token.",
            ),
            (
                "unsupported_grant_type",
                "grant type not supported",
                "Salesforce has this way of signing in switched off.",
            ),
            ("invalid_grant", "something of tomorrow", "contoso.my.salesforce.com refused the sign-in."),
            ("INVALID_LOGIN", "Invalid username, password", "contoso.my.salesforce.com refused the sign-in."),
        ],
    )
    def test_says_what_to_mend(self, error: str, description: str, sentence: str, server: FakeServer) -> None:
        problem = refused(server, error, description)
        assert type(problem) is Misconfigured
        assert (problem.sentence, problem.cause) == (sentence, "sign-in")
        assert problem.fix

    @pytest.mark.parametrize("status", [400, 403])
    def test_for_too_many_sign_ins_waits_an_hour(self, status: int, server: FakeServer) -> None:
        problem = refused(server, "invalid_grant", "login rate exceeded", status)
        assert isinstance(problem, Unavailable)
        assert (problem.retry_after, problem.cause) == (3_600, "sign-in-rate")

    def test_beside_another_sign_in_is_over_in_a_moment(self, server: FakeServer) -> None:
        problem = refused(server, "invalid_grant", "token request is already being processed")
        assert isinstance(problem, Unavailable)
        assert problem.cause == "sign-in-away"

    @pytest.mark.parametrize("status", [429, 500, 503])
    def test_of_a_service_that_is_away_is_not_the_publishers_fault(self, status: int, server: FakeServer) -> None:
        server.queue.append(behaviours.answer(status, "<html>"))
        assert type(deliver_one()) is Unavailable

    @pytest.mark.parametrize("given", [{}, JWT, PASSWORD])
    def test_shows_nothing_that_was_sent(self, given: dict[str, Any], server: FakeServer) -> None:
        server.queue.append(behaviours.echo(400))
        problem = deliver_one(**given)
        assert isinstance(problem, DeliveryError)
        assertion = parse_qs(server.requests[0].body.decode()).get("assertion", ["none"])[0]
        for hidden in ("sesame", "opens", assertion):
            assert hidden not in problem.answer


def test_without_an_instance_the_settings_say_where(session: GuardedSession, server: FakeServer) -> None:
    server.queue.append(behaviours.answer(200, {"access_token": "sesame"}))
    config = SalesforceConfig.load(STORED)
    assert signin.instance_of(signin.token(session, config), config) == "contoso.my.salesforce.com"
