"""``OUTBOUND_CONNECT_TO``: whose connections go elsewhere, in a sandbox.

The URL and the ``Host`` header stay the vendor's; only the bytes go, in clear HTTP, to the address named here::

    login.microsoftonline.com=http://127.0.0.1:9101,*.mktorest.com=http://127.0.0.1:9102
"""

from __future__ import annotations

import re
from fnmatch import fnmatchcase
from functools import lru_cache
from typing import NamedTuple

from django.conf import settings

_ENTRY = re.compile(r"(?P<pattern>[\w.*-]+)=http://(?P<host>[\w.-]+):(?P<port>\d{1,5})/?")


class Detour(NamedTuple):
    """Hosts that match ``pattern`` are answered by ``host:port``."""

    pattern: str
    host: str
    port: int


@lru_cache(maxsize=16)
def parse(setting: str) -> tuple[Detour, ...]:
    """Read the setting; ValueError names the entry that cannot be read."""
    return tuple(_entry(text.strip()) for text in setting.split(",") if text.strip())


def detour(host: str) -> Detour | None:
    """Return where a host's connections go instead, the first match winning; never outside a sandbox."""
    if not settings.SANDBOX:
        return None
    return next((entry for entry in parse(settings.OUTBOUND_CONNECT_TO) if fnmatchcase(host, entry.pattern)), None)


def _entry(text: str) -> Detour:
    if not (match := _ENTRY.fullmatch(text)):
        raise ValueError(f"{text!r} is not of the form host=http://address:port.")
    return Detour(match["pattern"].lower(), match["host"], int(match["port"]))
