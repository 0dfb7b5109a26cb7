"""Signing in each way and in each cloud, and what the refusals of Entra ID mean."""

from __future__ import annotations

from time import time
from typing import Any
from urllib.parse import parse_qs

import jwt
import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key

from connectors import behaviours
from connectors.base import Receipt
from connectors.dynamics import entra, signin
from connectors.dynamics.imitation.environment import Environment, Fault
from connectors.errors import DeliveryError, Misconfigured, Unavailable
from connectors.fakes import FakeServer
from tests.connectors.dynamics.acting import STORED, USER, climbed, deliver_one
from tests.connectors.dynamics.keys_for_tests import KEY, PEM, certificate
from tests.connectors.leads import LEAD, lead

pytestmark = pytest.mark.usefixtures("server")

CERTIFIED: dict[str, Any] = {"authentication": "certificate", "application_key": "", "certificate": PEM}
WAYS: list[dict[str, Any]] = [{}, CERTIFIED, dict(USER)]


def asked(server: FakeServer, **settings: Any) -> dict[str, str]:
    """Deliver with these settings, and return the form by which a token was asked for."""
    assert isinstance(deliver_one(**settings), Receipt)
    form = parse_qs(server.requests[0].body.decode(), strict_parsing=True)
    return {name: values[0] for name, values in form.items()}


def refused(server: FakeServer, number: int, words: str = "", status: int = 400, **settings: Any) -> DeliveryError:
    told = {"error": "invalid", "error_description": f"AADSTS{number}: {words}", "error_codes": [number]}
    server.queue.append(behaviours.answer(status, told))
    result = deliver_one(**settings)
    assert isinstance(result, DeliveryError)
    return result


class TestAsking:
    def test_by_a_secret(self, server: FakeServer) -> None:
        assert asked(server) == {
            "grant_type": "client_credentials",
            "client_id": STORED["application_id"],
            "client_secret": "sesame-client-secret",
            "scope": "https://contoso.crm4.dynamics.com/.default",
        }
        sent = server.requests[0]
        assert sent.headers["host"] == "login.microsoftonline.com"
        assert sent.path == f"/{STORED['directory_id']}/oauth2/v2.0/token"

    def test_by_a_certificate_that_entra_id_knows(self, server: FakeServer, env: Environment) -> None:
        env.certificate = KEY.public_key()
        form = asked(server, **CERTIFIED)
        assert "client_secret" not in form
        assert form["client_assertion_type"] == "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
        url = f"https://login.microsoftonline.com/{STORED['directory_id']}/oauth2/v2.0/token"
        claims = jwt.decode(form["client_assertion"], KEY.public_key(), algorithms=["PS256"], audience=url)
        assert claims["iss"] == claims["sub"] == STORED["application_id"]
        assert 0 < claims["exp"] - time() <= 300
        header = jwt.get_unverified_header(form["client_assertion"])
        thumbprint = certificate().fingerprint(hashes.SHA256())
        assert len(jwt.utils.base64url_decode(header["x5t#S256"])) == len(thumbprint) == 32
        assert header["alg"] == "PS256"

    def test_by_a_user(self, server: FakeServer, env: Environment) -> None:
        env.passwords = {USER["username"]: USER["password"]}
        form = asked(server, **USER)
        assert form == {
            "grant_type": "password",
            "client_id": signin.USERS_CLIENT,
            "username": "leads@contoso.onmicrosoft.com",
            "password": "sesame öffne dich",
            "scope": "https://contoso.crm4.dynamics.com/.default",
        }
        assert server.requests[0].path == "/organizations/oauth2/v2.0/token"

    @pytest.mark.parametrize(
        ("instance", "login"),
        [
            ("https://contoso.crm.dynamics.com", "login.microsoftonline.com"),
            ("https://contoso.crm9.dynamics.com", "login.microsoftonline.com"),
            ("https://contoso.crm21.dynamics.com", "login.microsoftonline.com"),
            ("https://contoso.crm.microsoftdynamics.us", "login.microsoftonline.us"),
            ("https://contoso.crm.appsplatform.us", "login.microsoftonline.us"),
            ("https://contoso.crm.dynamics.cn", "login.partner.microsoftonline.cn"),
        ],
    )
    @pytest.mark.parametrize("way", WAYS)
    def test_in_the_cloud_of_the_instance(
        self, way: dict[str, Any], instance: str, login: str, server: FakeServer
    ) -> None:
        assert isinstance(deliver_one(instance_url=instance, **way), Receipt)
        hosts = [sent.headers["host"] for sent in server.requests]
        assert hosts[0] == login
        assert {*hosts[1:]} == {instance.removeprefix("https://")}

    @pytest.mark.parametrize("way", WAYS)
    def test_once_for_many_leads(self, way: dict[str, Any], env: Environment) -> None:
        for number in range(5):
            assert isinstance(deliver_one(lead(number), **way), Receipt)
        assert env.sign_ins == 1

    def test_one_certificate_is_not_taken_for_another(self, env: Environment) -> None:
        deliver_one(**CERTIFIED)
        deliver_one(lead(1), **CERTIFIED)
        assert env.sign_ins == 1
        deliver_one(lead(2), **CERTIFIED | {"application_id": STORED["directory_id"]})
        assert env.sign_ins == 2

    def test_a_certificate_that_cannot_be_read_asks_nobody(self, server: FakeServer) -> None:
        result = deliver_one(**CERTIFIED | {"certificate": "-----BEGIN nothing"})
        assert isinstance(result, Misconfigured)
        assert result.sentence == "The certificate must come with its private key, in the same PEM text."
        assert not server.requests


class TestARefusedToken:
    def test_is_renewed_once_and_the_lead_lands(self, env: Environment) -> None:
        deliver_one(lead(1))
        env.tokens.clear()
        assert isinstance(deliver_one(), Receipt)
        assert env.sign_ins == 2

    def test_for_good_holds_and_says_so(self, env: Environment) -> None:
        deliver_one(lead(1))
        env.faults.extend([Fault(401, "")] * 9)
        result = deliver_one()
        assert isinstance(result, Misconfigured)
        assert (result.cause, result.status) == ("sign-in", 401)
        assert env.sign_ins == 2


DOCUMENTED = [
    (
        ". Check the Dynamics CRM account settings. LastCRMError: Unable to sign in to Dynamics CRM, LastCRMException:",
        "Entra ID refused the user name or the password.",
        "licence",
    ),
    (
        " using AAD. Exception:: Tenant not found. This may happen if there are no active subscriptions for the tenant",
        "Entra ID knows no directory of this id.",
        "directory (tenant) ID",
    ),
    (
        " using AAD. Exception:: Application with identifier was not found in the directory",
        "Entra ID does not find the application in this directory.",
        "application (client) ID",
    ),
    (
        " using AAD. Exception:: Requested tenant identifier is not valid and not valid external domain format",
        "Entra ID cannot read the directory ID.",
        "36 characters",
    ),
    (
        " using AAD. Exception:: Error validating credentials.: Invalid client secret is provided.",
        "Entra ID refused the client secret.",
        "new client secret",
    ),
]
"""What follows "Could not save the lead to Dynamics CRM"."""


class TestTheEightDocumentedErrors:
    """Five are Entra ID's, two are the environment's, one is that of an address where nobody answers."""

    @pytest.mark.parametrize(("text", "sentence", "fix"), DOCUMENTED)
    def test_of_the_sign_in(self, text: str, sentence: str, fix: str, server: FakeServer) -> None:
        server.queue.append(
            behaviours.answer(
                400, {"error": "invalid_request", "error_description": f"Could not save the lead to Dynamics CRM{text}"}
            )
        )
        result = deliver_one()
        assert type(result) is Misconfigured
        assert (result.sentence, result.cause) == (sentence, "sign-in")
        assert fix in result.fix

    @pytest.mark.parametrize(
        ("text", "sentence"),
        [
            (
                "User does not have create permissions for the leadsourcecode attribute in the lead entity",
                "Dynamics 365 does not let the application user write a column (leadsourcecode).",
            ),
            (
                "SecLib::RetrievePrivilegeForUser failed - no roles are assigned to user.",
                "Dynamics 365 has given the application user no security role.",
            ),
        ],
    )
    @pytest.mark.parametrize("code", ["", "0x80040220", "0x80041111"])
    def test_of_the_security_role(self, code: str, text: str, sentence: str, env: Environment) -> None:
        env.refusals[LEAD.email] = [Fault(403, code, text)]
        result = deliver_one()
        assert type(result) is Misconfigured
        assert result.sentence == sentence
        assert "security role with Create, Read and Write on Lead" in result.fix

    def test_of_an_address_where_nobody_answers(self, server: FakeServer) -> None:
        server.queue.extend([server.always, server.always, behaviours.close])
        checks = climbed()
        assert checks[-1].passed is False
        assert checks[-1].sentence == "contoso.crm4.dynamics.com broke off the connection before it answered."
        assert checks[-1].fix

    def test_of_an_address_that_the_directory_does_not_know(self, env: Environment) -> None:
        env.instances = {"other.crm4.dynamics.com"}
        result = deliver_one()
        assert type(result) is Misconfigured
        assert result.sentence == "Entra ID does not know the instance address in this directory (AADSTS500011)."
        assert "address with the one you work at" in result.fix


class TestARefusal:
    @pytest.mark.parametrize("number", entra.REFUSALS)
    def test_says_what_to_mend(self, number: int, server: FakeServer) -> None:
        problem = refused(server, number, status=401)
        sentence, fix = entra.REFUSALS[number]
        assert type(problem) is Misconfigured
        assert problem.sentence == f"Entra ID {sentence.removesuffix('.')} (AADSTS{number})."
        assert (problem.fix, problem.cause) == (fix, "sign-in")
        assert f"AADSTS{number}" in problem.answer

    @pytest.mark.parametrize("status", [200, 400, 401, 403, 404])
    def test_of_tomorrow_is_shown_as_it_came(self, status: int, server: FakeServer) -> None:
        problem = refused(server, 9_999_999, "Something else", status)
        assert type(problem) is Misconfigured
        assert problem.sentence == "Entra ID refused the sign-in (AADSTS9999999)."
        assert problem.fix == entra.UNKNOWN.fix

    @pytest.mark.parametrize("number", sorted(entra.PASSING))
    def test_that_is_a_fault_of_entra_id_passes(self, number: int, server: FakeServer) -> None:
        assert isinstance(refused(server, number), Unavailable)

    @pytest.mark.parametrize("status", [429, 500, 503])
    def test_of_a_service_that_is_away_is_not_the_publishers_fault(self, status: int, server: FakeServer) -> None:
        server.queue.append(behaviours.answer(status, "<html>", Retry_After="11"))
        result = deliver_one()
        assert type(result) is Unavailable
        assert result.retry_after == 11

    @pytest.mark.parametrize("way", WAYS)
    def test_shows_nothing_that_was_sent(self, way: dict[str, Any], server: FakeServer) -> None:
        server.queue.append(behaviours.echo(400))
        problem = deliver_one(**way)
        assert isinstance(problem, DeliveryError)
        sent = parse_qs(server.requests[0].body.decode())
        hidden = ["sesame", *sent.get("client_assertion", ())]
        assert not [each for each in hidden if each in problem.answer]

    @pytest.mark.parametrize(
        ("change", "sentence"),
        [
            (lambda env: env.directories.add("other"), "knows no directory of this id (AADSTS90002)."),
            (lambda env: env.applications.add("other"), "does not find the application in this directory"),
            (lambda env: setattr(env, "client_secret", "other"), "refused the client secret (AADSTS7000215)."),
        ],
    )
    def test_of_each_setting_names_it(self, change: Any, sentence: str, env: Environment) -> None:
        change(env)
        result = deliver_one()
        assert isinstance(result, Misconfigured)
        assert sentence in result.sentence
        assert env.sign_ins == 1

    def test_of_another_certificate_names_it(self, env: Environment) -> None:
        env.certificate = generate_private_key(65_537, 2_048).public_key()
        result = deliver_one(**CERTIFIED)
        assert isinstance(result, Misconfigured)
        assert result.sentence == "Entra ID refused the certificate (AADSTS700027)."

    def test_of_a_user_speaks_of_the_user(self, env: Environment) -> None:
        env.passwords = {USER["username"]: "another"}
        result = deliver_one(**USER)
        assert isinstance(result, Misconfigured)
        assert result.sentence == "Entra ID refused the user name or the password (AADSTS50126)."
