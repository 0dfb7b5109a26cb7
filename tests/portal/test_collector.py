"""Of what is there for good, and what the site makes on top."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest

from portal import collector


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    before = gc.get_threshold()
    yield
    gc.set_threshold(*before)
    gc.unfreeze()


class Ring:
    def __init__(self) -> None:
        self.me = self


def test_passes_over_what_is_there_and_still_finds_rings() -> None:
    collector.spare_what_is_loaded()
    there = len(gc.get_objects())
    for _ in range(2 * collector.OFTEN):
        Ring()
    assert gc.get_freeze_count() > 10 * there
    assert len(gc.get_objects()) < there + 2 * collector.OFTEN
