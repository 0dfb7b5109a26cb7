"""Sending again what had stopped: one row for each time somebody asked for it."""

from __future__ import annotations

from typing import Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from leads.models.publishers import Publisher


class ReplayQuerySet(models.QuerySet["Replay"]):
    def open(self) -> Self:
        """Keep what is under way."""
        return self.filter(state__in=Replay.OPEN)


class Replay(models.Model):
    """First one delivery of each destination, the canary; the rest when it has landed, and no more after a repeat."""

    class State(models.TextChoices):
        CHOOSING = "choosing", "Getting ready"
        CANARY = "canary", "Trying one"
        RUNNING = "running", "Sending the rest"
        DONE = "done", "Done"
        STOPPED = "stopped", "Stopped"

    OPEN = (State.CHOOSING, State.CANARY, State.RUNNING)

    publisher = models.ForeignKey(Publisher, on_delete=models.CASCADE, related_name="replays", null=True)
    started_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True)
    started_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    filters = models.JSONField(default=dict)
    total = models.PositiveIntegerField()
    """What was chosen, less what could not be sent again any more when its turn to be marked came."""
    may_double = models.PositiveIntegerField(default=0)
    """How many of them had been sent without an answer, or were gone from their target."""
    landed = models.PositiveIntegerField(default=0)
    failed = models.PositiveIntegerField(default=0)
    """How many had landed, and how many met a failure again; written down when it ends."""
    kept = models.PositiveIntegerField(default=0)
    """How many were left as they were, after a repeat or because somebody stopped it."""
    state = models.CharField(max_length=8, choices=State, default=State.CHOOSING)
    sentence = models.CharField(max_length=500, blank=True)

    objects = ReplayQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        indexes = [
            models.Index(fields=["id"], condition=Q(state__in=["choosing", "canary", "running"]), name="replay_open"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["choosing", "canary", "running", "done", "stopped"]), name="replay_state_known"
            )
        ]

    def __str__(self) -> str:
        return f"{self.total:,} sent again"


class ReplayPart(models.Model):
    """Deliveries, by their keys, that were chosen for a replay and are still to be marked."""

    replay = models.ForeignKey(Replay, on_delete=models.CASCADE, related_name="parts")
    deliveries = ArrayField(models.BigIntegerField())
