"""Reading from the imitated environment."""

from __future__ import annotations

import re
from typing import Any

from connectors.dynamics.imitation import rules
from connectors.dynamics.imitation.environment import Environment, Fault
from connectors.dynamics.imitation.writes import lacking

_PRIVILEGE = re.compile(r"RetrieveUserPrivilegeByPrivilegeName\(PrivilegeName='(\w+)'\)")
_CAST = re.compile(r"Microsoft\.Dynamics\.CRM\.(\w+)AttributeMetadata")


def who_am_i(env: Environment) -> dict[str, Any]:
    return {"UserId": env.user_id, "BusinessUnitId": env.user_id, "OrganizationId": env.user_id}


def privilege(env: Environment, question: str) -> dict[str, Any]:
    """Tell by which roles the user has a privilege."""
    match = _PRIVILEGE.search(question)
    if not match:
        raise Fault(404, "0x8006088a", f"Resource not found for the segment '{question}'.")
    depth = {"Depth": "Global", "PrivilegeName": match[1]}
    return {"RolePrivileges": [depth] if match[1] in env.privileges else []}


def columns(env: Environment, cast: str = "") -> dict[str, Any]:
    """List the columns, or those of one type with what only that type has."""
    match = _CAST.fullmatch(cast)
    if cast and not match:
        raise Fault(404, "0x8006088a", f"Resource not found for the segment '{cast}'.")
    if not match:
        only_some_have = {"MaxLength", "FormatName", "OptionSet", "GlobalOptionSet"}
        plain = [{name: value for name, value in found.items() if name not in only_some_have} for found in env.columns]
        return {"value": plain}
    return {"value": [found for found in env.columns if found["AttributeType"] == match[1]]}


def lead(env: Environment, place: str) -> dict[str, Any]:
    if "prvReadLead" not in env.privileges:
        raise lacking(env, "prvReadLead")
    if place not in env.records:
        raise rules.absent("lead", place)
    return env.records[place]
