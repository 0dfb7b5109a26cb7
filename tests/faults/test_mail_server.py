"""The mail server hangs. Nobody's leads wait for it, and every mail is sent once it is back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime

import pytest
from django.utils import timezone

from leads.models import Attempt, Notice, Publisher
from tests.faults.api import Api
from tests.faults.books import prove, settle
from tests.faults.figures import percentile, timed
from tests.faults.target import Target
from tests.leads.postbox import HANG, Postbox, postbox
from tests.live import StartWorkers
from tests.waiting import wait_for

pytestmark = [pytest.mark.long, pytest.mark.timeout(300)]

Tell = Callable[[str], None]

LEADS = 150
MAILS = 20
PATIENCE = 0.5
"""Seconds that 99 of 100 leads may take to be accepted, and as many to be delivered."""


@pytest.fixture(autouse=True)
def mail_server(live_environment: dict[str, str]) -> Iterator[Postbox]:
    """Come before all processes, so that they find this server."""
    with postbox() as server:
        server.always("CONNECT", HANG)
        live_environment["EMAIL_URL"] = f"smtp://127.0.0.1:{server.port}"
        yield server


def write_mails(publisher: Publisher, now: datetime) -> None:
    names = [f"owner{number}@example.com" for number in range(MAILS)]
    common = {"publisher": publisher, "kind": Notice.Kind.TEST, "subject": "A test", "body": "Well.", "due_at": now}
    Notice.objects.bulk_create(Notice(recipient=name, about=name, **common) for name in names)


@pytest.mark.usefixtures("celery_beat_process")
def test_a_mail_server_that_hangs_slows_nobody_and_loses_no_mail(
    api: Api, target: Target, mail_server: Postbox, celery_worker_process: StartWorkers, tell: Tell
) -> None:
    api.connect()
    write_mails(api.publisher, timezone.now())
    celery_worker_process(n=2)
    wait_for(lambda: mail_server.connections > 0, seconds=30)
    sent = [timed(api.send, number) for number in range(LEADS)]
    settle(api.publisher)
    prove(target, api.publisher, [lead_id for lead_id, _ in sent])
    accepting = percentile([seconds for _, seconds in sent], 99)
    tries = Attempt.objects.select_related("delivery__lead")
    delivering = percentile([(t.started_at - t.delivery.lead.received_at).total_seconds() for t in tries], 99)
    tell(f"A hanging mail server: p99 {accepting * 1000:.0f} ms to accept, {delivering * 1000:.0f} ms to be under way.")
    assert accepting < PATIENCE
    assert delivering < PATIENCE
    assert not mail_server.taken

    mail_server.replies.clear()
    mail_server.released.set()
    wait_for(lambda: not Notice.objects.filter(tries__gt=0, problem="", sent_at=None).exists(), seconds=30)
    Notice.objects.unended().update(due_at=timezone.now())
    wait_for(lambda: len(mail_server.taken) >= MAILS, seconds=30)
    assert len(set(mail_server.recipients())) == len(mail_server.recipients()) == MAILS
