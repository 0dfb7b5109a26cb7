"""The outside face of the site, as a marketplace and a publisher use it."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable
from typing import Any

import requests

from leads import keys
from leads.models import Offer, Publisher


class Api:
    def __init__(self, site: str, publisher: Publisher) -> None:
        self.site = site
        self.publisher = publisher
        self.as_publisher = {"Authorization": f"Bearer {keys.issue('publisher', publisher)[1]}"}
        self.as_marketplace = {"Authorization": f"Bearer {keys.issue('marketplace')[1]}"}

    def call(self, method: str, path: str, content: dict[str, Any], headers: dict[str, str]) -> dict[str, Any]:
        answer = requests.request(method, f"{self.site}/api/v1{path}", json=content, headers=headers, timeout=30)
        assert answer.ok, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def connect(self, name: str = "crm", host: str = "leads.example.com", **config: str) -> dict[str, Any]:
        """Make an endpoint, and a live offer that is routed to it."""
        config = {"url": f"https://{host}/in", "auth": "none"} | config
        settings = {"name": f"Endpoint of {name}", "connector": "https_endpoint", "config": config}
        destination = self.call("POST", "/destinations", settings, self.as_publisher)
        offer = {"offer_id": name, "title": name, "storefronts": ["appsource"], "destinations": [destination["id"]]}
        self.call("POST", "/offers", offer, self.as_publisher)
        Offer.objects.filter(publisher=self.publisher, offer_id=name).update(status=Offer.Status.LIVE)
        return destination

    def change(self, destination: dict[str, Any], **config: str) -> None:
        """Save settings."""
        self.call("PATCH", f"/destinations/{destination['id']}", {"config": config}, self.as_publisher)

    def send(self, number: int, offer_id: str = "crm") -> str:
        """Send a lead; the same number is the same lead."""
        key = {"Idempotency-Key": f"lead-{offer_id}-{number}"}
        return str(self.call("POST", "/leads", self._lead(number, offer_id), self.as_marketplace | key)["LeadId"])

    def send_many(self, numbers: Iterable[int], offer_id: str) -> set[str]:
        """Send leads in one request; return their ids."""
        lines = "\n".join(json.dumps(self._lead(number, offer_id)) for number in numbers)
        headers = self.as_marketplace | {"Content-Type": "application/x-ndjson"}
        answer = requests.post(f"{self.site}/api/v1/leads/batch", lines, headers=headers, timeout=60)
        assert answer.ok, answer.text
        return {json.loads(line)["LeadId"] for line in answer.iter_lines()}

    def send_until_taken(self, number: int) -> str:
        """Send a lead as a marketplace does: again and again until somebody says that it was taken."""
        until = time.monotonic() + 60
        while time.monotonic() < until:
            try:
                return self.send(number)
            except (AssertionError, requests.RequestException):
                time.sleep(0.1)
        raise AssertionError(f"Lead {number} was not taken within a minute.")

    def _lead(self, number: int, offer_id: str) -> dict[str, Any]:
        return {
            "OfferId": f"{self.publisher.slug}.{offer_id}",
            "LeadSource": "SPZA",
            "ActionCode": "INS",
            "UserDetails": {"Email": f"customer{number}@example.com"},
        }
