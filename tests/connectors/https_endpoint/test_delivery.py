"""What is sent, and what each answer means."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from time import monotonic
from typing import Any

import pytest
from standardwebhooks import Webhook

from connectors import behaviours, oauth, registry
from connectors.answers import MASK
from connectors.base import Connector, LeadPayload, Receipt
from connectors.behaviours import answer
from connectors.errors import DeliveryError, Misconfigured, Rejected, Unanswered, Unavailable
from connectors.fakes import FakeServer
from connectors.http import open_session
from connectors.https_endpoint.config import EndpointConfig
from connectors.https_endpoint.connector import HttpsEndpoint
from connectors.samples import sample_lead
from tests.connectors.conftest import HOST

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
STORED = {"url": f"https://{HOST}/marketplace", "auth": "none", "signing_secret": SECRET}
OAUTH2 = {"auth": "oauth2", "token_url": "https://login.example.com/t", "client_id": "c", "client_secret": "s"}
LEAD = LeadPayload(
    id="7f1f7f0e-5f0c-4f3b-9c1e-2a4d8f6b0c11",
    offer_id="contoso.crm",
    offer_title="Contoso CRM",
    source="SPZA",
    action="PLT",
    received_at=datetime.fromisoformat("2026-11-22T11:00:00.123456+01:00"),
    first_name="Zoë",
    email="zoe@contoso.example",
    extra={"utm_source": "news"},
)


@pytest.fixture(autouse=True)
def _forget() -> None:
    oauth.forget_all()


@pytest.fixture
def connector(server: FakeServer) -> Iterator[Connector[Any]]:
    with registry.connect("https_endpoint", STORED, {"Campaign": "{Extra.utm_source}", "LeadId": "mine"}) as connector:
        yield connector


def deliver(lead: LeadPayload = LEAD, stored: Mapping[str, str] = STORED) -> Receipt | DeliveryError:
    with registry.connect("https_endpoint", STORED | dict(stored)) as connector:
        [result] = connector.deliver([lead])
    return result


class TestMessage:
    def test_is_what_receivers_know_and_more(self, server: FakeServer, connector: Connector[Any]) -> None:
        connector.deliver([LEAD])
        [request] = server.requests
        assert request.json() == {
            "UserDetails": {
                "FirstName": "Zoë",
                "LastName": "",
                "Email": "zoe@contoso.example",
                "Phone": "",
                "Country": "",
                "Company": "",
                "Title": "",
            },
            "LeadSource": "SPZA",
            "ActionCode": "PLT",
            "OfferTitle": "Contoso CRM",
            "Description": "",
            "LeadId": LEAD.id,
            "OfferId": "contoso.crm",
            "CreatedTime": "2026-11-22T10:00:00.123Z",
            "IsTest": False,
            "Campaign": "news",
        }
        assert (request.method, request.path) == ("POST", "/marketplace")
        assert request.headers["content-type"] == "application/json; charset=utf-8"

    def test_flags_are_there_when_they_are_set(self, server: FakeServer) -> None:
        deliver(replace(LEAD, do_not_contact=True, is_preview=True, is_test=True))
        message = server.requests[0].json()
        assert message["DoNotContact"] is message["IsPreview"] is message["IsTest"] is True

    def test_text_that_is_no_unicode_is_sent_all_the_same(self, server: FakeServer) -> None:
        assert isinstance(deliver(replace(LEAD, first_name="\ud800")), Receipt)
        assert server.requests[0].json()["UserDetails"]["FirstName"] == "?"

    def test_signature_verifies_and_its_id_stays(self, server: FakeServer) -> None:
        deliver()
        deliver()
        for request in server.requests:
            assert Webhook(SECRET).verify(request.body, dict(request.headers)) == request.json()
        assert [request.headers["webhook-id"] for request in server.requests] == [LEAD.id] * 2

    def test_sample_is_nobody(self) -> None:
        lead = sample_lead()
        assert lead.is_test
        assert lead.email.endswith("@example.com")
        assert lead.first_name.removeprefix("MSFT_TEST_").isdigit()
        assert len(lead.first_name) == len("MSFT_TEST_") + 18


class TestSignIn:
    @pytest.mark.parametrize(
        ("stored", "header", "value"),
        [
            ({"auth": "header", "header_name": "X-Api-Key", "header_value": "sesame"}, "x-api-key", "sesame"),
            ({"auth": "basic", "username": "portal", "password": "ö:p"}, "authorization", "Basic cG9ydGFsOsO2OnA="),
            ({"auth": "bearer", "token": "sesame"}, "authorization", "Bearer sesame"),
        ],
    )
    def test_by(self, stored: dict[str, str], header: str, value: str, server: FakeServer) -> None:
        deliver(stored=stored)
        assert server.requests[0].headers[header] == value

    def test_none(self, server: FakeServer) -> None:
        deliver(stored={"token": "sesame", "header_name": "X-Api-Key", "header_value": "sesame"})
        assert not {"authorization", "x-api-key"} & server.requests[0].headers.keys()

    def test_by_oauth_renewing_a_refused_token_once(self, server: FakeServer) -> None:
        tokens = [answer(200, {"access_token": f"token-{number}", "expires_in": 3600}) for number in (1, 2)]
        server.queue.extend([tokens[0], answer(401), tokens[1], answer(200)])
        assert isinstance(deliver(stored=OAUTH2), Receipt)
        assert server.requests[0].body == b"grant_type=client_credentials&client_id=c&client_secret=s"
        sent = [request.headers.get("authorization") for request in server.requests]
        assert sent == [None, "Bearer token-1", None, "Bearer token-2"]

    def test_sign_in_and_message_share_one_deadline(self, server: FakeServer) -> None:
        server.queue.append(behaviours.after(1.0, answer(200, {"access_token": "token", "expires_in": 3600})))
        server.always = behaviours.hang
        config = EndpointConfig.load(STORED | OAUTH2)
        began = monotonic()
        with open_session(deadline=1.5, pool_size=1) as session:
            [result] = HttpsEndpoint(config, session).deliver([LEAD])
        assert monotonic() - began < 2.3
        assert isinstance(result, Unanswered)

    def test_refused_client_holds_the_destination(self, server: FakeServer) -> None:
        server.always = answer(401, {"error": "invalid_client"})
        result = deliver(stored=OAUTH2)
        assert isinstance(result, Misconfigured)
        assert result.sentence == "login.example.com refused the client id or secret."


class TestOutcomes:
    @pytest.mark.parametrize("status", [200, 201, 202, 204, 299])
    def test_taken(self, status: int, server: FakeServer) -> None:
        server.always = answer(status)
        assert deliver() == Receipt(status=status)

    @pytest.mark.parametrize(
        ("body", "remote_id"),
        [
            ('{"id": "crm-7"}', "crm-7"),
            ('{"id": 7}', "7"),
            ('{"id": true}', ""),
            ('{"id": {"a": 1}}', ""),
            ('{"id": null}', ""),
            ('["id"]', ""),
            ("taken", ""),
            ('{"id": "a\\u0000b"}', "ab"),
            (json.dumps({"id": "x" * 300}), "x" * 255),
        ],
    )
    def test_id_of_the_target(self, body: str, remote_id: str, server: FakeServer) -> None:
        server.always = answer(200, body)
        result = deliver()
        assert isinstance(result, Receipt)
        assert (result.remote_id, result.answer) == (remote_id, body)

    def test_had_it_already(self, server: FakeServer) -> None:
        server.always = answer(409, "known")
        assert deliver() == Receipt(outcome="duplicate", status=409, answer="known")

    @pytest.mark.parametrize(
        ("status", "error", "cause"),
        [
            (400, Rejected, "http-400"),
            (413, Rejected, "http-413"),
            (415, Rejected, "http-415"),
            (422, Rejected, "http-422"),
            (401, Misconfigured, "sign-in"),
            (403, Misconfigured, "sign-in"),
            (404, Misconfigured, "http-404"),
            (405, Misconfigured, "http-405"),
            (410, Misconfigured, "gone"),
            (418, Misconfigured, "http-418"),
            (300, Misconfigured, "redirect"),
            (301, Misconfigured, "redirect"),
            (307, Misconfigured, "redirect"),
            (408, Unavailable, "http-408"),
            (425, Unavailable, "http-425"),
            (429, Unavailable, "http-429"),
            (500, Unavailable, "http-500"),
            (501, Unavailable, "http-501"),
            (503, Unavailable, "http-503"),
            (599, Unavailable, "http-599"),
        ],
    )
    def test_not_taken(self, status: int, error: type[DeliveryError], cause: str, server: FakeServer) -> None:
        server.always = answer(status, "a\x00b", Retry_After="30")
        result = deliver()
        assert type(result) is error
        assert (result.cause, result.status, result.answer) == (cause, status, "ab")
        assert HOST in result.sentence
        assert result.fix
        assert getattr(result, "retry_after", 30) == 30

    @pytest.mark.parametrize(
        ("location", "target"),
        [
            ("https://new.example/leads?key=sesame", "https://new.example/leads."),
            ("/leads/", f"https://{HOST}/leads/."),
            ("//new.example/x", "https://new.example/x."),
        ],
    )
    def test_redirect_says_where_to(self, location: str, target: str, server: FakeServer) -> None:
        server.always = answer(308, Location=location)
        result = deliver()
        assert isinstance(result, DeliveryError)
        assert result.fix == f"If that is your endpoint, change the address to {target}"

    def test_no_answer(self, server: FakeServer) -> None:
        server.always = behaviours.close
        assert type(deliver()) is Unanswered

    def test_status_counts_though_the_body_breaks_off(self, server: FakeServer) -> None:
        server.always = behaviours.half_close
        assert deliver() == Receipt(status=200, answer='{"id":"')


class TestChecks:
    def checks(self, **stored: str) -> list[tuple[str, bool | None, str, str]]:
        with registry.connect("https_endpoint", STORED | stored) as connector:
            return [(check.name, check.passed, check.sentence, check.fix) for check in connector.checks()]

    def test_sends_one_signed_test_message(self, server: FakeServer) -> None:
        assert self.checks()[-1] == (
            "Accepts a signed test message",
            True,
            f"{HOST} took a signed test message and answered 200.",
            "",
        )
        [request] = server.requests
        message = Webhook(SECRET).verify(request.body, dict(request.headers))
        assert message["IsTest"] is True
        assert message["UserDetails"]["LastName"].startswith("MSFT_TEST_")

    def test_refusal_says_who_mends_it(self, server: FakeServer) -> None:
        server.always = answer(403)
        name, passed, sentence, fix = self.checks()[-1]
        assert (name, passed, sentence) == (
            "Accepts a signed test message",
            False,
            f"{HOST} refused the sign-in (403).",
        )
        assert fix.startswith("Compare the sign-in settings")

    @pytest.mark.parametrize(
        ("stored", "sentence"),
        [
            ({}, "No sign-in is set: each message carries our signature, by which you know it is ours."),
            (
                {"auth": "header", "header_name": "X-Key", "header_value": "sesame"},
                "Each message carries the header X-Key",
            ),
            ({"auth": "basic", "username": "portal", "password": "sesame"}, "Each message signs in as portal"),
            ({"auth": "bearer", "token": "sesame"}, "Each message carries the bearer token you gave."),
        ],
    )
    def test_says_how_messages_sign_in(self, stored: dict[str, str], sentence: str, server: FakeServer) -> None:
        assert self.checks(**stored)[2][2].startswith(sentence)

    def test_asks_for_a_token_whatever_is_cached(self, server: FakeServer) -> None:
        server.always = answer(200, {"access_token": "token", "expires_in": 3600})
        assert self.checks(**OAUTH2)[2][2] == "login.example.com issued a token for c."
        server.always = answer(401)
        assert [passed for _, passed, _, _ in self.checks(**OAUTH2)] == [True, True, False]


def test_preview_cannot_be_replayed(connector: Connector[Any]) -> None:
    assert connector.render(LEAD).headers["webhook-signature"] == f"v1,{MASK}"
