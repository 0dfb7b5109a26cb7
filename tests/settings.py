"""The portal's settings in a test run: in a folder of its own, so that no demo is ever touched."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile

from portal import embedded

if "PORTAL_TEST_RUN" not in os.environ:
    os.environ["PORTAL_VAR"] = tempfile.mkdtemp(prefix="portal-tests-")
    atexit.register(shutil.rmtree, os.environ["PORTAL_VAR"], ignore_errors=True)
    os.environ |= {"PORTAL_TEST_RUN": "1", "SANDBOX": "true", "HTTPS_ONLY": "false", "DEBUG": "false"}
    os.environ |= {"BASE_URL": "http://127.0.0.1:8000", "OUTBOUND_CONNECT_TO": ""}
    os.environ |= embedded.defaults() | os.environ

from portal.settings import *  # noqa: F403 - the same settings, but for what follows

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_AUTOREFRESH = True
WHITENOISE_USE_FINDERS = True
