"""Which hosts are Microsoft's: nothing that is typed in leads anywhere else."""

from __future__ import annotations

import re
from collections.abc import Mapping

_NAME = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_CLOUDS: Mapping[str, str] = {
    r"crm[0-9]{0,2}\.dynamics\.com": "login.microsoftonline.com",
    r"crm\.microsoftdynamics\.us": "login.microsoftonline.us",
    r"crm\.appsplatform\.us": "login.microsoftonline.us",
    r"crm\.dynamics\.cn": "login.partner.microsoftonline.cn",
}
"""Where each cloud signs in: https://learn.microsoft.com/power-platform/admin/microsoft-dynamics-365-us-government"""
_GUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII | re.IGNORECASE)
_DOMAIN = re.compile(rf"{_NAME}(?:\.{_NAME})+", re.ASCII | re.IGNORECASE)

LONGEST = 253
EXAMPLE = "https://contoso.crm4.dynamics.com"


def instance_url(text: str) -> str:
    """Return the address of an environment, from its host or its address; ValueError where it is none.

    The error's text ends a sentence that begins with the name of the field.
    """
    host = text.strip().lower().removeprefix("https://").removesuffix("/")
    if host.partition("/")[0] != host and login_host(f"https://{host.partition('/')[0]}"):
        raise ValueError(f"must end after the host: https://{host.partition('/')[0]}.")
    url = f"https://{_without_api(host)}"
    if not login_host(url):
        raise ValueError(f"must be the address of a Dynamics 365 environment in Microsoft's cloud, such as {EXAMPLE}.")
    return url


def login_host(url: str) -> str:
    """Return the host that signs in to the environment at an address; ``""`` where that is none of Microsoft's."""
    host = url.removeprefix("https://")
    if host == url or len(host) > LONGEST:
        return ""
    return next((login for suffix, login in _CLOUDS.items() if re.fullmatch(rf"{_NAME}\.{suffix}", host)), "")


def is_guid(text: object) -> bool:
    """Tell whether this is an id as Microsoft writes them: 36 characters, hyphens included."""
    return isinstance(text, str) and bool(_GUID.fullmatch(text))


def is_directory(text: str) -> bool:
    """Tell whether this may name a directory: by its id, or by a domain of it."""
    return len(text) <= LONGEST and bool(_GUID.fullmatch(text) or _DOMAIN.fullmatch(text))


def guid_in(text: str, *, but: str) -> str:
    """Return the first id that a text names beside one that is known; ``""`` where there is none."""
    return next((found for found in _GUID.findall(text) if found.lower() != but.lower()), "")


def _without_api(host: str) -> str:
    """Take the host of the developer resources for the environment's own: both are the same environment."""
    name, _, rest = host.partition(".")
    return f"{name}.{rest.removeprefix('api.')}"
