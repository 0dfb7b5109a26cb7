"""Tables in memory, behind as much of Azure Table's REST API as leads need: make, write, transact, read, delete."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
from collections.abc import Container, Mapping
from threading import Lock
from typing import Any
from urllib.parse import unquote

from connectors.azure_table.fake import limits, transactions
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
        self._key = base64.b64decode(key)
        self._tokens = tokens
        self._lock = Lock()

    def respond(self, call: Call) -> Reply:
        """Answer as Azure would."""
        try:
            self._admit(call)
            with self._lock:
                return self._answer(call)
        except Refusal as refusal:
            return refusal.reply()

    def _admit(self, call: Call) -> None:
        scheme, _, proof = call.headers.get("authorization", "").partition(" ")
        if scheme == "Bearer" and proof not in self._tokens:
            raise Refusal(401, "InvalidAuthenticationInfo")
        if scheme == "SharedKey" and not hmac.compare_digest(proof, self._signature(call)):
            raise Refusal(403, "AuthenticationFailed")
        if scheme not in ("Bearer", "SharedKey"):
            raise Refusal(403, "NoAuthenticationInformation")

    def _signature(self, call: Call) -> str:
        signed = [call.method, "", call.headers.get("content-type", ""), call.headers.get("x-ms-date", "")]
        text = "\n".join([*signed, f"/{self.account}{call.path}"])
        digest = hmac.digest(self._key, text.encode(), hashlib.sha256)
        return f"{self.account}:{base64.b64encode(digest).decode()}"

    def _answer(self, call: Call) -> Reply:
        if call.path == "/Tables" and call.method == "POST":
            return self._make(json.loads(call.body)["TableName"])
        if call.path == "/$batch" and call.method == "POST":
            return self._transact(call)
        rows, key = self._place(call, self.tables)
        return self._change(rows, key, call)

    def _make(self, table: str) -> Reply:
        if table.lower() in self.tables:
            raise Refusal(409, "TableAlreadyExists")
        self.tables[table.lower()] = {}
        return Reply(201, json.dumps({"TableName": table}), CONTENT_TYPE)

    def _transact(self, call: Call) -> Reply:
        if len(call.body) > LARGEST_TRANSACTION:
            raise Refusal(413, "RequestBodyTooLarge")
        operations = transactions.operations(call)
        if len(operations) > MOST_OPERATIONS:
            raise Refusal(400, "InvalidInput", "A transaction has 100 operations at most.")
        trial = {name: dict(rows) for name, rows in self.tables.items()}
        seen: set[tuple[str, str]] = set()
        for index, operation in enumerate(operations):
            try:
                rows, key = self._place(operation, trial)
                _check_transaction(seen, key)
                self._change(rows, key, operation)
            except Refusal as refusal:
                return transactions.undone(index, refusal)
        self.tables = trial
        return transactions.done(len(operations))

    def _place(self, call: Call, tables: Mapping[str, Rows]) -> tuple[Rows, tuple[str, str]]:
        if not (found := _ENTITY.fullmatch(unquote(call.path))):
            raise Refusal(400, "InvalidUri")
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


def _check_transaction(seen: set[tuple[str, str]], key: tuple[str, str]) -> None:
    if key in seen:
        raise Refusal(400, "InvalidDuplicateRow")
    if any(partition != key[0] for partition, _ in seen):
        raise Refusal(400, "CommandsInBatchActOnDifferentPartitions")
    seen.add(key)
