"""The request that writes leads: up to 300 at once, or one that fills out a form."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from connectors.marketo.client import encoded
from connectors.marketo.config import MarketoConfig
from connectors.marketo.layout import KEY
from connectors.marketo.records import Record

LARGEST = 300
"""Records: https://experienceleague.adobe.com/en/docs/marketo-developer/marketo/rest/lead-database/leads"""
LARGEST_BODY = 900_000
"""Bytes; Marketo takes a megabyte, of which a little goes to what stands around the records."""


def path(config: MarketoConfig) -> str:
    """Return where leads go: to a form, to a program with an activity that it can react to, or just in."""
    if config.by_form:
        return "/rest/v1/leads/submitForm.json"
    return "/rest/v1/leads/push.json" if config.program else "/rest/v1/leads.json"


def body(config: MarketoConfig, records: Sequence[Record]) -> dict[str, Any]:
    """Make the request's body; a form takes one record alone."""
    if config.by_form:
        program = {"programId": config.program_number} if config.program else {}
        return {"formId": config.form_number, **program, "input": [{"leadFormFields": each} for each in records]}
    way = {"programName": config.program} if config.program else {"action": "createOrUpdate"}
    partition = {"partitionName": config.partition} if config.partition else {}
    return {**way, "lookupField": KEY, **partition, "input": list(records)}


def loads(records: Sequence[Record]) -> Iterator[list[Record]]:
    """Part records into as few requests as Marketo can take, in order."""
    load: list[Record] = []
    size = 0
    for record in records:
        weight = len(encoded(record)) + 1
        if load and (size + weight > LARGEST_BODY or len(load) == LARGEST):
            yield load
            load, size = [], 0
        load.append(record)
        size += weight
    if load:
        yield load
