"""Ten thousand leads on their real way: PostgreSQL, the drain, Azurite."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pytest
from django.db import connection
from pytest_django.fixtures import Settings

from connectors.azure_table.azurite import Azurite
from connectors.fakes import FakeServer
from leads import delivery, sweep
from leads.balance import balance
from leads.models import Attempt, Delivery, Destination
from tests.connectors.azure_table.worlds import BY_KEY, behind, directly, rows_of
from tests.connectors.draining import receive
from tests.factories import make_destination, make_publisher
from tests.faults.books import let_leases_pass, settle
from tests.live import StartWorkers
from tests.waiting import wait_for

pytestmark = [pytest.mark.long, pytest.mark.timeout(300)]

LEADS = 10_000
REQUESTS = 120
"""For each partition: 100 transactions of 100 rows, and some for beginning and making the table."""


@pytest.fixture
def azure(azurite_server: Azurite, settings: Settings) -> Iterator[FakeServer]:
    with FakeServer(behind(azurite_server)) as server:
        settings.SANDBOX = True
        settings.OUTBOUND_CONNECT_TO = f"*={server.url}"
        yield server


def connect(table: str) -> Destination:
    """Connect a table and have leads wait for it."""
    destination = make_destination(connector="azure_table", config=BY_KEY | {"table_name": table})
    receive(destination, LEADS)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return destination


def prove(azurite: Azurite, table: str) -> None:
    """Hold the books and the table to each other."""
    books = balance(make_publisher().pk)
    assert books.adds_up
    assert (books.received, books.delivered) == (LEADS, LEADS)
    rows = list(directly(azurite, table).list_entities(select=["RowKey", "Email"]))
    assert len(rows) == LEADS
    assert {row["RowKey"] for row in rows} == {
        str(pk) for pk in Delivery.objects.filter(state="delivered").values_list("lead_id", flat=True)
    }
    assert len({row["Email"] for row in rows}) == LEADS


@pytest.mark.usefixtures("transactional_db")
def test_ten_thousand_leads_take_few_requests(azure: FakeServer, azurite_server: Azurite) -> None:
    destination = connect("ManyLeads")
    while Delivery.objects.filter(state__in=Delivery.OPEN).exists():
        delivery.drain(destination.pk)
    prove(azurite_server, "ManyLeads")
    partitions = {row["PartitionKey"] for row in directly(azurite_server, "ManyLeads").list_entities()}
    assert len(azure.requests) <= REQUESTS * len(partitions)
    sent = Counter(row for request in azure.requests for row in rows_of(request))
    # The first of all finds no table and is sent again.
    assert sum(sent.values()) <= LEADS + 100
    assert Attempt.objects.filter(outcome="created").count() == LEADS


def test_worker_killed_in_the_middle_doubles_nothing(
    azure: FakeServer,
    azurite_server: Azurite,
    live_environment: dict[str, str],
    celery_worker_process: StartWorkers,
) -> None:
    connect("KilledLeads")
    live_environment["OUTBOUND_CONNECT_TO"] = f"*={azure.url}"
    [worker] = celery_worker_process()
    wait_for(lambda: len(azure.requests) > 40, seconds=60)
    worker.kill9()
    landed = len(list(directly(azurite_server, "KilledLeads").list_entities(select=["RowKey"])))
    assert 0 < landed < LEADS
    assert Delivery.objects.filter(state="sending").exists()
    let_leases_pass()
    celery_worker_process()
    sweep.sweep()
    settle(make_publisher(), seconds=120)
    prove(azurite_server, "KilledLeads")
    sent = Counter(row for request in azure.requests for row in rows_of(request))
    assert sum(sent.values()) > LEADS
