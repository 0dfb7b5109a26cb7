"""The settings of a Marketo destination."""

from __future__ import annotations

from dataclasses import dataclass

from connectors.config import Config, secret
from connectors.errors import Misconfigured


@dataclass(frozen=True, slots=True)
class MarketoConfig(Config):
    """One Marketo Engage subscription, and how leads get into it."""

    munchkin_id: str = ""
    client_id: str = ""
    client_secret: str = secret()
    mode: str = "sync"
    form_id: str = ""
    server_id: str = ""
    program: str = ""
    partition: str = ""

    @property
    def by_form(self) -> bool:
        """Tell whether each lead fills out a form, in place of being synchronised."""
        return self.mode == "form"

    @property
    def form_number(self) -> int:
        """Return the form's number; Misconfigured where there is none."""
        return _number(self.form_id, "form")

    @property
    def program_number(self) -> int:
        """Return the number by which a form's request names the program; Misconfigured where there is none."""
        return _number(self.program, "program")


def _number(text: str, what: str) -> int:
    if not (text.isascii() and text.isdigit()):
        raise Misconfigured(
            f"The settings do not hold the number of the {what}, so nothing was sent.",
            cause=what,
            fix=f"Enter the number of the {what}.",
        )
    return int(text)
