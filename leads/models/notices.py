"""Whom a publisher wants to be told, and what they were or will be told."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from leads.models.destinations import Destination
from leads.models.publishers import Publisher


class Contact(models.Model):
    """An address that gets mail. Leads are told of without personal data, unless it is switched on."""

    publisher = models.ForeignKey(Publisher, on_delete=models.CASCADE, related_name="contacts")
    email = models.EmailField()
    problems = models.BooleanField(default=True)
    digest = models.BooleanField(default=False)
    new_leads = models.BooleanField(default=False)
    personal_data = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["publisher", "email"], name="contact_once_per_publisher")]


class Notice(models.Model):
    """One mail to be sent: the outbox of mail. ``about`` is unique, so that nobody is told the same thing twice."""

    publisher = models.ForeignKey(Publisher, on_delete=models.CASCADE, related_name="notices")
    destination = models.ForeignKey(Destination, on_delete=models.CASCADE, null=True)
    kind = models.CharField(max_length=20)
    about = models.CharField(max_length=200, unique=True)
    recipients = ArrayField(models.EmailField())
    subject = models.CharField(max_length=200)
    body = models.TextField()
    created_at = models.DateTimeField(auto_now_add=True)
    due_at = models.DateTimeField()
    tries = models.PositiveSmallIntegerField(default=0)
    sent_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["due_at"], condition=Q(sent_at__isnull=True), name="notice_unsent")]
