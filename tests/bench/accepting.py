"""How fast leads are taken in."""

from __future__ import annotations

import time

from django.db import connection

from portal import fleet
from tests.bench import load
from tests.bench.stage import Stage

SINGLE = 4_000
CALLERS = fleet.WEB_THREADS
"""As many connections as the site has threads."""
BATCHERS = 4
BATCHES, BATCH = 24, 1_000
COPIED = (
    "publisher_id, offer_id, source, action, stage, storefront, first_name, last_name, email, phone, country, company,"
    " title, description, extra, received_at, routed, fingerprint"
)


def single(stage: Stage, run: int) -> tuple[float, float]:
    """Leads a second, one by one, beside a bare view that inserts one row."""
    bodies = [load.lead(number, f"single{run}-") for number in range(SINGLE)]
    with stage.web("tests.bench.bare_settings") as port:
        _warm(port, {})
        floor = load.rate(load.post_to_site(port, {}), bodies, threads=CALLERS)
    with stage.web() as port:
        _warm(port, stage.headers)
        product = load.rate(load.post_to_site(port, stage.headers), bodies, threads=CALLERS)
    return product, floor


def batches(stage: Stage, run: int) -> tuple[float, float]:
    """Leads a second in batches of a thousand, beside COPY of as many rows into the same table."""
    bodies = [
        b"\n".join(load.lead(number, f"batch{run}-{batch}-") for number in range(BATCH)) for batch in range(BATCHES)
    ]
    with stage.web() as port:
        _warm(port, stage.headers)
        product = BATCH * load.rate(load.post_batches(port, stage.headers, BATCH), bodies, threads=BATCHERS)
    return product, _copy(run)


def _copy(run: int) -> float:
    """Copy the same rows once more, as tests, which need no customer."""
    ours = f"FROM leads_lead WHERE email LIKE 'batch{run}-%' AND kind = 'live'"
    with connection.cursor() as cursor:
        with cursor.copy(f"COPY (SELECT gen_random_uuid(), 'test', {COPIED} {ours}) TO STDOUT") as out:
            rows = b"".join(bytes(part) for part in out)
        began = time.monotonic()
        with cursor.copy(f"COPY leads_lead (id, kind, {COPIED}) FROM STDIN") as into:
            into.write(rows)
        return BATCHES * BATCH / (time.monotonic() - began)


def _warm(port: int, headers: dict[str, str]) -> None:
    bodies = [load.lead(number, "warm-") for number in range(400)]
    load.rate(load.post_to_site(port, headers), bodies, threads=CALLERS)
