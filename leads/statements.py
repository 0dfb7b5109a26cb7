"""Cursors for the few statements that every lead passes through: PostgreSQL plans them once for each connection."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection
from django.db.backends.postgresql import base
from django.db.backends.utils import CursorWrapper


@contextmanager
def prepared() -> Iterator[CursorWrapper]:
    """Open a cursor whose statements are prepared by the server; planning the intake costs as much as running it."""
    connection.ensure_connection()
    # Django's own cursors bind on the client, which rules prepared statements out; this is how it makes them.
    on_server = base.ServerBindingCursor(connection.connection)  # type: ignore[attr-defined] # defined for psycopg 3
    with connection._prepare_cursor(on_server) as cursor:  # type: ignore[attr-defined] # noqa: SLF001
        yield cursor
