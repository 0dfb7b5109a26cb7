"""PostgreSQL and a broker for a machine that has neither, kept in one folder and reached by private sockets only."""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import stat
import tempfile
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from portal import broker, database
from portal.predecessors import held
from portal.processes import StartError

LONGEST_SOCKET_FOLDER = 103 - len("/.s.PGSQL.5432.lock")
"""The address of a socket holds 103 bytes where it holds the fewest (macOS)."""


def var() -> Path:
    """Name the folder of everything that is made while running: ``PORTAL_VAR``, or ``var/`` beside ``manage.py``."""
    return Path(os.environ.get("PORTAL_VAR") or Path(__file__).resolve().parent.parent / "var").absolute()


def defaults() -> dict[str, str]:
    """Give the settings that the embedded services go by. Starts nothing; makes the secrets the first time."""
    sockets = socket_folder(var())
    return {
        "DATABASE_URL": database.url(sockets),
        "REDIS_URL": broker.url(sockets),
        **kept_secrets(var() / "secrets.json"),
    }


@contextmanager
def start(*, durable: bool = True) -> Iterator[None]:
    """Run the services for the length of a block, data kept under ``var()``; StartError says what is in the way.

    A service whose address the environment gives otherwise is not ours to run. ``durable=False`` trades the data's
    safety in a power cut for speed, which suits tests.
    """
    folder = var()
    folder.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        stack.enter_context(held(folder))
        sockets = private(socket_folder(folder))
        if ours("DATABASE_URL"):
            stack.enter_context(database.run(private(folder / "postgres"), sockets, folder / "log", durable=durable))
        if ours("REDIS_URL"):
            stack.enter_context(broker.run(sockets, folder / "log"))
        yield


def ours(setting: str) -> bool:
    """Tell whether a setting leads to the embedded service."""
    own = defaults()[setting]
    return os.environ.get(setting, own) == own


def socket_folder(folder: Path) -> Path:
    """Name where the sockets of a folder are: in it, or under the temporary folder where that name is too long."""
    inside = folder / "run"
    if len(os.fsencode(inside)) <= LONGEST_SOCKET_FOLDER:
        return inside
    digest = hashlib.sha256(os.fsencode(folder)).hexdigest()[:12]
    return Path(tempfile.gettempdir()) / f"portal-{os.geteuid()}-{digest}"


def private(folder: Path) -> Path:
    """Make a folder that nobody else can enter; StartError where somebody else has made it first."""
    with suppress(FileExistsError):
        folder.mkdir(mode=0o700)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid():
        raise StartError(f"{folder} must be a folder of the user who starts the portal; remove it or set PORTAL_VAR.")
    folder.chmod(0o700)
    return folder


def kept_secrets(path: Path) -> dict[str, str]:
    """Read the secrets of this folder, made at the first call; two processes at once agree on one set."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile("w", dir=path.parent) as fresh:
            json.dump({"SECRET_KEY": secrets.token_urlsafe(50), "FIELD_KEYS": field_key()}, fresh)
            fresh.flush()
            with suppress(FileExistsError):
                os.link(fresh.name, path)
    kept: dict[str, str] = json.loads(path.read_text())
    return kept


def field_key() -> str:
    """Make a key for Fernet without importing it: 32 random bytes, in URL-safe base 64."""
    return urlsafe_b64encode(secrets.token_bytes(32)).decode()
