"""Fixtures of every test."""

from __future__ import annotations

pytest_plugins = ["tests.services", "tests.azurite", "tests.live", "tests.browser"]
