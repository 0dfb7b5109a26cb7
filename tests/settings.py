"""The portal's settings in a test run: in a folder of its own, so that no demo is ever touched."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile

from portal import embedded

# Each of several pytest processes has a folder and services of its own; what they start shares theirs.
if os.environ.get("PORTAL_TEST_RUN") != os.environ.get("PYTEST_XDIST_WORKER", "alone"):
    for _name in os.environ.get("PORTAL_TEST_DEFAULTS", "").split():
        del os.environ[_name]
    os.environ["PORTAL_VAR"] = tempfile.mkdtemp(prefix="portal-tests-")
    atexit.register(shutil.rmtree, os.environ["PORTAL_VAR"], ignore_errors=True)
    os.environ["PORTAL_TEST_RUN"] = os.environ.get("PYTEST_XDIST_WORKER", "alone")
    os.environ |= {"SANDBOX": "true", "HTTPS_ONLY": "false", "DEBUG": "false"}
    os.environ |= {"BASE_URL": "http://127.0.0.1:8000", "OUTBOUND_CONNECT_TO": ""}
    _defaults = {name: value for name, value in embedded.defaults().items() if name not in os.environ}
    os.environ |= _defaults | {"PORTAL_TEST_DEFAULTS": " ".join(_defaults)}

from portal.settings import *  # noqa: F403 - the same settings, but for what follows

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_AUTOREFRESH = True
WHITENOISE_USE_FINDERS = True
