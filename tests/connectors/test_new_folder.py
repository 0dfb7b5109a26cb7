"""A new kind of destination is one folder and its tests: shown in a copy of the house, where one is made by copying."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

HOUSE = Path(__file__).resolve().parents[2]
PARTS = ("portal", "leads", "connectors", "tests", "templates", "static", "manage.py", "pyproject.toml")
SLUG, LABEL = "heliograph", "Heliograph"
OF_THE_TESTS = (
    "PORTAL_",
    "SANDBOX",
    "OUTBOUND_",
    "HTTPS_ONLY",
    "DEBUG",
    "DATABASE_URL",
    "REDIS_URL",
    "COV",
    "DJANGO_ALLOW",
)
PRODUCTION = {
    "SECRET_KEY": "c" * 60 + "kept-nowhere",
    "FIELD_KEYS": "A" * 43 + "=",
    "DATABASE_URL": "postgresql://localhost:1/portal",
    "REDIS_URL": "redis://localhost:1",
    "BASE_URL": "https://leads.example.com",
    "ALLOWED_HOSTS": "leads.example.com",
    "EMAIL_URL": "smtp://localhost:1",
}

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Copy the house, and the folder of a connector in it under another name."""
    house = tmp_path_factory.mktemp("house")
    left_out = shutil.ignore_patterns("__pycache__", "*.pyc")
    for part in PARTS:
        if (HOUSE / part).is_dir():
            shutil.copytree(HOUSE / part, house / part, ignore=left_out)
        else:
            shutil.copy(HOUSE / part, house)
    for parent in ("connectors", "tests/connectors"):
        renamed(house / parent / "https_endpoint")
    with (house / "connectors" / SLUG / "sandbox.py").open("a") as sandbox:
        sandbox.write(f'\nDEMO = {{"url": "https://{SLUG}.contoso.example/leads", "auth": "none"}}\n')
    return house


def renamed(model: Path) -> None:
    folder = shutil.copytree(model, model.parent / SLUG)
    for inner in (folder / "static", folder / "templates"):
        if inner.exists():
            (inner / model.name).rename(inner / SLUG)
    for path in [path for path in folder.rglob("*") if path.suffix in (".py", ".html")]:
        text = path.read_text().replace(model.name, SLUG).replace("HTTPS endpoint", LABEL)
        path.write_text(text)


def run(house: Path, *arguments: str, settings: Mapping[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(OF_THE_TESTS)}
    kept = {name: value for name, value in kept.items() if name not in {*PRODUCTION, "DJANGO_SETTINGS_MODULE"}}
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=house,
        env=kept | dict(settings or {}),
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )


def said(done: subprocess.CompletedProcess[str]) -> str:
    return done.stdout[-3_000:] + done.stderr[-3_000:]


def test_it_is_offered_kept_to_the_contract_and_part_of_the_demo(copy: Path) -> None:
    done = run(
        copy,
        *("-m", "pytest", "-q", "-p", "no:randomly", "--no-header", "-rA"),
        *(f"tests/connectors/{SLUG}/test_contract.py::TestHttpsEndpoint", "tests/connectors/test_registry.py"),
        *("tests/connectors/test_independence.py", "tests/connectors/test_sandbox.py"),
        *("tests/portal/test_choice.py", "tests/portal/test_demo.py::test_every_kind_is_connected_and_delivers"),
    )
    assert done.returncode == 0, said(done)
    for test in (
        f"test_every_connector_is_held_to_the_contract[{SLUG}]",
        f"test_no_module_outside_its_folder_imports_a_connector[{SLUG}]",
        f"test_every_kind_is_offered_and_leads_to_its_form[{SLUG}]",
        f"test_every_kind_is_connected_and_delivers[{SLUG}]",
        f"{SLUG}/test_contract.py::TestHttpsEndpoint::test_guide_and_icon_are_there",
    ):
        assert f"{test}\n" in done.stdout


def test_its_contract_is_missed_where_nobody_tests_it(copy: Path, tmp_path: Path) -> None:
    hidden = shutil.move(copy / "tests" / "connectors" / SLUG, tmp_path / SLUG)
    try:
        done = run(copy, "-m", "pytest", "-q", "--no-header", "tests/connectors/test_registry.py")
    finally:
        shutil.move(hidden, copy / "tests" / "connectors" / SLUG)
    assert done.returncode == 1, said(done)
    assert f"test_every_connector_is_held_to_the_contract[{SLUG}]" in done.stdout


def test_it_needs_no_migration_and_passes_the_checks(copy: Path) -> None:
    for command in (("makemigrations", "--check", "--dry-run"), ("check", "--deploy", "--fail-level", "WARNING")):
        done = run(copy, "-W", "ignore::RuntimeWarning", "manage.py", *command, settings=PRODUCTION)
        assert done.returncode == 0, said(done)
    imports = run(copy, "-c", "from importlinter.cli import lint_imports_command as main; main(['--no-cache'])")
    assert imports.returncode == 0, said(imports)
