"""Run the benchmark: ``make bench``. Prints medians of three runs and writes ``var/bench.json``."""

from __future__ import annotations

import os
from importlib import import_module

import django

os.environ |= {"DJANGO_SETTINGS_MODULE": "tests.settings", "LOG_LEVEL": "WARNING"}
django.setup()
import_module("tests.bench.report").main()
