"""An organization of Salesforce's that exists only here: its records, its rules, and how it is out of sorts."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from threading import RLock
from typing import Any
from uuid import uuid4

from connectors.salesforce.imitation.described import lead_fields

Row = dict[str, Any]
Record = dict[str, Any]


class Fault(Exception):
    """A request that is refused as a whole."""

    def __init__(self, status: int, code: str, message: str = "", **more: Any) -> None:
        super().__init__(code)
        self.status = status
        self.body = [{"errorCode": code, "message": message or code, **more}]


def error(code: str, message: str = "", fields: tuple[str, ...] = (), **more: Any) -> Row:
    """Write down why a record is refused."""
    return {"statusCode": code, "message": message or code, "fields": list(fields), **more}


@dataclass
class Organization:
    """What it holds and how it behaves; change it as a test or a demo needs it."""

    host: str = "contoso.my.salesforce.com"
    client_secret: str = ""
    """The only one that is let in; every one is where it is empty."""
    users: set[str] = field(default_factory=set)
    """Who may sign in by name; anybody where it is empty."""
    fields: list[Record] = field(default_factory=lead_fields)
    may_create: bool = True
    requests_a_day: int = 15_000
    requests_used: int = 0
    duplicate_rule: str = ""
    """The field by which a lead is found to be there already; none where it is empty."""
    rule_blocks: bool = False
    automation: int = 200
    """Records in one request that its triggers can bear."""
    campaigns: dict[str, str] = field(default_factory=dict)

    records: dict[str, Record] = field(default_factory=dict)
    members: set[tuple[str, str]] = field(default_factory=set)
    posts: list[dict[str, str]] = field(default_factory=list)
    sessions: set[str] = field(default_factory=set)
    sign_ins: int = 0
    written: list[Record] = field(default_factory=list)
    """Headers, method and size of each request that wrote leads."""
    refusals: dict[str, list[Row]] = field(default_factory=dict)
    """Errors for the lead of an e-mail address, one after the other."""
    faults: deque[Fault] = field(default_factory=deque)
    """What the next requests with a session are refused with."""
    lock: RLock = field(default_factory=RLock)
    keyed: dict[tuple[str, object], list[str]] = field(default_factory=dict)
    """Ids of records by the values of their external IDs."""

    def issue(self) -> str:
        """Begin a session."""
        session = f"00D5g00000ABCDE!{uuid4().hex}"
        self.sessions.add(session)
        return session

    def new_id(self, beginning: str = "00Q") -> str:
        return f"{beginning}5g{len(self.records):010d}AAA"

    def field(self, name: str) -> Record | None:
        return next((found for found in self.fields if found["name"] == name), None)

    def live(self) -> list[Record]:
        """List the leads that are not in the bin."""
        return [record for record in self.records.values() if not record["IsDeleted"]]

    def found(self, name: str, value: object) -> list[Record]:
        """List the leads that have a value in a field; quick for an external ID."""
        if (self.field(name) or {}).get("externalId"):
            records = [self.records[place] for place in self.keyed.get((name, value), [])]
            return [record for record in records if not record["IsDeleted"]]
        return [record for record in self.live() if record.get(name) == value]

    def add(self, record: Record) -> str:
        """Keep a new record; return its id."""
        new = self.new_id()
        self.records[new] = {"Id": new, "IsDeleted": False, "IsConverted": False, "MasterRecordId": None, **record}
        for known in self.fields:
            if known["externalId"] and known["name"] in record:
                self.keyed.setdefault((known["name"], record[known["name"]]), []).append(new)
        return new

    def restore(self, records: dict[str, Record]) -> None:
        """Go back to earlier records."""
        self.records.clear()
        self.keyed.clear()
        self.records.update(records)
        for known in self.fields:
            for place, record in records.items() if known["externalId"] else ():
                self.keyed.setdefault((known["name"], record.get(known["name"])), []).append(place)
