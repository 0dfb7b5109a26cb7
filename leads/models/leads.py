"""Leads, the customers behind them, and how far each customer has come with each offer."""

from __future__ import annotations

from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import Q

from leads.ids import uuid7
from leads.models.offers import Offer
from leads.models.publishers import ApiKey, Publisher
from leads.taxonomy import Action, Source, Stage, Storefront


class Person(models.Model):
    """The seven fields a customer gives. Any may be missing; all are kept as sent."""

    first_name = models.CharField(max_length=200, blank=True)
    last_name = models.CharField(max_length=200, blank=True)
    email = models.CharField(max_length=254, blank=True)
    phone = models.CharField(max_length=100, blank=True)
    country = models.CharField(max_length=100, blank=True)
    company = models.CharField(max_length=200, blank=True)
    title = models.CharField(max_length=200, blank=True)

    class Meta:
        abstract = True

    @property
    def full_name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip() or self.email


class Customer(Person):
    """A person inside one publisher, known by normalised e-mail; holds what was last said about each field."""

    publisher = models.ForeignKey(Publisher, on_delete=models.PROTECT, related_name="customers", db_index=False)
    email_key = models.CharField(max_length=254)
    do_not_contact = models.BooleanField(default=False)
    first_seen_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["publisher", "email_key"], name="customer_once_per_publisher")]
        indexes = [models.Index(fields=["publisher", "-last_seen_at", "-id"], name="customer_latest")]

    def __str__(self) -> str:
        return self.full_name


class Journey(models.Model):
    """One customer and one offer: the furthest stage, and when each stage was first reached."""

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="journeys", db_index=False)
    offer = models.ForeignKey(Offer, on_delete=models.CASCADE, related_name="journeys", db_index=False)
    stage = models.PositiveSmallIntegerField(choices=Stage, null=True)
    test_drive_at = models.DateTimeField(null=True)
    initial_interest_at = models.DateTimeField(null=True)
    active_at = models.DateTimeField(null=True)
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["customer", "offer"], name="journey_once"),
            models.CheckConstraint(condition=Q(first_at__lte=models.F("last_at")), name="journey_in_order"),
        ]
        indexes = [models.Index(fields=["offer", "first_at"], name="journey_by_offer")]


class LeadQuerySet(models.QuerySet["Lead"]):
    def live(self) -> Self:
        """Keep leads of real customers: no test, no preview."""
        return self.filter(kind=Lead.Kind.LIVE)

    def received_between(self, since: datetime | None, until: datetime | None) -> Self:
        found = self if since is None else self.filter(received_at__gte=since)
        return found if until is None else found.filter(received_at__lt=until)

    def newest_first(self) -> Self:
        return self.order_by("-received_at", "-id")


class Lead(Person):
    """One event: a customer did one thing about one offer. Never changed once accepted."""

    class Kind(models.TextChoices):
        LIVE = "live", "Live"
        PREVIEW = "preview", "Preview"
        TEST = "test", "Test"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    publisher = models.ForeignKey(Publisher, on_delete=models.PROTECT, related_name="leads", db_index=False)
    offer = models.ForeignKey(
        Offer, on_delete=models.PROTECT, related_name="leads", null=True, blank=True, db_index=False
    )
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="leads", null=True, blank=True)
    kind = models.CharField(max_length=8, choices=Kind, default=Kind.LIVE)
    source = models.CharField(max_length=20, choices=Source)
    action = models.CharField(max_length=20, choices=Action)
    stage = models.PositiveSmallIntegerField(choices=Stage, null=True, blank=True)
    storefront = models.CharField(max_length=20, choices=Storefront, blank=True)
    description = models.TextField(blank=True)
    consent = models.BooleanField(null=True, blank=True)
    extra = models.JSONField(default=dict, blank=True)
    received_at = models.DateTimeField()
    routed = models.PositiveSmallIntegerField(default=0)
    """How many deliveries it was given when it came in; the balance holds them to it."""
    key = models.ForeignKey(ApiKey, on_delete=models.PROTECT, null=True, blank=True, editable=False, db_index=False)
    idempotency_key = models.CharField(max_length=255, null=True, blank=True, editable=False)  # noqa: DJ001 - null is what a unique constraint passes over
    fingerprint = models.CharField(max_length=64, blank=True, editable=False)
    """Digest of what was sent with the idempotency key, to tell a repeat from a mistake."""

    objects = LeadQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["idempotency_key", "key"],
                condition=Q(idempotency_key__isnull=False),
                nulls_distinct=False,
                name="lead_once_per_idempotency_key",
            ),
            models.CheckConstraint(condition=Q(kind__in=["live", "preview", "test"]), name="lead_kind_known"),
            models.CheckConstraint(condition=Q(source__in=Source.values), name="lead_source_known"),
            models.CheckConstraint(condition=Q(action__in=Action.values), name="lead_action_known"),
            models.CheckConstraint(
                condition=Q(stage__isnull=True) | Q(stage__in=Stage.values), name="lead_stage_known"
            ),
            models.CheckConstraint(condition=Q(offer__isnull=False) | Q(kind="test"), name="lead_has_an_offer"),
            models.CheckConstraint(
                condition=Q(kind="live", customer__isnull=False) | Q(~Q(kind="live"), customer__isnull=True),
                name="lead_has_a_customer_when_live",
            ),
        ]
        indexes = [
            models.Index(fields=["publisher", "-received_at", "-id"], name="lead_latest"),
            models.Index(fields=["offer", "-received_at", "-id"], name="lead_latest_of_offer"),
        ]

    def __str__(self) -> str:
        return str(self.id)

    @property
    def lead_source(self) -> str:
        """Write the lead source the marketplace's way."""
        return f"{self.source}-{self.action}|{self.offer.full_id if self.offer else 'test'}"
