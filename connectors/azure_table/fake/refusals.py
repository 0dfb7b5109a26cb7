"""How Azure Table says no."""

from __future__ import annotations

import json

from connectors.stand_in import Reply

CONTENT_TYPE = "application/json;odata=minimalmetadata;streaming=true;charset=utf-8"


class Refusal(Exception):
    """A request, or one row of a transaction, is not carried out."""

    def __init__(self, status: int, code: str, message: str = "") -> None:
        super().__init__(code)
        self.status = status
        self.code = code
        self.message = message or f"This is {code}."

    def reply(self) -> Reply:
        return Reply(self.status, self.body(), CONTENT_TYPE, {"x-ms-error-code": self.code})

    def body(self, index: int | None = None) -> str:
        """Write the error down; in a transaction it begins with the place of its row."""
        message = self.message if index is None else f"{index}:{self.message}"
        return json.dumps({"odata.error": {"code": self.code, "message": {"lang": "en-US", "value": message}}})
