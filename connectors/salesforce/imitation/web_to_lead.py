"""The form of the imitated organization: it answers the same whether it keeps a lead or not."""

from __future__ import annotations

from urllib.parse import parse_qs

from connectors.salesforce.imitation.organization import Organization
from connectors.stand_in import Reply

_LENGTHS = {"first_name": 40, "last_name": 80, "email": 80, "company": 40, "phone": 40}


def post(org: Organization, body: bytes) -> Reply:
    form = {name: values[0] for name, values in parse_qs(body.decode("utf-8", "replace")).items()}
    fits = all(len(form.get(name, "")) <= most for name, most in _LENGTHS.items())
    if form.get("oid") and form.get("last_name") and form.get("company") and fits:
        org.posts.append(form)
    return Reply(200, "", "text/html;charset=UTF-8")
