"""A headless Chromium for the tests of the pages. ``python -m tests.browser`` installs one where there is none."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
QUIET = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
NONE_FOUND = "No Chromium here: put one on PATH, or run `python -m tests.browser`; BROWSER=skip leaves these tests out."


def browser_path() -> str | None:
    """Find a Chromium on PATH that starts, else the one Playwright has installed; None where there is neither."""
    for found in filter(None, map(shutil.which, NAMES)):
        if subprocess.run([found, "--version"], capture_output=True, check=False).returncode == 0:
            return found
    with sync_playwright() as playwright:
        own = playwright.chromium.executable_path
    return own if Path(own).exists() else None


def install() -> None:
    """Install Debian's as root, else Playwright's own."""
    if os.geteuid() == 0 and shutil.which("apt-get"):
        quietly = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
        for step in (["update", "-qq"], ["install", "-qq", "-y", "--no-install-recommends", "chromium"]):
            subprocess.run(["apt-get", *step], env=quietly, stdin=subprocess.DEVNULL, check=False)
    if browser_path() is None:
        subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], check=False)


def main() -> None:
    """Have a Chromium, or say that there is none and fail."""
    if left_out():
        print("BROWSER=skip: the tests of the pages are left out.")  # noqa: T201 - a command's own words
        return
    if browser_path() is None:
        install()
    if browser_path() is None:
        sys.exit(NONE_FOUND)


def left_out() -> bool:
    return os.environ.get("BROWSER") == "skip"


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    if left_out():
        pytest.skip("BROWSER=skip")
    path = browser_path()
    if path is None:
        pytest.fail(NONE_FOUND)
    # Playwright runs an event loop in this thread, in which Django would refuse to touch the database.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        yield playwright.chromium.launch(executable_path=path, args=QUIET)


@pytest.fixture
def page(chromium: Browser, live_portal: str) -> Iterator[Page]:
    """Open a page on the live site; a script that fails, or one that the content policy stops, fails the test."""
    context = chromium.new_context(base_url=live_portal, viewport={"width": 1280, "height": 900})
    problems: list[str] = []

    def note(message: ConsoleMessage) -> None:
        if "Content Security Policy" in message.text:
            problems.append(message.text)

    context.on("console", note)
    context.on("weberror", lambda error: problems.append(str(error.error)))
    yield context.new_page()
    context.close()
    assert not problems


if __name__ == "__main__":
    main()
