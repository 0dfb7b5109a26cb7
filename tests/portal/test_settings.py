from __future__ import annotations

import os
import re
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest
from django.conf import settings
from django.core.checks import run_checks
from pytest_django import Settings

from portal.embedded import field_key

PROJECT = Path(settings.BASE_DIR)
READ_IN_PYTHON = re.compile(r"""\benv\.\w+\(\s*"([A-Z_]+)"|environ(?:\.get\(|\[)"([A-Z_]+)\"""")
READ_IN_COMPOSE = re.compile(r"\$\{([A-Z_]+)")
EXPLAINED = re.compile(r"^(?:# )?([A-Z_]+)=", re.MULTILINE)
INNER = {"DJANGO_SETTINGS_MODULE"}
"""Read from the environment, but the project's own affair."""


def names_read() -> set[str]:
    sources = [path.read_text() for path in (PROJECT / "portal").rglob("*.py")]
    found = {name for source in sources for pair in READ_IN_PYTHON.findall(source) for name in pair if name}
    return (found | set(READ_IN_COMPOSE.findall((PROJECT / "docker-compose.yml").read_text()))) - INNER


def test_the_example_explains_every_setting_that_is_read_and_no_other() -> None:
    explained = EXPLAINED.findall((PROJECT / ".env.example").read_text())
    assert sorted(explained) == sorted(names_read())


def test_every_setting_in_the_example_has_a_line_of_explanation_above_it() -> None:
    lines = (PROJECT / ".env.example").read_text().splitlines()
    bare = [line for above, line in pairwise(lines) if EXPLAINED.match(line) and above[:2] != "# "]
    assert bare == []


def load(**environment: str) -> subprocess.CompletedProcess[str]:
    """Load the settings in a process of its own, in a bare environment."""
    code = "import portal.settings as s; print(s.DATABASES['default'], s.CELERY_BROKER_URL, s.HTTPS_ONLY)"
    bare = {"PATH": os.environ["PATH"]} | environment
    return subprocess.run(
        [sys.executable, "-c", code], cwd=PROJECT, env=bare, capture_output=True, text=True, check=False
    )


PRODUCTION = {
    "SECRET_KEY": "x" * 50,
    "FIELD_KEYS": field_key(),
    "DATABASE_URL": "postgresql://user:p%40ss@db:5433/leads?sslmode=require",
    "REDIS_URL": "redis://broker:6379/0",
}


def test_a_given_database_is_used_with_its_options_and_kept() -> None:
    answer = load(**PRODUCTION).stdout
    for fact in ("'HOST': 'db'", "'PORT': 5433", "'PASSWORD': 'p@ss'", "'sslmode': 'require'", "'CONN_MAX_AGE': 300"):
        assert fact in answer


def test_https_is_demanded_unless_it_is_a_sandbox() -> None:
    assert load(**PRODUCTION).stdout.endswith("True\n")
    assert load(**PRODUCTION, SANDBOX="true").stdout.endswith("False\n")


@pytest.mark.parametrize("missing", sorted(PRODUCTION.keys() - {"DATABASE_URL"}))
def test_beside_a_given_database_nothing_is_made_up(missing: str) -> None:
    answer = load(**{name: value for name, value in PRODUCTION.items() if name != missing})
    assert answer.returncode != 0
    assert missing in answer.stderr


def test_a_folder_for_the_embedded_services_makes_up_for_what_is_missing(tmp_path: Path) -> None:
    answer = load(DATABASE_URL=PRODUCTION["DATABASE_URL"], PORTAL_VAR=str(tmp_path))
    assert "'HOST': 'db'" in answer.stdout
    assert f"redis+socket://{tmp_path}/run/redis.sock" in answer.stdout


def test_another_kind_of_database_is_refused() -> None:
    answer = load(**PRODUCTION | {"DATABASE_URL": "sqlite:///leads.db"})
    assert answer.returncode != 0
    assert "DATABASE_URL must name a PostgreSQL database" in answer.stderr


def ids(*, deploy: bool = False) -> set[str]:
    return {message.id for message in run_checks(include_deployment_checks=deploy) if message.id}


def test_the_settings_of_the_tests_pass_every_check() -> None:
    assert ids() == set()


@pytest.mark.parametrize(
    ("setting", "value", "id_"),
    [
        ("FIELD_KEYS", [], "portal.E001"),
        ("FIELD_KEYS", [field_key(), "not-a-key"], "portal.E001"),
        ("REDIS_URL", "amqp://broker", "portal.E002"),
        ("BASE_URL", "leads.example.com", "portal.E003"),
        ("BASE_URL", "https://leads.example.com/", "portal.E003"),
    ],
)
def test_a_bad_setting_is_named(settings: Settings, setting: str, value: object, id_: str) -> None:
    setattr(settings, setting, value)
    [message] = [message for message in run_checks() if message.id == id_]
    assert setting in message.msg
    assert message.hint


def test_a_key_is_never_shown_even_if_it_is_bad(settings: Settings) -> None:
    settings.FIELD_KEYS = [field_key(), "half-a-key"]
    [message] = [message for message in run_checks() if message.id == "portal.E001"]
    assert "number 2" in message.msg
    assert "half-a-key" not in str(message)


def test_what_suits_a_demo_only_is_said_before_a_deployment(settings: Settings) -> None:
    settings.ALLOWED_HOSTS = ["other.example.com"]
    settings.SANDBOX, settings.BASE_URL = True, "http://leads.example.com"
    assert {"portal.W001", "portal.W002", "portal.W003"} <= ids(deploy=True)
    settings.ALLOWED_HOSTS = [".example.com"]
    settings.SANDBOX, settings.BASE_URL = False, "https://leads.example.com"
    assert not {"portal.W001", "portal.W002", "portal.W003"} & ids(deploy=True)


def test_a_template_that_does_not_compile_is_named(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "broken.html").write_text("{% if %}")
    settings.TEMPLATES = [{**settings.TEMPLATES[0], "DIRS": [tmp_path]}]
    [message] = [message for message in run_checks(include_deployment_checks=True) if message.id == "portal.E004"]
    assert "broken.html" in message.msg
