from __future__ import annotations

import pytest
from django.contrib.auth.models import User

from tests.factories import PASSWORD, make_member
from tests.portal.visitor import Visitor

pytestmark = pytest.mark.django_db

NEW = "many horses, one battery"


@pytest.fixture
def owner() -> User:
    return make_member()


def change(visitor: Visitor, old: str = PASSWORD, new: str = NEW, again: str = NEW) -> str:
    return visitor.send("/password/", old_password=old, new_password1=new, new_password2=again).text


def test_a_password_is_changed_and_other_sessions_end(owner: User) -> None:
    here, elsewhere = Visitor(owner), Visitor(owner)
    assert here.see("/").links()["Contoso · owner"] == "/password/"
    page = here.sent_on("/password/", old_password=PASSWORD, new_password1=NEW, new_password2=NEW)
    assert "Your password is changed." in page.text
    assert here.see("/").status == 200
    assert elsewhere.see("/").leads_to == "/sign-in/?next=/"
    owner.refresh_from_db()
    assert owner.check_password(NEW)


@pytest.mark.parametrize(
    ("old", "new", "again", "sentence"),
    [
        ("wrong", NEW, NEW, "This is not your present password."),
        (PASSWORD, NEW, "another", "This is not the same as the new password above."),
        (PASSWORD, "short", "short", "It must contain at least 12 characters."),
        (PASSWORD, "owner-contoso", "owner-contoso", "too similar to the username"),
        (PASSWORD, "", "", "New password must be filled in."),
    ],
)
def test_a_password_that_cannot_be_gets_a_sentence(owner: User, old: str, new: str, again: str, sentence: str) -> None:
    assert sentence in change(Visitor(owner), old, new, again)
    owner.refresh_from_db()
    assert owner.check_password(PASSWORD)


def test_no_password_comes_back_to_the_page(owner: User) -> None:
    page = Visitor(owner).send("/password/", old_password="wrong-one", new_password1=NEW, new_password2=NEW)
    assert "wrong-one" not in page.html
    assert NEW not in page.html


def test_who_is_not_signed_in_is_asked_to() -> None:
    assert Visitor().see("/password/").leads_to == "/sign-in/?next=/password/"
