"""The rungs of "Check connection"; the last two write, and leave nothing."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

from connectors import ladder
from connectors.base import Check
from connectors.dynamics import answered, hosts, schemas, signin, trial
from connectors.dynamics.schema import Schema
from connectors.dynamics.writing import Writer
from connectors.errors import Misconfigured

RUNGS = (
    "Address found",
    "Secure connection",
    "Sign-in",
    "User of the environment",
    "Leads may be created",
    "Mapped columns",
    "Required columns",
    "A trial write that leaves nothing",
    "A test lead landed",
)


class Doctor:
    """Examines one environment as leads are written to it."""

    def __init__(self, writer: Writer) -> None:
        self.writer = writer
        self.environment = writer.environment
        self.config = writer.config

    def checks(self) -> Iterator[Check]:
        works = (
            lambda: ladder.find_address(signin.home(self.config)),
            lambda: ladder.secure_connection(self.config.instance_url),
            self._sign_in,
            self._user,
            self._creates,
            self._columns,
            self._required,
            lambda: trial.rolled_back(self.writer, self._schema),
            lambda: trial.written(self.writer, self._schema, may_delete=self._has("prvDeleteLead", "prvReadLead")),
        )
        yield from ladder.climb(*zip(RUNGS, works, strict=True))

    @cached_property
    def _schema(self) -> Schema:
        return schemas.fresh(self.environment)

    @cached_property
    def _user_id(self) -> str:
        said = self.environment.ask("GET", "WhoAmI").json()
        found = said.get("UserId") if isinstance(said, dict) else None
        if not hosts.is_guid(found):
            raise answered.unreadable()
        return str(found)

    def _sign_in(self) -> str:
        signin.renew(self.environment.session, self.config)
        login = hosts.login_host(self.config.instance_url)
        who = self.config.username if self.config.authentication == "office365" else self.config.application_id
        return f"{login} let {who} in."

    def _user(self) -> str:
        return f"The environment knows us as its user {self._user_id}."

    def _creates(self) -> str:
        if not self._has("prvCreateLead"):
            raise Misconfigured(
                "The user may sign in, but not create leads.",
                cause="privilege",
                fix="Give its security role Create on Lead; Read and Delete let test leads be proved and removed.",
            )
        return "The user may create leads."

    def _columns(self) -> str:
        columns, templates = self._schema.columns, self.writer.templates
        unknown = sorted(name for name in templates if name not in columns)
        wrong = [name for name in unknown if name in self.writer.mapped and templates[name]]
        if wrong:
            raise Misconfigured(
                f"The mapping sends {', '.join(wrong)}, which Dynamics 365 does not let us write.",
                cause="mapped-column",
                fix="Correct the name on the mapping page, or let the user write the column.",
            )
        hidden = [name for name in unknown if name not in self.writer.mapped]
        kept = f" We may not write {', '.join(hidden)}: what belongs there goes into the description." if hidden else ""
        return f"Lead has {len(columns)} columns that we may write, all those that are sent among them.{kept}"

    def _required(self) -> str:
        templates = self.writer.templates
        missing = [column for column in self._schema.required if not templates.get(column.name)]
        if not missing:
            return "Every column that the environment demands is filled."
        named = ", ".join(f"{column.label} ({column.name})" for column in missing)
        return (
            f"Nothing is sent to {named}. Leads arrive all the same, and whoever opens one must fill it in to save it."
        )

    def _has(self, *privileges: str) -> bool:
        return all(self._granted(privilege) for privilege in privileges)

    def _granted(self, privilege: str) -> bool:
        question = f"RetrieveUserPrivilegeByPrivilegeName(PrivilegeName='{privilege}')"
        said = self.environment.ask("GET", f"systemusers({self._user_id})/Microsoft.Dynamics.CRM.{question}").json()
        roles = said.get("RolePrivileges") if isinstance(said, dict) else None
        if not isinstance(roles, list):
            raise answered.unreadable()
        return bool(roles)
