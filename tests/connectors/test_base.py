"""What a connector does when it says nothing else."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

import pytest

from connectors.base import Check, Connector, LeadPayload, Preview, Receipt
from connectors.config import Config
from connectors.errors import (
    ANSWER_LIMIT,
    DeliveryError,
    Misconfigured,
    Rejected,
    Unanswered,
    Unavailable,
    Uncertain,
    Unsent,
)
from connectors.http import open_session
from connectors.samples import sample_lead


class Plain(Connector[Config]):
    def deliver(self, leads: Sequence[LeadPayload]) -> list[Receipt | DeliveryError]:
        return [Receipt() for _ in leads]

    def checks(self) -> Iterator[Check]:
        return iter(())

    def render(self, lead: LeadPayload) -> Preview:
        return Preview(method="POST", url="", headers={}, body=lead.id)


def test_defaults() -> None:
    with open_session(deadline=1, pool_size=1) as session:
        plain = Plain(Config(), session)
        assert plain.fields() == []
        assert plain.read_back(Receipt()) == "unprovable"
        plain.remove(Receipt())
        assert plain.mapping == {}
    assert Plain.issue() == Plain.rotate({}, datetime.now(UTC)) == {}


def test_lead_source_is_written_the_marketplaces_way() -> None:
    assert sample_lead().lead_source == "AzureMarketplace-INS|test.connection-check"


@pytest.mark.parametrize(
    ("error", "who"),
    [
        (Unavailable, "target"),
        (Unanswered, "target"),
        (Unsent, "marketplace"),
        (Misconfigured, "publisher"),
        (Rejected, "publisher"),
        (Uncertain, "publisher"),
    ],
)
def test_error_says_who_acts_and_keeps_a_little_of_the_answer(error: type[DeliveryError], who: str) -> None:
    made = error("It is so.", cause="so", answer="x" * 10_000)
    assert (made.who, made.sentence, str(made), len(made.answer)) == (who, "It is so.", "It is so.", ANSWER_LIMIT)
