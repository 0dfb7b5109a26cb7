"""Which hosts are Salesforce's: nothing that is typed in or answered leads anywhere else."""

from __future__ import annotations

import re

_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_PARTITION = r"(?:(?:sandbox|develop|scratch|trailblaze|demo|patch|free|stm|stmfa|stmfb|wa)\.)?"
_MY_DOMAIN = re.compile(rf"{_LABEL}\.{_PARTITION}my\.salesforce\.(?:com|mil)")
"""https://help.salesforce.com/s/articleView?id=sf.domain_name_url_formats.htm lists the forms."""
_NAME = re.compile(_LABEL)
_RECORD_ID = re.compile(r"[A-Za-z0-9]{15}(?:[A-Za-z0-9]{3})?")
_FIELD = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,254}")

LONGEST = 253


def my_domain(text: str) -> str:
    """Return the host of a My Domain, from its name, its host or its address; ValueError where it is none.

    The error's text ends a sentence that begins with the name of the field.
    """
    host = text.strip().lower().removeprefix("https://").removesuffix("/")
    if host.endswith((".lightning.force.com", ".salesforce-setup.com", ".my.salesforce-setup.com")):
        raise ValueError("must be the address that ends with .my.salesforce.com, not the one you work at.")
    if _NAME.fullmatch(host):
        host = f"{host}.my.salesforce.com"
    if not is_my_domain(host):
        raise ValueError("must be a My Domain, such as contoso.my.salesforce.com.")
    return host


def is_my_domain(host: str) -> bool:
    """Tell whether a host name, in lower case, is one that Salesforce gives to an organization."""
    return len(host) <= LONGEST and bool(_MY_DOMAIN.fullmatch(host))


def instance(answered: object) -> str:
    """Return the host of the instance address that came with a token; ``""`` where it is not Salesforce's."""
    host = answered.lower().removeprefix("https://").removesuffix("/") if isinstance(answered, str) else ""
    return host if is_my_domain(host) else ""


def is_record_id(text: object) -> bool:
    """Tell whether this is the id of a record: 15 or 18 letters and digits."""
    return isinstance(text, str) and bool(_RECORD_ID.fullmatch(text))


def is_field(name: str) -> bool:
    """Tell whether this may be the API name of a field."""
    return bool(_FIELD.fullmatch(name))
