"""Let a failing assertion of the inherited contract show its values."""

from __future__ import annotations

import pytest

pytest.register_assert_rewrite("connectors.testing")
