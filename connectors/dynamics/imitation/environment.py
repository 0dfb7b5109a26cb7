"""An environment of Dataverse that exists only here: its records, its rules, and how it is out of sorts."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Lock, RLock
from typing import Any
from uuid import uuid4

from connectors.dynamics.imitation.described import lead_columns

Record = dict[str, Any]

PRIVILEGES = ("prvCreateLead", "prvReadLead", "prvWriteLead", "prvDeleteLead", "prvAppendLead")


class Fault(Exception):
    """A request that is refused."""

    def __init__(self, status: int, code: str, message: str = "", **headers: str) -> None:
        super().__init__(code)
        self.status = status
        self.body = json.dumps({"error": {"code": code, "message": message or code}})
        self.headers: Mapping[str, str] = headers


@dataclass
class Environment:
    """What it holds and how it behaves; change it as a test or a demo needs it."""

    directories: set[str] = field(default_factory=set)
    """Those that Entra ID knows; every one where it is empty. So it is with what follows."""
    applications: set[str] = field(default_factory=set)
    instances: set[str] = field(default_factory=set)
    client_secret: str = ""
    passwords: dict[str, str] = field(default_factory=dict)
    certificate: Any = None
    """The public key by which assertions are proved."""

    user_id: str = "0f6a1e0c-93b1-ee11-a569-000d3ab8d2c7"
    is_member: bool = True
    has_role: bool = True
    privileges: set[str] = field(default_factory=lambda: set(PRIVILEGES))
    columns: list[Record] = field(default_factory=lead_columns)
    owners: set[str] = field(default_factory=set)
    campaigns: set[str] = field(default_factory=set)
    duplicate_column: str = ""
    """The column by which its rule finds a lead to be there already; none where it is empty."""
    duplicate_status: int = 412
    largest_batch: int = 1_000
    latency: float = 0.0
    """Seconds it thinks over each request."""

    records: dict[str, Record] = field(default_factory=dict)
    tokens: set[str] = field(default_factory=set)
    sign_ins: int = 0
    writes: list[int] = field(default_factory=list)
    """How many leads each request wrote or tried to."""
    faults: deque[Fault] = field(default_factory=deque)
    """What the next requests with a token are refused with."""
    refusals: dict[str, list[Fault]] = field(default_factory=dict)
    """Errors for the lead of an e-mail address, one after the other."""
    in_flight: int = 0
    most_in_flight: int = 0
    lock: RLock = field(default_factory=RLock)
    _counting: Lock = field(default_factory=Lock)

    def issue(self) -> str:
        """Let somebody in."""
        token = f"eyJ0eXAiOiJKV1Qi.{uuid4().hex}"
        self.tokens.add(token)
        return token

    def column(self, name: str) -> Record | None:
        return next((found for found in self.columns if found["LogicalName"] == name), None)

    @contextmanager
    def answering(self) -> Iterator[None]:
        """Count a request while it is being answered."""
        with self._counting:
            self.in_flight += 1
            self.most_in_flight = max(self.in_flight, self.most_in_flight)
        try:
            yield
        finally:
            with self._counting:
                self.in_flight -= 1
