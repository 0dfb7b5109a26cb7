from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from leads import wake
from tests.factories import make_publisher
from tests.faults.api import Api
from tests.faults.target import Target

Tell = Callable[[str], None]


@pytest.fixture
def tell(capsys: pytest.CaptureFixture[str]) -> Tell:
    """Say something on the terminal, past pytest: what was doubled, and why."""

    def say(sentence: str) -> None:
        with capsys.disabled():
            print(f"\n{sentence}")

    return say


@pytest.fixture(autouse=True)
def breaker_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no test inherit the silence that another's broken broker caused."""
    monkeypatch.setattr(wake, "_silent_until", 0.0)


@pytest.fixture
def target(live_environment: dict[str, str]) -> Iterator[Target]:
    """Be every host that live processes speak to."""
    with Target() as target:
        live_environment["OUTBOUND_CONNECT_TO"] = f"*={target.server.url}"
        yield target


@pytest.fixture
def api(target: Target, live_portal: str) -> Api:
    return Api(live_portal, make_publisher())
