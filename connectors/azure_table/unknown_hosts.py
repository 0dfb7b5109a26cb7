"""A host without an address: for a while it may be the network; after that, there is no such storage account."""

from __future__ import annotations

import socket
from datetime import UTC, datetime

from connectors.errors import DeliveryError, Misconfigured
from connectors.shared import tally

TRIES = 5
"""Times in a day that a name is looked for, by all workers, before it is called wrong."""

_NO_SUCH_NAME = frozenset((socket.EAI_NONAME, getattr(socket, "EAI_NODATA", socket.EAI_NONAME)))


def judged(problem: DeliveryError, host: str) -> DeliveryError:
    """Answer what the publisher can mend, if ``problem`` is the last of several that say: there is no such name."""
    cause = problem.__cause__
    if problem.cause != "dns" or not isinstance(cause, socket.gaierror) or cause.errno not in _NO_SUCH_NAME:
        return problem
    if tally(f"azure_table:unknown:{host}", datetime.now(UTC).date()) < TRIES:
        return problem
    return Misconfigured(
        f"There is no storage account at {host}.",
        cause="no-account",
        fix="Check the name of the storage account in the settings of this destination.",
    )
