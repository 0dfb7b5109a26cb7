from __future__ import annotations

import csv
from collections.abc import Iterator
from io import StringIO
from typing import Any

import pytest

from leads import exports
from leads.models import Delivery, Destination, Export, Lead
from leads.taxonomy import Action, Source
from tests.factories import make_destination, make_lead, make_member, make_offer

pytestmark = pytest.mark.django_db


def rows_of(lines: Iterator[str]) -> list[dict[str, str]]:
    text = "".join(lines)
    assert text.startswith("\ufeff")
    return list(csv.DictReader(StringIO(text.removeprefix("\ufeff"), newline="")))


def exported(**filters: Any) -> list[dict[str, str]]:
    return rows_of(exports.export(Lead.objects.filter(**filters), by=None, filters={}))


def test_a_row_holds_all_that_is_known_of_a_lead() -> None:
    offer = make_offer(routes=(make_destination("Sales"),))
    received = make_lead(
        offer, "ada@example.com", first_name="Ada", last_name="Example", phone="1", country="US", company="Example",
        title="CTO", description="Call me", consent=True, extra={"mktcmpid": "1"},
    )  # fmt: skip
    [row] = exported()
    lead = Lead.objects.get()
    assert row == {
        "LeadId": str(received.lead_id),
        "ReceivedTime": lead.received_at.isoformat(timespec="seconds"),
        "Kind": "live",
        "Publisher": "contoso",
        "OfferId": "contoso.crm",
        "OfferTitle": "Contoso CRM",
        "Source": "AzureMarketplace",
        "Action": "INS",
        "Stage": "2",
        "Storefront": "azure_marketplace",
        "FirstName": "Ada",
        "LastName": "Example",
        "Email": "ada@example.com",
        "Phone": "1",
        "Country": "US",
        "Company": "Example",
        "Title": "CTO",
        "Description": "Call me",
        "Consent": "True",
        "DoNotContact": "False",
        "Extra": '{"mktcmpid": "1"}',
        "Deliveries": "Sales: waiting",
    }


def test_each_delivery_says_where_it_is_held_ones_included() -> None:
    held, well = make_destination("Broken"), make_destination("Well")
    make_lead(make_offer(routes=(held, well)))
    Destination.objects.filter(pk=held.pk).update(state="held", problem="Sign-in refused.")
    Delivery.objects.filter(destination=well).update(state="rejected", finished_at="2026-01-01T00:00Z")
    assert exported()[0]["Deliveries"] == "Broken: held; Well: rejected"


def test_who_must_not_be_contacted_is_marked_on_every_lead_of_theirs() -> None:
    offer = make_offer()
    make_lead(offer, "ada@example.com")
    make_lead(offer, "grace@example.com")
    make_lead(offer, "ada@example.com", source=Source.APPSOURCE, action=Action.DO_NOT_CONTACT)
    marked = [(row["Email"], row["DoNotContact"]) for row in exported()]
    assert sorted(marked) == [("ada@example.com", "True"), ("ada@example.com", "True"), ("grace@example.com", "False")]


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n"])
def test_no_cell_is_taken_for_a_formula(start: str) -> None:
    make_lead(make_offer(), company=f'{start}HYPERLINK("https://example.com")')
    text = "".join(exports.export(Lead.objects.all(), by=None, filters={}))
    [row] = csv.DictReader(StringIO(text.removeprefix("\ufeff"), newline=""))
    assert row["Company"] == f'\'{start}HYPERLINK("https://example.com")'


def test_letters_of_any_script_and_line_breaks_survive() -> None:
    make_lead(make_offer(), last_name="Ørsted 山田", description='He said "yes"\nand then, "no"')
    text = "".join(exports.export(Lead.objects.all(), by=None, filters={})).encode().decode("utf-8-sig")
    [row] = csv.DictReader(StringIO(text, newline=""))
    assert (row["LastName"], row["Description"]) == ("Ørsted 山田", 'He said "yes"\nand then, "no"')


def test_an_export_is_written_down_with_who_which_and_how_many() -> None:
    offer, user = make_offer(), make_member("marketing")
    for number in range(3):
        make_lead(offer, f"c{number}@example.com")
    lines = exports.export(Lead.objects.all(), by=user, filters={"offer": "contoso.crm"}, publisher=offer.publisher)
    made = Export.objects.get()
    assert (made.made_by, made.publisher, made.filters, made.rows) == (
        user,
        offer.publisher,
        {"offer": "contoso.crm"},
        None,
    )
    list(lines)
    made.refresh_from_db()
    assert made.rows == 3


def test_an_export_that_is_broken_off_says_how_far_it_came(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exports, "SENT", 2)
    offer = make_offer()
    for number in range(5):
        make_lead(offer, f"c{number}@example.com")
    file = exports.export(Lead.objects.order_by("id"), by=None, filters={})
    next(file), next(file), next(file)
    file.close()  # type: ignore[attr-defined] # a generator
    assert Export.objects.get().rows == 4
