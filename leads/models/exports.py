"""Who took leads out of the portal, when, and which."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from leads.models.publishers import Publisher


class Export(models.Model):
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True)
    made_at = models.DateTimeField(auto_now_add=True)
    publisher = models.ForeignKey(Publisher, on_delete=models.CASCADE, null=True, blank=True)
    filters = models.JSONField(default=dict)
    rows = models.PositiveIntegerField(null=True)

    class Meta:
        ordering = ["-made_at"]

    def __str__(self) -> str:
        return f"{self.made_at:%Y-%m-%d %H:%M} by {self.made_by}"
