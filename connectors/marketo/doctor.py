"""The rungs of "Check connection"; the one that proves the right to write changes nobody, and nothing stays."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

from connectors import ladder
from connectors.base import Check
from connectors.errors import Misconfigured
from connectors.marketo import assets, hosts, schemas, trial
from connectors.marketo.layout import FLAGS, KEY
from connectors.marketo.schema import Schema
from connectors.marketo.way_in import WayIn

RUNGS = (
    "Address found",
    "Secure connection",
    "Sign-in",
    "Fields may be read",
    "Form",
    "Fields that are sent",
    "Leads may be written",
    "Program",
    "Partition",
    "Calls today",
)


class Doctor:
    """Examines one subscription as leads are written to it."""

    def __init__(self, way: WayIn) -> None:
        self.way = way
        self.subscription = way.subscription
        self.config = way.config

    def checks(self) -> Iterator[Check]:
        works = (
            lambda: ladder.find_address(self._address),
            lambda: ladder.secure_connection(self._address),
            self._sign_in,
            self._describe,
            self._form,
            self._fields,
            lambda: trial.write(self.subscription),
            lambda: assets.program(self.subscription),
            lambda: assets.partition(self.subscription),
            lambda: trial.usage(self.subscription),
        )
        yield from ladder.climb(*zip(RUNGS, works, strict=True))

    @property
    def _address(self) -> str:
        return hosts.rest(self.config.munchkin_id)

    @cached_property
    def _described(self) -> Schema:
        return schemas.described(self.subscription)

    @cached_property
    def _schema(self) -> Schema:
        return schemas.keep(self.subscription, self._described)

    def _sign_in(self) -> str:
        with self.subscription.session.budget():
            token = self.subscription.token(anew=True)
        user = token.said.get("scope")
        return f"Marketo let us in{f' as {user}' if isinstance(user, str) and user else ''}."

    def _describe(self) -> str:
        return f"The API user may read {len(self._described.fields)} fields of people."

    def _form(self) -> str:
        if not self.config.by_form:
            return "None is used: leads are synchronised."
        sentence = assets.form(self.subscription)
        if not self._schema.writes(KEY):
            raise Misconfigured(
                "The form does not ask for an e-mail address.", cause="form", fix="Add the field Email Address to it."
            )
        lacking = [name for name in FLAGS if not self._schema.writes(name)]
        kept = f"Add to it, hidden: {', '.join(lacking)}. Until then leads that must not be contacted are kept here."
        return f"{sentence} {kept}" if lacking else sentence

    def _fields(self) -> str:
        self.way.recipe(self._schema).refuse_unwritable()
        return " ".join(filter(None, ["Every field that is mapped can be written.", self._left_out(), self._words()]))

    def _left_out(self) -> str:
        unknown = sorted(name for name in self.way.templates if not self._schema.writes(name))
        where = "the form does not have" if self.config.by_form else "the API user may not write"
        return f"Not sent, because {where} it: {', '.join(unknown)}." if unknown else ""

    def _words(self) -> str:
        if self.way.recipe(self._schema).notes:
            return ""
        return "Nothing takes the customer's words: map {Description} to a text area of yours to have them."
