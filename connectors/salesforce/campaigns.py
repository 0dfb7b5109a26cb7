"""Membership in a campaign, for leads that have landed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from connectors.base import Receipt
from connectors.errors import ANSWER_LIMIT, DeliveryError, Misconfigured, Unavailable
from connectors.salesforce import batches, rows
from connectors.salesforce.client import Org
from connectors.salesforce.outcomes import refused_record
from connectors.salesforce.receipts import Result
from connectors.salesforce.rows import Record, Row, Writer


def joined(org: Org, results: Sequence[Result]) -> list[Result]:
    """Add what has landed to the campaign of the settings; who is a member already stays one.

    A lead is not lost for it: where sending again is harmless a passing fault tries again, any other is written down.
    """
    landed = dict.fromkeys(result.remote_id for result in results if isinstance(result, Receipt) and result.remote_id)
    said = dict(zip(landed, _rows(org, list(landed)), strict=True))
    return [_with(result, said.get(getattr(result, "remote_id", "")), org) for result in results]


def check(org: Org, campaign_id: str) -> str:
    """Say which campaign leads are added to; Misconfigured where it cannot be seen."""
    try:
        found = org.ask("GET", "sobjects", "Campaign", campaign_id, params={"fields": "Name"})
    except Unavailable:
        raise
    except DeliveryError as error:
        raise Misconfigured(
            "Salesforce shows the integration user no campaign of this id.",
            cause="campaign",
            fix="Copy the id from the campaign's address, and let the user read campaigns and add members.",
            status=error.status,
            answer=error.answer,
        ) from None
    return str(found.get("Name", campaign_id)) if isinstance(found, dict) else campaign_id


def _rows(org: Org, lead_ids: Sequence[str]) -> list[Row | DeliveryError]:
    members = [{"CampaignId": org.config.campaign_id, "LeadId": lead_id} for lead_id in lead_ids]

    def write(some: Sequence[Record]) -> Any:
        return org.ask("POST", *batches.COLLECTIONS, body=batches.body(some, "CampaignMember"))

    return Writer(write, org.session.seconds_left).rows(members) if members else []


def _with(result: Result, row: Row | DeliveryError | None, org: Org) -> Result:
    problem = _problem(row, org)
    if problem is None or isinstance(result, DeliveryError):
        return result
    if isinstance(problem, Unavailable) and org.config.repeatable:
        return problem
    told = f"The lead landed, but was not added to the campaign: {problem.sentence}\n{result.answer}"
    return replace(result, answer=told[:ANSWER_LIMIT])


def _problem(row: Row | DeliveryError | None, org: Org) -> DeliveryError | None:
    if row is None or isinstance(row, DeliveryError):
        return row
    known = any(complaint.meaning.kind == "duplicate" for complaint in rows.complaints(row))
    return None if known or row.get("success") else refused_record(row, org.mask)
