"""An answer of Marketo's, taken apart: HTTP 200 says nothing yet, ``success`` does."""

from __future__ import annotations

from typing import Any

from requests.models import Response

_STALE_CODES = frozenset(("601", "602"))
_STALE_STATUS = 401


class Reply:
    """What came, whatever it is."""

    def __init__(self, response: Response) -> None:
        self.response = response
        said = _json(response)
        self._said: dict[str, Any] = said if isinstance(said, dict) else {}

    @property
    def status(self) -> int:
        return self.response.status_code

    @property
    def taken(self) -> bool:
        """Tell whether Marketo did what it was asked."""
        return self.status == 200 and self._said.get("success") is True and not self.errors  # noqa: PLR2004

    @property
    def errors(self) -> list[Any]:
        """List why the whole request was refused. A status alone is put into the words of a code."""
        found = self._said.get("errors")
        if isinstance(found, list) and found:
            return found
        return [{"code": str(self.status), "message": ""}] if self.status in (413, 414) else []

    @property
    def result(self) -> list[Any]:
        """List what came of it; a search that found nothing has none."""
        found = self._said.get("result")
        return found if isinstance(found, list) else []

    @property
    def is_stale(self) -> bool:
        """Tell whether the access token was refused."""
        codes = {str(each.get("code")) for each in self.errors if isinstance(each, dict)}
        return self.status == _STALE_STATUS or bool(codes & _STALE_CODES)


def _json(response: Response) -> Any:
    try:
        return response.json()
    except (ValueError, RecursionError):
        return None
