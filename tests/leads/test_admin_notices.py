from __future__ import annotations

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.utils import timezone

from leads.models import Notice
from tests.leads.told import ADA, GRACE, make_notice

pytestmark = pytest.mark.django_db

LIST = "/admin/leads/notice/"


def resend(client: Client, notice: Notice) -> int:
    form = {"action": "resend", "_selected_action": [notice.pk], "index": 0}
    return client.post(LIST, form).status_code


def test_the_operator_sees_every_publishers_mails_and_what_became_of_them(admin_client: Client) -> None:
    make_notice(ADA)
    Notice.objects.update(sent_at=timezone.now())
    make_notice("mallory@fabrikam.example", "fabrikam")
    Notice.objects.filter(sent_at=None).update(refused_at=timezone.now(), problem="550 no such user")
    page = admin_client.get(LIST).content.decode()
    for words in (ADA, "mallory@fabrikam.example", "Contoso", "Fabrikam", "Sent", "Refused", "550 no such user"):
        assert words in page


@pytest.mark.parametrize(("state", "shown"), [("waiting", GRACE), ("sent", ADA), ("refused", "eve@contoso.example")])
def test_the_list_is_narrowed_by_state(admin_client: Client, state: str, shown: str) -> None:
    everybody = [ADA, GRACE, "eve@contoso.example"]
    for email in everybody:
        make_notice(email)
    Notice.objects.filter(recipient=ADA).update(sent_at=timezone.now())
    Notice.objects.filter(recipient="eve@contoso.example").update(refused_at=timezone.now())
    page = admin_client.get(LIST, {"state": state}).content.decode()
    assert [email for email in everybody if f'field-recipient">{email}' in page] == [shown]


def test_a_mail_is_shown_as_text(admin_client: Client) -> None:
    make_notice()
    Notice.objects.update(body="<script>alert(1)</script>")
    page = admin_client.get(f"{LIST}{Notice.objects.get().pk}/change/").content.decode()
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page


def test_the_operator_sends_again(admin_client: Client) -> None:
    notice = make_notice(ADA)
    Notice.objects.update(refused_at=timezone.now(), problem="550 no such user")
    assert resend(admin_client, notice) == 302
    assert sorted(each.state for each in Notice.objects.all()) == ["rejected", "waiting"]


def test_who_may_only_look_sends_nothing_again(client: Client) -> None:
    notice = make_notice(ADA)
    Notice.objects.update(sent_at=timezone.now())
    clerk = User.objects.create_user("clerk", is_staff=True)
    clerk.user_permissions.set(Permission.objects.filter(codename="view_notice"))
    client.force_login(clerk)
    assert ADA in client.get(LIST).content.decode()
    resend(client, notice)
    assert Notice.objects.count() == 1


@pytest.mark.parametrize("address", ["add/", "{pk}/delete/"])
def test_nobody_adds_or_deletes_mails(admin_client: Client, address: str) -> None:
    notice = make_notice(ADA)
    assert admin_client.get(LIST + address.format(pk=notice.pk)).status_code == 403
