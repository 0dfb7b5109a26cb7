"""Stopping a worker at one precise moment, by what PostgreSQL itself makes it wait for."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg

from tests.waiting import wait_for


@contextmanager
def locked(database_url: str, table: str, mode: str) -> Iterator[psycopg.Connection]:
    """Lock a table for the length of a block. What waits for it is with PostgreSQL, and goes on without its client."""
    with psycopg.connect(database_url) as gate:
        gate.execute(f"LOCK TABLE {table} IN {mode} MODE")
        yield gate
        gate.rollback()


def await_somebody_at(gate: psycopg.Connection, table: str) -> None:
    """Wait until a worker stands before the lock."""
    queue = "SELECT FROM pg_locks WHERE NOT granted AND relation = %s::regclass"
    wait_for(lambda: gate.execute(queue, [table]).fetchone() is not None, seconds=20)


def break_off(gate: psycopg.Connection, table: str) -> None:
    """End the connections that stand before the lock, so that PostgreSQL undoes what they were about."""
    gate.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE NOT granted AND relation = %s::regclass", [table]
    )
