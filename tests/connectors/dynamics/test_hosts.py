"""Whatever is typed or answered, no request goes to a host that is not Microsoft's."""

from __future__ import annotations

import re

import pytest

from connectors import behaviours, registry
from connectors.base import Receipt
from connectors.dynamics import hosts
from connectors.dynamics.forms import DynamicsForm
from connectors.errors import DeliveryError, Misconfigured
from connectors.fakes import FakeServer
from tests.connectors.dynamics.acting import STORED, USER, deliver_one
from tests.connectors.leads import LEAD

OURS = re.compile(
    r"[a-z0-9-]+\.(?:crm[0-9]{0,2}\.dynamics\.com|crm\.microsoftdynamics\.us|crm\.appsplatform\.us|crm\.dynamics\.cn)"
    r"|login\.microsoftonline\.(?:com|us)|login\.partner\.microsoftonline\.cn"
)

HOSTILE = [
    "evil.example",
    "https://evil.example",
    "https://evil.example/.dynamics.com",
    "https://evil.example/contoso.crm4.dynamics.com",
    "https://evil.example?x=contoso.crm4.dynamics.com",
    "https://evil.example#contoso.crm4.dynamics.com",
    "evil.example/x?",
    "evil.example\\.crm4.dynamics.com",
    "evil.example%2f.crm4.dynamics.com",
    "evil.example%00.crm4.dynamics.com",
    "contoso.crm4.dynamics.com.evil.example",
    "contoso.crm4.dynamics.com@evil.example",
    "contoso.crm4.dynamics.com:443@evil.example",
    "user:pass@contoso.crm4.dynamics.com",
    "https://contoso.crm4.dynamics.com@evil.example/",
    "contoso.crm4.dynamics.com:8443",
    "contoso.crm4.dynamics.com:22",
    "contoso.crm4.dynamics.com/api",
    "contoso.crm4.dynamics.com/../..",
    "contoso.crm4.dynamics.com//evil.example",
    "contoso.crm4.dynamics.com?x",
    "contoso.crm4.dynamics.com#x",
    "contoso.crm4.dynamics.com\r\nHost: evil.example",
    "contoso.crm4.dynamics.com\nevil.example",
    "contoso.crm4.dynamics.com evil.example",
    "contoso\x00.crm4.dynamics.com",
    "contoso\t.crm4.dynamics.com",
    "http://contoso.crm4.dynamics.com",
    "https://https://contoso.crm4.dynamics.com",
    "ftp://contoso.crm4.dynamics.com",
    "//evil.example",
    "///evil.example",
    "javascript:alert(1)",
    "file:///etc/passwd",
    "dynamics.com",
    "crm4.dynamics.com",
    ".crm4.dynamics.com",
    "-.crm4.dynamics.com",
    "-contoso.crm4.dynamics.com",
    "contoso-.crm4.dynamics.com",
    "contoso..crm4.dynamics.com",
    "a.b.crm4.dynamics.com",
    "contoso.crm444.dynamics.com",
    "contoso.crmx.dynamics.com",
    "contoso.crm4.dynamics.com.",
    "contoso.crm4.dynamics.co",
    "contoso.crm4.dynamics.community",
    "contoso.crm4.xdynamics.com",
    "contoso.crm4.dynamics-com.example",
    "contoso.crm4-dynamics.com",
    "contoso.crm4.dynamics.us",
    "contoso.crm4.microsoftdynamics.us",
    "contoso.dynamics.com",
    "contoso.operations.dynamics.com",
    "login.microsoftonline.com",
    "contoso.crm4.dynamics.cn",
    "127.0.0.1",
    "https://127.0.0.1/",
    "[::1]",
    "2130706433.crm.example",
    "0x7f.1",
    "169.254.169.254",
    "https://169.254.169.254/metadata/instance",
    "metadata.google.internal",
    "localhost",
    "localhost:8000",
    "ⓒontoso.crm4.dynamics.com",
    "contoso。crm4。dynamics。com",
    "c\u043entoso.crm4.dynamics.com",
    "contoso.crm\u0664.dynamics.com",
    "contoso.crm4.dynam\u0131cs.com",
    "xn--",
    "*.crm4.dynamics.com",
    "{{7*7}}.crm4.dynamics.com",
    "$(id).crm4.dynamics.com",
    "' OR 1=1--",
    "a" * 64 + ".crm4.dynamics.com",
    "a" * 300 + ".crm4.dynamics.com",
    "..",
    "/",
    "@",
    "",
]
DIRECTORIES = [
    "common",
    "consumers",
    "organizations",
    "..",
    "../..",
    "../../evil.example",
    "//evil.example",
    "https://evil.example",
    "@evil.example",
    ":pass@evil.example",
    "a.b/../../x",
    "a.b/oauth2/v2.0/authorize?",
    "a.b?x=",
    "a.b#",
    "a.b%2f..%2f",
    "a.b\\..",
    "a.b\r\nHost: evil.example",
    "a.b\n",
    " a.b c",
    "a..b",
    ".a.b",
    "-a.b",
    "a.b.",
    "a_b.example",
    "c\u043entoso.onmicrosoft.com",
    "contoso。com",
    "\uff10b1c2d3e-4f50-4a61-8b72-93a4b5c6d7e8",
    "0b1c2d3e-4f50-4a61-8b72-93a4b5c6d7e8/..",
    "0b1c2d3e-4f50-4a61-8b72-93a4b5c6d7e8\n",
    "0b1c2d3e4f504a618b7293a4b5c6d7e8",
    "0g1c2d3e-4f50-4a61-8b72-93a4b5c6d7e8",
    "a" * 300 + ".example",
    "[::1]",
    "127.0.0.1:80",
    "${jndi:ldap://evil.example}",
    "' OR 1=1--",
    "\x00",
    "",
]
RECORD_IDS = [
    "//evil.example/x",
    "https://evil.example/",
    "../../systemusers(0b1c2d3e-4f50-4a61-8b72-93a4b5c6d7e8)",
    "0b1c2d3e-4f50-4a61-8b72-93a4b5c6d7e8)/..",
    "0b1c2d3e-4f50-4a61-8b72-93a4b5c6d7e8\n",
    "0b1c2d3e-4f50-4a61-8b72-93a4b5c6d7e",
    "emailaddress1='zoe@contoso.example'",
    "%2f%2fevil.example",
    "\uff10b1c2d3e-4f50-4a61-8b72-93a4b5c6d7e8",
    ".",
    "",
]


def hosts_of(server: FakeServer) -> set[str]:
    return {sent.headers["host"] for sent in server.requests}


def test_there_are_enough_of_them() -> None:
    assert len({*HOSTILE}) + len({*DIRECTORIES}) >= 120
    assert len({*HOSTILE}) >= 60


@pytest.mark.parametrize("typed", HOSTILE)
class TestAnAddress:
    def test_typed_into_the_form_is_refused(self, typed: str) -> None:
        form = DynamicsForm(data={**STORED, "instance_url": typed})
        assert not form.is_valid()
        [sentence] = form.errors["instance_url"]
        assert str(sentence).startswith(("The instance address ", "Instance address ", "Null characters"))

    @pytest.mark.parametrize("way", ["azure_ad", "office365"])
    def test_stored_past_the_form_reaches_nobody(self, typed: str, way: str, server: FakeServer) -> None:
        stored = {**STORED, **USER, "authentication": way, "instance_url": typed}
        with registry.connect("dynamics", stored) as connector:
            results = connector.deliver([LEAD, LEAD])
            [first, *_] = connector.checks()
            connector.render(LEAD)
            for ask in (connector.fields, lambda: connector.read_back(Receipt(remote_id=STORED["directory_id"]))):
                with pytest.raises(Misconfigured):
                    ask()
        assert all(isinstance(result, Misconfigured) for result in results)
        assert first.passed is False
        assert not server.requests


@pytest.mark.parametrize("typed", DIRECTORIES)
class TestADirectory:
    def test_typed_into_the_form_is_refused_or_made_a_domain(self, typed: str) -> None:
        form = DynamicsForm(data={**STORED, "directory_id": typed})
        if form.is_valid():
            assert re.fullmatch(r"[a-z0-9.-]+", form.config()["directory_id"])
        else:
            [sentence] = form.errors["directory_id"]
            assert str(sentence).startswith(("Directory ID ", "Null characters", "Ensure this value"))

    def test_stored_past_the_form_reaches_nobody(self, typed: str, server: FakeServer) -> None:
        result = deliver_one(directory_id=typed)
        if not hosts.is_directory(typed) and typed != "organizations":
            assert isinstance(result, Misconfigured)
            assert not server.requests
        assert not [host for host in hosts_of(server) if not OURS.fullmatch(host)]
        assert all(sent.path.count("/") == 4 for sent in server.requests if sent.headers["host"].startswith("login"))


@pytest.mark.parametrize("record_id", RECORD_IDS)
def test_no_record_id_leads_elsewhere(record_id: str, server: FakeServer) -> None:
    with registry.connect("dynamics", STORED) as connector:
        receipt = Receipt(remote_id=record_id)
        assert connector.read_back(receipt) == "unprovable"
        connector.remove(receipt)
    assert not server.requests


@pytest.mark.parametrize(
    "answered", ["https://evil.example/api/data/v9.2/leads(0b1c2d3e-4f50-4a61-8b72-93a4b5c6d7e8)", "//evil.example", ""]
)
def test_what_an_answer_names_becomes_no_link(answered: str, server: FakeServer) -> None:
    deliver_one()
    server.queue.append(behaviours.answer(204, OData_EntityId=answered, Location=answered))
    result = deliver_one()
    assert isinstance(result, Receipt)
    assert result.remote_url.startswith("https://contoso.crm4.dynamics.com/main.aspx?")


@pytest.mark.parametrize("said", ["7", "'); drop", "0b1c2d3e-4f50-4a61-8b72-93a4b5c6d7e8)/x", None, ["x"]])
def test_the_user_that_is_answered_goes_into_no_path_unless_it_is_an_id(said: object, server: FakeServer) -> None:
    server.queue.extend([server.always, behaviours.answer(200, {"UserId": said})])
    with registry.connect("dynamics", STORED) as connector:
        checks = list(connector.checks())
    assert checks[-1].passed is False
    assert len(server.requests) == 2


@pytest.mark.parametrize("redirected", ["https://evil.example/", "http://127.0.0.1/", "//evil.example"])
def test_no_redirect_is_followed(redirected: str, server: FakeServer) -> None:
    deliver_one()
    server.queue.append(behaviours.answer(302, Location=redirected))
    result = deliver_one()
    assert isinstance(result, DeliveryError)
    assert result.cause == "redirect"
    assert not [host for host in hosts_of(server) if not OURS.fullmatch(host)]


@pytest.mark.parametrize(
    "typed",
    [
        "contoso.crm4.dynamics.com",
        "Contoso.CRM4.Dynamics.com",
        " https://contoso.crm4.dynamics.com/ ",
        "https://contoso.api.crm4.dynamics.com",
    ],
)
def test_an_address_is_taken_as_people_know_it(typed: str) -> None:
    assert hosts.instance_url(typed) == "https://contoso.crm4.dynamics.com"


def test_the_address_of_a_page_is_answered_with_the_part_to_enter() -> None:
    with pytest.raises(ValueError, match=r"must end after the host: https://contoso\.crm\.dynamics\.com\."):
        hosts.instance_url("https://contoso.crm.dynamics.com/main.aspx?appid=7#x")
