"""Show the request by which a row is written: the SDK writes it, and nothing is sent."""

from __future__ import annotations

import json

from azure.data.tables import TableClient, UpdateMode
from requests.models import PreparedRequest

from connectors.answers import MASK, Mask
from connectors.azure_table.client import Written
from connectors.azure_table.rows import Row
from connectors.base import Preview


def of(row: Row, draft: TableClient, mask: Mask) -> Preview:
    """Return the request, what signs it masked."""
    try:
        draft.upsert_entity(dict(row), mode=UpdateMode.REPLACE)
    except Written as written:
        return _shown(written.request, mask)
    raise AssertionError("a draft was sent")


def _shown(request: PreparedRequest, mask: Mask) -> Preview:
    headers = {name: mask(value) for name, value in request.headers.items()}
    scheme, _, rest = headers.get("Authorization", "").partition(" ")
    if scheme:
        account, colon, _ = rest.partition(":")
        headers["Authorization"] = f"{scheme} {account}:{MASK}" if colon else f"{scheme} {MASK}"
    body = json.dumps(json.loads(request.body or b"{}"), ensure_ascii=False, indent=2)
    return Preview(method=str(request.method), url=mask(str(request.url)), headers=headers, body=mask(body))
