"""How leads are put together into transactions that Azure takes."""

from __future__ import annotations

from datetime import timedelta

from connectors.azure_table.fake.tables import LARGEST_TRANSACTION, FakeTables
from connectors.azure_table.transactions import MOST_ROWS, Item, pack
from connectors.base import Receipt
from connectors.errors import Unavailable
from connectors.fakes import FakeServer
from tests.connectors.azure_table.conftest import Deliver, lead
from tests.connectors.azure_table.worlds import refusing, rows_of


def test_one_for_each_day(azure: FakeServer, deliver: Deliver, account: FakeTables) -> None:
    days = [lead(number, received_at=lead().received_at + timedelta(days=number % 3)) for number in range(9)]
    results = deliver(*days)
    assert [len(rows_of(request)) for request in azure.requests] == [3, 3, 3]
    assert [result.remote_id for result in results if isinstance(result, Receipt)] == [
        f"2026-11-{22 + number % 3}/{lead(number).id}" for number in range(9)
    ]
    assert len(account.tables["marketplaceleads"]) == 9


def test_problem_of_one_day_that_concerns_all_keeps_the_others_from_being_sent(
    azure: FakeServer, deliver: Deliver
) -> None:
    azure.queue += [azure.always, refusing(503, "ServerBusy")]
    days = [lead(number, received_at=lead().received_at + timedelta(days=number)) for number in range(4)]
    assert [type(result) for result in deliver(*days)] == [Receipt, Unavailable, Unavailable, Unavailable]
    assert len(azure.requests) == 2


def test_lead_that_is_there_twice_is_in_two(azure: FakeServer, deliver: Deliver, account: FakeTables) -> None:
    results = deliver(lead(1), lead(2), lead(1))
    assert [type(result) for result in results] == [Receipt] * 3
    assert [rows_of(request) for request in azure.requests] == [[lead(1).id, lead(2).id], [lead(1).id]]
    assert len(account.tables["marketplaceleads"]) == 2


def test_none_has_more_bytes_than_azure_takes(azure: FakeServer, deliver: Deliver) -> None:
    long = {f"Copy{number}": "{Description}" for number in range(6)}
    leads = [lead(number, description="\N{ROCKET}" * 16_000) for number in range(40)]
    assert [type(result) for result in deliver(*leads, mapping=long)] == [Receipt] * 40
    assert len(azure.requests) > 1
    assert max(len(request.body) for request in azure.requests) < LARGEST_TRANSACTION


def test_none_has_more_rows_than_azure_takes() -> None:
    items = [Item(place, {"PartitionKey": "a", "RowKey": str(place)}) for place in range(250)]
    assert [len(transaction) for transaction in pack(items)] == [MOST_ROWS, MOST_ROWS, 50]


def test_nothing_makes_no_request(azure: FakeServer, deliver: Deliver) -> None:
    assert deliver() == []
    assert not azure.requests
