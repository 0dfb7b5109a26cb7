"""Where a lead comes in: lead, customer, journey and one delivery per route, in one transaction.

All of it is one statement, for one lead or a thousand. After the commit each destination gets a wake-up, and losing
it loses nothing: the sweep finds what is due.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from contextlib import nullcontext
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from leads import wake
from leads.events import Contact as Contact
from leads.events import Event as Event
from leads.events import Received as Received
from leads.events import Trial as Trial
from leads.events import normalise_email as normalise_email
from leads.gathering import Gathering
from leads.intake_rows import Row, event_row, trial_row
from leads.intake_sql import RECEIVE
from leads.known import Outdated
from leads.statements import prepared
from leads.taxonomy import Stage

_Stored = tuple[Received, frozenset[int]]
"""What became of a lead, and the destinations to call."""
NOBODY: frozenset[int] = frozenset()


def receive(event: Event) -> Received:
    """Take one lead; answered after the commit. Outdated where its key or offer is no more."""
    row = event_row(event, timezone.now())
    stored = _store([row])[0] if connection.in_atomic_block else _gathering.add(row)
    [received] = _call([stored])
    return received


def receive_many(events: Sequence[Event]) -> list[Received]:
    """Take many leads in one transaction; one answer per event, in order. Outdated as for one: then none is taken."""
    now = timezone.now()
    return _call(_store([event_row(event, now) for event in events]))


def receive_test(trial: Trial) -> Received:
    """Send a test lead down the very path of real ones, to one destination."""
    [received] = _call(_store([trial_row(trial, timezone.now())]))
    return received


def _store(rows: list[Row]) -> list[_Stored]:
    """Store rows in one transaction. Whoever has the first of them calls the workers for all."""
    for number, row in enumerate(rows):
        row["number"] = number
    try:
        answers = _execute(rows)
    except IntegrityError:
        # Two requests with the same idempotency key at once: the other has committed, so now it is found.
        answers = _execute(rows)
    everybody = frozenset(to for answer in answers.values() for to in answer[4] or () if to)
    received = list(_received(rows, answers))
    return [(one, everybody if number == 0 else NOBODY) for number, one in enumerate(received)]


def _call(stored: Sequence[_Stored]) -> list[Received]:
    wanted = NOBODY.union(*(destinations for _, destinations in stored))
    transaction.on_commit(lambda: wake.send(wanted))
    return [received for received, _ in stored]


def _execute(rows: list[Row]) -> dict[int, tuple[Any, ...]]:
    # Outside a transaction the one statement is a transaction; BEGIN and COMMIT would be two round trips for nothing.
    savepoint = transaction.atomic() if connection.in_atomic_block else nullcontext()
    with savepoint, prepared() as cursor:
        cursor.execute(RECEIVE, [json.dumps(rows)])
        answers = {answer[0]: answer for answer in cursor.fetchall()}
    if len(answers) < len(rows):
        raise Outdated
    return answers


def _received(rows: list[Row], answers: Mapping[int, tuple[Any, ...]]) -> Iterable[Received]:
    for row in rows:
        _, lead_id, stage, fingerprint, _, deliveries, repeated = answers[row["number"]]
        yield Received(
            lead_id=lead_id,
            stage=None if stage is None else Stage(stage),
            deliveries=deliveries,
            repeated=repeated,
            conflict=repeated and fingerprint != row["fingerprint"],
        )


_gathering: Gathering[Row, _Stored] = Gathering(_store)
