"""Which leads or deliveries somebody asks for: the same words in a page's address, the API and an export."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone

from leads.failures import MISSING, caused_by
from leads.intake import normalise_email
from leads.models import Delivery, Destination, Lead
from leads.progress import GONE
from leads.states import LeadState, in_state


@dataclass(frozen=True, slots=True, kw_only=True)
class LeadFilter:
    """Everything is optional; ``offer`` is a full id, ``q`` an e-mail or the beginning of a name or company."""

    offer: str = ""
    source: str = ""
    action: str = ""
    stage: int | None = None
    storefront: str = ""
    kind: str = ""
    country: str = ""
    state: LeadState | None = None
    q: str = ""
    since: datetime | None = None
    until: datetime | None = None

    def apply(self, leads: QuerySet[Lead]) -> QuerySet[Lead]:
        """Narrow a set of leads."""
        exact = {
            "source": self.source,
            "action": self.action,
            "stage": self.stage,
            "storefront": self.storefront,
            "kind": self.kind,
            "country": self.country,
            "received_at__gte": self.since,
            "received_at__lt": self.until,
        }
        found = leads.filter(**_given(exact), **_offer(self.offer))
        if self.state:
            found = found.filter(in_state(LeadState(self.state)))
        return found.filter(self._about()) if self.q else found

    def _about(self) -> Q:
        text = self.q.strip()
        if "@" in text:
            return Q(customer__email_key=normalise_email(text)) | Q(email__iexact=text)
        beginning = [Q(**{f"{field}__istartswith": text}) for field in ("first_name", "last_name", "company", "email")]
        return beginning[0] | beginning[1] | beginning[2] | beginning[3]


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryFilter:
    """``state`` may also be "held" or "resting": waiting, because of its destination; or "missing".

    ``cause`` is that of a failure group: what waits for a destination has the cause of its problem.
    """

    offer: str = ""
    destination: int | None = None
    state: str = ""
    cause: str = ""
    since: datetime | None = None

    def apply(self, deliveries: QuerySet[Delivery]) -> QuerySet[Delivery]:
        """Narrow a set of deliveries."""
        exact = {"destination": self.destination, "created_at__gte": self.since}
        why = caused_by(self.cause) if self.cause else Q()
        return deliveries.filter(self._in_state(), why, **_given(exact), **_offer(self.offer))

    def to_send_again(self, deliveries: QuerySet[Delivery]) -> QuerySet[Delivery]:
        """Narrow what may be sent again; what is missing only where it is named, as somebody may have deleted it."""
        found = self.apply(deliveries)
        return found if MISSING in (self.state, self.cause) else found.exclude(GONE)

    def words(self) -> dict[str, Any]:
        """Return what was asked for as JSON holds it."""
        since = self.since and self.since.isoformat()
        return _given({name: getattr(self, name) for name in self.__slots__} | {"since": since})

    def _in_state(self) -> Q:
        if self.state in (Destination.State.HELD, Destination.State.RESTING, Destination.State.PAUSED):
            return Q(state__in=Delivery.OPEN, destination__state=self.state)
        if self.state == MISSING:
            return GONE
        return Q(state=self.state) if self.state else Q()


STATES = [*Delivery.State.choices, ("held", "Held"), ("resting", "Resting"), ("paused", "Paused")]
STATES += [(MISSING, str(Delivery.Landing.MISSING.label))]
"""What ``state`` of a delivery's filter may be."""


def days_ago(days: int) -> datetime:
    """Return the start of the day that many days ago, in UTC."""
    today = timezone.now().replace(hour=0, minute=0, second=0, microsecond=0)
    return today - timedelta(days=days)


def _given(values: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in values.items() if value not in (None, "")}


def _offer(full_id: str) -> dict[str, str]:
    publisher, _, offer = full_id.strip().lower().partition(".")
    return {"offer__publisher__slug": publisher, "offer__offer_id": offer} if full_id else {}
