"""Writing many records at once, each with its own result, or all or none of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from connectors.salesforce.imitation import duplicates, rules
from connectors.salesforce.imitation.organization import Fault, Organization, Record, Row, error

MOST = 200
_OVERLOAD = "LeadTrigger: System.LimitException: Too many SOQL queries: 101"
_ROLLED_BACK = "Record rolled back because not all records were valid and the request was using AllOrNone header"


def write(org: Organization, method: str, key: str, body: Any, headers: Mapping[str, str]) -> list[Row]:
    """Create (POST), update by id (PATCH) or upsert by ``key`` (PATCH) the records of a request."""
    kinds, records, all_or_none = _read(body)
    if key and not (org.field(key) or {}).get("externalId"):
        raise Fault(400, "INVALID_EXTERNAL_ID_FIELD_NAME", f"Field name provided, {key} is not an External ID")
    if "CampaignMember" in kinds:
        return [_join(org, record) for record in records]
    org.written.append({"method": method, "size": len(records), "headers": dict(headers), "all_or_none": all_or_none})
    if len(records) > org.automation:
        return [_refused(error("CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", _OVERLOAD)) for _ in records]
    request = _Request(org, headers, key)
    one = request.create if method == "POST" else request.upsert if key else request.update
    before = {place: dict(record) for place, record in org.records.items()} if all_or_none else {}
    rows = [one(record) for record in records]
    if all_or_none and not all(row["success"] for row in rows):
        org.restore(before)
        rolled_back = _refused(error("ALL_OR_NONE_OPERATION_ROLLED_BACK", _ROLLED_BACK))
        return [rolled_back if row["success"] else row for row in rows]
    return rows


@dataclass
class _Request:
    org: Organization
    headers: Mapping[str, str]
    key: str
    seen: set[object] = field(default_factory=set)

    def create(self, record: Record) -> Row:
        faults = rules.faults(self.org, record, creating=True) or duplicates.faults(self.org, record, self.headers)
        return _refused(*faults) if faults else _taken(self.org.add(record))

    def update(self, record: Record) -> Row:
        found = self.org.records.get(str(record.get("id")))
        if found is None or found["IsDeleted"]:
            return _refused(error("ENTITY_IS_DELETED", "entity is deleted"))
        return self._change(found, {name: value for name, value in record.items() if name != "id"})

    def upsert(self, record: Record) -> Row:
        value = record.get(self.key)
        matching = self.org.found(self.key, value)
        if not value or value in self.seen or len(matching) > 1:
            return _refused(error("DUPLICATE_EXTERNAL_ID", f"Duplicate external id specified: {value}", (self.key,)))
        self.seen.add(value)
        row = self._change(matching[0], record) if matching else self.create(record)
        return row | {"created": not matching} if row["success"] else row

    def _change(self, found: Record, changes: Record) -> Row:
        if found["IsConverted"]:
            return _refused(error("CANNOT_UPDATE_CONVERTED_LEAD", "cannot reference converted lead"))
        if faults := rules.faults(self.org, changes, creating=False):
            return _refused(*faults)
        found.update(changes)
        return _taken(found["Id"])


def _read(body: Any) -> tuple[set[str], list[Record], bool]:
    try:
        kinds = {each["attributes"]["type"] for each in body["records"]}
        records = [{name: value for name, value in each.items() if name != "attributes"} for each in body["records"]]
    except (TypeError, KeyError):
        raise Fault(400, "JSON_PARSER_ERROR", "Unexpected records") from None
    if len(records) > MOST:
        raise Fault(400, "EXCEEDED_ID_LIMIT", f"record limit reached. cannot submit more than {MOST} records")
    return kinds, records, bool(body.get("allOrNone"))


def _join(org: Organization, record: Record) -> Row:
    campaign, lead = str(record.get("CampaignId")), str(record.get("LeadId"))
    if campaign not in org.campaigns:
        code = "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY"
        return _refused(error(code, "insufficient access rights on cross-reference id"))
    if (campaign, lead) in org.members:
        return _refused(error("DUPLICATE_VALUE", "Already a campaign member.", ("LeadId",)))
    org.members.add((campaign, lead))
    return _taken(f"00v5g{len(org.members):010d}AAA")


def _taken(record_id: str) -> Row:
    return {"id": record_id, "success": True, "errors": []}


def _refused(*errors: Row) -> Row:
    return {"success": False, "errors": list(errors)}
