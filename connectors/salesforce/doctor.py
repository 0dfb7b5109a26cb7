"""The rungs of "Check connection" for the REST API; the last one writes, and leaves nothing."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

from connectors import ladder
from connectors.base import Check
from connectors.errors import Misconfigured
from connectors.salesforce import campaigns, schemas, signin, trial
from connectors.salesforce.client import API_VERSION
from connectors.salesforce.rest import Rest
from connectors.salesforce.schema import Field, Schema

LEAD_ID_LENGTH = 36
SCARCE = 0.05
"""Share of a day's requests below which the sentence says so."""

TRIAL = {"LastName": "Portal Test", "Company": "Connection test"}

RUNGS = (
    "Address found",
    "Secure connection",
    "Sign-in",
    "API version",
    "Leads may be created",
    "Mapped fields",
    "External ID",
    "Required fields",
    "Campaign",
    "Requests left",
    "A trial write that leaves nothing",
)


class Doctor:
    """Examines one organization as leads are written to it."""

    def __init__(self, rest: Rest) -> None:
        self.rest = rest
        self.org = rest.org
        self.config = rest.config
        self.templates = rest.templates
        self.mapped = rest.mapped

    def checks(self) -> Iterator[Check]:
        works = (
            lambda: ladder.find_address(f"https://{signin.home(self.config)}"),
            lambda: ladder.secure_connection(f"https://{self.config.my_domain}"),
            self._sign_in,
            self._version,
            self._creates,
            self._fields,
            self._key,
            self._required,
            self._campaign,
            lambda: trial.requests_left(self.org),
            lambda: trial.write(self.rest, self._schema),
        )
        yield from ladder.climb(*zip(RUNGS, works, strict=True))

    @cached_property
    def _schema(self) -> Schema:
        return schemas.fresh(self.org)

    def _sign_in(self) -> str:
        token = signin.token(self.org.session, self.config, anew=True)
        return f"{self.config.my_domain} let us in; leads go to {signin.instance_of(token, self.config)}."

    def _version(self) -> str:
        try:
            self.org.ask("GET")
        except Misconfigured as error:
            if error.cause == "sign-in":
                raise
            fix = "Nothing can be done here: tell the marketplace, whose portal needs a newer version."
            sentence = f"Salesforce does not speak version {API_VERSION} of its API to us."
            raise Misconfigured(sentence, cause=error.cause, fix=fix, status=error.status, who="marketplace") from None
        return f"The organization speaks version {API_VERSION} of the API."

    def _creates(self) -> str:
        if not self._schema.creates:
            raise Misconfigured(
                "The integration user may see leads, but not create them.",
                cause="privilege",
                fix="Give its permission set Create and Edit on Lead.",
            )
        return f"The integration user may create leads; Lead has {len(self._schema.fields)} fields here."

    def _fields(self) -> str:
        wrong = sorted(name for name in self.mapped if self.templates.get(name) and not self._writable(name))
        if wrong:
            raise Misconfigured(
                f"The mapping sends {', '.join(wrong)}, which Salesforce does not let us write.",
                cause="mapped-field",
                fix="Correct the name on the mapping page, or let the integration user edit the field.",
            )
        hidden = sorted(name for name in self.templates if not self._writable(name) and name not in self.mapped)
        kept = f" We may not write {', '.join(hidden)}: what belongs there goes into the description." if hidden else ""
        return f"Every field that is sent can be written.{kept}"

    def _key(self) -> str:
        name, found = self.config.external_id_field, self._schema.get(self.config.external_id_field)
        if not name:
            return (
                "None is chosen, so leads are created 20 at a time, and one whose answer is lost waits for you to"
                f" decide. {self._candidates()}"
            )
        if fault := _fault_of_key(found):
            raise Misconfigured(f"{name} {fault}", cause="external-id", fix=self._candidates())
        return f"{name} tells leads apart: one that is sent again stays one."

    def _required(self) -> str:
        covered = {name for name, template in self.templates.items() if template} | {"Company", "LastName"}
        missing = [found for found in self._schema.required if found.name not in covered]
        if missing:
            named = ", ".join(f"{found.label} ({found.name})" for found in missing)
            raise Misconfigured(
                f"Salesforce demands {named}, and nothing is mapped to it.",
                cause="required-field-missing",
                fix="Map a lead field or a constant to it, or make it optional in Setup.",
            )
        return "Every field that the organization demands is filled."

    def _campaign(self) -> str:
        chosen = self.config.campaign_id
        return f"Leads become members of {campaigns.check(self.org, chosen)}." if chosen else "None is chosen."

    def _writable(self, name: str) -> bool:
        found = self._schema.get(name)
        return found is not None and found.createable

    def _candidates(self) -> str:
        keys = self._schema.keys
        if keys:
            return f"Fields that would do: {', '.join(keys)}."
        return "Make a text field of 36 characters on Lead, unique and an external ID, and enter its name."


def _fault_of_key(found: Field | None) -> str:
    """Say why a field cannot tell leads apart; ``""`` where it can."""
    if found is None:
        return "is no field of Lead that the integration user can see."
    if not found.external_id or not found.unique:
        return "must be unique and an external ID."
    if not found.createable:
        return "must be writable by the integration user."
    return f"must hold {LEAD_ID_LENGTH} characters." if (found.length or 0) < LEAD_ID_LENGTH else ""
