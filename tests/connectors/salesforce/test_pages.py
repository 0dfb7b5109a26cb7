"""What the pages show of Salesforce: its fields for mapping, its keys for choosing, its two ways in."""

from __future__ import annotations

import pytest
from redis import Redis

from connectors.salesforce.imitation.described import KEY
from leads.models import Destination
from tests.connectors.salesforce.acting import FORM, STORED
from tests.factories import make_destination, make_member
from tests.portal.visitor import Visitor

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("server")]


@pytest.fixture(autouse=True)
def _empty(redis: Redis) -> None:
    redis.flushall()


@pytest.fixture
def owner() -> Visitor:
    return Visitor(make_member())


def connected(**settings: object) -> Destination:
    return make_destination("Sales Cloud", connector="salesforce", config={**STORED, **settings})


def _forms() -> Destination:
    return make_destination("Forms", connector="salesforce", config=dict(FORM))


def test_fields_are_shown_with_their_length_and_a_value_that_is_none_is_refused(owner: Visitor) -> None:
    destination = connected()
    page = f"/destinations/{destination.pk}/mapping/"
    seen = owner.see(page)
    assert "22 fields, read from Salesforce just now." in seen.text
    assert "Marketplace Offer · text · up to 100 characters" in seen.html
    assert f'value="{KEY}"' not in seen.html
    refused = owner.send(page, field=["Nowhere__c", "Product_Interest__c"], template=["x", "Telephones"], save="yes")
    assert "Nowhere__c" in refused.text
    assert "Telephones" in refused.text
    destination.refresh_from_db()
    assert destination.mapping == {}
    owner.sent_on(page, field=["Product_Interest__c"], template=["CRM"], save="yes")
    destination.refresh_from_db()
    assert destination.mapping == {"Product_Interest__c": "CRM"}


def test_a_form_has_no_fields_to_list_and_takes_those_that_are_typed(owner: Visitor) -> None:
    destination = _forms()
    page = f"/destinations/{destination.pk}/mapping/"
    assert "read from Salesforce" not in owner.see(page).text
    assert "last_name" in owner.see(page).text
    owner.sent_on(page, field=["00N5g00000FIELD"], template=["{OfferId}"], save="yes")
    destination.refresh_from_db()
    assert destination.mapping == {"00N5g00000FIELD": "{OfferId}"}


def test_only_the_rest_api_promises_to_look_for_leads(owner: Visitor) -> None:
    for destination, promised in ((connected(), True), (_forms(), False)):
        assert destination.provable is promised
        assert ("every night" in owner.see(f"/destinations/{destination.pk}/").text.lower()) is promised


def test_the_settings_offer_the_keys_that_the_organization_has(owner: Visitor) -> None:
    destination = connected(external_id_field="")
    settings = f"/destinations/{destination.pk}/edit/"
    assert "<datalist" not in owner.see(settings).html
    owner.see(f"/destinations/{destination.pk}/mapping/")
    assert f'<option value="{KEY}">Marketplace Lead ID</option>' in owner.see(settings).html


def test_the_checks_to_come_are_those_of_the_way_in(owner: Visitor) -> None:
    rest = connected()
    form = make_destination("Forms", connector="salesforce", config=dict(FORM))
    assert "A trial write that leaves nothing" in owner.see(f"/destinations/{rest.pk}/").text
    assert "Posts left today" in owner.see(f"/destinations/{form.pk}/").text
    assert "trial write" not in owner.see(f"/destinations/{form.pk}/").text


def test_the_page_to_connect_names_every_setting_and_guides(owner: Visitor) -> None:
    seen = owner.see("/destinations/new/salesforce/")
    assert seen.status == 200
    assert "Web-to-Lead (cannot confirm)" in seen.text
    assert "User name and password (old, being retired)" in seen.text
    assert "What we send" in seen.text
