"""The id of a lead's record, which is ours to choose: so one that is sent twice stays one."""

from __future__ import annotations

from uuid import UUID, uuid5

_NAMESPACE = UUID("5b8f2a94-0c1e-4d53-9a5b-6a0f0e7b3c61")


def record_id(lead_id: str) -> str:
    """Return the id that the record of a lead has in every environment."""
    return str(uuid5(_NAMESPACE, lead_id))


def record_url(instance_url: str, found: str) -> str:
    """Return where a person opens a lead."""
    return f"{instance_url}/main.aspx?pagetype=entityrecord&etn=lead&id={found}"
