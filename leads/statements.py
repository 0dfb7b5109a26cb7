"""Cursors for the few statements that every lead passes through: PostgreSQL plans them once for each connection."""

from __future__ import annotations

import select
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection
from django.db.backends.postgresql import base
from django.db.backends.utils import CursorWrapper


@contextmanager
def prepared() -> Iterator[CursorWrapper]:
    """Open a cursor whose statements are prepared by the server; planning the intake costs as much as running it."""
    _revive()
    # Django's own cursors bind on the client, which rules prepared statements out; this is how it makes them.
    on_server = base.ServerBindingCursor(connection.connection)  # type: ignore[attr-defined] # defined for psycopg 3
    with connection._prepare_cursor(on_server) as cursor:  # type: ignore[attr-defined] # noqa: SLF001
        yield cursor


def _revive() -> None:
    """Connect, anew where the server has hung up meanwhile: then there is something to read on an idle line.

    Django asks the server, which costs every lead a round trip.
    """
    line = connection.connection
    suspicious = line and not connection.in_atomic_block and (line.closed or _stirs(line.fileno()))
    if suspicious and not connection.is_usable():
        connection.close()
    connection.ensure_connection()


def _stirs(line: int) -> bool:
    poll = select.poll()
    poll.register(line, select.POLLIN)
    return bool(poll.poll(0))
