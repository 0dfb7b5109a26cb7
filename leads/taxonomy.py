"""Sources, actions and stages: the one table that says what a customer's act means.

The meaning is that of 2018, when "Get it now" was interest and "Contact me" was active; later documents of the
marketplace swapped the two.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from django.db.models import IntegerChoices, TextChoices


class Storefront(TextChoices):
    AZURE_MARKETPLACE = "azure_marketplace", "Azure Marketplace"
    APPSOURCE = "appsource", "AppSource"


class Source(TextChoices):
    TEST_DRIVE = "TestDrive", "Test drive"
    AZURE_MARKETPLACE = "AzureMarketplace", "Azure Marketplace"
    AZURE_PORTAL = "AzurePortal", "Azure Portal"
    APPSOURCE = "SPZA", "AppSource"


class Action(TextChoices):
    START_TEST_DRIVE = "StartTestDrive", "Test Drive"
    INSTALL = "INS", "Get it now"
    CREATE = "Create", "Purchase"
    PARTNER_LED_TRIAL = "PLT", "Contact me"
    DO_NOT_CONTACT = "DNC", "Do not contact"


class Stage(IntegerChoices):
    """How far a customer has come with an offer; a higher number is further."""

    TEST_DRIVE = 1, "test drive"
    INITIAL_INTEREST = 2, "initial interest"
    ACTIVE = 3, "active"


class Meaning(NamedTuple):
    stage: Stage | None
    storefront: Storefront | None
    """None where either storefront leads to it."""


MEANINGS: dict[tuple[Source, Action], Meaning] = {
    (Source.TEST_DRIVE, Action.START_TEST_DRIVE): Meaning(Stage.TEST_DRIVE, None),
    (Source.AZURE_MARKETPLACE, Action.INSTALL): Meaning(Stage.INITIAL_INTEREST, Storefront.AZURE_MARKETPLACE),
    (Source.APPSOURCE, Action.INSTALL): Meaning(Stage.INITIAL_INTEREST, Storefront.APPSOURCE),
    (Source.AZURE_PORTAL, Action.CREATE): Meaning(Stage.ACTIVE, Storefront.AZURE_MARKETPLACE),
    (Source.APPSOURCE, Action.PARTNER_LED_TRIAL): Meaning(Stage.ACTIVE, Storefront.APPSOURCE),
    (Source.APPSOURCE, Action.DO_NOT_CONTACT): Meaning(None, Storefront.APPSOURCE),
}

BUTTONS: dict[Storefront, tuple[tuple[Source, Action], ...]] = {
    Storefront.AZURE_MARKETPLACE: (
        (Source.TEST_DRIVE, Action.START_TEST_DRIVE),
        (Source.AZURE_MARKETPLACE, Action.INSTALL),
        (Source.AZURE_PORTAL, Action.CREATE),
    ),
    Storefront.APPSOURCE: (
        (Source.TEST_DRIVE, Action.START_TEST_DRIVE),
        (Source.APPSOURCE, Action.INSTALL),
        (Source.APPSOURCE, Action.PARTNER_LED_TRIAL),
    ),
}
"""What a customer can press on an offer's page, in the order shown."""

SPELLINGS = {source.value.lower(): source for source in Source} | {
    "appsource": Source.APPSOURCE,
    "appsource (spza)": Source.APPSOURCE,
}
ACTIONS = {action.value.lower(): action for action in Action}
LEAD_SOURCE = re.compile(r"^\s*(?P<source>[^|]+?)\s*-\s*(?P<action>[A-Za-z]+)\s*\|\s*(?P<offer>\S.*?)\s*$")


class UnknownWord(ValueError):
    """A source, action or pair the table does not hold; ``field`` is its name on the wire."""

    def __init__(self, field: str, sentence: str) -> None:
        super().__init__(sentence)
        self.field = field


def read_source(text: str) -> Source:
    """Read a source in any spelling the marketplace writes."""
    try:
        return SPELLINGS[" ".join(text.lower().split())]
    except KeyError:
        raise UnknownWord("LeadSource", f"LeadSource must be one of {', '.join(Source.values)}.") from None


def read_action(text: str) -> Action:
    """Read an action code."""
    try:
        return ACTIONS[text.strip().lower()]
    except KeyError:
        raise UnknownWord("ActionCode", f"ActionCode must be one of {', '.join(Action.values)}.") from None


def meaning(source: Source, action: Action) -> Meaning:
    """Say what this act means; UnknownWord where no button leads to the pair."""
    try:
        return MEANINGS[source, action]
    except KeyError:
        fitting = " or ".join(pair[1].value for pair in MEANINGS if pair[0] is source)
        raise UnknownWord("ActionCode", f"ActionCode for LeadSource {source.value} must be {fitting}.") from None


def split_lead_source(text: str) -> tuple[str, str, str] | None:
    """Take ``Source-Action|Offer`` apart, with or without spaces around the bar; None for anything else."""
    match = LEAD_SOURCE.match(text)
    return (match["source"], match["action"], match["offer"]) if match else None
