"""Whatever is typed or answered, no request goes to a host that is not Salesforce's."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from connectors import behaviours, registry
from connectors.base import Receipt
from connectors.errors import DeliveryError, Misconfigured
from connectors.fakes import FakeServer
from connectors.salesforce import hosts
from connectors.salesforce.forms import SalesforceForm
from connectors.salesforce.imitation.organization import Organization
from tests.connectors.leads import LEAD
from tests.connectors.salesforce.acting import STORED, deliver_one

OURS = re.compile(r"(?:[a-z0-9-]+\.)+my\.salesforce\.(?:com|mil)|(?:login|test|webto)\.salesforce\.com")

HOSTILE = [
    "evil.example",
    "https://evil.example",
    "https://evil.example/.salesforce.com",
    "https://evil.example/contoso.my.salesforce.com",
    "https://evil.example?x=contoso.my.salesforce.com",
    "https://evil.example#contoso.my.salesforce.com",
    "evil.example/x?",
    "evil.example\\.my.salesforce.com",
    "evil.example%2f.my.salesforce.com",
    "evil.example%00.my.salesforce.com",
    "contoso.my.salesforce.com.evil.example",
    "contoso.my.salesforce.com@evil.example",
    "contoso.my.salesforce.com:443@evil.example",
    "user:pass@contoso.my.salesforce.com",
    "https://contoso.my.salesforce.com@evil.example/",
    "contoso.my.salesforce.com:8443",
    "contoso.my.salesforce.com:22",
    "contoso.my.salesforce.com/services",
    "contoso.my.salesforce.com/../..",
    "contoso.my.salesforce.com?x",
    "contoso.my.salesforce.com#x",
    "contoso.my.salesforce.com\r\nHost: evil.example",
    "contoso.my.salesforce.com\nevil.example",
    "contoso.my.salesforce.com evil.example",
    "contoso\x00.my.salesforce.com",
    "contoso\t.my.salesforce.com",
    "http://contoso.my.salesforce.com",
    "ftp://contoso.my.salesforce.com",
    "//evil.example",
    "///evil.example",
    "javascript:alert(1)",
    "file:///etc/passwd",
    "salesforce.com",
    "my.salesforce.com",
    ".my.salesforce.com",
    "-.my.salesforce.com",
    "-contoso.my.salesforce.com",
    "contoso-.my.salesforce.com",
    "contoso..my.salesforce.com",
    "a.b.my.salesforce.com",
    "contoso.evil.my.salesforce.com",
    "contosomy.salesforce.com",
    "contoso.my-salesforce.com",
    "contoso.my.salesforce.com.",
    "contoso.my.salesforce.co",
    "contoso.my.salesforce.community",
    "contoso.my.xsalesforce.com",
    "contoso.salesforce.com",
    "login.salesforce.com",
    "test.salesforce.com",
    "contoso.lightning.force.com",
    "contoso.my.salesforce-setup.com",
    "contoso.force.com",
    "127.0.0.1",
    "https://127.0.0.1/",
    "[::1]",
    "2130706433.my.example",
    "0x7f.1",
    "169.254.169.254",
    "https://169.254.169.254/latest/meta-data/",
    "metadata.google.internal",
    "localhost",
    "localhost:8000",
    "ⓒontoso.my.salesforce.com",
    "contoso。my。salesforce。com",
    "c\u043entoso.my.salesforce.com",
    "xn--",
    "*.my.salesforce.com",
    "{{7*7}}.my.salesforce.com",
    "$(id).my.salesforce.com",
    "' OR 1=1--",
    "a" * 64,
    "a" * 300 + ".my.salesforce.com",
    "..",
    "/",
    "@",
    "",
]
"""Of these a few are names that would be completed; none may lead anywhere else."""

RECORD_IDS = [
    "//evil.example/x",
    "https://evil.example/",
    "../../Account/0015g00000ABCDEAA2",
    "00Q5g00000ABCDE/../../Account/1",
    "00Q5g00000ABCDE?x=",
    "00Q5g00000ABCDE' OR Id != '",
    "00Q5g00000ABCDE\\",
    "00Q5g00000ABCDE\n",
    "00Q5g00000ABCDEAAA1",
    "00Q5g00000",
    "%2f%2fevil.example",
    "\uff10\uff10Q5g00000ABCDE",
    "me",
    ".",
    "",
]


def hosts_of(server: FakeServer) -> set[str]:
    return {sent.headers["host"] for sent in server.requests}


def test_there_are_enough_of_them() -> None:
    assert len({*HOSTILE}) >= 60


@pytest.mark.parametrize("typed", HOSTILE)
class TestWhatIsTyped:
    def test_into_the_form_is_refused_or_made_a_host_of_salesforces(self, typed: str) -> None:
        form = SalesforceForm(data={**STORED, "my_domain": typed})
        if form.is_valid():
            assert OURS.fullmatch(form.config()["my_domain"])
        else:
            [sentence] = form.errors["my_domain"]
            assert str(sentence).startswith(("My Domain ", "Null characters", "Ensure this value"))

    def test_and_stored_past_the_form_reaches_nobody(self, typed: str, server: FakeServer, org: Organization) -> None:
        with registry.connect("salesforce", {**STORED, "my_domain": typed}) as connector:
            [result] = connector.deliver([LEAD])
            [first, *_] = connector.checks()
        assert isinstance(result, DeliveryError)
        assert first.passed is False
        assert not [host for host in hosts_of(server) if not OURS.fullmatch(host)]

    def test_as_the_address_of_the_instance_gets_no_token(self, typed: str, server: FakeServer) -> None:
        answered = {"access_token": "sesame", "instance_url": typed or "https://"}
        server.queue.append(behaviours.answer(200, answered))
        result = deliver_one()
        assert not [host for host in hosts_of(server) if not OURS.fullmatch(host)]
        assert isinstance(result, Misconfigured)
        assert len(server.requests) == 1


@pytest.mark.parametrize("answered", [7, ["https://evil.example"], {"host": "evil.example"}, True])
def test_an_instance_that_is_no_text_is_none(answered: Any, server: FakeServer) -> None:
    server.queue.append(behaviours.answer(200, {"access_token": "sesame", "instance_url": answered}))
    result = deliver_one()
    assert isinstance(result, Misconfigured)
    assert result.cause == "instance-address"


@pytest.mark.parametrize("record_id", RECORD_IDS)
def test_no_record_id_leads_elsewhere(record_id: str, server: FakeServer) -> None:
    with registry.connect("salesforce", STORED) as connector:
        receipt = Receipt(remote_id=record_id)
        assert connector.read_back(receipt) == "unprovable"
        connector.remove(receipt)
    assert not server.requests


@pytest.mark.parametrize("record_id", [*RECORD_IDS, 7, None, ["00Q"]])
def test_no_answered_id_becomes_a_link(record_id: object, server: FakeServer, org: Organization) -> None:
    deliver_one()
    row = {"id": record_id, "success": True, "errors": [], "created": True}
    server.queue.append(behaviours.answer(200, f"[{json.dumps(row)}]"))
    result = deliver_one()
    assert isinstance(result, Receipt)
    assert (result.remote_id, result.remote_url) == ("", "")


@pytest.mark.parametrize("name", ["Lead/../../Account", "X__c/../../..", "//evil.example", "X__c?x", "X c", "Id"])
def test_a_field_name_is_refused_and_where_it_is_stored_is_quoted(
    name: str, server: FakeServer, org: Organization
) -> None:
    form = SalesforceForm(data={**STORED, "external_id_field": name})
    assert form.errors["external_id_field"] == [
        "External ID field must be the API name of a custom field, which ends with __c."
    ]
    deliver_one(external_id_field=name)
    sent = [request.path for request in server.requests if "/composite/" in request.path]
    assert {path.count("/") for path in sent} <= {"/services/data/v64.0/composite/sobjects/Lead/X__c".count("/")}
    assert not [host for host in hosts_of(server) if not OURS.fullmatch(host)]


@pytest.mark.parametrize(
    "typed", ["contoso", "Contoso", " contoso.my.salesforce.com ", "https://contoso.my.salesforce.com/"]
)
def test_a_my_domain_is_taken_as_people_know_it(typed: str) -> None:
    assert hosts.my_domain(typed) == "contoso.my.salesforce.com"


@pytest.mark.parametrize(
    "host",
    ["contoso--dev.sandbox.my.salesforce.com", "contoso-dev-ed.develop.my.salesforce.com", "army.my.salesforce.mil"],
)
def test_every_kind_of_my_domain_is_known(host: str) -> None:
    assert hosts.my_domain(host) == host
