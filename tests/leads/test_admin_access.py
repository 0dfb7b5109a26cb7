from __future__ import annotations

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client

from leads import keys
from leads.models import Delivery, Destination, Export, Lead, Member, Offer, Replay
from tests.factories import make_destination, make_lead, make_member, make_offer
from tests.leads.told import make_notice

pytestmark = pytest.mark.django_db

LISTS = ["offer", "lead", "delivery", "destination", "publisher", "member", "apikey", "export", "notice", "replay"]
PAGES = ["", *[f"leads/{name}/" for name in LISTS], *[f"leads/{name}/{{{name}}}/change/" for name in LISTS]]
PAGES += ["leads/offer/{offer}/funnel/", "leads/publisher/add/", "leads/member/add/", "leads/apikey/add/"]
PAGES += ["auth/user/", "auth/group/"]


@pytest.fixture
def addresses() -> dict[str, object]:
    """Make one row of everything; answer the key of each."""
    owner = make_member("owner")
    offer = make_offer(routes=(make_destination(),))
    make_lead(offer)
    key, _ = keys.issue("A key", offer.publisher)
    return {
        "offer": offer.pk,
        "lead": Lead.objects.get().pk,
        "delivery": Delivery.objects.get().pk,
        "destination": Destination.objects.get().pk,
        "publisher": offer.publisher_id,
        "member": Member.objects.get(user=owner).pk,
        "apikey": key.pk,
        "notice": make_notice().pk,
        "replay": Replay.objects.create(started_by=owner, total=1).pk,
        "export": Export.objects.create(made_by=owner, filters={"kind": "live"}, rows=1).pk,
    }


@pytest.mark.parametrize("page", PAGES)
def test_the_operator_opens_every_page(admin_client: Client, addresses: dict[str, object], page: str) -> None:
    answer = admin_client.get("/admin/" + page.format(**addresses))
    assert answer.status_code == 200
    text = answer.content.decode()
    assert " style=" not in text
    assert "<style" not in text


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("who", ["anonymous", "owner"])
def test_nobody_else_does(client: Client, addresses: dict[str, object], page: str, who: str) -> None:
    if who == "owner":
        client.force_login(User.objects.get(username="owner-contoso"))
    answer = client.get("/admin/" + page.format(**addresses))
    assert answer.status_code == 302
    assert answer["Location"].startswith("/admin/login/")


@pytest.mark.parametrize("page", PAGES[1:])
def test_staff_without_permission_is_refused(client: Client, addresses: dict[str, object], page: str) -> None:
    client.force_login(User.objects.create_user("clerk", is_staff=True))
    assert client.get("/admin/" + page.format(**addresses)).status_code in (403, 404)


def test_staff_who_may_look_at_deliveries_may_not_send_them_again(client: Client, addresses: dict[str, object]) -> None:
    clerk = User.objects.create_user("clerk", is_staff=True)
    clerk.user_permissions.add(Permission.objects.get(codename="view_delivery"))
    client.force_login(clerk)
    page = client.get("/admin/leads/delivery/").content.decode()
    assert "Sales endpoint" in page
    assert "try_again" not in page
    answer = client.post(
        "/admin/leads/delivery/",
        {"action": "try_again", "_selected_action": addresses["delivery"], "confirmed": "yes", "index": "0"},
    )
    assert b"put in line" not in answer.content
    assert Delivery.objects.get().attempts == 0


@pytest.mark.parametrize("page", ["leads/offer/{offer}", "leads/lead/{lead}", "leads/delivery/{delivery}"])
@pytest.mark.parametrize("act", ["change", "delete"])
def test_records_are_never_changed_or_deleted(
    admin_client: Client, addresses: dict[str, object], page: str, act: str
) -> None:
    address = "/admin/" + page.format(**addresses) + f"/{act}/"
    assert admin_client.post(address, {"title": "Changed", "post": "yes"}).status_code == 403
    assert Offer.objects.get().title == "Contoso CRM"
    assert Lead.objects.count() == Delivery.objects.count() == 1
