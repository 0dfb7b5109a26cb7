"""Who uses the portal: publishers, their members, and the keys of their machines."""

from __future__ import annotations

from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q


class Publisher(models.Model):
    slug = models.CharField(
        "publisher id",
        max_length=50,
        unique=True,
        validators=[RegexValidator(r"^[a-z0-9][a-z0-9_-]{1,49}$", "Use 2 to 50 of a-z, 0-9, - and _.")],
    )
    name = models.CharField(max_length=200)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.name


class Member(models.Model):
    class Role(models.TextChoices):
        OWNER = "owner", "Owner"
        DEVELOPER = "developer", "Developer"
        MARKETING = "marketing", "Marketing"
        VIEWER = "viewer", "Viewer"

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="member")
    publisher = models.ForeignKey(Publisher, on_delete=models.CASCADE, related_name="members")
    role = models.CharField(max_length=20, choices=Role)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(role__in=["owner", "developer", "marketing", "viewer"]), name="member_role_known"
            )
        ]

    def __str__(self) -> str:
        return f"{self.user} at {self.publisher}"


class ApiKey(models.Model):
    """A key of a publisher's machine, or, without a publisher, of the marketplace that sends leads."""

    publisher = models.ForeignKey(Publisher, on_delete=models.CASCADE, related_name="keys", null=True, blank=True)
    name = models.CharField(max_length=100)
    start = models.CharField(max_length=16, editable=False)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = "API key"

    def __str__(self) -> str:
        return f"{self.name} ({self.start}…)"
