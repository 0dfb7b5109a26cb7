"""The page that says what goes into which field of the target."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from connectors import registry, store
from connectors.base import TargetField
from connectors.errors import Unavailable
from leads.models import Destination
from tests.factories import make_destination, make_lead, make_member, make_offer, make_publisher
from tests.leads.scripted import Scripted
from tests.portal.visitor import Seen, Visitor

pytestmark = pytest.mark.django_db

FIELDS = [
    TargetField(name="Company", label="Company name", required=True, max_length=40),
    TargetField(name="Source__c", label="Source", kind="choice", choices=("Web", "Phone"), restricted=True),
]


@pytest.fixture
def owner() -> Visitor:
    return Visitor(make_member())


@pytest.fixture
def crm(monkeypatch: pytest.MonkeyPatch) -> Destination:
    """Connect a target that names its fields."""
    known = registry.all_connectors()
    monkeypatch.setattr(registry, "all_connectors", lambda: {**known, "scripted": Scripted})
    monkeypatch.setattr(store, "_away_until", 0.0)
    monkeypatch.setattr(Scripted, "fields", lambda _: FIELDS)
    return make_destination("CRM", connector="scripted")


def page_of(destination: Destination) -> str:
    return f"/destinations/{destination.pk}/mapping/"


def rows(page: Seen) -> list[tuple[str, str]]:
    """List the pairs that stand in the form."""
    found = [re.findall(rf'name="{name}" value="([^"]*)"', page.html) for name in ("field", "template")]
    return list(zip(*found, strict=True))


def stored(destination: Destination) -> dict[str, str]:
    mapping: dict[str, str] = Destination.objects.get(pk=destination.pk).mapping
    return mapping


def test_rows_are_saved_as_a_version_that_can_be_undone(owner: Visitor) -> None:
    destination = make_destination()
    saved = owner.sent_on(
        page_of(destination), field=["Campaign", "", "Region"], template=["{OfferTitle}", "", "EMEA"], save="yes"
    )
    assert "The mapping of Sales endpoint is saved." in saved.text
    assert stored(destination) == {"Campaign": "{OfferTitle}", "Region": "EMEA"}
    assert "Campaign {OfferTitle} Region EMEA" in saved.text
    assert "Mapping changed" in saved.text
    assert rows(owner.see(page_of(destination))) == [("Campaign", "{OfferTitle}"), ("Region", "EMEA"), ("", "")]
    owner.send(f"/destinations/{destination.pk}/versions/1/revert/")
    assert stored(destination) == {}


def test_rows_come_and_go_without_a_script_and_nothing_is_saved_by_it(owner: Visitor) -> None:
    destination = make_destination()
    typed = {"field": ["A", "B"], "template": ["1", "2"]}
    more = owner.send(page_of(destination), **typed, add="yes")
    assert rows(more) == [("A", "1"), ("B", "2"), ("", ""), ("", "")]
    assert "This is not saved yet." in more.text
    less = owner.send(page_of(destination), **typed, remove="0")
    assert rows(less) == [("B", "2"), ("", "")]
    assert stored(destination) == {}


def test_the_message_is_shown_as_it_would_be_before_it_is_saved(owner: Visitor) -> None:
    destination = make_destination()
    page = owner.send(page_of(destination), field="Campaign", template="Spring, {Company}", **{"try": "yes"})
    assert '"Campaign": "Spring, Example Company"' in page.text
    assert "webhook" not in page.text
    part = owner.client.post(
        page_of(destination),
        {"field": "Campaign", "template": "Autumn", "save": "yes"},  # a button that has the focus may be sent along
        headers={"HX-Request": "true"},
    ).content.decode()
    assert stored(destination) == {}
    assert "Autumn" in part
    assert part.strip().startswith('<div class="stack" id="mapped">')


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"field": ["Campaign"], "template": ["{Nobody}"]}, "{Nobody} is not a field of a lead"),
        ({"field": ["Email", "Email"], "template": ["a", "b"]}, "Email stands in two rows. Keep one."),
        ({"field": [""], "template": ["lost?"]}, "“lost?” has no target field"),
        ({"field": ["LeadId"], "template": ["7"]}, "LeadId is always sent and cannot be mapped"),
        ({"field": ["T"], "template": ["<b>{"]}, "T: braces must come in pairs"),
    ],
)
def test_what_cannot_be_gets_a_sentence_and_stays_as_it_was_typed(
    typed: dict[str, list[str]], sentence: str, owner: Visitor
) -> None:
    destination = make_destination()
    page = owner.send(page_of(destination), **typed, save="yes")
    assert page.status == 200
    assert sentence in page.text
    assert [field for field, _ in rows(page)] == [*typed["field"], ""]
    assert "<b>{" not in page.html
    assert stored(destination) == {}


def test_what_is_sent_without_a_mapping_is_shown(owner: Visitor) -> None:
    page = owner.see(page_of(make_destination()))
    assert "UserDetails.FirstName {FirstName} always" in page.text
    assert "read from" not in page.text


def test_a_target_that_names_its_fields_offers_them_and_their_values(owner: Visitor, crm: Destination) -> None:
    page = owner.send(page_of(crm), field=["Source__c"], template=["Web"], **{"try": "yes"})
    assert "2 fields, read from Scripted" in page.text
    assert "Source · choice · its own values only" in page.text
    assert '<option value="Company">Company name · text · required · up to 40 characters</option>' in page.html
    assert 'list="values-1"' in page.html
    assert '<option value="Phone"></option>' in page.html
    assert "Nothing goes into a field that Scripted requires: Company name (Company)." in page.text
    full = owner.send(page_of(crm), field=["Company"], template=["{Company}"], **{"try": "yes"})
    assert "requires" not in full.text


def test_what_the_target_would_refuse_is_not_saved(owner: Visitor, crm: Destination) -> None:
    owner.see(page_of(crm))
    page = owner.send(page_of(crm), field=["Source__c", "Fax"], template=["Letter", "7"], save="yes")
    assert "Fax is not a field that the target lets us write." in page.text
    assert "Source takes one of its own values only, and “Letter” is none: Web, Phone." in page.text
    assert stored(crm) == {}


def test_a_target_that_cannot_be_asked_stops_nobody(
    owner: Visitor, crm: Destination, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fields(_: Scripted) -> list[TargetField]:
        raise Unavailable("It is away.", cause="http-503", fix="Wait a little.")

    monkeypatch.setattr(Scripted, "fields", fields)
    page = owner.see(page_of(crm))
    assert "The fields of Scripted could not be read. It is away. Wait a little." in page.text
    owner.send(page_of(crm), field=["Typed__c"], template=["{Company}"], save="yes")
    assert stored(crm) == {"Typed__c": "{Company}"}
    monkeypatch.setattr(Scripted, "fields", lambda _: FIELDS)
    read = owner.sent_on(page_of(crm) + "refresh/")
    assert "2 fields were read from Scripted." in read.text
    assert "The target names no such field." in read.text


def test_the_way_there_is_a_step_of_the_set_up_and_a_link(owner: Visitor) -> None:
    destination = make_destination()
    page = owner.see(f"/destinations/{destination.pk}/")
    assert page.links()["Map"] == page.links()["See and change"] == page_of(destination)
    assert '<li class="now" aria-current="step">Map</li>' in owner.see(page_of(destination)).html
    assert owner.see(page_of(destination)).links()["Skip"] == f"/destinations/{destination.pk}/"
    make_lead(make_offer(routes=(destination,)))
    assert owner.see(page_of(destination)).links()["Cancel"] == f"/destinations/{destination.pk}/"


def test_only_who_builds_maps(crm: Destination) -> None:
    refresh, save = page_of(crm) + "refresh/", {"field": "A", "template": "1", "save": "yes"}
    visits: list[Callable[[Visitor], Seen]] = [
        lambda visitor: visitor.see(page_of(crm)),
        lambda visitor: visitor.send(page_of(crm), **save),
        lambda visitor: visitor.send(refresh),
    ]
    viewer = Visitor(make_member("viewer"))
    assert [visit(viewer).status for visit in visits] == [403, 403, 403]
    assert "mapping/" not in viewer.see(f"/destinations/{crm.pk}/").html
    fabrikam = Visitor(make_member(publisher=make_publisher("fabrikam")))
    assert [visit(fabrikam).status for visit in visits] == [404, 404, 404]
    assert all(visit(Visitor()).leads_to.startswith("/sign-in/?next=") for visit in visits)
    assert Visitor(make_member("developer")).see(refresh).status == 405
    assert stored(crm) == {}
