"""Many leads in one request: each line is judged alone, and all good ones are stored together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus

from django.http import HttpRequest
from pydantic import ValidationError

from leads import intake, known
from leads.intake import Event, Received
from leads.models import ApiKey, Offer
from leads.taxonomy import UnknownWord
from portal.api import bodies, events, sentences
from portal.api.auth import intake_key
from portal.api.events import Act
from portal.api.problems import Problem
from portal.api.shapes.accepted import LineOut, stage_name
from portal.api.shapes.common import BrokenRule
from portal.api.shapes.sent_leads import BatchLineIn

MOST_LINES = 1_000


@dataclass(frozen=True, slots=True)
class Line:
    """A line that reads well so far."""

    lead: BatchLineIn
    act: Act


def take(request: HttpRequest) -> bytes:
    """Store the good lines; return one result for each line, in order, as JSON lines."""
    numbered = _lines(bodies.read(request, media_type=bodies.NDJSON, limit=bodies.BATCH))
    read = [_read(text) for _, text in numbered]
    results = known.surely(lambda: _store(read, intake_key(request)))
    return b"".join(_written(number, result) for (number, _), result in zip(numbered, results, strict=True))


def _store(read: Sequence[Line | Problem], key: ApiKey) -> list[Received | Problem]:
    offers = known.offers({events.normalised(line.act.full_id) for line in read if isinstance(line, Line)})
    judged = [_event(line, offers, key) if isinstance(line, Line) else line for line in read]
    received = iter(intake.receive_many([event for event in judged if isinstance(event, Event)]))
    return [next(received) if isinstance(event, Event) else event for event in judged]


def _lines(body: bytes) -> list[tuple[int, bytes]]:
    lines = body.rstrip().split(b"\n", MOST_LINES)
    if len(lines) > MOST_LINES:
        raise Problem.at("", f"A batch may have at most {MOST_LINES:,} lines.", HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    return [(number, line) for number, line in enumerate(lines, start=1) if line.strip()]


def _read(text: bytes) -> Line | Problem:
    if len(text) > bodies.SINGLE:
        rule = f"A line may have at most {bodies.SINGLE:,} bytes."
        return Problem.at("", rule, HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    try:
        lead = BatchLineIn.model_validate(bodies.parse(text))
        return Line(lead, events.read_act(lead))
    except ValidationError as error:
        return Problem.invalid(sentences.faults(error.errors(include_url=False, include_input=False)))
    except UnknownWord as error:
        return Problem.at(error.field, str(error))
    except Problem as problem:
        return problem


def _event(line: Line, offers: Mapping[str, Offer], key: ApiKey) -> Event | Problem:
    try:
        return events.event(line.lead, line.act, offers, key, line.lead.idempotency_key)
    except Problem as problem:
        return problem


def _written(number: int, result: Received | Problem) -> bytes:
    if isinstance(result, Received) and result.conflict:
        result = Problem.at("IdempotencyKey", "IdempotencyKey must not be one that was used for another lead.")
    shown = _refused(number, result) if isinstance(result, Problem) else _accepted(number, result)
    return shown.model_dump_json(by_alias=True, exclude_unset=True).encode() + b"\n"


def _accepted(number: int, received: Received) -> LineOut:
    return LineOut(
        line=number,
        status=HTTPStatus.ACCEPTED,
        lead_id=received.lead_id,
        stage=stage_name(received.stage),
        deliveries=received.deliveries,
    )


def _refused(number: int, problem: Problem) -> LineOut:
    broken = [BrokenRule(field=fault.field, rule=fault.rule) for fault in problem.faults]
    return LineOut(line=number, status=problem.status, errors=broken)
