from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest

from connectors import registry
from leads.models import Destination
from tests.factories import make_destination
from tests.leads.scripted import Scripted, accept, landed


@pytest.fixture
def scripted(monkeypatch: pytest.MonkeyPatch) -> type[Scripted]:
    """Put the scripted connector on the list, for one test."""
    known = registry.all_connectors()
    monkeypatch.setattr(registry, "all_connectors", lambda: {**known, "scripted": Scripted})
    for name, value in {
        "answer": staticmethod(accept),
        "sign_in": True,
        "sent": [],
        "calls": [],
        "shows": staticmethod(landed),
        "asked": [],
        "removed": [],
        "batch_size": 1,
        "concurrency": 4,
        "idempotent": True,
    }.items():
        monkeypatch.setattr(Scripted, name, value)
    return Scripted


@pytest.fixture
def connect(scripted: type[Scripted]) -> Callable[..., Destination]:
    return partial(make_destination, connector="scripted")
