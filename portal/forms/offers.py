"""Forms: offers."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet

from leads.models import Destination, Offer, Publisher
from leads.taxonomy import Storefront


class DestinationsField(forms.ModelMultipleChoiceField):  # type: ignore[type-arg] # generic in the stubs only
    """Any number of a publisher's destinations, none included."""

    def label_from_instance(self, obj: Destination) -> str:
        well = obj.state == Destination.State.ACTIVE
        return f"{obj.name} ({obj.connector_class.label}{'' if well else f', {obj.get_state_display().lower()}'})"


class OfferForm(forms.Form):
    """What may change about an offer at any time."""

    title = forms.CharField(
        max_length=200,
        help_text="What customers read on the storefront. At most 200 characters.",
        error_messages={
            "required": "Title must be filled in: it is what customers read.",
            "max_length": "Title must be at most 200 characters.",
        },
    )
    summary = forms.CharField(
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="One or two sentences under the title. At most 500 characters.",
        error_messages={"max_length": "Summary must be at most 500 characters."},
    )
    storefronts = forms.MultipleChoiceField(
        choices=Storefront.choices,
        widget=forms.CheckboxSelectMultiple,
        help_text="Where customers find it.",
        error_messages={"required": "Storefronts must name at least one: an offer is sold somewhere."},
    )
    destinations = DestinationsField(
        label="Where its leads go",
        queryset=Destination.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="To each that you choose. With none, leads are kept here for you to read.",
        error_messages={"invalid_choice": "Where its leads go must be destinations of yours."},
    )

    def __init__(self, *args: Any, destinations: QuerySet[Destination], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["destinations"]
        assert isinstance(field, DestinationsField)  # noqa: S101 - tells the type checker what the class says
        field.queryset = destinations.order_by("name")


class RegisterForm(OfferForm):
    """A new offer: its id too, which never changes afterwards."""

    offer_id = forms.CharField(
        label="Offer id",
        max_length=50,
        validators=Offer._meta.get_field("offer_id").validators[:1],  # noqa: SLF001 - Django's documented name
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}),
        help_text="3 to 50 of a-z, 0-9, - and _. Every lead carries the full id, so it never changes.",
        error_messages={"required": "Offer id must be filled in: 3 to 50 of a-z, 0-9, - and _."},
    )
    field_order = ["title", "offer_id", "summary", "storefronts", "destinations"]

    def __init__(self, *args: Any, publisher: Publisher, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.publisher = publisher

    def clean_offer_id(self) -> str:
        offer_id: str = self.cleaned_data["offer_id"]
        if self.publisher.offers.filter(offer_id=offer_id).exists():
            raise ValidationError(f"{self.publisher.slug}.{offer_id} is registered already. Choose another offer id.")
        return offer_id
