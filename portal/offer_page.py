"""What an offer's page shows: how its last publications went, and the one thing to do next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from leads.models import Destination, Offer, Publication, PublicationStep

HISTORY = 6
"""Publications on the page, the last one among them."""

Act = Literal["watch", "mend", "connect", "route", "publish", "sign-off", "look-after", "nothing"]
Step = PublicationStep.State


@dataclass(frozen=True, slots=True)
class Published:
    """A publication with its steps, read."""

    publication: Publication
    steps: list[PublicationStep]

    @property
    def running(self) -> bool:
        return self.publication.finished_at is None

    @property
    def failed(self) -> PublicationStep | None:
        """The step it ended at, if one failed."""
        return next((step for step in self.steps if step.state == Step.FAILED), None)

    @property
    def state(self) -> PublicationStep.State:
        """One word for all its steps once it ended; "pending" where Unpublish cut it short."""
        if self.failed:
            return Step.FAILED
        return Step.PASSED if all(step.state == Step.PASSED for step in self.steps) else Step.PENDING


@dataclass(frozen=True, slots=True)
class Next:
    """The one thing to do next, and what it is about."""

    act: Act
    step: PublicationStep | None = None
    destination: Destination | None = None


def history(offer: Offer) -> list[Published]:
    """Read an offer's last publications, newest first."""
    found = offer.publications.select_related("started_by").prefetch_related("steps__destination")
    return [Published(each, list(each.steps.all())) for each in found.order_by("-started_at", "-pk")[:HISTORY]]


def next_act(offer: Offer, last: Published | None, destinations: Sequence[Destination]) -> Next:
    """Choose what somebody who may build should do next."""
    if last and last.running:
        return Next("watch")
    if last and last.failed and not _mended(last.failed, destinations):
        return Next("mend", step=last.failed, destination=last.failed.destination)
    if offer.status == Offer.Status.PREVIEW:
        return Next("sign-off")
    if not destinations:
        return Next("route" if offer.publisher.destinations.exists() else "connect")
    return _live(destinations) if offer.status == Offer.Status.LIVE else Next("publish")


def _live(destinations: Sequence[Destination]) -> Next:
    unwell = next((each for each in destinations if each.state == Destination.State.HELD), None)
    return Next("look-after", destination=unwell) if unwell else Next("nothing")


def _mended(step: PublicationStep, destinations: Sequence[Destination]) -> bool:
    """Tell whether somebody changed the destination since, or sends the offer's leads elsewhere now."""
    if step.destination is None or step.destination not in destinations:
        return True
    return step.destination.versions.filter(saved_at__gt=step.finished_at).exists()
