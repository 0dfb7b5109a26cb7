from __future__ import annotations

import re

import pytest
from django.contrib.auth.models import User
from django.test import Client

from leads import keys
from leads.models import ApiKey, Member, Publisher
from tests.factories import make_publisher

pytestmark = pytest.mark.django_db


def issue(client: Client, publisher: Publisher | None = None) -> tuple[str, str]:
    """Issue a key as the operator does; return the page that follows, and the key's text."""
    given = {"name": "Marketplace", "publisher": publisher.pk if publisher else ""}
    page = client.post("/admin/leads/apikey/add/", given).content.decode()
    found = re.search(r'readonly value="([^"]+)"', page)
    assert found
    return page, found[1]


def test_a_key_is_shown_once_and_works(admin_client: Client) -> None:
    page, text = issue(admin_client)
    key = keys.find(text)
    assert key is not None
    assert (key.name, key.publisher) == ("Marketplace", None)
    assert ApiKey.objects.count() == 1
    for address in ("/admin/leads/apikey/", f"/admin/leads/apikey/{key.pk}/change/", "/admin/"):
        shown = admin_client.get(address).content.decode()
        assert text not in shown
        assert key.digest not in shown
    assert key.digest not in page


def test_a_key_of_a_publisher_acts_for_it(admin_client: Client) -> None:
    publisher = make_publisher()
    page, text = issue(admin_client, publisher)
    key = keys.find(text)
    assert key is not None
    assert key.publisher == publisher
    assert "With it, a machine acts for Contoso." in page


def test_a_key_without_a_name_is_not_issued(admin_client: Client) -> None:
    page = admin_client.post("/admin/leads/apikey/add/", {"name": "", "publisher": ""}).content.decode()
    assert "This field is required." in page
    assert not ApiKey.objects.exists()


def test_a_revoked_key_is_no_longer_found(admin_client: Client) -> None:
    key, text = keys.issue("Old")
    chosen = {"action": "revoke", "_selected_action": str(key.pk), "index": "0"}
    page = admin_client.post("/admin/leads/apikey/", chosen, follow=True).content.decode()
    assert "Revoked" in page
    assert keys.find(text) is None
    key.refresh_from_db()
    first = key.revoked_at
    admin_client.post("/admin/leads/apikey/", chosen)
    key.refresh_from_db()
    assert key.revoked_at == first


def test_a_publisher_is_made_with_its_members(admin_client: Client) -> None:
    owner = User.objects.create_user("somebody")
    admin_client.post(
        "/admin/leads/publisher/add/",
        {
            "slug": "adatum", "name": "Adatum",
            "members-TOTAL_FORMS": "1", "members-INITIAL_FORMS": "0",
            "members-0-user": str(owner.pk), "members-0-role": "owner",
        },
    )  # fmt: skip
    member = Member.objects.get(user=owner)
    assert (member.publisher.slug, member.role) == ("adatum", "owner")


def test_the_id_of_a_publisher_stays_what_it_is(admin_client: Client) -> None:
    publisher = make_publisher()
    admin_client.post(
        f"/admin/leads/publisher/{publisher.pk}/change/",
        {"slug": "other", "name": "Contoso Ltd", "members-TOTAL_FORMS": "0", "members-INITIAL_FORMS": "0"},
    )
    publisher.refresh_from_db()
    assert (publisher.slug, publisher.name) == ("contoso", "Contoso Ltd")


def test_a_publisher_is_not_deleted(admin_client: Client) -> None:
    publisher = make_publisher()
    assert admin_client.post(f"/admin/leads/publisher/{publisher.pk}/delete/", {"post": "yes"}).status_code == 403
    assert Publisher.objects.exists()
