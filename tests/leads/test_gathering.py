from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from threading import Event

import pytest

from leads.gathering import Gathering
from tests.waiting import wait_for


class Store:
    """Doubles numbers; holds the door until it is opened; takes no odd ones."""

    def __init__(self) -> None:
        self.calls: list[list[int]] = []
        self.door = Event()

    def __call__(self, numbers: list[int]) -> list[int]:
        self.calls.append(numbers)
        assert self.door.wait(10)
        if any(number % 2 for number in numbers):
            raise ValueError(f"{numbers} are not all even")
        return [2 * number for number in numbers]


@pytest.fixture
def store() -> Store:
    return Store()


@contextmanager
def crowd(store: Store, numbers: list[int], most: int = 100) -> Iterator[list[Future[int]]]:
    """Let the first come, and the others while it is being stored; open the door once all are there."""
    gathering = Gathering(store, most)
    with ThreadPoolExecutor(len(numbers)) as threads:
        futures = [threads.submit(gathering.add, numbers[0])]
        wait_for(lambda: len(store.calls) == 1, seconds=10)
        for place, number in enumerate(numbers[1:], start=1):
            futures.append(threads.submit(gathering.add, number))
            wait_for(partial(_wait_at, gathering, place), seconds=10)
        store.door.set()
        yield futures


def _wait_at(gathering: Gathering[int, int], number: int) -> bool:
    return gathering.waiting == number


def test_who_comes_alone_waits_for_nobody(store: Store) -> None:
    store.door.set()
    gathering = Gathering(store)
    assert [gathering.add(number) for number in (2, 4)] == [4, 8]
    assert store.calls == [[2], [4]]


def test_who_comes_meanwhile_is_stored_together_and_each_gets_its_own_answer(store: Store) -> None:
    with crowd(store, [2, 4, 6, 8]) as futures:
        assert [future.result(10) for future in futures] == [4, 8, 12, 16]
    assert store.calls == [[2], [4, 6, 8]]


def test_no_more_than_the_limit_go_together(store: Store) -> None:
    with crowd(store, [2, 4, 6, 8, 10, 12], most=2) as futures:
        assert [future.result(10) for future in futures] == [4, 8, 12, 16, 20, 24]
    assert store.calls == [[2], [4, 6], [8, 10], [12]]


def test_a_bad_one_fails_alone(store: Store) -> None:
    with crowd(store, [2, 4, 5, 6]) as futures:
        good = futures[:2] + futures[3:]
        assert [future.result(10) for future in good] == [4, 8, 12]
        assert isinstance(futures[2].exception(10), ValueError)
    assert sorted(map(tuple, store.calls)) == [(2,), (4,), (4, 5, 6), (5,), (6,)]


def test_a_bad_one_that_came_alone_is_tried_once_and_keeps_nobody_from_coming(store: Store) -> None:
    store.door.set()
    gathering = Gathering(store)
    with pytest.raises(ValueError, match="not all even"):
        gathering.add(1)
    assert gathering.add(2) == 4
    assert store.calls == [[1], [2]]
