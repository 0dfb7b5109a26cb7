"""A worker, started without Celery's command line, whose interactive shell costs each process eight megabytes.

Run it with ``python -m portal.worker NAME``.
"""

from __future__ import annotations

import sys

from portal.celery import app

THREADS = 32
"""Each endpoint that hangs holds one for twenty seconds; the others must not wait for it."""


def main(name: str = "worker") -> int:
    """Run wake-ups until told to stop; return the exit code. ``name`` tells it from others on the same machine."""
    worker = app.Worker(
        hostname=f"{name}@",
        pool_cls="threads",
        concurrency=THREADS,
        loglevel="INFO",
        # Each worker is for itself: fewer messages.
        without_gossip=True,
        without_mingle=True,
        without_heartbeat=True,
    )
    worker.start()
    return int(worker.exitcode or 0)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
