from __future__ import annotations

import json
import os
import signal
import socket
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from connectors.connect_to import parse
from portal import ports, serving
from portal.processes import StartError
from portal.readiness import site_is_ready
from tests.portal.machinery import all_gone, eventually, own_environment, started

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@pytest.fixture
def newcomer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Become somebody who starts the portal for the first time; the folder."""
    folder = tmp_path / "var"
    for name in os.environ.keys() - own_environment(folder).keys():
        monkeypatch.delenv(name)
    monkeypatch.setenv("PORTAL_VAR", str(folder))
    return folder


@pytest.fixture
def signal_handlers() -> Iterator[None]:
    kept = {number: signal.getsignal(number) for number in SIGNALS}
    yield
    for number, handler in kept.items():
        signal.signal(number, handler)


@pytest.fixture
def taken_port() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def fetch(port: int, path: str) -> int:
    connection = HTTPConnection("127.0.0.1", port, timeout=5)
    connection.request("GET", path)
    status = connection.getresponse().status
    connection.close()
    return status


@pytest.mark.slow
@pytest.mark.timeout(180)
def test_one_command_serves_the_demo_and_leaves_nothing_behind(tmp_path: Path) -> None:
    folder, port = tmp_path / "var", ports.free_port()
    command = ["manage.py", "serve", "--port", str(port)]
    with started(command, folder) as first:
        first.await_words(f"is ready at http://127.0.0.1:{port}")
        demo = json.loads((folder / "demo.json").read_text())
        assert demo["base_url"] == f"http://127.0.0.1:{port}"
        assert demo["publisher"]["password"] in first.words
        assert fetch(port, "/healthz") == 200

        with started(command, folder) as second:
            second.await_words("already running on")
            assert second.process.wait(10) == 1
            assert "Traceback" not in second.words

        first.members("worker-1")[0].kill()
        first.await_words("worker-1 ended (signal 9); starting it again.")
        assert eventually(lambda: first.members("worker-1") != [])

        family = first.family()
        assert first.end(signal.SIGINT) == 0
        assert all_gone(family, seconds=1)
        assert first.words.endswith("Stopped.\n")
        assert "Traceback" not in first.words

    with started(command, folder) as again:
        again.await_words("is ready at", seconds=30)
        assert json.loads((folder / "demo.json").read_text())["publisher"] == demo["publisher"]
        family = again.family()
        again.end(signal.SIGKILL)
        assert all_gone(family)


@pytest.mark.slow
def test_it_serves_until_it_is_told_to_stop(newcomer: Path) -> None:
    port = ports.free_port()

    def leave(words: str) -> None:
        assert "is ready at" in words
        assert site_is_ready(port, f"http://127.0.0.1:{port}")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        serving.serve(port, say=leave)
    assert not site_is_ready(port, f"http://127.0.0.1:{port}")


def test_a_taken_port_is_refused_with_another_in_hand(newcomer: Path, taken_port: int, signal_handlers: None) -> None:
    with pytest.raises(CommandError, match=f"Port {taken_port} is taken.*make run PORT={taken_port + 1}"):
        call_command("serve", port=taken_port)


def test_the_first_signal_leaves_and_the_second_does_not_disturb(
    signal_handlers: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def serve(port: int, *, say: object) -> None:
        try:
            os.kill(os.getpid(), signal.SIGTERM)
        finally:
            os.kill(os.getpid(), signal.SIGINT)

    monkeypatch.setattr(serving, "serve", serve)
    call_command("serve", with_parent=True)


def test_a_database_that_cannot_be_prepared_is_explained(newcomer: Path) -> None:
    environment = own_environment(newcomer) | {"DATABASE_URL": "sqlite:///x"}
    with pytest.raises(StartError, match=r"could not be prepared(.|\n)*must name a PostgreSQL"):
        serving.prepare(environment, newcomer / "log")


def test_a_site_that_does_not_answer_is_said_to(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def leave(words: str) -> None:
        assert words == f"The site does not answer yet; {tmp_path / 'log'} may say why."
        raise KeyboardInterrupt

    monkeypatch.setattr(serving, "OVERDUE", -1.0)
    with pytest.raises(KeyboardInterrupt):
        serving.await_ready(lambda: None, lambda: False, tmp_path, leave)


class TestEnvironment:
    def test_it_is_a_sandbox_with_its_detours_after_the_persons_own(
        self, newcomer: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("OUTBOUND_CONNECT_TO", "leads.example.com=http://127.0.0.1:9999")
        environment = serving.child_environment(8001, 9100)
        assert environment["SANDBOX"] == "true"
        assert environment["BASE_URL"] == "http://127.0.0.1:8001"
        detours = parse(environment["OUTBOUND_CONNECT_TO"])
        assert (detours[0].pattern, detours[0].port) == ("leads.example.com", 9999)
        assert {detour.port for detour in detours[1:]} == {9100}

    def test_it_is_none_where_the_person_says_so(self, newcomer: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("SANDBOX", "false")
        environment = serving.child_environment(8001, 9100)
        assert environment["SANDBOX"] == "false"
        assert "OUTBOUND_CONNECT_TO" not in environment

    def test_what_is_given_stays(self, newcomer: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("DATABASE_URL", "postgresql://elsewhere/leads")
        environment = serving.child_environment(8001, 9100)
        assert environment["DATABASE_URL"] == "postgresql://elsewhere/leads"
        assert environment["REDIS_URL"] == f"unix://{newcomer}/run/redis.sock"


class TestPorts:
    def test_the_port_of_last_time_is_kept(self, tmp_path: Path) -> None:
        first = ports.kept_port(tmp_path / "port")
        assert ports.kept_port(tmp_path / "port") == first

    def test_unless_somebody_else_has_it_now(self, tmp_path: Path, taken_port: int) -> None:
        (tmp_path / "port").write_text(str(taken_port))
        other = ports.kept_port(tmp_path / "port")
        assert other != taken_port
        assert (tmp_path / "port").read_text() == str(other)


@pytest.mark.django_db
def test_preparing_a_prepared_database_changes_nothing() -> None:
    call_command("prepare")
    call_command("prepare")
