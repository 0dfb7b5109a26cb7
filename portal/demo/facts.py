"""The file that tells how to enter the demo: addresses, sign-ins and keys. Only its owner may read it."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from portal import embedded

Facts = dict[str, Any]
ROLES = ("admin", "publisher", "marketing")


def path() -> Path:
    return embedded.var() / "demo.json"


def read() -> Facts:
    """Return what an earlier start wrote; empty where there was none."""
    return json.loads(path().read_text()) if path().exists() else {}


def write(facts: Facts) -> None:
    """Replace the file in one step."""
    fresh = path().with_suffix(".fresh")
    fresh.parent.mkdir(parents=True, exist_ok=True)
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        json.dump(facts, file, indent=2)
    fresh.replace(path())
