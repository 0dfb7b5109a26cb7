from __future__ import annotations

import json
import os
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from cryptography.fernet import Fernet
from redis import Redis

from portal import broker, database, embedded
from portal.processes import StartError
from tests.portal.machinery import all_gone, eventually, started

HOLD = [
    "-c",
    """
import time
from portal import embedded
with embedded.start(durable=False):
    print("up", flush=True)
    time.sleep(600)
""",
]


UNTIE = """
from portal.processes import Program
tied = Program.start
def start(self, environment=None):
    object.__setattr__(self, "death_signal", 0)
    return tied(self, environment)
Program.start = start
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a folder for embedded services of the test's own, and nothing given beside them."""
    chosen = tmp_path / "var"
    monkeypatch.setenv("PORTAL_VAR", str(chosen))
    monkeypatch.delenv("DATABASE_URL")
    monkeypatch.delenv("REDIS_URL")
    return chosen


def execute(statement: str) -> list[tuple[object, ...]]:
    with psycopg.connect(embedded.defaults()["DATABASE_URL"]) as connection:
        cursor = connection.execute(statement)
        return cursor.fetchall() if cursor.description else []


def ping() -> bool:
    with Redis.from_url(embedded.defaults()["REDIS_URL"]) as client:
        return bool(client.ping())


def test_both_services_answer_and_a_restart_keeps_the_data(folder: Path) -> None:
    with embedded.start(durable=False):
        assert ping()
        execute("CREATE TABLE kept AS SELECT 42 AS answer")
    with pytest.raises(psycopg.OperationalError):
        execute("SELECT 1")
    with embedded.start(durable=False):
        assert execute("SELECT answer FROM kept") == [(42,)]


def test_neither_listens_on_a_port(folder: Path) -> None:
    with embedded.start(durable=False):
        assert execute("SHOW listen_addresses") == [("",)]
        with Redis.from_url(embedded.defaults()["REDIS_URL"]) as client:
            assert client.config_get("port") == {"port": "0"}


def test_the_data_is_safe_in_a_power_cut_unless_it_is_a_test(folder: Path) -> None:
    with embedded.start():
        assert execute("SHOW fsync") + execute("SHOW synchronous_commit") == [("on",), ("on",)]
    with embedded.start(durable=False):
        assert execute("SHOW fsync") == [("off",)]


def test_letters_of_every_alphabet_fold(folder: Path) -> None:
    with embedded.start(durable=False):
        assert execute("SELECT lower('ÄÖŁ'), to_tsvector('simple', 'MÜLLER')::text") == [("äöł", "'müller':1")]


def test_the_folder_may_be_closed_to_everybody_else(folder: Path) -> None:
    folder.parent.chmod(0o700)
    with embedded.start(durable=False):
        assert execute("SELECT 1") == [(1,)]
        for inner in ("run", "postgres"):
            assert (folder / inner).stat().st_mode & 0o077 == 0


@pytest.fixture
def short_path() -> Iterator[Path]:
    """A folder whose path leaves room for a socket's name, which the system allows a hundred characters or so."""
    with tempfile.TemporaryDirectory(prefix="portal-", dir="/tmp") as folder:
        Path(folder).chmod(0o711)
        yield Path(folder)


def test_a_long_path_keeps_its_sockets_elsewhere(
    folder: Path, tmp_path: Path, short_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PORTAL_VAR", str(tmp_path / ("long and with spaces " * 8) / "var"))
    monkeypatch.setattr("tempfile.tempdir", str(short_path))
    assert embedded.socket_folder(embedded.var()).parent == short_path
    with embedded.start(durable=False):
        assert ping()
        assert execute("SELECT 1") == [(1,)]


def test_a_service_that_is_given_is_not_started(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://elsewhere/portal")
    with embedded.start(durable=False):
        assert ping()
        assert not (folder / "postgres").exists()


def test_a_second_start_on_the_same_folder_is_refused_by_name(folder: Path) -> None:
    with (
        embedded.start(durable=False),
        pytest.raises(StartError, match=rf"already running on .*{os.getpid()}"),
        embedded.start(durable=False),
    ):
        pytest.fail("two at once")


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT, signal.SIGTERM])
def test_however_the_parent_ends_nothing_is_left_and_the_next_start_works(folder: Path, number: signal.Signals) -> None:
    with started(HOLD, folder) as parent:
        parent.await_words("up")
        family = parent.family()
        assert {"redis-server", "postgres"} <= {process.name() for process in family}
        execute("CREATE TABLE kept AS SELECT 42 AS answer")
        parent.end(number)
        with embedded.start(durable=False):
            assert execute("SELECT answer FROM kept") == [(42,)]
        assert all_gone(family)


def test_an_interrupted_first_start_is_begun_anew(folder: Path) -> None:
    (folder / "postgres").mkdir(parents=True)
    (folder / "postgres" / "data.new").mkdir()
    (folder / "postgres" / "data.new" / "PG_VERSION").write_text("18")
    with embedded.start(durable=False):
        assert execute("SELECT 1") == [(1,)]


def test_data_of_another_version_is_left_alone(folder: Path) -> None:
    data = folder / "postgres" / "data"
    data.mkdir(parents=True)
    (data / "PG_VERSION").write_text("17\n")
    with pytest.raises(StartError, match="made by PostgreSQL 17, not 18"), embedded.start(durable=False):
        pytest.fail("started")
    assert sorted(path.name for path in data.iterdir()) == ["PG_VERSION"]


def test_a_server_that_cannot_start_is_quoted(folder: Path) -> None:
    with embedded.start(durable=False):
        pass
    (folder / "postgres" / "data" / "postgresql.conf").write_text("no_such_setting = 1\n")
    with pytest.raises(StartError, match="no_such_setting"), embedded.start(durable=False):
        pytest.fail("started")


def test_a_data_folder_that_cannot_be_made_is_explained(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "USER", "pg_reserved")
    with pytest.raises(StartError, match=r"could not make its data folder(.|\n)*pg_"), embedded.start(durable=False):
        pytest.fail("started")


@pytest.mark.parametrize(("module", "sentence"), [(database, "embedded PostgreSQL"), (broker, "redis-server")])
def test_a_missing_package_is_named(
    folder: Path, monkeypatch: pytest.MonkeyPatch, module: object, sentence: str
) -> None:
    monkeypatch.setattr(module, "find_spec", lambda name: None)
    monkeypatch.setenv("PATH", "")
    with pytest.raises(StartError, match=sentence), embedded.start(durable=False):
        pytest.fail("started")


def test_a_folder_somebody_else_has_put_in_the_way_is_refused(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    with pytest.raises(StartError, match="must be a folder of the user"):
        embedded.private(tmp_path / "link")


def test_secrets_are_made_once_for_the_owner_alone(folder: Path) -> None:
    made = embedded.defaults()
    assert embedded.defaults() == made
    assert (folder / "secrets.json").stat().st_mode & 0o777 == 0o600
    assert json.loads((folder / "secrets.json").read_text())["SECRET_KEY"] == made["SECRET_KEY"]
    Fernet(made["FIELD_KEYS"])
    assert len(made["SECRET_KEY"]) >= 50


def test_defaults_start_nothing(folder: Path) -> None:
    embedded.defaults()
    assert [path.name for path in folder.iterdir()] == ["secrets.json"]


def test_a_forgotten_server_is_ended_before_the_next_start(folder: Path) -> None:
    """Where the kernel cannot tie a child to its parent, both servers outlive a killed one."""
    with started(["-c", UNTIE + HOLD[1]], folder) as parent:
        parent.await_words("up")
        family = parent.family()
        parent.end(signal.SIGKILL)
        assert eventually(lambda: all(process.is_running() for process in family), 1)
        with embedded.start(durable=False):
            assert ping()
            assert execute("SELECT 1") == [(1,)]
        assert all_gone(family)
