"""Which rows somebody may see or change. "Not yours" and "not there" are the same 404."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser, User
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404

from leads.models import (
    ApiKey,
    Contact,
    Customer,
    Delivery,
    Destination,
    Lead,
    Member,
    Notice,
    Offer,
    Publisher,
    Replay,
)

Role = Member.Role
BUILDERS = {Role.OWNER, Role.DEVELOPER}
FOLLOWERS = {Role.OWNER, Role.DEVELOPER, Role.MARKETING}


@dataclass(frozen=True)
class Access:
    """What one member, or one publisher's key, may reach."""

    publisher: Publisher
    role: Role
    user: User | None = None

    @cached_property
    def offers(self) -> QuerySet[Offer]:
        return Offer.objects.filter(publisher=self.publisher).select_related("publisher")

    @cached_property
    def destinations(self) -> QuerySet[Destination]:
        return Destination.objects.filter(publisher=self.publisher).select_related("publisher")

    @cached_property
    def leads(self) -> QuerySet[Lead]:
        return Lead.objects.filter(publisher=self.publisher).select_related("offer__publisher", "publisher")

    @cached_property
    def customers(self) -> QuerySet[Customer]:
        return Customer.objects.filter(publisher=self.publisher)

    @cached_property
    def deliveries(self) -> QuerySet[Delivery]:
        return Delivery.objects.filter(publisher=self.publisher).select_related(
            "destination", "lead", "offer__publisher"
        )

    @cached_property
    def replays(self) -> QuerySet[Replay]:
        return Replay.objects.filter(publisher=self.publisher).select_related("started_by")

    @cached_property
    def contacts(self) -> QuerySet[Contact]:
        return Contact.objects.filter(publisher=self.publisher).select_related("publisher")

    @cached_property
    def notices(self) -> QuerySet[Notice]:
        return Notice.objects.filter(publisher=self.publisher)

    @property
    def builds(self) -> bool:
        """Tell whether offers and destinations may be changed."""
        return self.role in BUILDERS

    @property
    def follows_up(self) -> bool:
        """Tell whether leads may be sent again and exported."""
        return self.role in FOLLOWERS

    def offer(self, full_id: str) -> Offer:
        """Find an offer by its full id, or 404."""
        return get_object_or_404(self.offers.filter(pk__in=Offer.objects.named(full_id).values("pk")))

    def must_build(self) -> None:
        """Refuse who may look and not change."""
        if not self.builds:
            raise PermissionDenied("Only owners and developers change offers and destinations.")

    def must_follow_up(self) -> None:
        """Refuse who may look and not act on leads."""
        if not self.follows_up:
            raise PermissionDenied("Viewers do not send leads again or export them.")


def of_request(request: HttpRequest) -> Access:
    """Return what the signed-in member may reach; 404 for who belongs to no publisher."""
    user = request.user
    if not isinstance(user, User):
        raise Http404
    member = get_object_or_404(Member.objects.select_related("publisher"), user=user)
    return Access(member.publisher, Role(member.role), user)


def is_operator(user: AbstractBaseUser | AnonymousUser) -> bool:
    """Tell whether somebody runs the marketplace and belongs to no publisher."""
    return isinstance(user, User) and user.is_staff and not hasattr(user, "member")


def of_key(key: ApiKey) -> Access:
    """Return what a publisher's key may reach: what a developer may."""
    if key.publisher is None:
        raise PermissionDenied("This key is for sending leads only.")
    return Access(key.publisher, Role.DEVELOPER)
