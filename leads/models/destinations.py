"""Where leads go: a publisher's connection to one CRM, table or endpoint."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from connectors import registry
from connectors.base import Connector
from connectors.config import Config
from leads import vault
from leads.models.publishers import Publisher


class DestinationQuerySet(models.QuerySet["Destination"]):
    def ready(self, now: datetime) -> Self:
        """Keep those that take leads now: active, or not well and due for a probe."""
        unwell = Q(state__in=[Destination.State.RESTING, Destination.State.HELD], resume_at__lte=now)
        return self.filter(Q(state=Destination.State.ACTIVE) | unwell)


class Destination(models.Model):
    """One configured connection. A fault that concerns every lead is kept here, in one row, not in the leads."""

    class State(models.TextChoices):
        ACTIVE = "active", "Good"
        RESTING = "resting", "Resting"
        HELD = "held", "Held"
        PAUSED = "paused", "Paused"

    publisher = models.ForeignKey(Publisher, on_delete=models.PROTECT, related_name="destinations")
    name = models.CharField(max_length=100)
    connector = models.CharField(max_length=50, choices=registry.choices)
    sealed_config = models.BinaryField(editable=False)
    mapping = models.JSONField(default=dict, blank=True)

    state = models.CharField(max_length=8, choices=State, default=State.ACTIVE)
    problem = models.CharField(max_length=500, blank=True)
    problem_fix = models.CharField(max_length=500, blank=True)
    problem_cause = models.CharField(max_length=60, blank=True)
    problem_who = models.CharField(max_length=12, blank=True)
    """Who mends it: one of :data:`connectors.errors.Who`."""
    problem_since = models.DateTimeField(null=True, blank=True)
    rests = models.PositiveSmallIntegerField(default=0)
    """How many times in a row the target was away; the back-off grows with it."""
    resume_at = models.DateTimeField(null=True, blank=True)

    secret_expires_on = models.DateField("secret ends on", null=True, blank=True)
    """When the target's secret ends, where its settings or somebody have said so; its contacts are warned before."""
    canary = models.BooleanField(default=False)
    """Send a test lead every day and say when the connection was last proved."""
    proved_at = models.DateTimeField(null=True, blank=True, editable=False)

    drain_token = models.UUIDField(null=True, editable=False)
    drain_until = models.DateTimeField(null=True, editable=False)

    last_check = models.JSONField(null=True, blank=True, editable=False)
    checked_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = DestinationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["publisher", "name"], name="destination_name_once_per_publisher"),
            models.CheckConstraint(
                condition=Q(state__in=["active", "resting", "held", "paused"]), name="destination_state_known"
            ),
            models.CheckConstraint(
                condition=~Q(state="resting") | Q(resume_at__isnull=False), name="destination_rest_has_an_end"
            ),
            models.CheckConstraint(condition=~Q(state="held") | ~Q(problem=""), name="destination_hold_has_a_reason"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def connector_class(self) -> type[Connector[Any]]:
        return registry.get(self.connector)

    @property
    def config(self) -> dict[str, Any]:
        """The settings in clear: for connectors only, never for a page."""
        return vault.open_sealed(self.sealed_config)

    @config.setter
    def config(self, value: dict[str, Any]) -> None:
        self.sealed_config = vault.seal(value)

    @property
    def known_secret_end(self) -> date | None:
        """When the secret ends by the settings themselves; None where they say nothing, or no key opens them."""
        try:
            return self.connector_class.secret_ends(self.config)
        except vault.Unreadable:
            return None

    @property
    def rungs(self) -> tuple[str, ...]:
        """Names of the checks that its settings call for; of the usual ones where no key opens them."""
        config = self._readable_config()
        return self.connector_class.rungs_with(config) if config else self.connector_class.rungs

    @property
    def provable(self) -> bool:
        """Whether what was delivered can be looked for in the target."""
        config = self._readable_config()
        return config is not None and self.connector_class.provable_with(config)

    def _readable_config(self) -> Config | None:
        try:
            return self.connector_class.config_class.load(self.config)
        except vault.Unreadable:
            return None

    @property
    def shown_config(self) -> dict[str, Any]:
        """The settings without their secrets."""
        secrets = self.connector_class.config_class.secret_keys()
        return {key: value for key, value in self.config.items() if key not in secrets}


class DestinationVersion(models.Model):
    """Settings as they were saved once, by whom. ``changes`` names what changed, secrets without their values."""

    destination = models.ForeignKey(Destination, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    sealed_config = models.BinaryField(editable=False)
    mapping = models.JSONField(default=dict, blank=True)
    changes = models.JSONField(default=dict)
    saved_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True)
    saved_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-number"]
        constraints = [models.UniqueConstraint(fields=["destination", "number"], name="destination_version_once")]
