"""Secrets that are files: pasted or uploaded, checked, kept, and never shown."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils.datastructures import MultiValueDict

from connectors.forms import ConnectorForm, KeyFileField, TextField
from connectors.key_files import LARGEST
from tests.connectors.conftest import certificate


class KeyForm(ConnectorForm):
    secrets = frozenset({"private_key"})
    only_for = {"auth": {"jwt": ("private_key",)}}
    auth = TextField(label="Sign-in", help_text="How.")
    private_key = KeyFileField(label="Private key", help_text="In PEM format.")


@pytest.fixture
def pem(tmp_path: Path) -> str:
    return certificate(tmp_path, "keys.contoso.example", 30).read_text().strip()


def form(data: Mapping[str, Any], file: bytes | None = None, **kwargs: Any) -> KeyForm:
    files = MultiValueDict({"private_key_file": [SimpleUploadedFile("key.pem", file)]} if file is not None else {})
    return KeyForm({"auth": "jwt"} | dict(data), files, **kwargs)


def fault(bad: KeyForm) -> str:
    assert not bad.is_valid()
    return str(bad.errors["private_key"][0])


def test_a_key_is_pasted_or_uploaded(pem: str) -> None:
    pasted = form({"private_key": pem.replace("\n", "\r\n") + "\r\n"})
    uploaded = form({}, pem.encode())
    both = form({"private_key": "-----BEGIN X-----\nold\n-----END X-----"}, pem.encode())
    for each in (pasted, uploaded, both):
        assert each.is_valid(), each.errors
        assert each.config()["private_key"] == pem


def test_an_empty_one_keeps_what_is_stored_and_another_choice_clears_it(pem: str) -> None:
    kept = form({}, stored={"private_key": pem})
    assert kept.is_valid()
    assert kept.config()["private_key"] == pem
    cleared = form({"auth": "password"}, stored={"private_key": pem})
    assert cleared.is_valid()
    assert cleared.config()["private_key"] == ""


@pytest.mark.parametrize(
    ("data", "file", "rule"),
    [
        ({}, None, "Private key is needed"),
        ({"private_key": "hello"}, None, "The private key must be in PEM format: text between lines"),
        ({"private_key": "-----BEGIN A-----\nx\n-----END B-----"}, None, "must be in PEM format"),
        ({"private_key": "-----BEGIN A-----\nü\n-----END A-----"}, None, "must be in PEM format"),
        ({"private_key": 7}, None, "Enter text, not a number"),
        ({"private_key": "x" * (LARGEST + 1)}, None, "must be at most 20 kB"),
        ({}, b"x" * (LARGEST + 1), "must be at most 20 kB, and this file is larger"),
        ({}, b"\x30\x82\xff", "which is text, and this file is not"),
        ({}, b"\x00", "must be in PEM format"),
    ],
)
def test_what_is_no_key_gets_a_sentence(data: dict[str, Any], file: bytes | None, rule: str) -> None:
    assert rule in fault(form(data, file))


def test_a_page_never_carries_a_key_back(pem: str) -> None:
    line = pem.splitlines()[1]
    typed = form({"private_key": pem})
    typed.full_clean()
    stored = KeyForm(stored={"auth": "jwt", "private_key": pem})
    assert line not in f"{typed}{stored}"
    assert "stored; leave empty to keep it" in str(stored["private_key"])
    assert "stored" not in str(typed["private_key"])
    assert stored.is_multipart()
    assert str(stored["private_key"]).count('data-only-for="auth=jwt"') == 2
