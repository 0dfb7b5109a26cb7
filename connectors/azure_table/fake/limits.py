"""What Azure Table holds a row to. The emulator checks less.

https://learn.microsoft.com/rest/api/storageservices/understanding-the-table-service-data-model
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from connectors.azure_table.fake.refusals import Refusal

LONGEST_KEY = 1_024
LONGEST_NAME = 255
LONGEST_TEXT = 65_536
MOST_PROPERTIES = 255
LARGEST_ENTITY = 1_048_576

_NO_KEY = re.compile(r"[/\\#?\x00-\x1f\x7f-\x9f]")
_NAME = re.compile(r"[^\W\d]\w*")
_SYSTEM = ("Timestamp",)


def check(entity: Mapping[str, Any]) -> None:
    """Raise the Refusal that Azure would give."""
    properties = {name: value for name, value in entity.items() if "odata." not in name}
    for key in ("PartitionKey", "RowKey"):
        _check_key(properties.get(key))
    if len(properties.keys() | set(_SYSTEM)) > MOST_PROPERTIES:
        raise Refusal(400, "TooManyProperties")
    for name, value in properties.items():
        _check_property(name, value)
    if sum(8 + _bytes(name) + _bytes(value) for name, value in properties.items()) > LARGEST_ENTITY:
        raise Refusal(400, "EntityTooLarge")


def _check_key(key: Any) -> None:
    if not isinstance(key, str):
        raise Refusal(400, "PropertiesNeedValue")
    if _bytes(key) > LONGEST_KEY:
        raise Refusal(400, "KeyValueTooLarge")
    if _NO_KEY.search(key):
        raise Refusal(400, "OutOfRangeInput")


def _check_property(name: str, value: Any) -> None:
    if not _NAME.fullmatch(name):
        raise Refusal(400, "PropertyNameInvalid")
    if len(name) > LONGEST_NAME:
        raise Refusal(400, "PropertyNameTooLong")
    if isinstance(value, str) and _bytes(value) > LONGEST_TEXT:
        raise Refusal(400, "PropertyValueTooLarge")
    if not isinstance(value, str | int | float | bool | None):
        raise Refusal(400, "InvalidInput")


def _bytes(value: Any) -> int:
    return len(value.encode("utf-16-le", "surrogatepass")) if isinstance(value, str) else 8
