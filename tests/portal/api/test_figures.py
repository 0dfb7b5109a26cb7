from __future__ import annotations

import random
from collections import Counter
from typing import Any

import pytest
from django.utils import timezone

from leads.models import Delivery, Destination
from leads.taxonomy import MEANINGS
from tests.factories import make_destination, make_lead, make_offer
from tests.portal.api.conftest import Caller, everything, lead, refusal

pytestmark = pytest.mark.django_db

STATES = ["delivered", "waiting", "held", "rejected", "uncertain", "gave_up", "withheld", "kept"]
NOTHING = dict.fromkeys([*STATES, "received"], 0) | {"adds_up": True}
WORDS = ["test drive", "initial interest", "active"]


def counted(leads: list[dict[str, Any]]) -> dict[str, Any]:
    """Count a funnel the slow way, from what the API lists."""
    reached: dict[str, set[int]] = {word: set() for word in WORDS}
    leads = [item for item in leads if item["Stage"]]
    for item in leads:
        reached[item["Stage"]].add(item["CustomerId"])
    drive, interest, active = (reached[word] for word in WORDS)
    number = Counter(item["Stage"] for item in leads)
    everybody = {item["CustomerId"] for item in leads}
    came = [set(), interest & drive, active & interest]
    entered = [drive, interest - drive, active - interest - drive]
    shares = [None, _part(interest & drive, drive), _part(active & interest, interest)]
    return {
        "customers": len(everybody),
        "leads": len(leads),
        "conversion": _part(active, everybody),
        "stages": [
            {
                "stage": word,
                "customers": len(reached[word]),
                "leads": number[word],
                "entered": len(entered[place]),
                "came": len(came[place]),
                "share": shares[place],
            }
            for place, word in enumerate(WORDS)
        ],
    }


def _part(some: set[int], whole: set[int]) -> float | None:
    return len(some) / len(whole) if whole else None


@pytest.fixture
def history(marketplace: Caller, contoso: Caller) -> None:
    """Send random leads about two offers, the first live throughout, the second a preview."""
    chance = random.Random(4711)
    make_offer(routes=(make_destination(),))
    make_offer("next", status="preview")
    acts = list(MEANINGS)
    for _ in range(120):
        source, action = chance.choice(acts)
        email = f"{'Aa'[chance.randrange(2)]}da{chance.randrange(25)}@example.com"
        offer = chance.choice(["contoso.crm", "contoso.crm", "contoso.next"])
        user = {"Email": email, "Country": chance.choice(["NO", "SE"])}
        sent = lead(OfferId=offer, LeadSource=source, ActionCode=action, user=user)
        assert marketplace.post("leads", sent).status_code == 202
    contoso.post(f"destinations/{Destination.objects.get().pk}/test-lead")


@pytest.mark.usefixtures("history")
@pytest.mark.parametrize(
    "narrowed", [{}, {"storefront": "appsource"}, {"storefront": "azure_marketplace"}, {"country": "NO"}]
)
def test_the_funnel_equals_what_is_counted_from_the_leads(contoso: Caller, narrowed: dict[str, Any]) -> None:
    funnel = contoso.get("funnel", offer="contoso.crm", **narrowed).json()
    leads = everything(contoso, "leads", offer="contoso.crm", kind="live", **narrowed)
    assert funnel["leads"] > 10
    tests = len(everything(contoso, "leads", offer="contoso.crm", kind="test", **narrowed))
    assert funnel == counted(leads) | {"offer": "contoso.crm", "preview_leads": 0, "test_leads": tests}


@pytest.mark.usefixtures("history")
def test_the_funnel_of_a_period_equals_what_is_counted_from_its_leads(contoso: Caller) -> None:
    moments = sorted(item["ReceivedAt"] for item in everything(contoso, "leads", offer="contoso.crm"))
    period = {"since": moments[len(moments) // 4], "until": moments[len(moments) // 2]}
    funnel = contoso.get("funnel", offer="contoso.crm", **period).json()
    leads = everything(contoso, "leads", offer="contoso.crm", kind="live", **period)
    assert 0 < funnel["leads"] < len(moments)
    assert funnel["stages"] == counted(leads)["stages"]


@pytest.mark.usefixtures("history")
def test_previews_and_tests_are_counted_apart(contoso: Caller) -> None:
    funnel = contoso.get("funnel", offer="contoso.next").json()
    assert (funnel["leads"], funnel["customers"], funnel["conversion"]) == (0, 0, None)
    assert funnel["preview_leads"] == len(everything(contoso, "leads", offer="contoso.next", kind="preview")) > 0
    assert contoso.get("funnel", offer="contoso.crm").json()["test_leads"] == 1


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({}, "offer"),
        ({"offer": "contoso.crm", "storefront": "x"}, "storefront"),
        ({"offer": "contoso.crm", "q": 1}, "q"),
    ],
)
def test_a_funnel_that_makes_no_sense_is_refused(contoso: Caller, asked: dict[str, Any], field: str) -> None:
    make_offer()
    assert refusal(contoso.get("funnel", **asked))[:2] == (422, [field])


@pytest.mark.usefixtures("history")
def test_the_funnel_of_another_publisher_is_not_found(fabrikam: Caller) -> None:
    assert refusal(fabrikam.get("funnel", offer="contoso.crm")).status == 404


def test_the_books_balance(contoso: Caller, fabrikam: Caller) -> None:
    destination = make_destination()
    offer, kept = make_offer(routes=(destination,)), make_offer("kept")
    for _ in range(3):
        make_lead(offer)
    make_lead(kept)
    make_lead(offer, consent=False)
    Delivery.objects.filter(pk=Delivery.objects.earliest("pk").pk).update(
        state="uncertain", finished_at="2025-01-01T00:00Z"
    )
    books = NOTHING | {"received": 5, "waiting": 2, "uncertain": 1, "withheld": 1, "kept": 1}
    of_all_time = dict.fromkeys(("balanced", "findings", "days", "preview", "test"))
    assert contoso.get("balance").json() == books | of_all_time
    assert fabrikam.get("balance").json() == NOTHING | of_all_time
    future = {"balanced": True, "findings": [], "days": [], "preview": NOTHING, "test": NOTHING}
    assert contoso.get("balance", since="2999-01-01").json() == NOTHING | future


@pytest.mark.usefixtures("history")
def test_the_books_of_a_period_equal_what_is_counted_from_its_leads(contoso: Caller) -> None:
    for offer in ({}, {"offer": "contoso.crm"}):
        books = contoso.get("balance", since="2020-01-01", **offer).json()
        assert books["received"] == sum(line["received"] for line in books["days"]) > 10
        for kind, sums in (("live", books), ("preview", books["preview"]), ("test", books["test"])):
            for state in STATES:
                asked = {"kind": kind, "state": state, "since": "2020-01-01"} | offer
                assert sums[state] == len(everything(contoso, "leads", **asked)), asked
        [line] = [line for line in books["days"] if line["offer"] == "contoso.crm"]
        assert line["received"] == len(everything(contoso, "leads", kind="live", offer="contoso.crm"))
        assert line["day"] == f"{timezone.now():%Y-%m-%d}"


def test_what_cannot_be_is_named(contoso: Caller) -> None:
    lost = make_lead(make_offer(routes=(make_destination(),)))
    Delivery.objects.all().delete()
    books = contoso.get("balance", since="2020-01-01").json()
    assert (books["received"], books["adds_up"], books["balanced"]) == (1, False, False)
    [finding] = books["findings"]
    assert (finding["name"], finding["count"], finding["leads"]) == ("delivery missing", 1, [str(lost.lead_id)])
    assert contoso.get("balance").json()["adds_up"] is False


@pytest.mark.usefixtures("history")
def test_another_publishers_offer_has_no_books(fabrikam: Caller) -> None:
    assert refusal(fabrikam.get("balance", offer="contoso.crm")).status == 404
