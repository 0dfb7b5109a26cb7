"""Writes that leave nothing: one that Dataverse takes back itself, one that is read back and deleted."""

from __future__ import annotations

from uuid import uuid4

from connectors.dynamics import batches, keys, lookups, outcomes, receipts
from connectors.dynamics.answered import Answer
from connectors.dynamics.batches import Operation
from connectors.dynamics.receipts import CREATED
from connectors.dynamics.schema import Schema
from connectors.dynamics.writing import Writer
from connectors.errors import DeliveryError, Misconfigured
from connectors.samples import sample_lead


def rolled_back(writer: Writer, schema: Schema) -> str:
    """Write a good lead together with a change to one that is not there, all or none: rules run, and nothing stays."""
    environment, lead, nowhere = writer.environment, sample_lead(), str(uuid4())
    good = writer.operation(lead, schema)
    wrong = Operation("PATCH", f"leads({nowhere})", {"Content-Type": "application/json", "If-Match": "*"}, {})
    batch = batches.all_or_none(environment.root, [good, wrong])
    answer = environment.send("POST", "$batch", body=batch.body, headers=batch.headers)
    answered = batches.answers(answer) or [answer]
    failed = next((each for each in answered if not each.taken), None)
    if failed is None:
        lookups.remove(environment, keys.record_id(lead.id))
        return "A lead passed every rule, and was removed again."
    if not _was_meant(failed, nowhere):
        raise outcomes.refused(failed, environment.mask)
    return "A lead passed every rule, and was taken back with a change that is wrong on purpose."


def written(writer: Writer, schema: Schema, *, may_delete: bool) -> str:
    """Write a test lead, read it back and delete it; not where the user could not delete it."""
    if not may_delete:
        return "Not tried: the user may not read and delete leads, so a test lead of ours would stay."
    environment, lead = writer.environment, sample_lead()
    place, sent = keys.record_id(lead.id), writer.operation(lead, schema)
    answer = environment.send(sent.method, sent.path, body=sent.body, headers=sent.headers)
    result = receipts.judge(answer, place, environment)
    if isinstance(result, DeliveryError):
        raise result
    found = lookups.landing(environment, place) if answer.status == CREATED else "missing"
    lookups.remove(environment, place)
    if found != "landed":
        raise Misconfigured(
            "A test lead was taken, but is not there.",
            cause="not-landed",
            fix="Look for a rule, a flow or duplicate detection in the environment that removes or merges new leads.",
        )
    return "A test lead was written, read back and removed."


def _was_meant(failed: Answer, nowhere: str) -> bool:
    return lookups.is_absent(failed) and nowhere in failed.complaint.message.lower()
