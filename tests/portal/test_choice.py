"""Every kind of destination there is can be chosen, and its form stands beside its guide."""

from __future__ import annotations

import pytest

from connectors import registry
from tests.factories import make_member
from tests.portal.visitor import Visitor

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("slug", registry.all_connectors())
def test_every_kind_is_offered_and_leads_to_its_form(slug: str) -> None:
    owner, connector = Visitor(make_member()), registry.get(slug)
    page = owner.see("/destinations/new/")
    assert f'href="/destinations/new/{slug}/"' in page.html
    assert connector.label in page.text
    form = owner.see(f"/destinations/new/{slug}/")
    assert f"Connect {connector.label}" in form.text
    assert [name for name in connector.form_class.base_fields if f'name="{name}"' not in form.html] == []
    assert 'aria-label="Guide"' in form.html
