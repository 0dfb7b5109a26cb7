"""Which hosts are Marketo's: nothing that is typed in leads anywhere else."""

from __future__ import annotations

import re

from connectors.errors import Misconfigured

_MUNCHKIN_ID = re.compile(r"[0-9]{3}-[A-Z]{3}-[0-9]{3}")
_SERVER_ID = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,30}[a-z0-9])?")
_PERSON_ID = re.compile(r"[1-9][0-9]{0,18}")
_REST = ".mktorest.com"


def munchkin_id(text: str) -> str:
    """Return the Munchkin ID, from itself or from the REST or identity address; ValueError where there is none.

    The error's text ends a sentence that begins with the name of the field.
    """
    typed = text.strip().upper().removeprefix("HTTPS://").removesuffix("/")
    host = typed.removesuffix("/REST").removesuffix("/IDENTITY")
    found = host.removesuffix(_REST.upper())
    if not is_munchkin_id(found):
        raise ValueError("must be three digits, three letters and three digits, such as 123-ABC-456.")
    return found


def is_munchkin_id(text: str) -> bool:
    """Tell whether this is a Munchkin ID in capitals."""
    return bool(_MUNCHKIN_ID.fullmatch(text))


def server_id(text: str) -> str:
    """Return the server ID, from itself or from the address one works at; ValueError where there is none."""
    typed = text.strip().lower().removeprefix("https:").removeprefix("//").partition("/")[0]
    found = typed.removesuffix(".marketo.com").removeprefix("app-")
    if not is_server_id(found):
        raise ValueError("must be the part after app- in the address you work at, such as ab12.")
    return found


def is_server_id(text: str) -> bool:
    """Tell whether this is a server ID."""
    return bool(_SERVER_ID.fullmatch(text))


def rest(munchkin: str) -> str:
    """Return the address of a subscription's APIs; Misconfigured where the settings name none of Marketo's."""
    if not is_munchkin_id(munchkin):
        raise Misconfigured(
            "The settings hold no Munchkin ID, so nothing was sent.",
            cause="munchkin-id",
            fix="Enter the Munchkin ID, such as 123-ABC-456.",
        )
    return f"https://{munchkin.lower()}{_REST}"


def is_person_id(text: str) -> bool:
    """Tell whether this may be the id of a person."""
    return bool(_PERSON_ID.fullmatch(text))


def person_url(server: str, person: str) -> str:
    """Return where a person is seen by those who work there; ``""`` where it is not known which server that is."""
    if not is_server_id(server) or not is_person_id(person):
        return ""
    return f"https://app-{server}.marketo.com/leadDatabase/loadLeadDetail?leadId={person}"
