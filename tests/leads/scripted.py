"""A connector that answers as a test tells it to, and keeps what it was sent."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import ClassVar

from django import forms

from connectors.base import Check, Connector, Landing, LeadPayload, Preview, Receipt
from connectors.config import Config, secret
from connectors.errors import DeliveryError
from connectors.forms import ConnectorForm

Answer = Callable[[LeadPayload], Receipt | DeliveryError]
Show = Callable[[Receipt], Landing]


@dataclass(frozen=True, slots=True)
class ScriptedConfig(Config):
    url: str = ""
    auth: str = "none"
    password: str = secret()


class ScriptedForm(ConnectorForm):
    secrets = frozenset({"password"})
    url = forms.CharField()
    auth = forms.CharField(required=False)
    password = forms.CharField(required=False)


def accept(lead: LeadPayload) -> Receipt | DeliveryError:
    return Receipt(status=200, answer="thank you", remote_id=f"crm-{lead.id[-4:]}")


def landed(receipt: Receipt) -> Landing:
    return "landed"


class Scripted(Connector[ScriptedConfig]):
    slug = "scripted"
    folder = Path(__file__).parent
    label = "Scripted"
    summary = "Answers as told"
    config_class = ScriptedConfig
    form_class = ScriptedForm
    rungs = ("Address found", "Sign-in")

    answer: ClassVar[Answer] = staticmethod(accept)
    sign_in: ClassVar[bool] = True
    sent: ClassVar[list[LeadPayload]] = []
    calls: ClassVar[list[int]] = []
    lock: ClassVar[Lock] = Lock()
    shows: ClassVar[Show] = staticmethod(landed)
    asked: ClassVar[list[Receipt]] = []
    removed: ClassVar[list[Receipt]] = []

    def deliver(self, leads: Sequence[LeadPayload]) -> list[Receipt | DeliveryError]:
        with self.lock:
            self.sent.extend(leads)
            self.calls.append(len(leads))
        return [type(self).answer(lead) for lead in leads]

    def read_back(self, receipt: Receipt) -> Landing:
        self.asked.append(receipt)
        return type(self).shows(receipt)

    def remove(self, receipt: Receipt) -> None:
        self.removed.append(receipt)

    def checks(self) -> Iterator[Check]:
        yield Check(name="Address found", passed=True, sentence="Found.", seconds=0.01)
        if not self.sign_in:
            yield Check(name="Sign-in", passed=False, sentence="The password was refused.", fix="Enter it again.")
            return
        yield Check(name="Sign-in", passed=True, sentence="Signed in.", seconds=0.01)

    def render(self, lead: LeadPayload) -> Preview:
        return Preview(method="POST", url=self.config.url, headers={}, body=lead.email)
