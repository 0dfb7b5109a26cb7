"""The bench's settings with the bare view in place of the site."""

from __future__ import annotations

from tests.settings import *  # noqa: F403 - the same but for what follows

ROOT_URLCONF = "tests.bench.bare"
MIDDLEWARE = []
