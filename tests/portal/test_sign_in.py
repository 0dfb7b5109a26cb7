from __future__ import annotations

import pytest
from django.contrib.auth.models import User

from tests.factories import PASSWORD, make_member
from tests.portal.visitor import Visitor

pytestmark = pytest.mark.django_db


def test_a_member_signs_in_and_lands_on_the_overview() -> None:
    make_member()
    page = Visitor().sent_on("/sign-in/", username="owner-contoso", password=PASSWORD)
    assert "Contoso · owner" in page.text


def test_somebody_signed_out_is_asked_to_sign_in_and_led_back_to_where_they_were_going() -> None:
    make_member()
    visitor = Visitor()
    asked = visitor.see("/offers/")
    assert (asked.status, asked.leads_to) == (302, "/sign-in/?next=/offers/")
    assert 'name="next" value="/offers/"' in visitor.see(asked.leads_to).html
    signed_in = visitor.send("/sign-in/", username="owner-contoso", password=PASSWORD, next="/offers/")
    assert signed_in.leads_to == "/offers/"


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example/", "javascript:alert(1)"])
def test_nobody_is_led_to_another_site(elsewhere: str) -> None:
    make_member()
    signed_in = Visitor().send("/sign-in/", username="owner-contoso", password=PASSWORD, next=elsewhere)
    assert signed_in.leads_to == "/"


@pytest.mark.parametrize(("username", "password"), [("owner-contoso", "wrong"), ("nobody", PASSWORD)])
def test_a_wrong_name_and_a_wrong_password_get_one_answer(username: str, password: str) -> None:
    make_member()
    visitor = Visitor()
    page = visitor.send("/sign-in/", username=username, password=password)
    assert page.status == 200
    assert "This username and password do not belong together." in page.text
    assert f'value="{username}"' in page.html
    assert password not in page.html.replace(username, "")
    assert visitor.see("/").leads_to == "/sign-in/?next=/"


def test_an_empty_field_is_named() -> None:
    page = Visitor().send("/sign-in/", username="", password="")
    assert "Username must be filled in." in page.text
    assert "Password must be filled in." in page.text


def test_signing_out_takes_a_post() -> None:
    visitor = Visitor(make_member())
    assert visitor.see("/sign-out/").status == 405
    assert visitor.see("/").status == 200
    assert visitor.send("/sign-out/").leads_to == "/sign-in/"
    assert visitor.see("/").leads_to == "/sign-in/?next=/"


def test_a_form_without_its_token_changes_nothing_and_says_so() -> None:
    page = Visitor(enforce_csrf_checks=True).send("/sign-in/", username="owner-contoso", password=PASSWORD)
    assert page.status == 403
    assert "This form had grown old" in page.text


def test_somebody_signed_in_is_not_asked_again() -> None:
    assert Visitor(make_member()).see("/sign-in/").leads_to == "/"


def test_an_operator_is_led_to_the_admin_and_finds_no_publishers_pages() -> None:
    User.objects.create_superuser("operator", password=PASSWORD)
    visitor = Visitor()
    assert visitor.send("/sign-in/", username="operator", password=PASSWORD).leads_to == "/admin/"
    assert visitor.see("/").leads_to == "/admin/"
    lost = visitor.see("/offers/")
    assert lost.status == 404
    assert "There is nothing here" in lost.text
    assert lost.links()["Admin"] == "/admin/"


def test_a_part_of_a_page_that_asks_after_its_session_ended_reloads_the_page() -> None:
    answer = Visitor().see("/sign-in/?next=/offers/contoso.crm/steps/", **{"HX-Request": "true"})
    assert answer.headers["HX-Refresh"] == "true"
    assert "Password" not in answer.text


def test_pages_allow_nothing_inline() -> None:
    page = Visitor(make_member()).see("/")
    policy = page.headers["Content-Security-Policy"]
    assert "script-src 'self'" in policy
    assert "style-src 'self'" in policy
    assert "unsafe" not in policy
    assert "style=" not in page.html
    assert "<style" not in page.html
