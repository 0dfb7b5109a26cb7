"""Leads by Web-to-Lead: a form without sign-in, whose answer says nothing.

A post is counted, checked here as far as that can be done, and never repeated once its body may have gone out:
https://help.salesforce.com/s/articleView?id=sf.setting_up_web-to-lead.htm
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any
from urllib.parse import urlencode

from requests.models import Response

from connectors import answers, ladder, shared
from connectors.answers import Mask
from connectors.base import Check, LeadPayload, Preview, Receipt
from connectors.errors import DeliveryError, Misconfigured, Unanswered, Unavailable
from connectors.http import GuardedSession
from connectors.salesforce import receipts
from connectors.salesforce.config import SalesforceConfig
from connectors.salesforce.layouts import WEB_TO_LEAD
from connectors.salesforce.receipts import Result
from connectors.salesforce.records import Recipe

RUNGS = ("Address found", "Secure connection", "Organization ID", "Posts left today")
MOST = 500
"""Posts of an organization in 24 hours, those of its own forms included; the rest go into a queue and a mail."""
WARN_AT = 400
SILENCE = "Salesforce answers a form in the same way whether it keeps the lead or not."

_FORM = {"Content-Type": "application/x-www-form-urlencoded"}
_TAKEN = 200


class WebToLead:
    """Posts leads to one organization."""

    def __init__(
        self, config: SalesforceConfig, session: GuardedSession, templates: Mapping[str, str], mapped: frozenset[str]
    ) -> None:
        self.config = config
        self.session = session
        self.recipe = Recipe(
            layout=WEB_TO_LEAD,
            schema=WEB_TO_LEAD.standard,
            templates=templates,
            mapped=mapped,
            missing_company=config.missing_company,
        )

    @property
    def url(self) -> str:
        host = "test" if self.config.sandbox else "webto"
        query = urlencode({"encoding": "UTF-8", "orgId": self._organization})
        return f"https://{host}.salesforce.com/servlet/servlet.WebToLead?{query}"

    def deliver(self, leads: Sequence[LeadPayload]) -> list[Result]:
        with self.session.budget():
            return [self._delivered(lead) for lead in leads]

    def preview(self, lead: LeadPayload) -> Preview:
        form = {name: str(value) for name, value in self._form(lead).items()}
        return Preview(method="POST", url=self.url, headers=_FORM, body=urlencode(form))

    def checks(self) -> Iterator[Check]:
        works = (
            lambda: ladder.find_address(self.url),
            lambda: ladder.secure_connection(self.url),
            self._say_organization,
            self._say_posts,
        )
        yield from ladder.climb(*zip(RUNGS, works, strict=True))

    def _delivered(self, lead: LeadPayload) -> Result:
        try:
            form = self._form(lead)
            posts = shared.tally(self._counter, today())
            return _judge(self.session.post(self.url, data=form, headers=_FORM), posts)
        except Unanswered as silence:
            return receipts.uncertain(silence)
        except DeliveryError as problem:
            return problem

    def _form(self, lead: LeadPayload) -> dict[str, object]:
        return {"oid": self._organization, "encoding": "UTF-8", **self.recipe.record(lead, f"Lead {lead.id}")}

    @property
    def _organization(self) -> str:
        """The id in the 15 characters that the form knows it by; 18 hold three to check them by."""
        return self.config.organization_id[:15]

    @property
    def _counter(self) -> str:
        return f"salesforce:web-to-lead:{self._organization}"

    def _say_organization(self) -> str:
        return (
            f"{self._organization} has the form of an organization ID. {SILENCE} So send a test lead and look for it"
            " there."
        )

    def _say_posts(self) -> str:
        return told(shared.tally(self._counter, today(), by=0))


def told(posts: int) -> str:
    """Say how many posts the portal has made today, and from 400 on what happens at 500."""
    counted = f"The portal has posted {posts} of {MOST} leads today; your own forms count too."
    if posts < WARN_AT:
        return counted
    return f"{counted} Beyond {MOST} Salesforce keeps leads in a queue and mails them. The REST API has room for more."


def _judge(response: Response, posts: int) -> Receipt | DeliveryError:
    status = response.status_code
    if status == _TAKEN:
        return Receipt(status=status, answer=f"{SILENCE} {told(posts)}")
    facts: dict[str, Any] = {"cause": f"http-{status}", "status": status, "answer": answers.text(response, Mask())}
    if status >= 500:  # noqa: PLR2004
        return receipts.uncertain(Unanswered(f"Salesforce failed ({status}).", **facts))
    if answers.is_away(status):
        wait = answers.retry_after(response)
        return Unavailable(f"Salesforce takes no form now ({status}).", retry_after=wait, **facts)
    fix = "Check in Setup that Web-to-Lead is enabled, and whether this is a sandbox."
    return Misconfigured(f"Salesforce does not take forms at this address ({status}).", fix=fix, **facts)


def today() -> date:
    return datetime.now(UTC).date()
