"""What breaks, and what holds all the same."""

from __future__ import annotations

import pytest

# Here and not in conftest.py, because tests elsewhere may be first to import a module of this package.
pytest.register_assert_rewrite("tests.faults.books")
