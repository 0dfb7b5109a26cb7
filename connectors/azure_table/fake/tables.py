"""Tables in memory, behind as much of Azure Table's REST API as leads need: make, write, transact, read, delete."""

from __future__ import annotations

import json
import re
from collections.abc import Container, Mapping
from threading import Lock
from typing import Any
from urllib.parse import unquote

from connectors.azure_table.fake import limits, transactions
from connectors.azure_table.fake.admission import Gate, Pass
from connectors.azure_table.fake.refusals import CONTENT_TYPE, Refusal
from connectors.stand_in import Call, Reply

MOST_OPERATIONS = 100
LARGEST_TRANSACTION = 4 * 1024 * 1024

_ENTITY = re.compile(r"/(?P<table>[A-Za-z][A-Za-z0-9]+)\(PartitionKey='(?P<partition>.*)',RowKey='(?P<row>.*)'\)")

Rows = dict[tuple[str, str], dict[str, Any]]


class FakeTables:
    """The tables of one account; ``tokens`` are the access tokens that it takes beside its key."""

    def __init__(self, account: str, key: str, tokens: Container[str] = ()) -> None:
        self.account = account
        self.tables: dict[str, Rows] = {}
        self._gate = Gate(account, key, tokens)
        self._lock = Lock()

    def respond(self, call: Call) -> Reply:
        """Answer as Azure would."""
        try:
            admitted = self._gate.admit(call)
            with self._lock:
                return self._answer(call, admitted)
        except Refusal as refusal:
            return refusal.reply()

    def _answer(self, call: Call, admitted: Pass) -> Reply:
        if call.path == "/Tables" and call.method == "POST":
            return self._make(json.loads(call.body)["TableName"], admitted)
        if call.path == "/$batch" and call.method == "POST":
            return self._transact(call, admitted)
        rows, key = self._place(call, self.tables, admitted)
        return self._change(rows, key, call)

    def _make(self, table: str, admitted: Pass) -> Reply:
        admitted.check("", "c")
        if table.lower() in self.tables:
            raise Refusal(409, "TableAlreadyExists")
        self.tables[table.lower()] = {}
        return Reply(201, json.dumps({"TableName": table}), CONTENT_TYPE)

    def _transact(self, call: Call, admitted: Pass) -> Reply:
        if len(call.body) > LARGEST_TRANSACTION:
            raise Refusal(413, "RequestBodyTooLarge")
        operations = transactions.operations(call)
        if len(operations) > MOST_OPERATIONS:
            raise Refusal(400, "InvalidInput", "A transaction has 100 operations at most.")
        trial = {name: dict(rows) for name, rows in self.tables.items()}
        seen: set[tuple[str, str]] = set()
        for index, operation in enumerate(operations):
            try:
                rows, key = self._place(operation, trial, admitted)
                _check_transaction(seen, key)
                self._change(rows, key, operation)
            except Refusal as refusal:
                return transactions.undone(index, refusal)
        self.tables.update(trial)
        return transactions.done(len(operations))

    def _place(self, call: Call, tables: Mapping[str, Rows], admitted: Pass) -> tuple[Rows, tuple[str, str]]:
        if not (found := _ENTITY.fullmatch(unquote(call.path))):
            raise Refusal(400, "InvalidUri")
        admitted.check(found["table"], _rights(call))
        if (rows := tables.get(found["table"].lower())) is None:
            raise Refusal(404, "TableNotFound")
        return rows, (found["partition"].replace("''", "'"), found["row"].replace("''", "'"))

    def _change(self, rows: Rows, key: tuple[str, str], call: Call) -> Reply:
        must_be_there = call.method in ("GET", "DELETE") or "if-match" in call.headers
        if must_be_there and key not in rows:
            raise Refusal(404, "ResourceNotFound")
        if call.method == "GET":
            return Reply(200, json.dumps(rows[key]), CONTENT_TYPE)
        if call.method == "DELETE":
            del rows[key]
            return Reply(204)
        return self._put(rows, key, json.loads(call.body))

    def _put(self, rows: Rows, key: tuple[str, str], entity: dict[str, Any]) -> Reply:
        limits.check(entity)
        rows[key] = entity
        return Reply(204)


def _rights(call: Call) -> str:
    if call.method == "PUT":
        return "u" if "if-match" in call.headers else "au"
    return {"GET": "r", "DELETE": "d"}[call.method]


def _check_transaction(seen: set[tuple[str, str]], key: tuple[str, str]) -> None:
    if key in seen:
        raise Refusal(400, "InvalidDuplicateRow")
    if any(partition != key[0] for partition, _ in seen):
        raise Refusal(400, "CommandsInBatchActOnDifferentPartitions")
    seen.add(key)
