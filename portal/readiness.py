"""Whether the site is ready: ``python -m portal.readiness 8000`` ends well only if it is."""

from __future__ import annotations

import os
import sys
from contextlib import closing, suppress
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from urllib.parse import urlsplit


def site_is_ready(port: int, base_url: str) -> bool:
    """Ask the site on this port of this machine, by the name it answers to."""
    host = urlsplit(base_url).netloc
    with suppress(OSError, HTTPException), closing(HTTPConnection("127.0.0.1", port, timeout=5)) as connection:
        connection.request("GET", "/readyz", headers={"Host": host})
        return connection.getresponse().status == HTTPStatus.OK
    return False


if __name__ == "__main__":
    sys.exit(not site_is_ready(int(sys.argv[1]), os.environ.get("BASE_URL", "http://127.0.0.1:8000")))
