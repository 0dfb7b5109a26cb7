"""The outbox: one row for each lead and destination, and one for each try."""

from __future__ import annotations

from datetime import datetime
from typing import Self

from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import Q

from leads.models.destinations import Destination
from leads.models.leads import Lead
from leads.models.offers import Offer
from leads.models.publishers import Publisher
from leads.models.replays import Replay


class DeliveryQuerySet(models.QuerySet["Delivery"]):
    def due(self, destination_id: int, now: datetime) -> Self:
        """Keep what waits for this destination and may be sent now."""
        return self.filter(destination_id=destination_id, state=Delivery.State.WAITING, due_at__lte=now)

    def orphaned(self, now: datetime) -> Self:
        """Keep what a worker claimed and did not bring back in time."""
        return self.filter(state=Delivery.State.SENDING, claimed_until__lt=now)

    def replayable(self) -> Self:
        """Keep what stopped short of the target."""
        return self.filter(state__in=Delivery.STOPPED)

    def newest_first(self) -> Self:
        return self.order_by("-id")


class Delivery(models.Model):
    """One lead on its way to one destination.

    ``claims`` counts every time a worker took it and is the fence: a result that names an older claim changes nothing.
    ``attempts`` counts the tries that were spent, and only those bring it nearer to giving up.
    """

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting"
        SENDING = "sending", "Sending"
        DELIVERED = "delivered", "Delivered"
        REJECTED = "rejected", "Refused"
        UNCERTAIN = "uncertain", "To decide"
        GAVE_UP = "gave_up", "Gave up"
        WITHHELD = "withheld", "Withheld"

    class Landing(models.TextChoices):
        """What reading it back in the target has shown."""

        LANDED = "landed", "Landed"
        MERGED = "merged", "Merged"
        MISSING = "missing", "Missing"
        UNPROVABLE = "unprovable", "Cannot be read back"

    STOPPED = (State.REJECTED, State.UNCERTAIN, State.GAVE_UP)
    OPEN = (State.WAITING, State.SENDING)

    lead = models.ForeignKey(Lead, on_delete=models.CASCADE, related_name="deliveries", db_index=False)
    destination = models.ForeignKey(Destination, on_delete=models.PROTECT, related_name="deliveries")
    # Both are the lead's, where the database holds them to what there is; here they are for the indexes.
    publisher = models.ForeignKey(
        Publisher, on_delete=models.PROTECT, related_name="deliveries", db_index=False, db_constraint=False
    )
    offer = models.ForeignKey(
        Offer, on_delete=models.PROTECT, related_name="deliveries", null=True, db_constraint=False
    )
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    claims = models.PositiveIntegerField(default=0)
    due_at = models.DateTimeField()
    claimed_until = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    cause = models.CharField(max_length=60, blank=True)
    sentence = models.CharField(max_length=500, blank=True)
    landing = models.CharField(max_length=10, choices=Landing, blank=True)
    landing_checked_at = models.DateTimeField(null=True, blank=True)
    """When that was; without a landing, it was missing then and has been sent again."""
    replay = models.ForeignKey(
        Replay, on_delete=models.SET_NULL, null=True, blank=True, related_name="deliveries", db_index=False
    )
    """The last replay it was chosen for."""
    put_back_at = models.DateTimeField(null=True, blank=True, editable=False)
    """When that replay put it back in line; until then it is as it was."""
    remote_id = models.CharField(max_length=255, blank=True)
    remote_url = models.CharField(max_length=500, blank=True)

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "deliveries"
        constraints = [
            models.UniqueConstraint(fields=["lead", "destination"], name="delivery_once"),
            models.CheckConstraint(
                condition=Q(
                    state__in=["waiting", "sending", "delivered", "rejected", "uncertain", "gave_up", "withheld"]
                ),
                name="delivery_state_known",
            ),
            models.CheckConstraint(
                condition=Q(state="sending", claimed_until__isnull=False)
                | Q(~Q(state="sending"), claimed_until__isnull=True),
                name="delivery_claim_has_an_end",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["waiting", "sending"], finished_at__isnull=True)
                | Q(~Q(state__in=["waiting", "sending"]), finished_at__isnull=False),
                name="delivery_finished_or_open",
            ),
        ]
        indexes = [
            models.Index(
                fields=["destination", "attempts", "due_at", "id"],
                condition=Q(state="waiting"),
                name="delivery_queue",
            ),
            models.Index(fields=["destination", "claimed_until"], condition=Q(state="sending"), name="delivery_claims"),
            models.Index(
                fields=["publisher", "state", "-id"], condition=~Q(state="delivered"), name="delivery_unfinished"
            ),
            models.Index(fields=["publisher", "-id"], name="delivery_latest"),
            models.Index(
                fields=["publisher", "destination", "landing"], condition=~Q(landing=""), name="delivery_landings"
            ),
            models.Index(
                fields=["destination"],
                condition=Q(state="delivered", landing="", landing_checked_at__isnull=False),
                name="delivery_ask_anew",
            ),
            models.Index(
                fields=["publisher", "destination", "cause", "state", "offer", "finished_at", "id"],
                condition=~Q(cause="") & ~Q(state__in=["delivered", "withheld"]),
                name="delivery_failures",
            ),
            models.Index(
                fields=["replay", "destination", "finished_at", "id"],
                condition=Q(replay__isnull=False),
                name="delivery_replays",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.lead_id} to {self.destination}"

    @property
    def is_missing(self) -> bool:
        """Tell whether it had been taken and was not there any more when somebody looked."""
        return self.state == self.State.DELIVERED and self.landing == self.Landing.MISSING


class Attempt(models.Model):
    """One try of one delivery. ``number`` is the claim it was made under; ``answer`` is at most 2 kB."""

    delivery = models.ForeignKey(Delivery, on_delete=models.CASCADE, related_name="tries", db_index=False)
    number = models.PositiveIntegerField()
    outcome = models.CharField(max_length=14)
    cause = models.CharField(max_length=60, blank=True)
    sentence = models.CharField(max_length=500, blank=True)
    fix = models.CharField(max_length=500, blank=True, db_default="")
    who = models.CharField(max_length=12, blank=True, db_default="")
    """Who applies the fix: one of :data:`connectors.errors.Who`."""
    status = models.PositiveSmallIntegerField(null=True)
    answer = models.TextField(blank=True)
    started_at = models.DateTimeField()
    seconds = models.FloatField()

    class Meta:
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["delivery", "number"], name="attempt_once")]
        indexes = [
            models.Index(fields=["started_at"], condition=~Q(answer=""), name="attempt_answers"),
            # Tries come in the order of time, so that this is a few pages and costs a try nothing.
            BrinIndex(fields=["started_at"], autosummarize=True, name="attempt_latest"),
        ]
