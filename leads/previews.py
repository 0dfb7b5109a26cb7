"""What a destination would be sent, shown and not sent."""

from __future__ import annotations

from connectors import registry
from connectors.base import Preview
from leads.models import Delivery, Destination
from leads.payloads import read, sample


def of_sample(destination: Destination) -> Preview:
    """Show what would be sent for a sample lead, secrets masked."""
    with registry.connect(destination.connector, destination.config, destination.mapping) as connector:
        return connector.render(sample(destination.publisher.slug))


def of_delivery(delivery: Delivery) -> Preview:
    """Show what its destination is sent for a delivery's lead by the settings of now, secrets masked."""
    destination = delivery.destination
    with registry.connect(destination.connector, destination.config, destination.mapping) as connector:
        return connector.render(read(delivery.lead_id))
