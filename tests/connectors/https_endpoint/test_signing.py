"""The signature, verified by the library that receivers use."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from connectors.https_endpoint import signing
from connectors.https_endpoint.config import EndpointConfig
from connectors.https_endpoint.connector import HttpsEndpoint

BODY = '{"LeadId":"ü"}'.encode()


@pytest.fixture
def now() -> datetime:
    """Tell the time of the test: the library takes no message older than five minutes."""
    return datetime.now(UTC)


def test_reference_vector() -> None:
    moment = datetime(2026, 11, 22, 7, tzinfo=UTC)
    headers = signing.headers("msg_1", moment, b"{}", ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"])
    assert headers == {
        "webhook-id": "msg_1",
        "webhook-timestamp": "1795330800",
        "webhook-signature": "v1,h98fBCYTgavfwukNyeUKV9y2wJoJwrj3R559CSdhYjo=",
    }


def test_library_verifies(now: datetime) -> None:
    secret = signing.new_secret()
    headers = signing.headers("lead-7", now, BODY, [secret])
    assert Webhook(secret).verify(BODY, headers) == {"LeadId": "ü"}


@pytest.mark.parametrize(
    ("body", "changed"), [(b"{}", {}), (BODY, {"webhook-id": "lead-8"}), (BODY, {"webhook-timestamp": "1"})]
)
def test_library_refuses_what_was_changed(body: bytes, changed: dict[str, str], now: datetime) -> None:
    secret = signing.new_secret()
    headers = signing.headers("lead-7", now, BODY, [secret])
    with pytest.raises(WebhookVerificationError):
        Webhook(secret).verify(body, headers | changed)


def test_secret_is_32_random_bytes() -> None:
    secrets = {signing.new_secret() for _ in range(50)}
    assert len(secrets) == 50
    assert all(secret.startswith("whsec_") and len(secret) == 50 for secret in secrets)


def test_old_and_new_secret_sign_for_a_day_after_a_rotation(now: datetime) -> None:
    issued = HttpsEndpoint.issue()
    rotated = issued | HttpsEndpoint.rotate(issued, now)
    assert rotated["signing_secret"] != issued["signing_secret"]
    config = EndpointConfig.load(rotated)
    during = signing.headers(
        "lead-7", now, BODY, config.signing_secrets(now + HttpsEndpoint.overlap - timedelta(seconds=1))
    )
    after = signing.headers("lead-7", now, BODY, config.signing_secrets(now + HttpsEndpoint.overlap))
    assert Webhook(issued["signing_secret"]).verify(BODY, during)
    assert Webhook(rotated["signing_secret"]).verify(BODY, during)
    assert Webhook(rotated["signing_secret"]).verify(BODY, after)
    with pytest.raises(WebhookVerificationError):
        Webhook(issued["signing_secret"]).verify(BODY, after)


def test_second_rotation_ends_the_first_secret(now: datetime) -> None:
    first = HttpsEndpoint.issue()
    second = first | HttpsEndpoint.rotate(first, now)
    third = second | HttpsEndpoint.rotate(second, now)
    assert EndpointConfig.load(third).signing_secrets(now) == [third["signing_secret"], second["signing_secret"]]
    assert (
        HttpsEndpoint.issue().keys() | HttpsEndpoint.rotate(first, now).keys()
        <= EndpointConfig.__dataclass_fields__.keys()
    )
