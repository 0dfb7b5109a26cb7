"""Pages: notifications."""

from __future__ import annotations

from typing import NamedTuple

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path
from django.views.decorators.http import require_http_methods, require_POST

from leads.models import Contact, Notice
from leads.notify import contacts
from portal.access import Access, of_request
from portal.forms.notifications import ContactsForm, WishesForm
from portal.views.lists import turn

form_methods = require_http_methods(["GET", "HEAD", "POST"])


class Row(NamedTuple):
    """A contact, what they are told of in words, and the last mail they got or were to get."""

    contact: Contact
    wishes: list[str]
    last: Notice | None


@login_required
@form_methods
def notifications(request: HttpRequest) -> HttpResponse:
    """Show who is told of what and what they were told; add to them."""
    access = of_request(request)
    form = ContactsForm(_sent(request, access), known=access.contacts)
    if form.is_valid():
        emails = form.cleaned_data["emails"]
        contacts.add(access.publisher, emails, form.wishes())
        messages.success(request, f"{' and '.join(emails)} will be told from now on.")
        return redirect("notifications")
    context = {"access": access, "form": form, "rows": _rows(access), "page": turn(request, access.notices, ["id"])}
    return render(request, "notifications/notifications.html", context)


@login_required
@form_methods
def contact(request: HttpRequest, pk: int) -> HttpResponse:
    """Change what somebody is told of."""
    access = of_request(request)
    access.must_build()
    found = get_object_or_404(access.contacts, pk=pk)
    form = WishesForm(_sent(request, access), initial={name: getattr(found, name) for name in WishesForm.base_fields})
    if form.is_valid():
        contacts.change(found, form.wishes())
        messages.success(request, f"Saved. {found.email} is told so from now on.")
        return redirect("notifications")
    return render(request, "notifications/contact.html", {"access": access, "contact": found, "form": form})


@login_required
@require_POST
def test(request: HttpRequest, pk: int) -> HttpResponse:
    """Send a test mail."""
    access = of_request(request)
    access.must_build()
    found = get_object_or_404(access.contacts, pk=pk)
    contacts.test(found)
    messages.success(
        request, f"A test mail to {found.email} is on its way. What became of it stands below in a moment."
    )
    return redirect("notifications")


@login_required
@require_POST
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Tell somebody nothing any more."""
    access = of_request(request)
    access.must_build()
    found = get_object_or_404(access.contacts, pk=pk)
    contacts.remove(found)
    messages.success(request, f"{found.email} is told nothing any more.")
    return redirect("notifications")


def _sent(request: HttpRequest, access: Access) -> QueryDict | None:
    if request.method != "POST":
        return None
    access.must_build()
    return request.POST


def _rows(access: Access) -> list[Row]:
    latest = access.notices.order_by("recipient", "-id").distinct("recipient")
    last = {notice.recipient: notice for notice in latest.defer("body")}
    return [Row(each, _words(each), last.get(each.email)) for each in access.contacts.order_by("email")]


def _words(told: Contact) -> list[str]:
    leads = "New leads, by name" if told.personal_data else "New leads"
    words = {"Problems": told.problems, "Daily digest": told.digest, leads: told.new_leads}
    return [word for word, wanted in words.items() if wanted]


urlpatterns: list[URLPattern] = [
    path("", notifications, name="notifications"),
    path("<int:pk>/", contact, name="contact"),
    path("<int:pk>/test/", test, name="contact-test"),
    path("<int:pk>/remove/", remove, name="contact-remove"),
]
