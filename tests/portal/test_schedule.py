from __future__ import annotations

import pytest

from portal.celery import EVERY, app


def test_every_periodic_call_is_to_a_task_that_there_is() -> None:
    app.loader.import_default_modules()
    called = {entry["task"] for entry in app.conf.beat_schedule.values()}
    assert called - app.tasks.keys() == set()


@pytest.mark.django_db
@pytest.mark.parametrize("name", sorted(EVERY))
def test_with_nothing_to_do_a_periodic_call_does_nothing(name: str) -> None:
    app.loader.import_default_modules()
    app.tasks[f"leads.{name}"]()
