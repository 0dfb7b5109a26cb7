"""A secret that is a file: a private key or a certificate in PEM format, pasted or uploaded."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile

LARGEST = 20_000
"""Bytes."""

_PEM = re.compile(r"-----BEGIN ([A-Z0-9 ]+)-----\n.+\n-----END \1-----", re.DOTALL)


class KeyFileWidget(forms.MultiWidget):
    """A box to paste into, and a file in its place. Neither ever shows what was given before."""

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        text = {"rows": 4, "spellcheck": "false", "autocomplete": "off", "aria-label": "As text"}
        file = {"accept": ".pem,.key,.crt,.cer,.txt", "aria-label": "As a file"}
        super().__init__({"": forms.Textarea(attrs=text), "file": forms.FileInput(attrs=file)}, attrs)

    def decompress(self, value: Any) -> list[None]:
        del value
        return [None, None]

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        del value
        return super().get_context(name, None, attrs)

    def say_stored(self, text: str) -> None:
        """Say in the empty box that something is stored."""
        self.widgets[0].attrs["placeholder"] = text


class KeyFileField(forms.Field):
    """Cleans to the text of the file, line ends as on Unix. A file goes before what was pasted."""

    widget = KeyFileWidget

    def to_python(self, value: Any) -> str:
        text, file = value if isinstance(value, list) else (value, None)
        if isinstance(file, UploadedFile):
            text = self._read(file)
        if text is not None and not isinstance(text, str):
            raise ValidationError("Enter text, not a number, a list or an object.", code="not-text")
        return self._pem("\n".join((text or "").split("\r\n")).strip())

    def _read(self, file: UploadedFile) -> str:
        if (file.size or 0) > LARGEST:
            raise self._fault(f"must be at most {LARGEST // 1_000} kB, and this file is larger.")
        try:
            content: bytes = file.read()
            return content.decode("ascii")
        except UnicodeDecodeError:
            raise self._fault("must be in PEM format, which is text, and this file is not.") from None

    def _pem(self, text: str) -> str:
        if len(text) > LARGEST:
            raise self._fault(f"must be at most {LARGEST // 1_000} kB.")
        if text and not (text.isascii() and _PEM.search(text)):
            raise self._fault(
                "must be in PEM format: text between lines that say -----BEGIN …----- and -----END …-----."
            )
        return text

    def _fault(self, rule: str) -> ValidationError:
        return ValidationError(f"The {str(self.label).lower()} {rule}", code="pem")
