"""What is sold, where its leads go, and how it was published."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q

from leads.models.destinations import Destination
from leads.models.publishers import Publisher
from leads.taxonomy import Storefront

# Every lead passes here, and building the query in Python would cost more than the answer.
NAMED = """
SELECT offer.*, publisher.slug || '.' || offer.offer_id AS named
FROM leads_offer offer JOIN leads_publisher publisher ON publisher.id = offer.publisher_id
WHERE (publisher.slug, offer.offer_id) IN (SELECT * FROM unnest(%s::text[], %s::text[]))
"""


class OfferQuerySet(models.QuerySet["Offer"]):
    def named(self, full_id: str) -> Self:
        """Find by full id, ``publisher.offer``, in any case."""
        if "\0" in full_id:  # PostgreSQL has no text for it
            return self.none()
        publisher, _, offer = full_id.strip().lower().partition(".")
        return self.filter(publisher__slug=publisher, offer_id=offer).select_related("publisher")

    def by_full_id(self, full_ids: Iterable[str]) -> dict[str, Offer]:
        """Find many by their full ids, in lower case, in one query; who is not in the answer does not exist."""
        wanted = [full_id.partition(".")[::2] for full_id in full_ids]
        publishers, offers = [publisher for publisher, _ in wanted], [offer for _, offer in wanted]
        found = self.raw(NAMED, [publishers, offers])
        return {vars(offer)["named"]: offer for offer in found}


class Offer(models.Model):
    class Status(models.TextChoices):
        DRAFT = "draft", "Draft"
        PUBLISHING = "publishing", "Publishing"
        PREVIEW = "preview", "Preview"
        LIVE = "live", "Live"

    publisher = models.ForeignKey(Publisher, on_delete=models.PROTECT, related_name="offers")
    offer_id = models.CharField(
        "offer id",
        max_length=50,
        validators=[RegexValidator(r"^[a-z0-9][a-z0-9_-]{2,49}$", "Use 3 to 50 of a-z, 0-9, - and _.")],
    )
    title = models.CharField(max_length=200)
    summary = models.CharField(max_length=500, blank=True)
    storefronts = ArrayField(models.CharField(max_length=20, choices=Storefront), size=2)
    status = models.CharField(max_length=12, choices=Status, default=Status.DRAFT)
    destinations: models.ManyToManyField[Destination, Route] = models.ManyToManyField(
        Destination, through="Route", related_name="offers"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    objects = OfferQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["publisher", "offer_id"], name="offer_id_once_per_publisher"),
            models.CheckConstraint(
                condition=Q(status__in=["draft", "publishing", "preview", "live"]), name="offer_status_known"
            ),
            models.CheckConstraint(
                condition=Q(storefronts__len__gt=0) & Q(storefronts__contained_by=["azure_marketplace", "appsource"]),
                name="offer_storefronts_known",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def full_id(self) -> str:
        return f"{self.publisher.slug}.{self.offer_id}"


class Route(models.Model):
    """An offer's leads go to this destination."""

    offer = models.ForeignKey(Offer, on_delete=models.CASCADE, related_name="routes")
    destination = models.ForeignKey(Destination, on_delete=models.PROTECT, related_name="routes")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["offer", "destination"], name="route_once")]


class Publication(models.Model):
    """One press of Publish. The row is the truth; a worker that dies leaves it for the sweep."""

    offer = models.ForeignKey(Offer, on_delete=models.CASCADE, related_name="publications")
    started_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True)
    started_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    advance_after = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["offer"], condition=Q(finished_at__isnull=True), name="publication_one_at_a_time"
            )
        ]
        indexes = [models.Index(F("started_at").desc(), name="publication_latest")]


class PublicationStep(models.Model):
    class Kind(models.TextChoices):
        CHECK = "check", "Check connection"
        TEST_LEAD = "test_lead", "Test lead"
        PREVIEW = "preview", "Preview"

    class State(models.TextChoices):
        PENDING = "pending", "Not started"
        RUNNING = "running", "Running"
        PASSED = "passed", "Passed"
        FAILED = "failed", "Failed"

    publication = models.ForeignKey(Publication, on_delete=models.CASCADE, related_name="steps")
    position = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=12, choices=Kind)
    destination = models.ForeignKey(Destination, on_delete=models.CASCADE, null=True)
    lead = models.ForeignKey("leads.Lead", on_delete=models.SET_NULL, null=True)
    state = models.CharField(max_length=8, choices=State, default=State.PENDING)
    sentence = models.CharField(max_length=500, blank=True)
    fix = models.CharField(max_length=500, blank=True)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["publication", "position"], name="publication_step_once"),
            models.CheckConstraint(
                condition=Q(state__in=["pending", "running", "passed", "failed"]), name="publication_step_state_known"
            ),
        ]

    @property
    def title(self) -> str:
        """Name the step as the page shows it."""
        return f"{self.get_kind_display()}: {self.destination.name}" if self.destination else self.get_kind_display()
