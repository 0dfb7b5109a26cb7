"""Whatever is typed or stored, no request goes to a host that is not the subscription's own."""

from __future__ import annotations

import re

import pytest

from connectors import registry
from connectors.errors import DeliveryError, Misconfigured
from connectors.fakes import FakeServer
from connectors.marketo import hosts
from connectors.marketo.forms import MarketoForm
from tests.connectors.leads import LEAD
from tests.connectors.marketo.acting import STORED, deliver_one

OURS = re.compile(r"[0-9]{3}-[a-z]{3}-[0-9]{3}\.mktorest\.com")
LINK = re.compile(r"https://app-[a-z0-9-]+\.marketo\.com/leadDatabase/loadLeadDetail\?leadId=[0-9]+")

HOSTILE = [
    "evil.example",
    "https://evil.example",
    "https://evil.example/123-ABC-456.mktorest.com",
    "https://evil.example/123-ABC-456.mktorest.com/rest",
    "https://evil.example?x=123-ABC-456.mktorest.com",
    "https://evil.example#123-ABC-456.mktorest.com",
    "https://123-ABC-456.mktorest.com@evil.example",
    "https://user:pass@123-ABC-456.mktorest.com",
    "https://123-ABC-456.mktorest.com:8443",
    "https://123-ABC-456.mktorest.com:443@evil.example/rest",
    "https://123-ABC-456.mktorest.com/rest/v1/leads.json",
    "https://123-ABC-456.mktorest.com/rest/../identity",
    "https://123-ABC-456.mktorest.com?x",
    "https://123-ABC-456.mktorest.com#x",
    "https://123-ABC-456.mktorest.com.evil.example",
    "https://123-ABC-456.mktorest.comevil.example",
    "https://123-ABC-456.mktorest.co",
    "https://123-ABC-456.mktorest.com.",
    "https://123-ABC-456.xmktorest.com",
    "https://123-ABC-456.marketo.com",
    "https://evil.mktorest.com",
    "https://x.123-ABC-456.mktorest.com",
    "http://123-ABC-456.mktorest.com",
    "ftp://123-ABC-456.mktorest.com",
    "//123-ABC-456.mktorest.com",
    "//evil.example",
    "mktorest.com",
    ".mktorest.com",
    "123-ABC-456.evil.example",
    "123-ABC-456/",
    "123-ABC-456//evil.example",
    "123-ABC-456@evil.example",
    "123-ABC-456:8443",
    "123-ABC-456?x",
    "123-ABC-456#x",
    "123-ABC-456\\",
    "123-ABC-456\\.evil.example",
    "123-ABC-456%2eevil.example",
    "123-ABC-456%00",
    "123-ABC-456%0d%0aHost:evil.example",
    "123-ABC-456\r\nHost: evil.example",
    "123-ABC-456\nevil.example",
    "123-ABC-456\x00",
    "123-ABC-456 evil.example",
    "123-ABC-456\t.x",
    "123-ABC-4567",
    "1234-ABC-456",
    "123-ABCD-456",
    "123-AB1-456",
    "12A-ABC-456",
    "123_ABC_456",
    "123ABC456",
    "123-ABC",
    "-ABC-456",
    "१२३-ABC-४५६",
    "123-\u0391\u0392\u0393-456",
    "123-ABC-\uff14\uff15\uff16",
    "123\u2010ABC\u2010456",
    "ⓐ123-ABC-456",
    "123-ABC-456\u200b",
    "\u202e123-ABC-456",
    "127.0.0.1",
    "[::1]",
    "169.254.169.254",
    "https://169.254.169.254/latest/meta-data/",
    "metadata.google.internal",
    "localhost",
    "localhost:8000",
    "2130706433",
    "0x7f.1",
    "*",
    "*.mktorest.com",
    "{{7*7}}",
    "$(id)",
    "' OR 1=1--",
    "javascript:alert(1)",
    "file:///etc/passwd",
    "../../etc/passwd",
    "a" * 90,
    "..",
    "/",
    "@",
    "-",
]

SERVERS = [
    "evil.example/",
    "evil.example",
    "ab12.evil.example",
    "ab12/../x",
    "ab12.marketo.com.evil.example",
    "ab12@evil.example",
    "ab12:8443",
    "ab12?x",
    "ab12#x",
    "ab12\\",
    "ab12\n",
    "ab12 x",
    "ab12\x00",
    "-ab12",
    "ab12-",
    "ab.12",
    "äb12",
    "//evil.example/app-ab12.marketo.com",
    "https://evil.example/app-ab12.marketo.com",
    "javascript:alert(1)",
    '"><script>',
    "127.0.0.1",
    "a" * 33,
]


def test_there_are_enough_of_them() -> None:
    assert len({*HOSTILE}) >= 60


@pytest.mark.parametrize("typed", HOSTILE)
class TestAMunchkinId:
    def test_that_is_typed_into_the_form_is_refused_or_taken_from_a_good_address(self, typed: str) -> None:
        form = MarketoForm(data={**STORED, "munchkin_id": typed})
        if form.is_valid():
            assert form.config()["munchkin_id"] == "123-ABC-456"
            assert typed.strip() == "123-ABC-456/"
        else:
            [sentence] = form.errors["munchkin_id"]
            assert str(sentence).startswith(("Munchkin ID must be", "Null characters"))

    def test_that_is_stored_past_the_form_reaches_nobody(self, typed: str, server: FakeServer) -> None:
        result = deliver_one(munchkin_id=typed)
        assert isinstance(result, Misconfigured)
        assert result.cause == "munchkin-id"
        assert server.requests == []

    def test_that_is_stored_past_the_form_passes_no_check_and_shows_no_request(
        self, typed: str, server: FakeServer
    ) -> None:
        with registry.connect("marketo", {**STORED, "munchkin_id": typed}) as connector:
            [check] = connector.checks()
            assert check.passed is False
            with pytest.raises(DeliveryError):
                connector.render(LEAD)
            with pytest.raises(DeliveryError):
                connector.fields()
        assert server.requests == []


@pytest.mark.parametrize("typed", SERVERS)
class TestAServerId:
    def test_that_is_typed_into_the_form_is_refused_or_cut_from_its_path(self, typed: str) -> None:
        form = MarketoForm(data={**STORED, "server_id": typed})
        if form.is_valid():
            assert form.config()["server_id"] == "ab12"
            assert typed.strip().partition("/")[0] == "ab12"
        else:
            assert form.errors["server_id"]

    def test_that_is_stored_past_the_form_makes_no_link_elsewhere(self, typed: str, server: FakeServer) -> None:
        result = deliver_one(server_id=typed)
        link = getattr(result, "remote_url", "")
        assert link == "" or LINK.fullmatch(link)
        assert {OURS.fullmatch(request.headers["host"]) is not None for request in server.requests} == {True}


@pytest.mark.parametrize(
    "typed",
    [
        "123-ABC-456",
        " 123-abc-456 ",
        "123-ABC-456.mktorest.com",
        "https://123-ABC-456.mktorest.com",
        "https://123-abc-456.mktorest.com/rest",
        "https://123-ABC-456.mktorest.com/rest/",
        "https://123-ABC-456.mktorest.com/identity",
    ],
)
def test_a_munchkin_id_is_taken_as_people_know_it(typed: str) -> None:
    assert hosts.munchkin_id(typed) == "123-ABC-456"


@pytest.mark.parametrize(
    "typed",
    [
        "ab12",
        "AB12",
        "app-ab12",
        "app-ab12.marketo.com",
        "//app-ab12.marketo.com",
        "https://app-ab12.marketo.com/#MM0A1",
    ],
)
def test_a_server_id_is_taken_as_people_know_it(typed: str) -> None:
    assert hosts.server_id(typed) == "ab12"


def test_every_request_goes_to_the_subscriptions_own_host(server: FakeServer) -> None:
    with registry.connect("marketo", STORED) as connector:
        list(connector.checks())
        connector.deliver([LEAD])
    assert {request.headers["host"] for request in server.requests} == {"123-abc-456.mktorest.com"}
