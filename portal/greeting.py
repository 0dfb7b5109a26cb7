"""What the console says when the demo is ready."""

from __future__ import annotations

import json
from pathlib import Path

PAGES = {"admin": "/admin/", "publisher": "/", "marketing": "/leads/"}


def text(demo: Path, sandbox_port: int) -> str:
    """Name the addresses and the sign-ins of a demo, as its file has them."""
    facts = json.loads(demo.read_text())
    base = facts["base_url"]
    people = [
        f"  {role:<10} {base + page:<40} {facts[role]['username']} / {facts[role]['password']}"
        for role, page in PAGES.items()
        if role in facts
    ] or ["  The sign-ins of this demo are lost with its file. Remove var/ for a new one, or use changepassword."]
    return "\n".join(
        [
            f"The Publisher Portal is ready at {base}",
            *people,
            f"  {'API':<10} {base}/api/docs",
            f"  {'sandbox':<10} http://127.0.0.1:{sandbox_port}/ shows what the destinations were sent",
            f"Keys for the API are in {demo}. Ctrl-C stops everything.",
        ]
    )
