"""Whom a publisher wants to be told, what is wrong until it is over, and the mails that say so."""

from __future__ import annotations

from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import Q

from leads.models.destinations import Destination
from leads.models.offers import Offer
from leads.models.publishers import Publisher


class Contact(models.Model):
    """An address that gets mail. Leads are told of without personal data, unless it is switched on."""

    publisher = models.ForeignKey(Publisher, on_delete=models.CASCADE, related_name="contacts")
    email = models.EmailField()
    problems = models.BooleanField(default=True)
    digest = models.BooleanField(default=False)
    new_leads = models.BooleanField(default=False)
    personal_data = models.BooleanField(default=False)
    leads_told_until = models.DateTimeField(null=True, editable=False)
    """Leads received up to here have been told of; None as long as nobody asked for it."""

    class Meta:
        constraints = [models.UniqueConstraint(fields=["publisher", "email"], name="contact_once_per_publisher")]

    def __str__(self) -> str:
        return self.email


class Trouble(models.Model):
    """Something wrong with a destination or an offer that has been told of, open until the end has been told too."""

    class Kind(models.TextChoices):
        RESTING = "resting", "Resting"
        HELD = "held", "Held"
        SILENT = "silent", "Silent"

    publisher = models.ForeignKey(Publisher, on_delete=models.CASCADE, related_name="troubles")
    destination = models.ForeignKey(Destination, on_delete=models.CASCADE, null=True, related_name="troubles")
    offer = models.ForeignKey(Offer, on_delete=models.CASCADE, null=True, related_name="troubles")
    kind = models.CharField(max_length=8, choices=Kind)
    began_at = models.DateTimeField()
    well_since = models.DateTimeField(null=True)
    """When it was first seen to be well again; None as soon as it is not."""
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["destination"], condition=Q(ended_at__isnull=True), name="trouble_one_open_per_destination"
            ),
            models.UniqueConstraint(
                fields=["offer"], condition=Q(ended_at__isnull=True), name="trouble_one_open_per_offer"
            ),
            models.CheckConstraint(
                condition=Q(kind="silent", offer__isnull=False, destination__isnull=True)
                | Q(kind__in=["resting", "held"], offer__isnull=True, destination__isnull=False),
                name="trouble_is_with_one_thing",
            ),
        ]


class NoticeQuerySet(models.QuerySet["Notice"]):
    def unended(self) -> Self:
        """Keep what the mail server has neither taken nor refused."""
        return self.filter(sent_at=None, refused_at=None)

    def newest_first(self) -> Self:
        return self.order_by("-id")


class Notice(models.Model):
    """One mail to one address: the outbox of mail. ``about`` is unique, so that nobody is told the same thing twice."""

    class Kind(models.TextChoices):
        HELD = "held", "Held"
        RESTING = "resting", "Resting"
        RECOVERED = "recovered", "Recovered"
        SECRET = "secret", "Secret ends"
        SILENT = "silent", "Silence"
        HEARD = "heard", "Leads again"
        DIGEST = "digest", "Daily digest"
        NEW_LEADS = "new_leads", "New leads"
        TEST = "test", "Test mail"

    publisher = models.ForeignKey(Publisher, on_delete=models.CASCADE, related_name="notices")
    trouble = models.ForeignKey(Trouble, on_delete=models.SET_NULL, null=True, related_name="notices")
    kind = models.CharField(max_length=10, choices=Kind)
    about = models.CharField(max_length=200, unique=True)
    recipient = models.EmailField()
    subject = models.CharField(max_length=200)
    body = models.TextField()
    created_at = models.DateTimeField(auto_now_add=True)
    due_at = models.DateTimeField()
    """When it is tried next; while a worker has it in hand, when it is taken for lost with its worker."""
    tries = models.PositiveIntegerField(default=0)
    problem = models.CharField(max_length=300, blank=True)
    """What the mail server said last, where it did not take the mail."""
    sent_at = models.DateTimeField(null=True, blank=True)
    refused_at = models.DateTimeField(null=True, blank=True)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(sent_at__isnull=True) | Q(refused_at__isnull=True), name="notice_ends_once"
            )
        ]
        indexes = [
            models.Index(
                fields=["due_at", "id"],
                condition=Q(sent_at__isnull=True, refused_at__isnull=True),
                name="notice_unsent",
            ),
            models.Index(fields=["publisher", "-id"], name="notice_latest"),
        ]

    def __str__(self) -> str:
        return self.subject

    @property
    def state(self) -> str:
        """Name its state as deliveries do: waiting, delivered or rejected."""
        if self.sent_at:
            return "delivered"
        return "rejected" if self.refused_at else "waiting"

    @property
    def ended_at(self) -> datetime | None:
        """Return when the mail server took or refused it."""
        return self.sent_at or self.refused_at
